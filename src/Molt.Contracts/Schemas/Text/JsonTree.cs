using System.Text.Json;

namespace Molt.Contracts.Schemas;

internal enum JsonKind
{
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

/// <summary>A JSON value whose nodes know more than JSON says, such as where they were written.</summary>
internal interface IJsonTree<TNode>
    where TNode : IJsonTree<TNode>
{
    JsonKind Kind { get; }

    bool Truth { get; }

    /// <summary>The text of a string; the digits of a number as written.</summary>
    string Text { get; }

    IReadOnlyList<TNode> Items { get; }

    IEnumerable<KeyValuePair<string, TNode>> Entries { get; }
}

internal static class JsonTree
{
    public static void WriteTo<TNode>(this TNode node, Utf8JsonWriter writer)
        where TNode : IJsonTree<TNode>
    {
        switch (node.Kind)
        {
            case JsonKind.Null:
                writer.WriteNullValue();
                break;
            case JsonKind.Boolean:
                writer.WriteBooleanValue(node.Truth);
                break;
            case JsonKind.Number:
                writer.WriteRawValue(node.Text);
                break;
            case JsonKind.String:
                writer.WriteStringValue(node.Text);
                break;
            case JsonKind.Array:
                writer.WriteStartArray();
                foreach (var item in node.Items)
                {
                    item.WriteTo(writer);
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteStartObject();
                foreach (var (name, value) in node.Entries)
                {
                    writer.WritePropertyName(name);
                    value.WriteTo(writer);
                }

                writer.WriteEndObject();
                break;
        }
    }
}
