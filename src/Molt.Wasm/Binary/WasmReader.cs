using System.Text;

namespace Molt.Wasm.Binary;

/// <summary>Reads WebAssembly's binary format (core specification, chapter 5) and says where it is not that.</summary>
internal ref struct WasmReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _end;

    public WasmReader(ReadOnlySpan<byte> bytes, int start, int end)
    {
        _bytes = bytes;
        Position = start;
        _end = end;
    }

    public int Position { get; private set; }

    public readonly bool AtEnd => Position >= _end;

    public byte Byte()
    {
        Need(1);
        return _bytes[Position++];
    }

    public uint U32()
    {
        ulong value = Unsigned(5);
        return value <= uint.MaxValue ? (uint)value : throw Bad("a number is too large");
    }

    /// <summary>The number of entries of a vector whose entries have at least <paramref name="least"/> bytes each.</summary>
    public int Count(int least = 1)
    {
        uint count = U32();
        return count <= (uint)((_end - Position) / least) ? (int)count : throw Bad("a vector is longer than its section");
    }

    public ulong U64() => Unsigned(10);

    public long S33() => Signed(5);

    public int S32() => (int)Signed(5);

    public long S64() => Signed(10);

    public void Skip(int count)
    {
        Need(count);
        Position += count;
    }

    public ReadOnlySpan<byte> Take(int count)
    {
        Need(count);
        var taken = _bytes.Slice(Position, count);
        Position += count;
        return taken;
    }

    public string Name()
    {
        int length = Count();
        try
        {
            return Strict.GetString(Take(length));
        }
        catch (DecoderFallbackException)
        {
            throw Bad("a name is not UTF-8");
        }
    }

    /// <summary>A value type; reference types with a heap type of their own become their first byte.</summary>
    public byte ValueType()
    {
        byte type = Byte();
        switch (type)
        {
            case 0x7F or 0x7E or 0x7D or 0x7C or 0x7B or 0x70 or 0x6F or 0x69 or 0x74:
                return type;
            case 0x63 or 0x64:
                S33();
                return type;
            default:
                throw Bad($"0x{type:x2} is no value type this host takes; modules with garbage-collected types are not edge-tier modules");
        }
    }

    public readonly WasmFormatException Bad(string what) => new(what, Position);

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly void Need(int count)
    {
        if (count < 0 || _end - Position < count)
        {
            throw Bad("the module is truncated");
        }
    }

    private ulong Unsigned(int longest)
    {
        ulong value = 0;
        for (int i = 0; i < longest; i++)
        {
            byte next = Byte();
            value |= (ulong)(next & 0x7F) << (7 * i);
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Bad("a number has too many bytes");
    }

    private long Signed(int longest)
    {
        long value = 0;
        for (int i = 0; i < longest; i++)
        {
            byte next = Byte();
            int shift = 7 * i;
            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                shift += 7;
                return shift < 64 && (next & 0x40) != 0 ? value | (-1L << shift) : value;
            }
        }

        throw Bad("a number has too many bytes");
    }
}

/// <summary>Why bytes are not a module. Becomes a fault of the plugin's manifest.</summary>
internal sealed class WasmFormatException(string what, int offset) : Exception($"{what} (at byte {offset})");
