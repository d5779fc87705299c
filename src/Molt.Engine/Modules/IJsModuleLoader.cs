using System.Text;

namespace Molt.Engine;

/// <summary>
/// Resolves and fetches modules for a context. Called inside the isolate; a task that does not complete at once may complete on
/// any thread, and the import goes on in one of the isolate's later turns.
/// </summary>
public interface IJsModuleLoader
{
    /// <summary>
    /// Finds a module. Called once per (referrer, specifier, type attribute) that succeeds; a failure is asked for again.
    /// Throw <see cref="JsModuleException"/> when there is none: its message reaches the importing code.
    /// </summary>
    ValueTask<JsModuleSource> LoadAsync(JsModuleRequest request, CancellationToken cancellationToken);
}

/// <summary>One import.</summary>
/// <param name="Specifier">As written.</param>
/// <param name="Referrer">Name of the importing module; null when the host imports.</param>
/// <param name="Attributes">Import attributes, such as type: json.</param>
/// <param name="IsDynamic">It is import().</param>
/// <param name="IsRequire">It is a CommonJS require(), which needs the answer at once.</param>
public sealed record JsModuleRequest(string Specifier, string? Referrer, IReadOnlyDictionary<string, string> Attributes, bool IsDynamic, bool IsRequire = false);

/// <summary>How a module's content is understood.</summary>
public enum JsModuleKind
{
    /// <summary>An ECMAScript module.</summary>
    EcmaScript,

    /// <summary>The default export is the parsed JSON.</summary>
    Json,

    /// <summary>The default export is a string.</summary>
    Text,

    /// <summary>The default export is a Uint8Array.</summary>
    Bytes,

    /// <summary>The default export is an ArrayBuffer.</summary>
    Data,

    /// <summary>The default export is a WebAssembly.Module.</summary>
    Wasm,

    /// <summary>A CommonJS body. Imported, it is evaluated while the graph links, because its export names are known only then:
    /// the default export is module.exports, its own enumerable keys are named exports.</summary>
    CommonJs,

    /// <summary>The exports are the own enumerable properties of an object of the host.</summary>
    Synthetic,
}

/// <summary>What a loader found.</summary>
public sealed record JsModuleSource
{
    /// <summary>The resolved identity, such as a URL: one module exists per name and kind. It is import.meta.url and the name in stacks.</summary>
    public required string Name { get; init; }

    public required JsModuleKind Kind { get; init; }

    /// <summary>The text; null when <see cref="Content"/> has it as UTF-8.</summary>
    public string? Text { get; init; }

    /// <summary>The bytes: UTF-8 for textual kinds without <see cref="Text"/>. V8 may read them in place as long as the module lives: they must not change.</summary>
    public ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>The object of a <see cref="JsModuleKind.Synthetic"/> module. The module takes the handle over.</summary>
    public JsValue? Exports { get; init; }

    /// <summary>A code cache of the same source by the same engine; a foreign one is ignored.</summary>
    public ReadOnlyMemory<byte> CodeCache { get; init; }

    /// <summary>A source map (JSON) that positions in this module are mapped through.</summary>
    public ReadOnlyMemory<byte> SourceMap { get; init; }

    public static JsModuleSource EcmaScript(string name, string text) => new() { Name = name, Kind = JsModuleKind.EcmaScript, Text = text };

    public static JsModuleSource CommonJs(string name, string text) => new() { Name = name, Kind = JsModuleKind.CommonJs, Text = text };

    public static JsModuleSource Json(string name, string text) => new() { Name = name, Kind = JsModuleKind.Json, Text = text };

    public static JsModuleSource FromText(string name, string text) => new() { Name = name, Kind = JsModuleKind.Text, Text = text };

    public static JsModuleSource Bytes(string name, ReadOnlyMemory<byte> content) => new() { Name = name, Kind = JsModuleKind.Bytes, Content = content };

    public static JsModuleSource Data(string name, ReadOnlyMemory<byte> content) => new() { Name = name, Kind = JsModuleKind.Data, Content = content };

    public static JsModuleSource Wasm(string name, ReadOnlyMemory<byte> content) => new() { Name = name, Kind = JsModuleKind.Wasm, Content = content };

    public static JsModuleSource Synthetic(string name, JsValue exports) => new() { Name = name, Kind = JsModuleKind.Synthetic, Exports = exports };

    // Below this a copy on V8's heap costs less than keeping track of the memory.
    private const int SmallestShared = 4096;

    /// <summary>The text. ASCII is not copied, so isolates that compile the same module share it.</summary>
    internal JsArg ToArg() =>
        Text is not null ? JsArg.From(Text)
        : Content.Length >= SmallestShared && Ascii.IsValid(Content.Span) ? JsArg.AdoptLatin1(Content)
        : JsArg.Utf8(Content);
}
