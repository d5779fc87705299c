using System.Text;

namespace Molt.Wasm.Binary;

/// <summary>Writes WebAssembly's binary format.</summary>
internal sealed class WasmWriter
{
    private readonly List<byte> _bytes = [];

    public int Length => _bytes.Count;

    public byte[] ToArray() => [.. _bytes];

    public WasmWriter Byte(byte value)
    {
        _bytes.Add(value);
        return this;
    }

    public WasmWriter Bytes(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public WasmWriter U32(uint value)
    {
        while (value >= 0x80)
        {
            _bytes.Add((byte)(value | 0x80));
            value >>= 7;
        }

        return Byte((byte)value);
    }

    public WasmWriter S64(long value)
    {
        while (true)
        {
            byte next = (byte)(value & 0x7F);
            value >>= 7;
            if ((value == 0 && (next & 0x40) == 0) || (value == -1 && (next & 0x40) != 0))
            {
                return Byte(next);
            }

            _bytes.Add((byte)(next | 0x80));
        }
    }

    public WasmWriter Name(string name)
    {
        byte[] text = Encoding.UTF8.GetBytes(name);
        return U32((uint)text.Length).Bytes(text);
    }

    /// <summary>A length, then the content.</summary>
    public WasmWriter Sized(WasmWriter content) => U32((uint)content.Length).Bytes(content.ToArray());

    public WasmWriter Section(byte id, WasmWriter content) => Byte(id).Sized(content);
}
