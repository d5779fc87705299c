using System.Globalization;
using System.Text;
using Molt.Cli.Reporting;

namespace Molt.Cli.Projects;

/// <summary>
/// Finds where the keys of a valid TOML document are written. The parser gives values without places, so this reads the
/// lines once more for table heads and keys; a key inside an inline table or list has the place of the line's key.
/// </summary>
internal sealed class TomlKeyLocator
{
    private readonly Dictionary<string, (SourcePosition Key, SourcePosition Value)> _places = new(StringComparer.Ordinal);

    public TomlKeyLocator(string text)
    {
        var counters = new Dictionary<string, int>(StringComparer.Ordinal);
        var table = "";
        var number = 0;
        string? openQuote = null;
        var depth = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (openQuote is not null)
            {
                openQuote = line.Contains(openQuote, StringComparison.Ordinal) ? null : openQuote;
                continue;
            }

            var content = line.TrimStart();
            var column = line.Length - content.Length + 1;
            if (depth > 0)
            {
                depth += Depth(content);
                continue;
            }

            if (content.Length == 0 || content[0] == '#')
            {
                continue;
            }

            if (content[0] == '[')
            {
                table = ReadHead(content, counters);
                _places.TryAdd(table, (new SourcePosition(number, column), new SourcePosition(number, column)));
                continue;
            }

            var parts = ReadKey(content, out var end);
            if (end >= content.Length || content[end] != '=')
            {
                continue;
            }

            var path = table;
            foreach (var part in parts)
            {
                path = Join(path, part);
                var rest = content[(end + 1)..];
                var valueColumn = column + end + 1 + rest.Length - rest.TrimStart().Length;
                _places.TryAdd(path, (new SourcePosition(number, column), new SourcePosition(number, valueColumn)));
            }

            openQuote = OpenQuote(content[(end + 1)..]);
            depth = openQuote is null ? Math.Max(0, Depth(content[(end + 1)..])) : 0;
        }
    }

    public static string Join(string path, string name) => path.Length == 0 ? name : $"{path}\n{name}";

    public static string Join(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}\n#{index}");

    public SourcePosition? Key(string path) => _places.TryGetValue(path, out var found) ? found.Key : null;

    public SourcePosition? Value(string path) => _places.TryGetValue(path, out var found) ? found.Value : null;

    /// <summary>The path of <c>[a.b]</c> or of the next <c>[[a.b]]</c>; arrays of tables already seen contribute their last index.</summary>
    private static string ReadHead(string content, Dictionary<string, int> counters)
    {
        var isArray = content.StartsWith("[[", StringComparison.Ordinal);
        var parts = ReadKey(content[(isArray ? 2 : 1)..], out _);
        var path = "";
        for (var i = 0; i < parts.Count; i++)
        {
            path = Join(path, parts[i]);
            var isLast = i == parts.Count - 1;
            if (isLast && isArray)
            {
                counters[path] = counters.TryGetValue(path, out var index) ? index + 1 : 0;
            }

            if (counters.TryGetValue(path, out var current))
            {
                path = Join(path, current);
            }
        }

        return path;
    }

    /// <summary>The parts of a dotted key; <paramref name="end"/> is the index of the character after it.</summary>
    private static List<string> ReadKey(string text, out int end)
    {
        var parts = new List<string>();
        var part = new StringBuilder();
        for (end = 0; end < text.Length; end++)
        {
            var c = text[end];
            if (c is '"' or '\'')
            {
                var close = text.IndexOf(c, end + 1);
                close = close < 0 ? text.Length : close;
                part.Append(text, end + 1, close - end - 1);
                end = close;
            }
            else if (c == '.')
            {
                parts.Add(part.ToString());
                part.Clear();
            }
            else if (c is '=' or ']')
            {
                break;
            }
            else if (!char.IsWhiteSpace(c))
            {
                part.Append(c);
            }
        }

        parts.Add(part.ToString());
        return parts;
    }

    private static string? OpenQuote(string value)
    {
        foreach (var quote in (ReadOnlySpan<string>)["\"\"\"", "'''"])
        {
            var first = value.IndexOf(quote, StringComparison.Ordinal);
            if (first >= 0 && value.IndexOf(quote, first + 3, StringComparison.Ordinal) < 0)
            {
                return quote;
            }
        }

        return null;
    }

    /// <summary>How many brackets the text opens more than it closes, outside strings and comments.</summary>
    private static int Depth(string text)
    {
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"' or '\'':
                    var close = text.IndexOf(text[i], i + 1);
                    i = close < 0 ? text.Length : close;
                    break;
                case '#':
                    return depth;
                case '[' or '{':
                    depth++;
                    break;
                case ']' or '}':
                    depth--;
                    break;
            }
        }

        return depth;
    }
}
