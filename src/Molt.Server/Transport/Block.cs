using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Molt.Server.Transport;

/// <summary>A pinned buffer of a <see cref="BufferPool"/> and the part of it that holds data.</summary>
internal sealed unsafe class Block : IMemoryOwner<byte>
{
    private readonly BufferPool _pool;

    public Block(BufferPool pool, int size)
    {
        _pool = pool;
        Bytes = GC.AllocateUninitializedArray<byte>(size, pinned: true);
        Pointer = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(Bytes));
    }

    /// <summary>The buffer.</summary>
    public byte[] Bytes { get; }

    /// <summary>Its address, good for as long as the block is held.</summary>
    public byte* Pointer { get; }

    /// <summary>Where data begins.</summary>
    public int Start { get; set; }

    /// <summary>Where data ends.</summary>
    public int End { get; set; }

    /// <summary>The next block of the chain the holder keeps.</summary>
    public Block? Next { get; set; }

    /// <summary>Whether nobody holds it. Only the pool touches this.</summary>
    public bool Free { get; set; }

    /// <summary>How many bytes of data there are.</summary>
    public int Length => End - Start;

    /// <summary>How many bytes fit behind the data.</summary>
    public int Room => Bytes.Length - End;

    public Memory<byte> Memory => MemoryMarshal.CreateFromPinnedArray(Bytes, 0, Bytes.Length);

    public void Dispose() => _pool.Return(this);
}
