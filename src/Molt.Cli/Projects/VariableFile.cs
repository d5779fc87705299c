using System.Text;
using Molt.Cli.Reporting;

namespace Molt.Cli.Projects;

/// <summary>
/// Reads <c>.dev.vars</c> and <c>.env</c> files: <c>NAME=value</c> lines, <c>#</c> comments, an optional <c>export</c>,
/// and values in single quotes, double quotes (with escapes) or backquotes, which may span lines.
/// </summary>
internal static class VariableFile
{
    public static List<KeyValuePair<string, string>> Read(string text, string file, List<Fault> faults)
    {
        var result = new List<KeyValuePair<string, string>>();
        var line = 1;
        var at = 0;
        text = text.TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal);
        while (at < text.Length)
        {
            var end = text.IndexOf('\n', at);
            end = end < 0 ? text.Length : end;
            var content = text[at..end];
            var trimmed = content.Trim();
            if (trimmed.Length == 0 || trimmed[0] == '#')
            {
                at = end + 1;
                line++;
                continue;
            }

            var equals = content.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? trimmed : content[..equals].Trim();
            if (name.StartsWith("export ", StringComparison.Ordinal))
            {
                name = name["export ".Length..].TrimStart();
            }

            if (equals < 0 || !IsName(name))
            {
                faults.Add(new Fault(FaultCodes.VariableFileSyntax, $"Expected NAME=value, found \"{trimmed}\".")
                {
                    File = file,
                    Position = new SourcePosition(line, 1),
                    Length = trimmed.Length,
                });
                at = end + 1;
                line++;
                continue;
            }

            var value = ReadValue(text, at + equals + 1, out var next);
            if (value is null)
            {
                faults.Add(new Fault(FaultCodes.VariableFileSyntax, $"The quoted value of {name} is not closed.")
                {
                    File = file,
                    Position = new SourcePosition(line, equals + 2),
                });
                return result;
            }

            result.Add(new(name, value));
            for (var i = at; i < next && i < text.Length; i++)
            {
                line += text[i] == '\n' ? 1 : 0;
            }

            at = next;
        }

        return result;
    }

    private static bool IsName(string name)
    {
        if (name.Length == 0 || char.IsAsciiDigit(name[0]))
        {
            return false;
        }

        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The value that starts at <paramref name="start"/>; <paramref name="next"/> is where the next line starts. Null when a quote is open.</summary>
    private static string? ReadValue(string text, int start, out int next)
    {
        var at = start;
        while (at < text.Length && text[at] is ' ' or '\t')
        {
            at++;
        }

        var lineEnd = text.IndexOf('\n', at);
        lineEnd = lineEnd < 0 ? text.Length : lineEnd;
        if (at >= text.Length || text[at] is not ('"' or '\'' or '`'))
        {
            next = lineEnd + 1;
            var raw = text[at..lineEnd];
            var comment = raw.IndexOf(" #", StringComparison.Ordinal);
            return (comment < 0 ? raw : raw[..comment]).Trim();
        }

        var quote = text[at];
        var value = new StringBuilder();
        for (var i = at + 1; i < text.Length; i++)
        {
            if (text[i] == quote)
            {
                lineEnd = text.IndexOf('\n', i);
                next = lineEnd < 0 ? text.Length : lineEnd + 1;
                return value.ToString();
            }

            if (quote == '"' && text[i] == '\\' && i + 1 < text.Length)
            {
                i++;
                value.Append(text[i] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', var other => other });
                continue;
            }

            value.Append(text[i]);
        }

        next = text.Length;
        return null;
    }
}
