using System.Text.Json;

namespace Molt.Engine;

/// <summary>One frame of a JavaScript stack. Line and column count from 1.</summary>
public sealed record JsFrame(string? Function, string? Resource, int Line, int Column, bool IsEval = false, bool IsWasm = false, bool IsAsync = false);

/// <summary>A description of a JavaScript error that holds no engine handle. Line and column count from 1; 0 is unknown.</summary>
public sealed record JsErrorInfo
{
    public required string Message { get; init; }
    public string? Name { get; init; }
    public string? Stack { get; init; }
    public string? Resource { get; init; }
    public int Line { get; init; }
    public int Column { get; init; }
    public string? SourceLine { get; init; }

    /// <summary>The innermost frames, as <see cref="Stack"/> has them; guest code may have written that text.</summary>
    public IReadOnlyList<JsFrame> Frames { get; init; } = [];

    /// <summary>
    /// The value as people read it, with the causes, errors and properties it carries, as far as whoever embeds the engine
    /// wrote it; null when name, message and stack say it all.
    /// </summary>
    public string? FullText { get; init; }

    /// <summary>Reads the JSON that molt_exception_take and molt_exception_describe write: all but the frames and the full text.</summary>
    internal static JsErrorInfo Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        return new JsErrorInfo
        {
            Message = Text(root, "message") ?? "",
            Name = Text(root, "name"),
            Stack = Text(root, "stack"),
            Resource = Text(root, "resource"),
            Line = Integer(root, "line"),
            Column = Integer(root, "column"),
            SourceLine = Text(root, "sourceLine"),
        };
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int Integer(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.TryGetInt32(out int number) ? number : 0;
}
