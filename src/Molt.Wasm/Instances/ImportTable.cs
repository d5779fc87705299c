using Molt.Engine;
using Molt.Wasm.Binary;

namespace Molt.Wasm.Instances;

/// <summary>A function the host offers to modules.</summary>
/// <param name="Module">The module it is imported from.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Type">Its type; a module that imports it with another is refused.</param>
/// <param name="Capability">The capability a manifest has to declare for it: an id, "*" for any, null for none.</param>
/// <param name="Callback">What it does.</param>
internal sealed record HostImport(string Module, string Name, WasmFunctionType Type, string? Capability, JsHostCallback Callback);

/// <summary>Every function modules can import. The position of one is its number in each isolate.</summary>
internal static class ImportTable
{
    /// <summary>The ABI's own module.</summary>
    public const string Molt = "molt";

    /// <summary>WASI preview 1.</summary>
    public const string Wasi = "wasi_snapshot_preview1";

    public static readonly IReadOnlyList<HostImport> All = [.. MoltImports.All, .. WasiBridge.All];

    /// <summary>The same as V8 takes them.</summary>
    public static readonly IReadOnlyList<JsHostFunction> Functions =
        [.. ((List<HostImport>)[.. All]).ConvertAll(static import => new JsHostFunction(import.Name, import.Type.Parameters.Length, import.Callback))];

    /// <summary>The number of a function, or -1.</summary>
    public static int IndexOf(string module, string name)
    {
        for (int i = 0; i < All.Count; i++)
        {
            if (All[i].Module == module && All[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The names of a module's functions.</summary>
    public static List<string> Names(string module)
    {
        var names = new List<string>();
        foreach (var import in All)
        {
            if (import.Module == module)
            {
                names.Add(import.Name);
            }
        }

        return names;
    }
}
