using System.Text;
using Molt.Engine;

namespace Molt.Engine.Tests;

/// <summary>Modules by specifier, with a record of what was asked. Kinds follow the extension.</summary>
internal sealed class MapLoader : IJsModuleLoader
{
    private readonly Dictionary<string, Func<JsModuleSource>> _sources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TaskCompletionSource> _gates = new(StringComparer.Ordinal);

    public List<JsModuleRequest> Requests { get; } = [];

    public string this[string name]
    {
        set => _sources[name] = () => Source(name, value);
    }

    public void Add(string name, Func<JsModuleSource> source) => _sources[name] = source;

    /// <summary>Holds the module back until the returned source completes.</summary>
    public TaskCompletionSource Gate(string name) => _gates[name] = new TaskCompletionSource();

    public async ValueTask<JsModuleSource> LoadAsync(JsModuleRequest request, CancellationToken cancellationToken)
    {
        Requests.Add(request);
        string name = request.Specifier.StartsWith("./", StringComparison.Ordinal) ? request.Specifier[2..] : request.Specifier;
        if (_gates.TryGetValue(name, out var gate))
        {
            await gate.Task;
        }
        return _sources.TryGetValue(name, out var source)
            ? source()
            : throw new JsModuleException($"No such module \"{request.Specifier}\".");
    }

    private static JsModuleSource Source(string name, string text) => Path.GetExtension(name) switch
    {
        ".json" => JsModuleSource.Json(name, text),
        ".cjs" => JsModuleSource.CommonJs(name, text),
        ".txt" => JsModuleSource.FromText(name, text),
        ".bin" => JsModuleSource.Bytes(name, Encoding.UTF8.GetBytes(text)),
        ".dat" => JsModuleSource.Data(name, Encoding.UTF8.GetBytes(text)),
        _ => JsModuleSource.EcmaScript(name, text),
    };
}
