namespace Molt.Wasm.Vfs.Tmp;

/// <summary>
/// The bytes of one file in memory. Blocks of 64 KiB, allocated when first written, so that a gap costs nothing; the first
/// block grows by doubling, so that small files stay small. Memory used is at most twice the length, plus a pointer a block.
/// </summary>
internal sealed class TmpContent
{
    private const int BlockBytes = 64 << 10;
    private const int SmallestBlock = 64;

    private byte[]?[] _blocks = [];

    public long Length { get; private set; }

    public int Read(long position, Span<byte> buffer)
    {
        if (position >= Length)
        {
            return 0;
        }

        var count = (int)Math.Min(buffer.Length, Length - position);
        for (var done = 0; done < count;)
        {
            var at = position + done;
            var inside = (int)(at % BlockBytes);
            var piece = buffer[done..count];
            piece = piece[..Math.Min(piece.Length, BlockBytes - inside)];
            var block = _blocks[at / BlockBytes] ?? [];
            var stored = Math.Clamp(block.Length - inside, 0, piece.Length);
            block.AsSpan(Math.Min(inside, block.Length), stored).CopyTo(piece);
            piece[stored..].Clear();
            done += piece.Length;
        }

        return count;
    }

    public void Write(long position, ReadOnlySpan<byte> bytes)
    {
        if (position + bytes.Length > Length)
        {
            SetLength(position + bytes.Length);
        }

        for (var done = 0; done < bytes.Length;)
        {
            var at = position + done;
            var inside = (int)(at % BlockBytes);
            var piece = bytes.Slice(done, Math.Min(bytes.Length - done, BlockBytes - inside));
            piece.CopyTo(Block((int)(at / BlockBytes), inside + piece.Length).AsSpan(inside));
            done += piece.Length;
        }
    }

    public void SetLength(long length)
    {
        var blocks = checked((int)((length + BlockBytes - 1) / BlockBytes));
        if (length < Length)
        {
            // What is beyond the new end must read as zeros if the file grows again.
            var inside = (int)(length % BlockBytes);
            if (inside > 0 && _blocks[blocks - 1] is { } last && last.Length > inside)
            {
                last.AsSpan(inside).Clear();
            }

            _blocks.AsSpan(blocks).Clear();
        }

        if (blocks > _blocks.Length || blocks < _blocks.Length / 4)
        {
            Array.Resize(ref _blocks, blocks > _blocks.Length ? Math.Max(blocks, _blocks.Length * 2) : blocks);
        }

        Length = length;
    }

    private byte[] Block(int index, int needed)
    {
        ref var block = ref _blocks[index];
        if (block is null || block.Length < needed)
        {
            var size = index > 0 ? BlockBytes : Math.Min(BlockBytes, Math.Max(SmallestBlock, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)needed)));
            Array.Resize(ref block, size);
        }

        return block;
    }
}
