using Molt.Contracts.Capabilities;

namespace Molt.Runtime.Boundary;

/// <summary>A worker's grant of one capability.</summary>
internal sealed class Grant(CapabilityDeclaration declaration)
{
    private volatile string? _refusal;

    public CapabilityDeclaration Declaration { get; } = declaration;

    /// <summary>Why calls are denied; null while they are not.</summary>
    public string? Refusal
    {
        get => _refusal;
        set => _refusal = value;
    }
}

/// <summary>Has calls open that end when their grant is revoked.</summary>
internal interface IRevocable
{
    /// <summary>These grants ended. Any thread.</summary>
    void Revoked(CapabilityPattern pattern, IReadOnlyList<Grant> grants, string reason);
}
