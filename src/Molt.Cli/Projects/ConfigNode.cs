using Molt.Cli.Reporting;
using Molt.Contracts.Schemas;

namespace Molt.Cli.Projects;

/// <summary>A value of a configuration file with the place it was written at, whatever the file's format.</summary>
internal sealed record ConfigNode(JsonKind Kind, SourcePosition Position) : IJsonTree<ConfigNode>
{
    /// <summary>The text of a string, or of a number exactly as written; "true" or "false".</summary>
    public string Text { get; init; } = "";

    public IReadOnlyList<ConfigMember> Members { get; init; } = [];

    public IReadOnlyList<ConfigNode> Items { get; init; } = [];

    public bool IsEmpty => Kind is JsonKind.Null || (Kind is JsonKind.Array && Items.Count == 0) ||
        (Kind is JsonKind.Object && Members.Count == 0);

    public bool Truth => string.Equals(Text, "true", StringComparison.Ordinal);

    IEnumerable<KeyValuePair<string, ConfigNode>> IJsonTree<ConfigNode>.Entries =>
        System.Linq.Enumerable.Select(Members, static member => new KeyValuePair<string, ConfigNode>(member.Name, member.Value));

    public ConfigNode? Get(string name)
    {
        foreach (var member in Members)
        {
            if (string.Equals(member.Name, name, StringComparison.Ordinal))
            {
                return member.Value;
            }
        }

        return null;
    }
}

/// <summary>A key of an object, with the place of the key itself.</summary>
internal sealed record ConfigMember(string Name, SourcePosition Position, ConfigNode Value);
