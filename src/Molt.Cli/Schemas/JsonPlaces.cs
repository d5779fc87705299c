using System.Globalization;
using System.Text;
using System.Text.Json;
using Molt.Cli.Reporting;

namespace Molt.Cli.Schemas;

/// <summary>Finds the line and column of a path (<c>$.type.fields[2]</c>) or JSON pointer (<c>/a/b/0</c>) in a JSON text.</summary>
internal sealed class JsonPlaces(byte[] utf8)
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 512 };

    /// <summary>The place a path names, or the deepest one on the way to it that exists.</summary>
    public (SourcePosition Position, int Length) Locate(string path)
    {
        var steps = path.StartsWith('$') ? StepsOfPath(path) : StepsOfPointer(path);
        try
        {
            var reader = new Utf8JsonReader(utf8, Options);
            reader.Read();
            var (start, end) = (reader.TokenStartIndex, reader.BytesConsumed);
            foreach (var step in steps)
            {
                if (!Enter(ref reader, step, out var nameStart, out var nameEnd))
                {
                    break;
                }

                (start, end) = reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && nameStart >= 0
                    ? (nameStart, nameEnd)
                    : (reader.TokenStartIndex, reader.BytesConsumed);
            }

            var position = PositionOf(utf8, start);
            return (position, Encoding.UTF8.GetCharCount(utf8, (int)start, (int)(end - start)));
        }
        catch (JsonException e)
        {
            return (new SourcePosition((int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1), 1);
        }
    }

    public static SourcePosition PositionOf(ReadOnlySpan<byte> utf8, long offset)
    {
        var before = utf8[..(int)offset];
        var line = before.LastIndexOf((byte)'\n') + 1;
        return new SourcePosition(before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(before[line..]) + 1);
    }

    // Moves from a container's first token to the value of one of its members or items; the name's place comes out beside.
    private static bool Enter(ref Utf8JsonReader reader, string step, out long nameStart, out long nameEnd)
    {
        (nameStart, nameEnd) = (-1, -1);
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isIt = reader.ValueTextEquals(step);
                (nameStart, nameEnd) = (reader.TokenStartIndex, reader.BytesConsumed);
                reader.Read();
                if (isIt)
                {
                    // The colon belongs to the name's token in the reader's count.
                    nameEnd = nameStart + step.Length + 2;
                    return true;
                }

                reader.Skip();
            }

            return false;
        }

        if (reader.TokenType == JsonTokenType.StartArray && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
            {
                if (i == index)
                {
                    return true;
                }

                reader.Skip();
            }
        }

        return false;
    }

    private static List<string> StepsOfPointer(string pointer)
    {
        var steps = new List<string>();
        foreach (var token in pointer.Split('/')[1..])
        {
            steps.Add(token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));
        }

        return steps;
    }

    private static List<string> StepsOfPath(string path)
    {
        var steps = new List<string>();
        var i = 1;
        while (i < path.Length)
        {
            if (path[i] == '.')
            {
                var end = path.AsSpan(i + 1).IndexOfAny('.', '[');
                end = end < 0 ? path.Length : i + 1 + end;
                steps.Add(path[(i + 1)..end]);
                i = end;
            }
            else if (i + 1 < path.Length && path[i] == '[' && path[i + 1] == '"')
            {
                var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(path[(i + 1)..]), isFinalBlock: false, state: default);
                if (!reader.Read())
                {
                    return steps;
                }

                steps.Add(reader.GetString()!);
                i += 2 + Encoding.UTF8.GetCharCount(Encoding.UTF8.GetBytes(path[(i + 1)..]), 0, (int)reader.BytesConsumed);
            }
            else
            {
                var end = path.IndexOf(']', i);
                if (path[i] != '[' || end < 0)
                {
                    return steps;
                }

                steps.Add(path[(i + 1)..end]);
                i = end + 1;
            }
        }

        return steps;
    }
}
