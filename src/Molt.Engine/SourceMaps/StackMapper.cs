using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Molt.Engine;

/// <summary>
/// Rewrites positions in errors through source maps registered by resource name. A map is parsed when first needed; a
/// malformed one is ignored. Any thread.
/// </summary>
public sealed class StackMapper
{
    private const string FrameStart = "at ";

    private readonly ConcurrentDictionary<string, Lazy<SourceMap?>> _maps = new(StringComparer.Ordinal);

    /// <summary>Registers the map (JSON) of a resource, replacing an earlier one.</summary>
    public void Register(string resource, ReadOnlyMemory<byte> json)
    {
        ArgumentNullException.ThrowIfNull(resource);
        _maps[resource] = new Lazy<SourceMap?>(() => TryParse(json));
    }

    /// <summary>How the names of the embedder's own resources begin: errors and stacks are shown without their frames. Set before scripts run.</summary>
    public string? Hidden { get; set; }

    /// <summary>
    /// The error with its own position and its stack mapped, and the frames of that stack. What failed in the embedder's own
    /// resources is placed where other code called them.
    /// </summary>
    internal JsErrorInfo Map(JsErrorInfo info)
    {
        if (info.Stack is not null)
        {
            string stack = MapStack(info.Stack);
            info = info with { Stack = stack, Frames = StackText.Frames(stack) };
        }

        if (IsHidden(info.Resource))
        {
            var caller = info.Frames.Count > 0 ? info.Frames[0] : null;
            return info with { Resource = caller?.Resource, Line = caller?.Line ?? 0, Column = caller?.Column ?? 0, SourceLine = null };
        }

        if (TryMap(info.Resource, info.Line, info.Column, out string resource, out int line, out int column))
        {
            string? text = Find(info.Resource!)?.SourceLine(resource, line);
            info = info with { Resource = resource, Line = line, Column = column, SourceLine = text ?? info.SourceLine };
        }

        return info;
    }

    /// <summary>Rewrites every resource:line:column of a stack text that has a map, and leaves out the lines of hidden frames.</summary>
    public string MapStack(string stack)
    {
        ArgumentNullException.ThrowIfNull(stack);
        if ((_maps.IsEmpty && Hidden is null) || !stack.Contains(FrameStart, StringComparison.Ordinal))
        {
            return stack;
        }
        var output = new StringBuilder(stack.Length + 64);
        foreach (var line in stack.AsSpan().Split('\n'))
        {
            AppendLine(output, stack.AsSpan()[line]);
        }
        return output.Length == 0 ? "" : output.ToString(0, output.Length - 1);
    }

    private bool IsHidden(string? resource) => Hidden is not null && resource?.StartsWith(Hidden, StringComparison.Ordinal) == true;

    private void AppendLine(StringBuilder output, ReadOnlySpan<char> line)
    {
        // An error that is shown inside another value, or with properties, has these behind its last frame.
        var rest = line.EndsWith(" {") ? " {" : line.EndsWith(",") ? "," : "";
        if (!StackText.TryRead(line[..^rest.Length], out var frame, out var position))
        {
            output.Append(line).Append('\n');
        }
        else if (!IsHidden(frame.Resource))
        {
            output.Append(line[..position.Start]);
            if (TryMap(frame.Resource, frame.Line, frame.Column, out string source, out int mappedLine, out int mappedColumn))
            {
                output.Append(CultureInfo.InvariantCulture, $"{source}:{mappedLine}:{mappedColumn}");
            }
            else
            {
                output.Append(line[position]);
            }
            output.Append(line[position.End..]).Append('\n');
        }
        else if (output.Length > 0)
        {
            output.Insert(output.Length - 1, rest);
        }
    }

    private bool TryMap(string? resource, int line, int column, out string source, out int originalLine, out int originalColumn)
    {
        if (resource is not null && Find(resource) is { } map)
        {
            return map.TryMap(line, column, out source, out originalLine, out originalColumn, out _);
        }
        source = "";
        originalLine = 0;
        originalColumn = 0;
        return false;
    }

    private SourceMap? Find(string resource) => _maps.TryGetValue(resource, out var map) ? map.Value : null;

    private static SourceMap? TryParse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return SourceMap.Parse(json.Span);
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            return null;
        }
    }
}
