using Molt.Contracts;
using Molt.Wasm.Binary;
using Molt.Wasm.Instances;

namespace Molt.Wasm.Manifests;

/// <summary>Whether a module is what its manifest says and the ABI asks for.</summary>
internal static class ModuleCheck
{
    private static readonly (string Name, int Parameters, bool Returns)[] Functions =
        [("molt_alloc", 1, true), ("molt_free", 2, false), ("init", 2, true), ("call", 5, true), ("poll", 2, true), ("cancel", 2, true)];

    /// <summary>The module; faults are added to the list, and null is returned when it is none.</summary>
    public static WasmModule? Read(PluginManifest manifest, ReadOnlyMemory<byte> bytes, uint mostPages, List<PluginFault> faults)
    {
        WasmModule module;
        try
        {
            module = WasmModule.Read(bytes.ToArray());
        }
        catch (WasmFormatException exception)
        {
            faults.Add(new PluginFault(manifest.Module, "", $"This is no module the host can take: {exception.Message}."));
            return null;
        }

        void Fault(string message) => faults.Add(new PluginFault(manifest.Module, "", message));
        if (!module.ExportsMemory("memory"))
        {
            Fault("The module must export its memory as \"memory\".");
        }

        foreach (var (name, parameters, returns) in Functions)
        {
            var type = module.Function(name);
            if (type is null || !type.Is(parameters, returns))
            {
                string wanted = $"({string.Join(", ", System.Linq.Enumerable.Repeat("i32", parameters))}) -> ({(returns ? "i32" : "")})";
                Fault(type is null ? $"The module must export the function \"{name}\" {wanted}." : $"The exported function \"{name}\" is {type}; the ABI says {wanted}.");
            }
        }

        if (module.Function("_initialize") is { } initialize && !initialize.Is(0, false))
        {
            Fault($"The exported function \"_initialize\" is {initialize}; it must be () -> ().");
        }

        foreach (var global in module.Globals)
        {
            if (global.IsMutable && !FrozenGlobal.CanHold(global.Type))
            {
                Fault("The module has a mutable global that holds a vector or a reference; such a state cannot be frozen.");
                break;
            }
        }

        if (module.MemoryPages > mostPages)
        {
            Fault($"The module's memory starts with {module.MemoryPages} pages of 64 KiB; the limit allows {mostPages}. Raise resources.max_memory, or link it with less.");
        }

        foreach (var import in module.Imports)
        {
            Check(manifest, import, Fault);
        }

        return module;
    }

    private static void Check(PluginManifest manifest, WasmImport import, Action<string> fault)
    {
        string what = $"\"{import.Module}\".\"{import.Name}\"";
        bool isWasi = import.Module == ImportTable.Wasi;
        if (import.Module != ImportTable.Molt && !(isWasi && manifest.Profile != PluginProfile.Browser))
        {
            fault(isWasi
                ? $"The module imports {what}; profile wasm_browser has no WASI. Use profile wasm_wasi or wasm_worker, or link without it."
                : $"The module imports {what}; a plugin imports from \"{ImportTable.Molt}\" and, where its profile allows, \"{ImportTable.Wasi}\".");
            return;
        }

        int index = ImportTable.IndexOf(import.Module, import.Name);
        if (index < 0)
        {
            fault($"The module imports {what}, which the host does not have. {NearestName.AdviceSentence(import.Name, ImportTable.Names(import.Module))}");
            return;
        }

        var offered = ImportTable.All[index];
        if (!offered.Type.Is(import.Type.Parameters, import.Type.Results))
        {
            fault($"The module imports {what} as {import.Type}; it is {offered.Type}.");
        }

        if (offered.Capability is { } capability && (capability == "*" ? manifest.Capabilities.Count == 0 : !Declares(manifest, capability)))
        {
            fault(capability == "*"
                ? $"The module imports {what}, but its manifest declares no capability to call."
                : $"The module imports {what}, which needs \"{capability}\" among the manifest's capabilities.");
        }
    }

    private static bool Declares(PluginManifest manifest, string capability)
    {
        foreach (string declared in manifest.Capabilities)
        {
            if (declared == capability)
            {
                return true;
            }
        }

        return false;
    }
}
