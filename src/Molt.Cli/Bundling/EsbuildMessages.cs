using System.Globalization;
using System.Text;
using Molt.Cli.Reporting;

namespace Molt.Cli.Bundling;

/// <summary>Reads the messages esbuild prints and turns them into faults.</summary>
/// <remarks>
/// A message is a line with its kind and text, then an indented <c>file:line:column:</c> (the column counts bytes from 0), the source line,
/// and a line with the marks under the mistake. Notes follow in the same form without a kind and are not read.
/// </remarks>
internal static class EsbuildMessages
{
    private const string ErrorMark = "✘ [ERROR] ";
    private const string WarningMark = "▲ [WARNING] ";
    private const string MissingPrefix = "Could not resolve \"";

    public static List<Fault> Parse(string output, string root)
    {
        var faults = new List<Fault>();
        var lines = output.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var isError = lines[i].StartsWith(ErrorMark, StringComparison.Ordinal);
            if (!isError && !lines[i].StartsWith(WarningMark, StringComparison.Ordinal))
            {
                continue;
            }

            var text = new StringBuilder(lines[i][(isError ? ErrorMark : WarningMark).Length..]);
            while (i + 1 < lines.Length && lines[i + 1].Length > 0)
            {
                text.Append('\n').Append(lines[++i]);
            }

            var fault = new Fault(FaultCodes.SourceError, text.ToString()) { Severity = isError ? FaultSeverity.Error : FaultSeverity.Warning };
            if (i + 2 < lines.Length && TryReadPlace(lines[i + 2], out var file, out var line, out var column))
            {
                var source = i + 3 < lines.Length ? AfterBar(lines[i + 3]) : "";
                var marks = i + 4 < lines.Length ? AfterBar(lines[i + 4]).Trim() : "";
                fault = fault with
                {
                    File = Path.GetFullPath(Path.Combine(root, file)),
                    Position = new SourcePosition(line, CharacterColumn(source, column)),
                    Length = Math.Max(1, marks.Length),
                };
            }

            faults.Add(fault.Message.StartsWith(MissingPrefix, StringComparison.Ordinal) ? Missing(fault, root) : fault);
        }

        return faults;
    }

    private static Fault Missing(Fault fault, string root)
    {
        var end = fault.Message.IndexOf('"', MissingPrefix.Length);
        var module = end < 0 ? fault.Message[MissingPrefix.Length..] : fault.Message[MissingPrefix.Length..end];
        return fault with { Code = FaultCodes.MissingModule, Message = $"The module \"{module}\" is not found.", Hint = Hint(module, fault.File ?? Path.Combine(root, ".")) };
    }

    private static string Hint(string module, string importer)
    {
        if (module.StartsWith('.') || module.StartsWith('/'))
        {
            return "Check the path; it is resolved from the importing file.";
        }

        if (NodeModules.IsBuiltIn(module))
        {
            return "Add \"nodejs_compat\" to compatibility_flags, or import it as \"node:" + module + "\".";
        }

        var parts = module.Split('/');
        var package = module.StartsWith('@') && parts.Length > 1 ? $"{parts[0]}/{parts[1]}" : parts[0];
        return IsInstalled(package, importer)
            ? $"The package {package} is installed, but offers no \"{module}\" to workers; its package.json says what there is."
            : $"Run: npm install {package}";
    }

    private static bool IsInstalled(string package, string importer)
    {
        for (var directory = Path.GetDirectoryName(importer); directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "node_modules", package, "package.json")))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryReadPlace(string text, out string file, out int line, out int column)
    {
        file = "";
        line = column = 0;
        var place = text.Trim().TrimEnd(':');
        var second = place.LastIndexOf(':');
        var first = second > 0 ? place.LastIndexOf(':', second - 1) : -1;
        if (!text.StartsWith("    ", StringComparison.Ordinal) || first <= 0 ||
            !int.TryParse(place.AsSpan(second + 1), NumberStyles.None, CultureInfo.InvariantCulture, out column) ||
            !int.TryParse(place.AsSpan(first + 1, second - first - 1), NumberStyles.None, CultureInfo.InvariantCulture, out line))
        {
            return false;
        }

        file = place[..first];
        return true;
    }

    private static string AfterBar(string line)
    {
        var bar = line.IndexOfAny(['│', '╵']);
        return bar < 0 || bar + 2 > line.Length ? "" : line[(bar + 2)..];
    }

    private static int CharacterColumn(string source, int byteColumn)
    {
        var bytes = 0;
        var index = 0;
        foreach (var rune in source.EnumerateRunes())
        {
            if (bytes >= byteColumn)
            {
                return index + 1;
            }

            bytes += rune.Utf8SequenceLength;
            index += rune.Utf16SequenceLength;
        }

        // esbuild shortens very long lines around the mistake; its byte column is the best there is.
        return bytes == byteColumn ? index + 1 : byteColumn + 1;
    }
}
