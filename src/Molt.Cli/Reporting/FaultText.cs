using System.Text;

namespace Molt.Cli.Reporting;

/// <summary>Faults as a person reads them in a terminal.</summary>
internal static class FaultText
{
    /// <summary>The message with its place, code frame, detail and hint, none of which steers the terminal. Paths are shown relative to <paramref name="directory"/>.</summary>
    public static string Format(Fault fault, string directory, TerminalStyle style)
    {
        var result = new StringBuilder();
        var label = fault.IsError ? style.Red("error") : style.Yellow("warning");
        result.Append(label).Append(' ').Append(style.Dim(fault.Code)).Append(": ").Append(style.Bold(TerminalText.Escape(fault.Message)));
        if (Place(fault, directory) is { } place)
        {
            result.Append("\n  at ").Append(style.Cyan(TerminalText.Escape(place)));
        }

        // A warning is one line and its place: a frame would drown the errors beside it.
        if (fault.IsError && CodeFrame.FromFile(fault.File, fault.Position, fault.Length) is { } frame)
        {
            AppendIndented(result, frame);
        }

        if (!string.IsNullOrWhiteSpace(fault.Detail))
        {
            AppendIndented(result, style.Dim(TerminalText.Escape(fault.Detail.TrimEnd())));
        }

        if (fault.Hint is not null)
        {
            result.Append("\n  ").Append(TerminalText.Escape(fault.Hint));
        }

        return result.ToString();
    }

    public static string? Place(Fault fault, string directory)
    {
        if (fault.File is null)
        {
            return null;
        }

        var path = ShortPath(fault.File, directory);
        return fault.Position.IsKnown ? $"{path}:{fault.Position.Line}:{fault.Position.Column}" : path;
    }

    /// <summary>A path relative to <paramref name="directory"/> when it lies below it, else the whole path.</summary>
    public static string ShortPath(string path, string directory)
    {
        var relative = Path.GetRelativePath(directory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }

    private static void AppendIndented(StringBuilder result, string text)
    {
        foreach (var line in text.Split('\n'))
        {
            result.Append("\n  ").Append(line);
        }
    }
}
