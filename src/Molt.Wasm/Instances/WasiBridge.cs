using Molt.Engine;
using Molt.Wasm.Binary;
using Molt.Wasm.Vfs;
using Molt.Wasm.Wasi;

namespace Molt.Wasm.Instances;

/// <summary>WASI preview 1 as imports: integers of a call become those of <see cref="WasiContext"/>.</summary>
internal static class WasiBridge
{
    private const int MostParameters = 9;

    public static readonly IReadOnlyList<HostImport> All = [.. ((List<WasiImport>)[.. WasiImports.All]).ConvertAll(Import)];

    /// <summary>The files and descriptors of an instance.</summary>
    public static WasiContext Open(PluginInstance instance)
    {
        var program = instance.Program;
        var gate = new Gate(instance);
        var files = new VirtualFileSystem(new VfsOptions
        {
            Bundle = program.Options.Bundle,
            State = program.Options.State,
            TmpQuotaBytes = program.Limits.TmpBytes,
            Gate = gate,
            Clock = program.Options.Time,
        });
        return new WasiContext(
            new WasiOptions { Arguments = [program.Manifest.ModuleName], Clock = program.Options.Time, Gate = gate },
            files)
        {
            Memory = instance.GuestMemory,
        };
    }

    /// <summary>Clocks, randomness and files by the same rule, and with the same lines of the audit, as the imports of module <c>molt</c>.</summary>
    private sealed class Gate(PluginInstance instance) : IWasiGate, IVfsGate
    {
        public bool TryUse(VfsGrants grant)
        {
            var files = instance.Program.Files.Of(grant);
            if ((instance.WhyNot(grant) ?? files.Refusal) is { } refusal)
            {
                instance.Program.Audit.Denied(files.Declaration.Id, files.Declaration.Operations[0], refusal);
                return false;
            }

            instance.Program.Audit.Allowed(files.Declaration);
            return true;
        }

        public bool TryUse(WasiGrants grant)
        {
            var capability = grant == WasiGrants.Random ? OwnCapability.RandBytes : OwnCapability.TimeNow;
            if (!instance.MayOrDeny(capability))
            {
                return false;
            }

            instance.Program.Audit.Allowed(capability);
            return true;
        }
    }

    private static HostImport Import(WasiImport import)
    {
        var parameters = new byte[import.Parameters.Count];
        for (int i = 0; i < parameters.Length; i++)
        {
            parameters[i] = import.Parameters[i] == WasiType.Int64 ? WasmFunctionType.I64 : WasmFunctionType.I32;
        }

        byte[] results = import.ReturnsErrno ? [WasmFunctionType.I32] : [];
        return new HostImport(ImportTable.Wasi, import.Name, new WasmFunctionType(parameters, results), null, (ref JsCall call) => Run(import, ref call));
    }

    private static void Run(WasiImport import, ref JsCall call)
    {
        Span<long> arguments = stackalloc long[MostParameters];
        for (int i = 0; i < import.Parameters.Count; i++)
        {
            arguments[i] = import.Parameters[i] == WasiType.Int64 ? call.BigInt(i) : call.Int32(i);
        }

        var context = ((PluginLane)call.Isolate.Tag!).Current.Wasi;
        var errno = import.Invoke(context, arguments[..import.Parameters.Count]);
        if (context.ExitCode is { } code)
        {
            // The only way out of a module's frames; what is left of the call ends with it.
            call.Throw(JsErrorKind.Error, $"exit {code}");
        }
        else if (import.ReturnsErrno)
        {
            call.Return((int)errno);
        }
    }
}
