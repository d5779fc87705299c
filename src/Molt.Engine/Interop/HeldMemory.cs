using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Molt.Engine;

/// <summary>Memory outside .NET's heap that V8 reads in place; freed when the last of those who hold it lets go.</summary>
internal abstract unsafe class HeldMemory : NativeHandle
{
    protected HeldMemory(byte* data, long length)
        : base((nint)data) => Length = length;

    public long Length { get; }

    public byte* Data => (byte*)handle;

    /// <summary>Holds every one of them, or none when one is gone.</summary>
    public static void HoldAll(ReadOnlySpan<HeldMemory> memories)
    {
        int held = 0;
        try
        {
            foreach (var memory in memories)
            {
                bool added = false;
                memory.DangerousAddRef(ref added);
                held++;
            }
        }
        catch
        {
            ReleaseAll(memories[..held]);
            throw;
        }
    }

    public static void ReleaseAll(ReadOnlySpan<HeldMemory> memories)
    {
        foreach (var memory in memories)
        {
            memory.DangerousRelease();
        }
    }
}

/// <summary>A copy of bytes.</summary>
internal sealed unsafe class CopiedMemory(byte* data, long length) : HeldMemory(data, length)
{
    public static CopiedMemory Of(ReadOnlySpan<byte> bytes)
    {
        byte* data = (byte*)NativeMemory.Alloc((nuint)Math.Max(bytes.Length, 1));
        bytes.CopyTo(new Span<byte>(data, bytes.Length));
        return new CopiedMemory(data, bytes.Length);
    }

    protected override bool ReleaseHandle()
    {
        NativeMemory.Free(Data);
        return true;
    }
}

/// <summary>Bytes that native code made.</summary>
internal sealed unsafe class BlobMemory(Blob blob) : HeldMemory(blob.Data, blob.Length)
{
    private Blob _blob = blob;

    protected override bool ReleaseHandle()
    {
        _blob.Free();
        return true;
    }
}

/// <summary>A file, mapped read-only.</summary>
internal sealed unsafe class MappedMemory : HeldMemory
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public MappedMemory(MemoryMappedFile file, long length)
        : this(file, file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read), length)
    {
    }

    private MappedMemory(MemoryMappedFile file, MemoryMappedViewAccessor view, long length)
        : base(Acquire(view), length)
    {
        _file = file;
        _view = view;
    }

    protected override bool ReleaseHandle()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
        return true;
    }

    private static byte* Acquire(MemoryMappedViewAccessor view)
    {
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        return pointer;
    }
}
