using System.Text;
using System.Text.Json;
using Molt.Cli.Reporting;
using Molt.Contracts.Schemas;

namespace Molt.Cli.Projects;

/// <summary>Reads JSON with comments and trailing commas into nodes that know their line and column.</summary>
internal static class JsoncReader
{
    private static readonly JsonReaderOptions Options = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        MaxDepth = 64,
    };

    private const string Empty = "The file is empty; a configuration is an object: { … }.";

    /// <summary>The root object, or null with the faults found. Duplicate keys are faults; the rest of the file is still read.</summary>
    public static ConfigNode? Read(string text, string file, List<Fault> faults)
    {
        var bytes = Encoding.UTF8.GetBytes(text.TrimStart('\uFEFF'));
        var lines = new LineIndex(bytes);
        var reader = new Utf8JsonReader(bytes, Options);
        try
        {
            if (!reader.Read())
            {
                throw new JsonException(Empty, null, 0, 0);
            }

            var root = ReadValue(ref reader, lines, file, faults);
            reader.Read();
            if (root.Kind == JsonKind.Object)
            {
                return root;
            }

            faults.Add(new Fault(FaultCodes.ConfigSyntax, "The configuration must be an object: { … }.") { File = file, Position = root.Position });
            return null;
        }
        catch (JsonException e)
        {
            faults.Add(new Fault(FaultCodes.ConfigSyntax, SyntaxMessage(e))
            {
                File = file,
                Position = lines.Locate((int)(e.LineNumber ?? 0), (int)(e.BytePositionInLine ?? 0)),
            });
            return null;
        }
    }

    private static ConfigNode ReadValue(ref Utf8JsonReader reader, LineIndex lines, string file, List<Fault> faults)
    {
        var position = lines.Locate(reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return new ConfigNode(JsonKind.Object, position) { Members = ReadMembers(ref reader, lines, file, faults) };
            case JsonTokenType.StartArray:
                var items = new List<ConfigNode>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(ReadValue(ref reader, lines, file, faults));
                }

                return new ConfigNode(JsonKind.Array, position) { Items = items };
            case JsonTokenType.String:
                return new ConfigNode(JsonKind.String, position) { Text = reader.GetString()! };
            case JsonTokenType.Number:
                return new ConfigNode(JsonKind.Number, position) { Text = Encoding.UTF8.GetString(reader.ValueSpan) };
            case JsonTokenType.True or JsonTokenType.False:
                return new ConfigNode(JsonKind.Boolean, position) { Text = reader.GetBoolean() ? "true" : "false" };
            default:
                return new ConfigNode(JsonKind.Null, position);
        }
    }

    private static List<ConfigMember> ReadMembers(ref Utf8JsonReader reader, LineIndex lines, string file, List<Fault> faults)
    {
        var members = new List<ConfigMember>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            var position = lines.Locate(reader.TokenStartIndex);
            if (members.Find(m => string.Equals(m.Name, name, StringComparison.Ordinal)) is { } earlier)
            {
                faults.Add(new Fault(FaultCodes.DuplicateKey, $"The key \"{name}\" is written twice; first on line {earlier.Position.Line}.")
                {
                    File = file,
                    Position = position,
                    Length = name.Length + 2,
                });
            }

            reader.Read();
            members.Add(new ConfigMember(name, position, ReadValue(ref reader, lines, file, faults)));
        }

        return members;
    }

    private static string SyntaxMessage(JsonException e)
    {
        if (e.Message.StartsWith("The input does not contain any JSON tokens", StringComparison.Ordinal))
        {
            return Empty;
        }

        if (e.Message.StartsWith("Expected depth to be zero", StringComparison.Ordinal))
        {
            return "The file ends before everything is closed: a } or ] is missing.";
        }

        // The reader appends its own position, which the fault carries already.
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? e.Message : e.Message[..end];
    }

    /// <summary>Turns byte offsets into lines and columns, columns counted in characters.</summary>
    private sealed class LineIndex
    {
        private readonly byte[] _bytes;
        private readonly List<int> _starts = [0];

        public LineIndex(byte[] bytes)
        {
            _bytes = bytes;
            for (var i = 0; i < bytes.Length; i++)
            {
                if (bytes[i] == (byte)'\n')
                {
                    _starts.Add(i + 1);
                }
            }
        }

        public SourcePosition Locate(long offset)
        {
            var found = _starts.BinarySearch((int)offset);
            var line = found >= 0 ? found : ~found - 1;
            var start = _starts[line];
            return Locate(line, (int)offset - start);
        }

        /// <summary>The place so many bytes into a line; both count from 0.</summary>
        public SourcePosition Locate(int line, int bytes) => new(line + 1, Encoding.UTF8.GetCharCount(_bytes, _starts[line], bytes) + 1);
    }
}
