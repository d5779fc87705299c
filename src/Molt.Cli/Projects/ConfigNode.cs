using System.Text.Json;
using Molt.Cli.Reporting;

namespace Molt.Cli.Projects;

internal enum ConfigNodeKind
{
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

/// <summary>A value of a configuration file with the place it was written at, whatever the file's format.</summary>
internal sealed record ConfigNode(ConfigNodeKind Kind, SourcePosition Position)
{
    /// <summary>The text of a string, or of a number exactly as written; "true" or "false".</summary>
    public string Text { get; init; } = "";

    public IReadOnlyList<ConfigMember> Members { get; init; } = [];

    public IReadOnlyList<ConfigNode> Items { get; init; } = [];

    public bool IsEmpty => Kind is ConfigNodeKind.Null || (Kind is ConfigNodeKind.Array && Items.Count == 0) ||
        (Kind is ConfigNodeKind.Object && Members.Count == 0);

    public bool AsBoolean => string.Equals(Text, "true", StringComparison.Ordinal);

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

    public void WriteTo(Utf8JsonWriter writer)
    {
        switch (Kind)
        {
            case ConfigNodeKind.Null:
                writer.WriteNullValue();
                break;
            case ConfigNodeKind.Boolean:
                writer.WriteBooleanValue(AsBoolean);
                break;
            case ConfigNodeKind.Number:
                writer.WriteRawValue(Text);
                break;
            case ConfigNodeKind.String:
                writer.WriteStringValue(Text);
                break;
            case ConfigNodeKind.Array:
                writer.WriteStartArray();
                foreach (var item in Items)
                {
                    item.WriteTo(writer);
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteStartObject();
                foreach (var member in Members)
                {
                    writer.WritePropertyName(member.Name);
                    member.Value.WriteTo(writer);
                }

                writer.WriteEndObject();
                break;
        }
    }
}

/// <summary>A key of an object, with the place of the key itself.</summary>
internal sealed record ConfigMember(string Name, SourcePosition Position, ConfigNode Value);
