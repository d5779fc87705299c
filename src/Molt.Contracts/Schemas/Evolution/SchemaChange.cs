namespace Molt.Contracts.Schemas;

/// <summary>Whether payloads of the old version are payloads of the new one, with the same meaning.</summary>
public enum SchemaChangeKind
{
    Compatible,
    Breaking,
}

/// <summary>One difference between two versions of a schema.</summary>
/// <param name="Path">Where, as a path into values of the schema: <c>$.lines[].qty</c>.</param>
/// <param name="Kind">What it means for payloads that exist.</param>
/// <param name="Message">What changed, and why that is compatible or breaking.</param>
public sealed record SchemaChange(string Path, SchemaChangeKind Kind, string Message)
{
    public bool IsBreaking => Kind == SchemaChangeKind.Breaking;

    public override string ToString() => $"{Path}: {(IsBreaking ? "breaking" : "compatible")}: {Message}";
}
