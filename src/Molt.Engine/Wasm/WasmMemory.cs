namespace Molt.Engine;

/// <summary>
/// The memory of a WebAssembly instance, seen from the host. It belongs to its isolate: members need the calling thread inside.
/// Spans are valid until the memory grows: call <see cref="Refresh"/> after anything that may have grown it.
/// </summary>
public sealed unsafe class WasmMemory : IDisposable
{
    private readonly JsContext _context;
    private readonly JsValue _memory;
    private ResetHandle? _reset;
    private byte* _data;
    private long _length;

    /// <summary>Takes a <c>WebAssembly.Memory</c> of a context over.</summary>
    public WasmMemory(JsContext context, JsValue memory)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(memory);
        _context = context;
        _memory = memory;
        Refresh();
    }

    /// <summary>Bytes it has.</summary>
    public long Length => _length;

    /// <summary>How <see cref="Reset"/> works here; <see cref="WasmResetKind.Any"/> before <see cref="Follow"/>.</summary>
    public WasmResetKind ResetKind => _reset is null ? WasmResetKind.Any : (WasmResetKind)Native.molt_reset_strategy(_reset.DangerousGetHandle());

    /// <summary>Its bytes; the first 2 GiB, should there be more.</summary>
    public Span<byte> Bytes => new(_data, (int)Math.Min(_length, int.MaxValue));

    /// <summary>Looks up where the memory is now.</summary>
    public void Refresh()
    {
        nint data;
        long length;
        Status.Check(_memory.Isolate, Native.molt_wasm_memory(_context.Pointer, _memory.Live, &data, &length));
        GC.KeepAlive(_memory);
        _data = (byte*)data;
        _length = length;
    }

    /// <summary>Part of the memory; false when it does not lie within.</summary>
    public bool TrySlice(uint pointer, uint length, out Span<byte> bytes)
    {
        if ((ulong)pointer + length > (ulong)_length || length > int.MaxValue)
        {
            bytes = default;
            return false;
        }

        bytes = new Span<byte>(_data + pointer, (int)length);
        return true;
    }

    /// <summary>Fills the memory with an image and follows what changes in it. Once; the memory must not grow from then on.</summary>
    public void Follow(WasmImage image, WasmResetKind kind)
    {
        ArgumentNullException.ThrowIfNull(image);
        Refresh();
        nint reset = image.StartReset((nint)_data, _length, kind);
        _reset = reset != 0 ? new ResetHandle(reset) : throw new JsUsageException("The memory cannot go back to its image in this way.");
    }

    /// <summary>Brings the memory back to its image. The bytes that were brought back, or -1: then nothing is known about it and it must not be used.</summary>
    public long Reset() => _reset is null ? -1 : Native.molt_reset_run(_reset.DangerousGetHandle());

    /// <summary>Ends the host's hold.</summary>
    public void Dispose()
    {
        _reset?.Dispose();
        _memory.Dispose();
        _data = null;
        _length = 0;
    }

    private sealed class ResetHandle(nint reset) : NativeHandle(reset)
    {
        protected override bool ReleaseHandle()
        {
            Native.molt_reset_release(handle);
            return true;
        }
    }
}
