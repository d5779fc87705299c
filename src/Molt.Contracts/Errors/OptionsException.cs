namespace Molt.Contracts;

/// <summary>Options are wrong; the message lists every fault.</summary>
public sealed class OptionsException : MoltException
{
    private OptionsException(IReadOnlyList<string> faults)
        : base("OPT001", string.Join(Environment.NewLine, faults))
    {
        Faults = faults;
    }

    /// <summary>One sentence per fault.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <summary>Throws when there is a fault.</summary>
    public static void ThrowIfAny(IReadOnlyList<string> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        if (faults.Count > 0)
        {
            throw new OptionsException(faults);
        }
    }
}
