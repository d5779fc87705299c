using System.Globalization;
using System.Text;

namespace Molt.Cli.Reporting;

/// <summary>The lines around a place in a source text, numbered, with carets under the place.</summary>
internal static class CodeFrame
{
    private const int LinesBefore = 2;
    private const int LinesAfter = 2;
    private const int MaximumLineLength = 200;
    private const int MaximumFileLength = 4 * 1024 * 1024;

    /// <summary>Reads <paramref name="file"/> and renders the frame; null when the file or the line does not exist, or the file is none that people write.</summary>
    public static string? FromFile(string? file, SourcePosition position, int length)
    {
        if (file is null || !position.IsKnown)
        {
            return null;
        }

        try
        {
            var content = RegularFile.Read(file, MaximumFileLength);
            if (content.Length == 0)
            {
                return null;
            }

            using var reader = new StreamReader(new MemoryStream(content));
            return Render(reader.ReadToEnd(), position, length);
        }
        catch (IOException)
        {
            return null;
        }
    }

    public static string? Render(string text, SourcePosition position, int length)
    {
        var lines = text.Split('\n');
        if (position.Line < 1 || position.Line > lines.Length)
        {
            return null;
        }

        var first = Math.Max(1, position.Line - LinesBefore);
        var last = Math.Min(lines.Length, position.Line + LinesAfter);
        if (last == lines.Length && last > position.Line && lines[last - 1].Length == 0)
        {
            last--;
        }

        var width = last.ToString(CultureInfo.InvariantCulture).Length;
        var result = new StringBuilder();
        for (var number = first; number <= last; number++)
        {
            var line = lines[number - 1].TrimEnd('\r');
            var shown = line.Length > MaximumLineLength ? line[..MaximumLineLength] + "…" : line;
            var atFault = number == position.Line;
            result.Append(atFault ? "> " : "  ")
                .Append(number.ToString(CultureInfo.InvariantCulture).PadLeft(width))
                .Append(" | ").Append(TerminalText.Escape(shown)).Append('\n');
            if (atFault && position.Column > 0 && position.Column <= MaximumLineLength)
            {
                AppendCarets(result, line, width, position.Column, length);
            }
        }

        return result.ToString(0, result.Length - 1);
    }

    private static void AppendCarets(StringBuilder result, string line, int width, int column, int length)
    {
        result.Append(' ', width + 2).Append(" | ");
        var before = TerminalText.Escape(line[..Math.Min(line.Length, column - 1)]);
        foreach (var character in before)
        {
            // A tab stays a tab, so that the caret stands under its character at any tab width.
            result.Append(character == '\t' ? '\t' : ' ');
        }

        result.Append(' ', Math.Max(0, column - 1 - line.Length));

        var carets = Math.Clamp(length, 1, Math.Max(1, Math.Min(line.Length, MaximumLineLength) - column + 1));
        result.Append('^', carets).Append('\n');
    }
}
