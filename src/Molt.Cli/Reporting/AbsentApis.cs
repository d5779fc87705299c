using Molt.Engine;

namespace Molt.Cli.Reporting;

/// <summary>
/// What the Workers platform has and Molt does not. A worker sees these names as absent, so that it can detect them; an error that
/// is about one of them gets a hint.
/// </summary>
internal static class AbsentApis
{
    /// <summary>Expressions that are undefined in every worker.</summary>
    public static readonly string[] Names =
    [
        "BroadcastChannel", "Cache", "CacheStorage", "CompressionStream", "CryptoKey", "DecompressionStream", "EventSource", "HTMLRewriter",
        "MessageChannel", "MessagePort", "SubtleCrypto", "URLPattern", "WebSocket", "WebSocketPair", "caches", "crypto.DigestStream", Subtle,
    ];

    private const string Subtle = "crypto.subtle";

    public static string? HintFor(JsErrorInfo error)
    {
        var message = error.Message.StartsWith($"{error.Name}: ", StringComparison.Ordinal) ? error.Message[(error.Name!.Length + 2)..] : error.Message;
        var name = error.Name switch
        {
            "ReferenceError" => Before(message, " is not defined"),
            "TypeError" => Before(message, " is not a constructor") ?? Before(message, " is not a function") ?? OwnerOf(message, error.SourceLine),
            _ => null,
        };
        foreach (var global in (ReadOnlySpan<string>)["globalThis.", "self."])
        {
            name = name?.StartsWith(global, StringComparison.Ordinal) == true ? name[global.Length..] : name;
        }

        return name is not null && Array.IndexOf(Names, name) >= 0 ? $"{name} is not available in Molt yet." : null;
    }

    private static string? Before(string message, string end) => message.EndsWith(end, StringComparison.Ordinal) ? message[..^end.Length] : null;

    /// <summary>V8 names the member that was read, not what it was read of; the line does.</summary>
    private static string? OwnerOf(string message, string? line) =>
        message.StartsWith("Cannot read properties of undefined", StringComparison.Ordinal) && line?.Contains(Subtle, StringComparison.Ordinal) == true ? Subtle : null;
}
