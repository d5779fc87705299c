namespace Molt.Contracts.Capabilities;

/// <summary>
/// A host service as it is declared: what may be granted, called and audited. The implementation is apart from it
/// (<see cref="Capability"/>), so that a guest's tools and another process can know the one without the other.
/// </summary>
public sealed class CapabilityDeclaration
{
    internal CapabilityDeclaration(string id, CapabilityVersion version, string doc, IReadOnlyList<CapabilityOperation> operations)
    {
        Id = id;
        Version = version;
        Doc = doc;
        Operations = operations;
    }

    /// <summary>Lower-case names with dots between them, such as <c>acme.greeter</c>.</summary>
    public string Id { get; }

    /// <summary>Which operations, with which schemas.</summary>
    public CapabilityVersion Version { get; }

    /// <summary>What it is, for people.</summary>
    public string Doc { get; }

    /// <summary>Its operations; a position in the list is the operation's number.</summary>
    public IReadOnlyList<CapabilityOperation> Operations { get; }

    /// <summary>The number of an operation, or -1.</summary>
    public int IndexOf(string operation)
    {
        for (var i = 0; i < Operations.Count; i++)
        {
            if (Operations[i].Name == operation)
            {
                return i;
            }
        }

        return -1;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Id}@{Version}";
}
