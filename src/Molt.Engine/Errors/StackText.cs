using System.Globalization;

namespace Molt.Engine;

/// <summary>
/// Reads the text of a JavaScript stack as V8 writes it. The text is a property that guest code may have set: what it
/// names is a hint for people and never a reason to open something.
/// </summary>
internal static class StackText
{
    // A guest sets how many frames V8 writes; people read the first ones.
    private const int MostFrames = 32;

    private const string Wasm = "wasm://";
    private const string WasmFunction = ":wasm-function[";
    private const string Eval = "eval at ";

    /// <summary>The frames of the lines that have a position, from the innermost out.</summary>
    public static List<JsFrame> Frames(string stack)
    {
        var frames = new List<JsFrame>();
        foreach (var line in stack.AsSpan().EnumerateLines())
        {
            if (frames.Count == MostFrames)
            {
                break;
            }

            if (TryRead(line, out var frame, out _))
            {
                frames.Add(frame);
            }
        }

        return frames;
    }

    /// <summary>Reads "at function (resource:line:column)", with or without a function.</summary>
    /// <param name="line">One line of the text.</param>
    /// <param name="frame">What it says.</param>
    /// <param name="position">Where "resource:line:column" stands in the line.</param>
    public static bool TryRead(ReadOnlySpan<char> line, out JsFrame frame, out Range position)
    {
        frame = new JsFrame(null, null, 0, 0);
        position = default;
        var text = line.Trim();
        if (!text.StartsWith("at "))
        {
            return false;
        }

        text = text[3..];
        var isAsync = text.StartsWith("async ");
        var place = isAsync ? text[6..] : text;
        string? function = null;
        if (place.EndsWith(")") && Opening(place) is > 0 and var opening)
        {
            function = place[..opening].TrimEnd().ToString();
            place = place[(opening + 1)..^1];
        }

        var isEval = place.StartsWith(Eval);
        if (isEval)
        {
            place = place[(place.LastIndexOf(", ") is >= 0 and var comma ? comma + 2 : place.Length)..];
        }

        if (!TryReadPlace(place, out var resource, out var lineNumber, out var column))
        {
            return false;
        }

        frame = new JsFrame(function, resource, lineNumber, column, isEval, resource.StartsWith(Wasm, StringComparison.Ordinal), isAsync);
        line.Overlaps(place, out var start);
        position = start..(start + place.Length);
        return true;
    }

    private static bool TryReadPlace(ReadOnlySpan<char> place, out string resource, out int line, out int column)
    {
        (resource, line, column) = ("", 0, 0);
        var columnStart = place.LastIndexOf(':');
        if (columnStart <= 0)
        {
            return false;
        }

        var columnText = place[(columnStart + 1)..];
        if (place.StartsWith(Wasm) && columnText.StartsWith("0x") && place.LastIndexOf(WasmFunction) is > 0 and var function)
        {
            resource = place[..function].ToString();
            line = 1;
            return int.TryParse(columnText[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out column) && ++column > 0;
        }

        var lineStart = place[..columnStart].LastIndexOf(':');
        if (lineStart <= 0)
        {
            return false;
        }

        resource = place[..lineStart].ToString();
        return int.TryParse(place[(lineStart + 1)..columnStart], NumberStyles.None, CultureInfo.InvariantCulture, out line)
            && int.TryParse(columnText, NumberStyles.None, CultureInfo.InvariantCulture, out column);
    }

    /// <summary>Where the parenthesis opens that the last character closes; -1 when there is none.</summary>
    private static int Opening(ReadOnlySpan<char> text)
    {
        var depth = 0;
        for (var i = text.Length - 1; i >= 0; i--)
        {
            depth += text[i] switch { ')' => 1, '(' => -1, _ => 0 };
            if (depth == 0)
            {
                return i;
            }
        }

        return -1;
    }
}
