using System.Buffers;
using Molt.Contracts.Capabilities;

namespace Molt.Runtime.Boundary;

/// <summary>
/// Where an answer is written: memory its caller lends, and an array of the pool once that is full. Made once per caller and
/// used for every call. Not for two threads at a time.
/// </summary>
internal sealed class CallOutput : IBufferWriter<byte>
{
    private readonly Memory<byte> _lent;
    private Memory<byte> _memory;
    private byte[]? _rented;
    private int _written;
    private int _limit = int.MaxValue;

    public CallOutput(Memory<byte> lent)
    {
        _lent = lent;
        _memory = lent;
    }

    public ReadOnlySpan<byte> Written => _memory.Span[.._written];

    public ReadOnlyMemory<byte> WrittenMemory => _memory[.._written];

    public int Length => _written;

    /// <summary>Whether the answer is in the memory that was lent.</summary>
    public bool IsLent => _rented is null;

    /// <summary>Begins an answer of so many bytes at most.</summary>
    public void Begin(int limit)
    {
        Clear();
        _limit = limit;
    }

    /// <summary>Forgets the answer and gives the pool its array back.</summary>
    public void Clear()
    {
        _written = 0;
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
            _rented = null;
            _memory = _lent;
        }
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _memory.Length - _written);
        _written += count;
        if (_written > _limit)
        {
            throw TooLarge();
        }
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _memory[_written..];
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _memory.Span[_written..];
    }

    private void Reserve(int sizeHint)
    {
        var room = _memory.Length - _written;
        if (room < Math.Max(1, sizeHint))
        {
            Grow(sizeHint);
        }
    }

    private void Grow(int sizeHint)
    {
        // A writer may ask for more than it will use; what it wrote is held against the limit by Advance.
        var wanted = (long)_written + Math.Max(sizeHint, 256);
        if (_written >= _limit || wanted > int.MaxValue / 2)
        {
            throw TooLarge();
        }

        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Max(wanted, (long)_memory.Length * 2));
        Written.CopyTo(larger);
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
        }

        _rented = larger;
        _memory = larger;
    }

    private CapabilityException TooLarge() => new(CapabilityStatus.EncodeError, $"The answer is larger than {_limit} bytes.");
}
