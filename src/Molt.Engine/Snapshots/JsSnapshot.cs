using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Molt.Engine;

/// <summary>
/// A V8 startup snapshot in native memory. Isolates made from it keep the memory alive, so it may be disposed before them.
/// A snapshot is trusted like code of the host: only load what this installation made.
/// </summary>
public sealed unsafe class JsSnapshot : IDisposable
{
    private readonly Memory _memory;
    private bool _disposed;

    private JsSnapshot(Memory memory) => _memory = memory;

    /// <summary>The blob.</summary>
    public ReadOnlySpan<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return new ReadOnlySpan<byte>(_memory.Data, checked((int)_memory.Length));
        }
    }

    internal byte* Data => _memory.Data;

    internal long Length => _memory.Length;

    /// <summary>Copies a blob.</summary>
    public static JsSnapshot FromBytes(ReadOnlySpan<byte> bytes)
    {
        byte* data = (byte*)NativeMemory.Alloc((nuint)Math.Max(bytes.Length, 1));
        bytes.CopyTo(new Span<byte>(data, bytes.Length));
        return new JsSnapshot(new CopiedMemory(data, bytes.Length));
    }

    /// <summary>Maps a blob file read-only; processes that map the same file share its memory.</summary>
    public static JsSnapshot FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        long length = new FileInfo(path).Length;
        return new JsSnapshot(new MappedMemory(MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read), length));
    }

    internal static JsSnapshot FromBlob(Blob blob) => new(new BlobMemory(blob));

    /// <summary>Frees the memory once no isolate needs it.</summary>
    public void Dispose()
    {
        _disposed = true;
        _memory.Dispose();
    }

    internal void Hold(ref bool held)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _memory.DangerousAddRef(ref held);
    }

    internal void Release() => _memory.DangerousRelease();

    private abstract class Memory : SafeHandle
    {
        protected Memory(byte* data, long length)
            : base(0, ownsHandle: true)
        {
            SetHandle((nint)data);
            Length = length;
        }

        public long Length { get; }

        public byte* Data => (byte*)handle;

        public override bool IsInvalid => handle == 0;
    }

    private sealed class CopiedMemory(byte* data, long length) : Memory(data, length)
    {
        protected override bool ReleaseHandle()
        {
            NativeMemory.Free(Data);
            return true;
        }
    }

    private sealed class BlobMemory(Blob blob) : Memory(blob.Data, blob.Length)
    {
        private Blob _blob = blob;

        protected override bool ReleaseHandle()
        {
            _blob.Free();
            return true;
        }
    }

    private sealed class MappedMemory : Memory
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
}
