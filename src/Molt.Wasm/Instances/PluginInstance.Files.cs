using Molt.Wasm.Vfs;
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

    /// <summary>Why the function, or init, may not use files whatever is granted; null when it may.</summary>
    /// <remarks>
    /// What init leaves is the same wherever it runs, so it does not see what calls have stored. The mount is there: C libraries
    /// remember the directories they find when they start.
    /// </remarks>
    public string? WhyNot(VfsGrants files)
    {
        if (_function is { } function)
        {
            return (function.Files & files) == VfsGrants.None ? "the function does not declare it" : null;
        }

        return files is VfsGrants.StateRead or VfsGrants.StateWrite
            ? "init has no /state"
            : (VfsCapabilities.Parse(Program.Manifest.Capabilities) & files) == VfsGrants.None ? "the manifest does not name it" : null;
    }

    private WasiContext OpenWasi()
    {
        var wasi = WasiBridge.Open(this);
        BeginWasi(wasi);
        return wasi;
    }

    private void BeginWasi(WasiContext wasi)
    {
        wasi.Grants = (May(OwnCapability.TimeNow) ? WasiGrants.Time : WasiGrants.None) | (May(OwnCapability.RandBytes) ? WasiGrants.Random : WasiGrants.None);
        wasi.BeginCall(TimeLeft, CancellationToken.None);
    }

    /// <summary>Files that are open; a snapshot cannot keep them.</summary>
    public IReadOnlyList<string> OpenPaths => _wasi?.OpenPaths ?? [];

    /// <summary>
    /// The call came back by itself: what it wrote becomes durable. A failure to keep it takes the place of the call's reply, so
    /// that no caller takes for stored what is not.
    /// </summary>
    /// <remarks>
    /// A slow disk holds the call's thread, and with the isolate the other calls that are pending in this lane; calls that begin take
    /// other lanes. It cannot simply run elsewhere. Programs close or sync their files themselves, and those commits happen in the
    /// guest's own frames, which wait for the errno; so does the one of an exit. Only what a call left open is committed here, and until
    /// that is done there is neither an answer to give nor an instance to give back: its descriptors, and the result in its memory,
    /// are still the call's.
    /// </remarks>
    private bool TryKeepFiles(out PluginReply failure)
    {
        var fault = _wasi?.EndCall() ?? VfsFault.None;
        failure = fault.IsNone ? default : PluginReply.Internal(NotKept(fault));
        return fault.IsNone;
    }

    private static string NotKept(in VfsFault fault) => $"{fault.Mount} did not keep what the call wrote: {fault.Message}";

    private void EndWasi(bool reset)
    {
        if (_wasi is null)
        {
            return;
        }

        // A call that came back has kept its files before; what is open now is of one that was stopped.
        _wasi.AbandonCall();
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
