using Molt.Contracts.Schemas;
using Molt.Engine;
using Molt.Runtime;
using Molt.Runtime.Boundary;
using Molt.Wasm.Binary;
using Molt.Wasm.Vfs;

namespace Molt.Wasm.Instances;

/// <summary>What a plugin's capability calls go through.</summary>
internal sealed record PluginHost(CapabilityRegistry Registry, WorkerGrants Grants, Auditor? Auditor, Action<Exception> Report);

/// <summary>The state after init that instances begin with.</summary>
/// <param name="Image">The memory.</param>
/// <param name="Pages">Its pages of 64 KiB.</param>
/// <param name="Globals">The values of the mutable globals, in order.</param>
/// <param name="Result">Where calls put where their result is: 16 bytes of the guest's.</param>
/// <param name="Input">A place for payloads, of <paramref name="InputLength"/> bytes; 0 when the guest had none.</param>
/// <param name="InputLength">Its size.</param>
internal sealed record FrozenState(WasmImage Image, uint Pages, IReadOnlyList<FrozenGlobal> Globals, uint Result, uint Input, uint InputLength);

/// <summary>A function, ready to be called.</summary>
internal sealed class PluginFunction
{
    private readonly OwnGrants _own;
    private readonly PluginAudit _audit;
    private readonly (string Id, Grant? Grant)[] _others;

    public PluginFunction(PluginExport export, PluginProgram program)
    {
        Export = export;
        OutputIndex = (uint)program.Manifest.IndexOf(export.OutputSchema);
        Output = PayloadCodec.For(export.OutputSchema);
        Schemas = new FunctionSchemas(program.Manifest, export);
        _own = program.OwnGrants;
        _audit = program.Audit;
        var others = new List<(string, Grant?)>();
        foreach (string capability in export.Capabilities)
        {
            if (OwnGrants.IndexOf(capability) is { } own)
            {
                Declared |= 1 << (int)own;
            }
            else if (capability != "resource.limits")
            {
                int at = capability.IndexOf('@', StringComparison.Ordinal);
                string id = at < 0 ? capability : capability[..at];
                var bound = program.Host.Registry.Find(id);
                others.Add((capability, program.Files.Find(id) ?? (bound is null ? null : program.Host.Grants.Find(bound.Declaration, null))));
                Files |= VfsCapabilities.Parse([id]);
            }
        }

        _others = [.. others];
    }

    public PluginExport Export { get; }

    public FunctionSchemas Schemas { get; }

    public uint OutputIndex { get; }

    public PayloadCodec Output { get; }

    /// <summary>Bits of <see cref="OwnCapability"/> it declares.</summary>
    public int Declared { get; }

    /// <summary>Capabilities of files it declares.</summary>
    public VfsGrants Files { get; }

    /// <summary>The first capability it declares and is not granted at this moment, which the audit is told; or null.</summary>
    public string? Denied()
    {
        int missing = Declared & ~_own.Bits;
        if (missing != 0)
        {
            var own = (OwnCapability)System.Numerics.BitOperations.TrailingZeroCount(missing);
            _audit.Denied(own, null);
            return OwnGrants.NameOf(own);
        }

        foreach (var (id, grant) in _others)
        {
            if (grant is null || grant.Refusal is not null)
            {
                _audit.Denied(grant?.Declaration.Id ?? id, null, grant?.Refusal ?? "there is nothing of this name to grant");
                return id;
            }
        }

        return null;
    }
}

/// <summary>Which capabilities of the runtime a plugin holds at this moment.</summary>
internal sealed class OwnGrants(WorkerGrants grants)
{
    private static readonly string[] Names = ["console.log", "time.now", "rand.bytes"];
    private static readonly int[] Positions = Array.ConvertAll(Names, RuntimeCapabilities.IndexOf);

    public int Bits
    {
        get
        {
            ulong own = grants.Own;
            int bits = 0;
            for (int i = 0; i < Positions.Length; i++)
            {
                bits |= (int)((own >> Positions[i]) & 1) << i;
            }

            return bits;
        }
    }

    public static OwnCapability? IndexOf(string id) => Array.IndexOf(Names, id) is >= 0 and var index ? (OwnCapability)index : null;

    public static string NameOf(OwnCapability capability) => Names[(int)capability];
}

/// <summary>A plugin without any instance: what all lanes share. Immutable once <see cref="Frozen"/> is set.</summary>
internal sealed class PluginProgram
{
    private readonly PayloadCodec[] _codecs;

    public PluginProgram(PluginManifest manifest, WasmModule module, PluginLimits limits, PluginOptions options, PluginHost host)
    {
        Manifest = manifest;
        Module = module;
        Limits = limits;
        Options = options;
        Host = host;
        OwnGrants = new OwnGrants(host.Grants);
        Files = new FileGrants(host.Grants);
        Audit = new PluginAudit(manifest.ModuleName, host.Auditor, host.Grants);
        Bytes = module.Rewrite(limits.MemoryPages);
        BootTrampoline = Trampoline.Build(module, null);
        PayloadLimits = new PayloadLimits { MaxBytes = limits.OutputBytes, MaxDepth = limits.RecursionDepth };
        _codecs = new PayloadCodec[manifest.Schemas.Count];
        for (int i = 0; i < _codecs.Length; i++)
        {
            _codecs[i] = PayloadCodec.For(manifest.Schemas[i]);
        }

        foreach (var export in manifest.Exports)
        {
            var function = new PluginFunction(export, this);
            Functions.Add(export.Name, function);
            FunctionsById.Add(export.FunctionId, function);
        }
    }

    public PluginManifest Manifest { get; }

    public WasmModule Module { get; }

    public PluginLimits Limits { get; }

    public PluginOptions Options { get; }

    public PluginHost Host { get; }

    public OwnGrants OwnGrants { get; }

    public FileGrants Files { get; }

    public PluginAudit Audit { get; }

    public PayloadLimits PayloadLimits { get; }

    /// <summary>The module as V8 gets it.</summary>
    public byte[] Bytes { get; }

    public byte[] BootTrampoline { get; }

    public byte[]? FrozenTrampoline { get; private set; }

    public FrozenState? Frozen { get; private set; }

    public Dictionary<string, PluginFunction> Functions { get; } = new(StringComparer.Ordinal);

    public Dictionary<uint, PluginFunction> FunctionsById { get; } = [];

    public PayloadCodec Codec(int schema) => _codecs[schema];

    public void Freeze(FrozenState state)
    {
        FrozenTrampoline = Trampoline.Build(Module, state.Globals);
        Frozen = state;
    }
}
