namespace Molt.Engine;

/// <summary>The bytes WebAssembly memories start from and go back to, in native memory; shared by any number of them. Any thread.</summary>
public sealed class WasmImage : IDisposable
{
    private readonly ImageHandle _handle;

    private WasmImage(nint image, long length)
    {
        _handle = new ImageHandle(image);
        Length = length;
    }

    /// <summary>Bytes that are stored; a memory that is longer has zeros after them.</summary>
    public long Length { get; }

    /// <summary>Copies an image. Zeros at its end are not stored.</summary>
    public static unsafe WasmImage Create(ReadOnlySpan<byte> bytes)
    {
        var stored = bytes.TrimEnd((byte)0);
        fixed (byte* data = stored)
        {
            nint image;
            return Native.molt_image_new(data, stored.Length, &image) == Status.Ok
                ? new WasmImage(image, stored.Length)
                : throw new JsUsageException("There is not enough memory for the image of a WebAssembly memory.");
        }
    }

    /// <summary>Releases it; memories that use it keep what they need.</summary>
    public void Dispose() => _handle.Dispose();

    internal unsafe nint StartReset(nint memory, long length, WasmResetKind kind)
    {
        bool held = false;
        try
        {
            _handle.DangerousAddRef(ref held);
            nint reset;
            return Native.molt_reset_new(_handle.DangerousGetHandle(), memory, length, (int)kind, &reset) == Status.Ok ? reset : 0;
        }
        finally
        {
            if (held)
            {
                _handle.DangerousRelease();
            }
        }
    }

    private sealed class ImageHandle(nint image) : NativeHandle(image)
    {
        protected override bool ReleaseHandle()
        {
            Native.molt_image_release(handle);
            return true;
        }
    }
}

/// <summary>How a memory goes back to its image.</summary>
public enum WasmResetKind
{
    /// <summary>The quickest the kernel allows.</summary>
    Any = 0,

    /// <summary>The kernel names the pages that were written, and those are copied.</summary>
    Scan = 1,

    /// <summary>Everything is copied.</summary>
    Copy = 2,

    /// <summary>The image is mapped over the memory, and pages that became private are dropped.</summary>
    Map = 3,
}
