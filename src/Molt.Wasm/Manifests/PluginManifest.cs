using Molt.Contracts.Schemas;

namespace Molt.Wasm;

/// <summary>Where a plugin is meant to run.</summary>
public enum PluginProfile
{
    /// <summary><c>wasm_browser</c>: a page or a host; the functions of module <c>molt</c> only.</summary>
    Browser,

    /// <summary><c>wasm_wasi</c>: also WASI preview 1 over virtual files.</summary>
    Wasi,

    /// <summary><c>wasm_worker</c>: the same beside workers of this runtime.</summary>
    Worker,
}

/// <summary>When a plugin goes back to the state after its init.</summary>
public enum PluginReset
{
    /// <summary>Each call begins clean.</summary>
    Call,

    /// <summary>Each request begins clean; calls of one request see each other.</summary>
    Request,

    /// <summary>State stays. Where an instance is replaced, for a trap or a limit, it begins anew.</summary>
    Never,
}

/// <summary>A function a plugin exports.</summary>
public sealed class PluginExport
{
    internal PluginExport(uint functionId, string name)
    {
        FunctionId = functionId;
        Name = name;
    }

    /// <summary>The number the module knows it by.</summary>
    public uint FunctionId { get; }

    /// <summary>The name callers know it by.</summary>
    public string Name { get; }

    /// <summary>What it takes; one or several.</summary>
    public IReadOnlyList<Schema> InputSchemas { get; internal init; } = [];

    /// <summary>What a caller that names no schema means; null when it has to name one.</summary>
    public Schema? DefaultSchema { get; internal init; }

    /// <summary>What it answers.</summary>
    public Schema OutputSchema { get; internal init; } = null!;

    /// <summary>Whether the same payload has the same answer, bit for bit, everywhere: it sees no time and no chance.</summary>
    public bool IsDeterministic { get; internal init; }

    /// <summary>Which older schemas it takes.</summary>
    public SchemaCompatibility Compatibility { get; internal init; }

    /// <summary>What of the plugin's capabilities it may use.</summary>
    public IReadOnlyList<string> Capabilities { get; internal init; } = [];
}

/// <summary><c>molt.plugin.json</c>: what a plugin is, offers and asks for. Immutable.</summary>
public sealed class PluginManifest
{
    /// <summary>The version of the ABI this host speaks.</summary>
    public const string Abi = "0.1";

    /// <summary>The usual file name.</summary>
    public const string FileName = "molt.plugin.json";

    internal PluginManifest(string moduleName, string moduleVersion, string module, PluginProfile profile)
    {
        ModuleName = moduleName;
        ModuleVersion = moduleVersion;
        Module = module;
        Profile = profile;
    }

    /// <summary>The plugin's name.</summary>
    public string ModuleName { get; }

    /// <summary>The plugin's version.</summary>
    public string ModuleVersion { get; }

    /// <summary>The file of the module, relative to the manifest.</summary>
    public string Module { get; }

    /// <summary>Where it is meant to run.</summary>
    public PluginProfile Profile { get; }

    /// <summary>The schemas; a position in the list is the number the module knows one by.</summary>
    public IReadOnlyList<Schema> Schemas { get; internal init; } = [];

    /// <summary>The capabilities it asks for; a position in the list is the number the module knows one by.</summary>
    public IReadOnlyList<string> Capabilities { get; internal init; } = [];

    /// <summary>The functions.</summary>
    public IReadOnlyList<PluginExport> Exports { get; internal init; } = [];

    /// <summary>When its state goes back.</summary>
    public PluginReset Reset { get; internal init; }

    /// <summary>The function that answers HTTP requests, or null.</summary>
    public PluginExport? Http { get; internal init; }

    /// <summary>The position of a schema, or -1.</summary>
    public int IndexOf(Schema schema)
    {
        for (int i = 0; i < Schemas.Count; i++)
        {
            if (ReferenceEquals(Schemas[i], schema))
            {
                return i;
            }
        }

        return -1;
    }
}
