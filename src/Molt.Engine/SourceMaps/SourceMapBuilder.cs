using System.Text.Json;

namespace Molt.Engine;

/// <summary>Collects the segments of a source map and of the sections in it.</summary>
internal sealed class SourceMapBuilder
{
    public List<SourceMap.Segment> Segments { get; } = [];

    public List<string> Sources { get; } = [];

    public List<string> Names { get; } = [];

    public List<string?> Contents { get; } = [];

    /// <summary>Adds a map whose generated text starts at an offset; the column offset counts for its first line only.</summary>
    public void Add(JsonElement map, int lineOffset, int columnOffset)
    {
        if (map.TryGetProperty("sections", out var sections))
        {
            foreach (var section in sections.EnumerateArray())
            {
                var offset = section.GetProperty("offset");
                int line = offset.GetProperty("line").GetInt32();
                int column = offset.GetProperty("column").GetInt32();
                Add(section.GetProperty("map"), lineOffset + line, line == 0 ? columnOffset + column : column);
            }
            return;
        }
        if (map.GetProperty("version").GetInt32() != 3)
        {
            throw new FormatException("The source map is not of version 3.");
        }
        int firstSource = Sources.Count;
        int firstName = Names.Count;
        AddSources(map);
        if (map.TryGetProperty("names", out var names))
        {
            foreach (var name in names.EnumerateArray())
            {
                Names.Add(name.GetString() ?? "");
            }
        }
        AddMappings(map.GetProperty("mappings").GetString() ?? "", lineOffset, columnOffset, firstSource, firstName);
    }

    private void AddSources(JsonElement map)
    {
        string root = map.TryGetProperty("sourceRoot", out var rootValue) ? rootValue.GetString() ?? "" : "";
        if (root.Length > 0 && !root.EndsWith('/'))
        {
            root += "/";
        }
        int first = Sources.Count;
        foreach (var source in map.GetProperty("sources").EnumerateArray())
        {
            Sources.Add(root + (source.GetString() ?? ""));
            Contents.Add(null);
        }
        if (map.TryGetProperty("sourcesContent", out var contents) && contents.ValueKind == JsonValueKind.Array)
        {
            int index = first;
            foreach (var content in contents.EnumerateArray())
            {
                if (index < Contents.Count)
                {
                    Contents[index++] = content.GetString();
                }
            }
        }
    }

    private void AddMappings(string mappings, int lineOffset, int columnOffset, int firstSource, int firstName)
    {
        Span<int> fields = stackalloc int[5];
        int line = lineOffset;
        int column = columnOffset;
        int source = 0;
        int originalLine = 0;
        int originalColumn = 0;
        int name = 0;
        int position = 0;
        while (position < mappings.Length)
        {
            char current = mappings[position];
            if (current is ';' or ',')
            {
                if (current == ';')
                {
                    line++;
                    column = 0;
                }
                position++;
                continue;
            }
            int count = 0;
            while (position < mappings.Length && mappings[position] is not (';' or ','))
            {
                int value = Vlq.Decode(mappings, ref position);
                if (count < fields.Length)
                {
                    fields[count++] = value;
                }
            }
            column += fields[0];
            if (count < 4)
            {
                Segments.Add(new SourceMap.Segment(line, column, -1, 0, 0, -1));
                continue;
            }
            source += fields[1];
            originalLine += fields[2];
            originalColumn += fields[3];
            name += count > 4 ? fields[4] : 0;
            int sourceIndex = firstSource + source;
            int nameIndex = count > 4 ? firstName + name : -1;
            if ((uint)sourceIndex >= (uint)Sources.Count || nameIndex >= Names.Count || column < 0 || originalLine < 0 || originalColumn < 0)
            {
                throw new FormatException("The source map's mappings refer to a source or name that is not listed.");
            }
            Segments.Add(new SourceMap.Segment(line, column, sourceIndex, originalLine, originalColumn, nameIndex));
        }
    }
}
