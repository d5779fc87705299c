using System.Buffers;

namespace Molt.Server.Transport;

/// <summary>
/// Pinned buffers of three sizes for the sockets, and for Kestrel, which gets it as its <see cref="MemoryPool{T}"/>.
/// <para>
/// Guarantees: a block belongs to one holder at a time and a second return of it throws, so bytes of one connection never
/// show up in another's buffer; at most <see cref="RetainedBytes"/> are kept once they are given back.
/// </para>
/// </summary>
internal sealed class BufferPool : MemoryPool<byte>
{
    /// <summary>The size that heads and small bodies fit in.</summary>
    public const int SmallSize = 4 << 10;

    /// <summary>The size after a small block has been filled.</summary>
    public const int MediumSize = 16 << 10;

    /// <summary>The size of blocks for bulk data.</summary>
    public const int LargeSize = 64 << 10;

    /// <summary>The most that the pool keeps, in bytes.</summary>
    public const int RetainedBytes = (SmallKept * SmallSize) + (MediumKept * MediumSize) + (LargeKept * LargeSize);

    private const int SmallKept = 1024;
    private const int MediumKept = 128;
    private const int LargeKept = 64;

    private readonly Shelf _small = new(SmallKept);
    private readonly Shelf _medium = new(MediumKept);
    private readonly Shelf _large = new(LargeKept);

    public override int MaxBufferSize => SmallSize;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, MaxBufferSize);
        return Take(SmallSize);
    }

    /// <summary>A block of at least <paramref name="size"/> bytes, empty.</summary>
    public Block Take(int size) => size switch
    {
        <= SmallSize => _small.Take() ?? new Block(this, SmallSize),
        <= MediumSize => _medium.Take() ?? new Block(this, MediumSize),
        <= LargeSize => _large.Take() ?? new Block(this, LargeSize),
        _ => new Block(this, size),
    };

    /// <summary>Gives a block back.</summary>
    public void Return(Block block)
    {
        switch (block.Bytes.Length)
        {
            case SmallSize:
                _small.Put(block);
                break;
            case MediumSize:
                _medium.Put(block);
                break;
            case LargeSize:
                _large.Put(block);
                break;
        }
    }

    protected override void Dispose(bool disposing)
    {
        // Kestrel may still hold blocks; what comes back later is collected with the pool.
    }

    /// <summary>The free blocks of one size.</summary>
    private sealed class Shelf(int capacity)
    {
        private readonly SpinGate _gate = new();
        private readonly int _capacity = capacity;
        private Block? _top;
        private int _count;

        public Block? Take()
        {
            using (_gate.Enter())
            {
                if (_top is not { } block)
                {
                    return null;
                }

                _top = block.Next;
                _count--;
                block.Next = null;
                block.Free = false;
                return block;
            }
        }

        public void Put(Block block)
        {
            using (_gate.Enter())
            {
                if (block.Free)
                {
                    throw new InvalidOperationException("The block was already given back.");
                }

                block.Free = true;
                block.Start = 0;
                block.End = 0;
                block.Next = null;
                if (_count < _capacity)
                {
                    block.Next = _top;
                    _top = block;
                    _count++;
                }
            }
        }
    }
}
