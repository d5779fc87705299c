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

    /// <summary>Shares another mapper's maps: what it has registered so far.</summary>
    public void RegisterAll(StackMapper other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var (resource, map) in other._maps)
        {
            _maps[resource] = map;
        }
    }

    /// <summary>How the names of the embedder's own resources begin: errors and stacks are shown without their frames. Set before scripts run.</summary>
    public string? Hidden { get; set; }

    /// <summary>The error with its own position, its frames and its stack text mapped.</summary>
    public JsErrorInfo Map(JsErrorInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        if (_maps.IsEmpty && Hidden is null)
        {
            return info;
        }

        info = WithoutHidden(info);
        var frames = new JsFrame[info.Frames.Count];
        for (int i = 0; i < frames.Length; i++)
        {
            var frame = info.Frames[i];
            frames[i] = TryMap(frame.Resource, frame.Line, frame.Column, out string source, out int line, out int column)
                ? frame with { Resource = source, Line = line, Column = column }
                : frame;
        }
        info = info with { Frames = frames, Stack = info.Stack is null ? null : MapStack(info.Stack) };
        if (TryMap(info.Resource, info.Line, info.Column, out string resource, out int mappedLine, out int mappedColumn))
        {
            string? text = Find(info.Resource!)?.SourceLine(resource, mappedLine);
            info = info with { Resource = resource, Line = mappedLine, Column = mappedColumn, SourceLine = text ?? info.SourceLine };
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

    /// <summary>What failed in the embedder's script is placed where other code called it.</summary>
    private JsErrorInfo WithoutHidden(JsErrorInfo info)
    {
        if (Hidden is null)
        {
            return info;
        }
        var shown = info.Frames.Where(frame => !IsHidden(frame.Resource)).ToArray();
        info = info with { Frames = shown };
        if (!IsHidden(info.Resource))
        {
            return info;
        }
        var caller = shown.FirstOrDefault();
        return info with { Resource = caller?.Resource, Line = caller?.Line ?? 0, Column = caller?.Column ?? 0, SourceLine = null };
    }

    private bool IsHidden(string? resource) => Hidden is not null && resource?.StartsWith(Hidden, StringComparison.Ordinal) == true;

    private void AppendLine(StringBuilder output, ReadOnlySpan<char> line)
    {
        if (!StackText.TryRead(line, out var frame, out var position))
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
