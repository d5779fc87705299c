using System.Runtime.InteropServices;
using System.Text.Json;

namespace Molt.Engine;

/// <summary>
/// A source map (ECMA-426, version 3; index maps with sections included). Immutable; any thread.
/// </summary>
public sealed class SourceMap
{
    private readonly Segment[] _segments;
    private readonly int[] _lineStarts;
    private readonly string[] _sources;
    private readonly string[] _names;
    private readonly string?[] _contents;

    private SourceMap(SourceMapBuilder builder)
    {
        _segments = [.. builder.Segments];
        _sources = [.. builder.Sources];
        _names = [.. builder.Names];
        _contents = [.. builder.Contents];
        Array.Sort(_segments, static (a, b) => a.Line != b.Line ? a.Line.CompareTo(b.Line) : a.Column.CompareTo(b.Column));
        _lineStarts = IndexLines(_segments);
    }

    /// <summary>The original sources, resolved against sourceRoot.</summary>
    public IReadOnlyList<string> Sources => _sources;

    /// <summary>Reads a map. The text may start with the )]}' guard line.</summary>
    /// <exception cref="FormatException">The text is not a source map.</exception>
    public static SourceMap Parse(ReadOnlySpan<byte> json)
    {
        if (json.StartsWith(")]}"u8))
        {
            int end = json.IndexOf((byte)'\n');
            json = end < 0 ? default : json[(end + 1)..];
        }
        try
        {
            var reader = new Utf8JsonReader(json);
            using var document = JsonDocument.ParseValue(ref reader);
            var builder = new SourceMapBuilder();
            builder.Add(document.RootElement, 0, 0);
            return new SourceMap(builder);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException("The text is not a source map.", exception);
        }
    }

    /// <summary>Maps a generated position; lines and columns count from 1, as in a stack trace.</summary>
    public bool TryMap(int line, int column, out string source, out int originalLine, out int originalColumn, out string? name)
    {
        source = "";
        originalLine = 0;
        originalColumn = 0;
        name = null;
        int index = Find(line - 1, column - 1);
        if (index < 0 || _segments[index].Source < 0)
        {
            return false;
        }
        var segment = _segments[index];
        source = _sources[segment.Source];
        originalLine = segment.OriginalLine + 1;
        originalColumn = segment.OriginalColumn + 1;
        name = segment.Name >= 0 ? _names[segment.Name] : null;
        return true;
    }

    /// <summary>A line of an original source, counted from 1; null when the map does not carry it.</summary>
    public string? SourceLine(string source, int line)
    {
        int index = Array.IndexOf(_sources, source);
        if (index < 0 || _contents[index] is not { } content)
        {
            return null;
        }
        foreach (var text in content.AsSpan().EnumerateLines())
        {
            if (--line == 0)
            {
                return text.ToString();
            }
        }
        return null;
    }

    /// <summary>The last segment of the line at or before the column; -1 when there is none.</summary>
    private int Find(int line, int column)
    {
        if (line < 0 || line >= _lineStarts.Length - 1)
        {
            return -1;
        }
        int low = _lineStarts[line];
        int high = _lineStarts[line + 1] - 1;
        int found = -1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (_segments[middle].Column <= column)
            {
                found = middle;
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }
        return found;
    }

    private static int[] IndexLines(Segment[] segments)
    {
        int lines = segments.Length == 0 ? 0 : segments[^1].Line + 1;
        int[] starts = new int[lines + 1];
        int segment = 0;
        for (int line = 0; line < lines; line++)
        {
            starts[line] = segment;
            while (segment < segments.Length && segments[segment].Line == line)
            {
                segment++;
            }
        }
        starts[lines] = segments.Length;
        return starts;
    }

    /// <summary>One mapping, all numbers counted from 0; -1 is absent.</summary>
    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct Segment(int Line, int Column, int Source, int OriginalLine, int OriginalColumn, int Name);
}
