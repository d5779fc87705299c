namespace Molt.Cli.Bundling;

/// <summary>The names of Node.js' own modules, which packages import with or without <c>node:</c>.</summary>
internal static class NodeModules
{
    public static readonly IReadOnlyList<string> BuiltIn =
    [
        "assert", "assert/strict", "async_hooks", "buffer", "child_process", "cluster", "console", "constants", "crypto", "dgram",
        "diagnostics_channel", "dns", "dns/promises", "domain", "events", "fs", "fs/promises", "http", "http2", "https", "inspector",
        "inspector/promises", "module", "net", "os", "path", "path/posix", "path/win32", "perf_hooks", "process", "punycode",
        "querystring", "readline", "readline/promises", "repl", "stream", "stream/consumers", "stream/promises", "stream/web",
        "string_decoder", "sys", "timers", "timers/promises", "tls", "trace_events", "tty", "url", "util", "util/types", "v8", "vm",
        "wasi", "worker_threads", "zlib",
    ];

    private static readonly HashSet<string> Names = new(BuiltIn, StringComparer.Ordinal);

    public static bool IsBuiltIn(string name) => Names.Contains(name);
}
