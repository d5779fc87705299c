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
    public IReadOnlyList<JsFrame> Frames { get; init; } = [];

    /// <summary>Reads the JSON that molt_exception_take and molt_exception_describe write.</summary>
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
            Frames = ParseFrames(root),
        };
    }

    private static List<JsFrame> ParseFrames(JsonElement root)
    {
        var frames = new List<JsFrame>();
        if (root.TryGetProperty("frames", out var list) && list.ValueKind == JsonValueKind.Array)
        {
            foreach (var frame in list.EnumerateArray())
            {
                frames.Add(new JsFrame(Text(frame, "function"), Text(frame, "resource"), Integer(frame, "line"), Integer(frame, "column"),
                    Flag(frame, "eval"), Flag(frame, "wasm"), Flag(frame, "async")));
            }
        }
        return frames;
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int Integer(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.TryGetInt32(out int number) ? number : 0;

    private static bool Flag(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && (value.ValueKind == JsonValueKind.True || (value.ValueKind == JsonValueKind.Number && value.GetInt32() != 0));
}
