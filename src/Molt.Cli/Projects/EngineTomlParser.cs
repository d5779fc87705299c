using System.Globalization;
using Molt.Cli.Reporting;
using Molt.Engine;

namespace Molt.Cli.Projects;

/// <summary>
/// Parses TOML with the smol-toml library in an isolate of its own, made on first use: most projects have no TOML file.
/// The text is the user's own and the library has no access to anything, so the limits only keep a slip small.
/// </summary>
internal sealed class EngineTomlParser(string scriptFile) : ITomlParser, IDisposable
{
    private const long HeapLimit = 64L << 20;

    private readonly Lock _gate = new();
    private JsIsolate? _isolate;
    private JsContext? _context;
    private JsValue? _parse;

    public TomlOutcome Parse(string text)
    {
        lock (_gate)
        {
            JsEngine.Initialize();
            _isolate ??= JsIsolate.Create(new JsIsolateOptions { HeapLimitBytes = HeapLimit });
            using var scope = _isolate.Enter();
            _parse ??= Load();
            return Read(_parse.CallString(_context!, text) ?? "");
        }
    }

    public void Dispose()
    {
        _parse?.Dispose();
        _context?.Dispose();
        _isolate?.Dispose();
    }

    private static TomlOutcome Read(string result)
    {
        var parts = result.Split('\n', 4);
        if (parts.Length == 4 && string.Equals(parts[0], "error", StringComparison.Ordinal))
        {
            var position = new SourcePosition(int.Parse(parts[1], CultureInfo.InvariantCulture), int.Parse(parts[2], CultureInfo.InvariantCulture));
            return new TomlOutcome(Json: null, parts[3], position);
        }

        return new TomlOutcome(result["ok\n".Length..], Error: null, default);
    }

    private JsValue Load()
    {
        _context = _isolate!.CreateContext(new JsContextOptions());
        _context.Run(File.ReadAllText(scriptFile), "toml.js").Dispose();
        using var global = _context.Global;
        return global.Get("parseToml");
    }
}
