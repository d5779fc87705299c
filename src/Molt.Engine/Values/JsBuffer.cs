using System.Buffers;

namespace Molt.Engine;

/// <summary>
/// The memory of an ArrayBuffer, kept alive past the call it came with and past its isolate. Dispose it when done.
/// JavaScript may still write to it: whoever hands it over promises not to until told.
/// </summary>
public sealed class JsBuffer : MemoryManager<byte>
{
    private readonly BufferHandle _handle;
    private readonly nint _data;
    private readonly int _length;

    internal JsBuffer(nint buffer, nint data, long length)
    {
        _handle = new BufferHandle(buffer);
        _data = data;
        _length = checked((int)length);
    }

    /// <summary>Number of bytes.</summary>
    public int Length => _length;

    public override unsafe Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        return new Span<byte>((void*)_data, _length);
    }

    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elementIndex, _length);
        bool held = false;
        _handle.DangerousAddRef(ref held);
        return new MemoryHandle((byte*)_data + elementIndex, default, this);
    }

    public override void Unpin() => _handle.DangerousRelease();

    protected override void Dispose(bool disposing) => _handle.Dispose();

    private sealed class BufferHandle(nint buffer) : NativeHandle(buffer)
    {
        protected override bool ReleaseHandle()
        {
            Native.molt_buffer_release(handle);
            return true;
        }
    }
}
