using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Molt.Contracts.Schemas.Import;

/// <summary>
/// A value of an imported JSON document that knows its JSON pointer. Immutable, so that merged schemas share their parts and every
/// part still says where it was written.
/// </summary>
internal sealed class SourceNode : IJsonTree<SourceNode>
{
    private const int DeepestDocument = 256;
    private Dictionary<string, SourceNode>? _index;

    private SourceNode(JsonKind kind, string pointer)
    {
        Kind = kind;
        Pointer = pointer;
    }

    public JsonKind Kind { get; }

    /// <summary>RFC 6901; empty for the whole document.</summary>
    public string Pointer { get; }

    /// <summary>The text of a string; the digits of a number as written.</summary>
    public string Text { get; private init; } = "";

    public bool Truth { get; private init; }

    public IReadOnlyList<SourceNode> Items { get; private init; } = [];

    public IReadOnlyList<KeyValuePair<string, SourceNode>> Members { get; private init; } = [];

    IEnumerable<KeyValuePair<string, SourceNode>> IJsonTree<SourceNode>.Entries => Members;

    public SourceNode? this[string name] => Index.GetValueOrDefault(name);

    private Dictionary<string, SourceNode> Index
    {
        get
        {
            if (_index is null)
            {
                var index = new Dictionary<string, SourceNode>(Members.Count, StringComparer.Ordinal);
                foreach (var (name, value) in Members)
                {
                    index[name] = value;
                }

                _index = index;
            }

            return _index;
        }
    }

    /// <summary>The document, or null after noting why it cannot be read.</summary>
    public static SourceNode? Read(ReadOnlySpan<byte> utf8, SchemaNotes notes)
    {
        if (utf8.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8[3..];
        }

        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = DeepestDocument });
            reader.Read();
            var root = ReadValue(ref reader, "", notes);
            reader.Read();
            return root;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            notes.Error(NoteCodes.NotASchema, "", $"The document is not JSON of at most {DeepestDocument} levels: {e.Message}");
            return null;
        }
    }

    public static SourceNode Object(string pointer, IReadOnlyList<KeyValuePair<string, SourceNode>> members) =>
        new(JsonKind.Object, pointer) { Members = members };

    public static SourceNode Array(string pointer, IReadOnlyList<SourceNode> items) => new(JsonKind.Array, pointer) { Items = items };

    public static SourceNode String(string pointer, string text) => new(JsonKind.String, pointer) { Text = text };

    public static SourceNode Number(string pointer, string digits) => new(JsonKind.Number, pointer) { Text = digits };

    public static SourceNode Boolean(string pointer, bool truth) => new(JsonKind.Boolean, pointer) { Truth = truth };

    /// <summary>Whether both are the same JSON value: members in any order, numbers by value.</summary>
    public static bool Same(SourceNode a, SourceNode b)
    {
        if (ReferenceEquals(a, b))
        {
            return true;
        }

        if (a.Kind != b.Kind)
        {
            return false;
        }

        switch (a.Kind)
        {
            case JsonKind.Null:
                return true;
            case JsonKind.Boolean:
                return a.Truth == b.Truth;
            case JsonKind.String:
                return a.Text == b.Text;
            case JsonKind.Number:
                return a.Text == b.Text || (a.TryDecimal(out var x) && b.TryDecimal(out var y) ? x == y : a.Double == b.Double);
            case JsonKind.Array:
                if (a.Items.Count != b.Items.Count)
                {
                    return false;
                }

                for (var i = 0; i < a.Items.Count; i++)
                {
                    if (!Same(a.Items[i], b.Items[i]))
                    {
                        return false;
                    }
                }

                return true;
            default:
                if (a.Index.Count != b.Index.Count)
                {
                    return false;
                }

                foreach (var (name, value) in a.Index)
                {
                    if (b[name] is not { } other || !Same(value, other))
                    {
                        return false;
                    }
                }

                return true;
        }
    }

    /// <summary>A pointer's token for a member name.</summary>
    public static string Token(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    public string At(string name) => Pointer + "/" + Token(name);

    public double Double => double.Parse(Text, NumberStyles.Float, CultureInfo.InvariantCulture);

    public bool TryDecimal(out decimal value) => decimal.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    /// <summary>A whole number from 0 to the largest int, as lengths and counts are; larger ones count as that.</summary>
    public bool TryCount(out int value)
    {
        value = 0;
        if (Kind != JsonKind.Number || Double is not >= 0)
        {
            return false;
        }

        value = (int)Math.Min(Math.Ceiling(Double), int.MaxValue);
        return true;
    }

    public bool TryText(string name, [NotNullWhen(true)] out string? text)
    {
        text = this[name] is { Kind: JsonKind.String } node ? node.Text : null;
        return text is not null;
    }

    public bool IsTrue(string name) => this[name] is { Kind: JsonKind.Boolean, Truth: true };

    public bool IsFalse(string name) => this[name] is { Kind: JsonKind.Boolean, Truth: false };

    public SourceNode Where(Predicate<string> keep)
    {
        var members = new List<KeyValuePair<string, SourceNode>>();
        foreach (var member in Members)
        {
            if (keep(member.Key))
            {
                members.Add(member);
            }
        }

        return members.Count == Members.Count ? this : Object(Pointer, members);
    }

    public SourceNode Without(params ReadOnlySpan<string> names)
    {
        var members = new List<KeyValuePair<string, SourceNode>>();
        foreach (var member in Members)
        {
            if (!names.Contains(member.Key))
            {
                members.Add(member);
            }
        }

        return members.Count == Members.Count ? this : Object(Pointer, members);
    }

    public SourceNode With(string name, SourceNode value)
    {
        var members = new List<KeyValuePair<string, SourceNode>>(Without(name).Members) { new(name, value) };
        return Object(Pointer, members);
    }

    /// <summary>The value as JSON text.</summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { MaxDepth = DeepestDocument }))
        {
            this.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static SourceNode ReadValue(ref Utf8JsonReader reader, string pointer, SchemaNotes notes)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadObject(ref reader, pointer, notes);
            case JsonTokenType.StartArray:
                var items = new List<SourceNode>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(ReadValue(ref reader, string.Create(CultureInfo.InvariantCulture, $"{pointer}/{items.Count}"), notes));
                }

                return Array(pointer, items);
            case JsonTokenType.String:
                return String(pointer, reader.GetString()!);
            case JsonTokenType.Number:
                return Number(pointer, Encoding.UTF8.GetString(reader.ValueSpan));
            case JsonTokenType.True or JsonTokenType.False:
                return Boolean(pointer, reader.TokenType == JsonTokenType.True);
            default:
                return new SourceNode(JsonKind.Null, pointer);
        }
    }

    private static SourceNode ReadObject(ref Utf8JsonReader reader, string pointer, SchemaNotes notes)
    {
        var members = new List<KeyValuePair<string, SourceNode>>();
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            reader.Read();
            var at = pointer + "/" + Token(name);
            var value = ReadValue(ref reader, at, notes);
            if (names.TryGetValue(name, out var index))
            {
                notes.Warning(NoteCodes.UnknownKeyword, at, "The key is written twice; the last one counts.");
                members[index] = new(name, value);
                continue;
            }

            names.Add(name, members.Count);
            members.Add(new(name, value));
        }

        return Object(pointer, members);
    }
}
