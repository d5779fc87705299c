using Molt.Contracts.Capabilities;

namespace Molt.Runtime;

/// <summary>What kind of module a file of a worker is.</summary>
public enum WorkerModuleKind
{
    /// <summary>An ECMAScript module.</summary>
    EcmaScript,

    /// <summary>A CommonJS module.</summary>
    CommonJs,

    /// <summary>UTF-8 text; the default export is a string.</summary>
    Text,

    /// <summary>Bytes; the default export is an <c>ArrayBuffer</c>.</summary>
    Bytes,

    /// <summary>JSON; the default export is the parsed value.</summary>
    Json,

    /// <summary>WebAssembly; the default export is a compiled <c>WebAssembly.Module</c>.</summary>
    Wasm,
}

/// <summary>One file of a worker.</summary>
/// <param name="Name">Its path inside the worker, with forward slashes and no leading one, such as <c>lib/math.js</c>.</param>
/// <param name="Kind">How it is read.</param>
/// <param name="Content">Its bytes; text kinds are UTF-8.</param>
/// <param name="SourceMap">The source map (version 3 JSON) that stacks are mapped through, or empty.</param>
public sealed record WorkerModule(
    string Name,
    WorkerModuleKind Kind,
    ReadOnlyMemory<byte> Content,
    ReadOnlyMemory<byte> SourceMap = default);

/// <summary>An immutable version of a worker: its code, its configuration and its limits.</summary>
public sealed record WorkerDefinition
{
    /// <summary>The name that logs and errors carry.</summary>
    public required string Name { get; init; }

    /// <summary>The <see cref="WorkerModule.Name"/> of the module whose exports are the worker's handlers.</summary>
    public required string MainModule { get; init; }

    /// <summary>Every module the worker may import.</summary>
    public required IReadOnlyList<WorkerModule> Modules { get; init; }

    /// <summary>The variables of <c>env</c>, as a JSON object.</summary>
    public string VarsJson { get; init; } = "{}";

    /// <summary>The compatibility date, <c>YYYY-MM-DD</c>.</summary>
    public string CompatibilityDate { get; init; } = "2026-11-01";

    /// <summary>Compatibility flags by name.</summary>
    public IReadOnlyList<string> CompatibilityFlags { get; init; } = [];

    /// <summary>What the worker may reach. Default: what the runtime itself offers; capabilities of the application are named.</summary>
    public CapabilityGrants Grants { get; init; } = CapabilityGrants.RuntimeOwn;

    /// <summary>Capabilities that <c>env</c> offers as objects with a method for each operation: name in <c>env</c> → <c>acme.greeter</c> or <c>acme.greeter@1.2</c>.</summary>
    public IReadOnlyDictionary<string, string> CapabilityBindings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What each isolate and each event of the worker may use.</summary>
    public WorkerLimits Limits { get; init; } = new();
}
