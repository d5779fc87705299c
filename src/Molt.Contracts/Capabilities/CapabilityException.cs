namespace Molt.Contracts.Capabilities;

/// <summary>
/// A capability call ends with this status and message. Implementations throw it for what their callers shall know: the message
/// reaches the guest. Any other exception reaches the guest as <see cref="CapabilityStatus.Internal"/> without its text.
/// </summary>
public sealed class CapabilityException : MoltException
{
    /// <param name="status">How the call ended; not <see cref="CapabilityStatus.Ok"/>.</param>
    /// <param name="message">What the guest may know.</param>
    /// <param name="innerException">The cause, for the host only.</param>
    public CapabilityException(CapabilityStatus status, string message, Exception? innerException = null)
        : base("CAP010", message, innerException)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(status, CapabilityStatus.Ok);
        Status = status;
    }

    /// <summary>How the call ended.</summary>
    public CapabilityStatus Status { get; }
}

/// <summary>A declaration is wrong, or does not fit what is there; the message lists every fault.</summary>
public sealed class CapabilityDeclarationException : MoltException
{
    internal CapabilityDeclarationException(string code, IReadOnlyList<string> faults)
        : base(code, string.Join(Environment.NewLine, faults))
    {
        Faults = faults;
    }

    /// <summary>One sentence per fault.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <summary>Throws when a set of capabilities and the grants on them do not fit.</summary>
    public static void ThrowIfAnyGrantFault(IReadOnlyList<string> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        if (faults.Count > 0)
        {
            throw new CapabilityDeclarationException("CAP002", faults);
        }
    }
}
