using System.Buffers;
using System.Text.Json;

namespace Molt.Cli.Bundling;

/// <summary>Rewrites the sources of a source map, which are URLs relative to the bundle, into paths relative to the project.</summary>
internal static class SourceMapPaths
{
    public static byte[] Rebase(ReadOnlySpan<byte> map, string mapDirectory, string root)
    {
        var reader = new Utf8JsonReader(map);
        var sources = new List<string>();
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1 || !reader.ValueTextEquals("sources"u8))
            {
                continue;
            }

            reader.Read();
            var start = (int)reader.TokenStartIndex;
            while (reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                sources.Add(Rebase(reader.GetString()!, mapDirectory, root));
            }

            return Splice(map, start, (int)reader.BytesConsumed, sources);
        }

        return map.ToArray();
    }

    private static string Rebase(string source, string mapDirectory, string root) =>
        source.Contains(':', StringComparison.Ordinal) ? source : Path.GetRelativePath(root, Path.Combine(mapDirectory, Uri.UnescapeDataString(source)));

    private static byte[] Splice(ReadOnlySpan<byte> map, int start, int end, List<string> sources)
    {
        var buffer = new ArrayBufferWriter<byte>(map.Length);
        buffer.Write(map[..start]);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (var source in sources)
            {
                writer.WriteStringValue(source);
            }

            writer.WriteEndArray();
        }

        buffer.Write(map[end..]);
        return buffer.WrittenSpan.ToArray();
    }
}
