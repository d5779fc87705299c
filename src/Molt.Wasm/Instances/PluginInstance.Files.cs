using Molt.Wasm.Wasi;

namespace Molt.Wasm.Instances;

/// <summary>Files, descriptors and clocks of modules that import WASI.</summary>
internal sealed partial class PluginInstance
{
    private WasiContext? _wasi;

    /// <summary>Its files and descriptors.</summary>
    public WasiContext Wasi => _wasi ??= OpenWasi();

    /// <summary>The memory as WASI sees it.</summary>
    public IGuestMemory GuestMemory => new MemoryView(this);

    private WasiContext OpenWasi()
    {
        var wasi = WasiBridge.Open(this);
        BeginWasi(wasi);
        return wasi;
    }

    private void BeginWasi(WasiContext wasi)
    {
        wasi.Grants = (MayObserve(OwnCapability.TimeNow) ? WasiGrants.Time : WasiGrants.None) | (MayObserve(OwnCapability.RandBytes) ? WasiGrants.Random : WasiGrants.None);
        wasi.BeginCall(TimeLeft, CancellationToken.None);
    }

    private void EndWasi(bool reset)
    {
        if (_wasi is null)
        {
            return;
        }

        if (_isTainted)
        {
            _wasi.AbandonCall();
        }
        else
        {
            _wasi.EndCall();
        }

        if (reset)
        {
            _wasi.Reset();
        }
    }

    private sealed class MemoryView(PluginInstance instance) : IGuestMemory
    {
        public ulong Length
        {
            get
            {
                _ = instance.TryRead(0, 0, out _);
                return (ulong)instance._memory.Length;
            }
        }

        public Span<byte> Slice(uint pointer, uint length) =>
            instance.TryRead(pointer, length, out var bytes) ? bytes : throw new ArgumentOutOfRangeException(nameof(pointer));
    }
}
