using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Molt.Wasm.Binary;

/// <summary>The value of a mutable global after init.</summary>
/// <param name="Type">i32, i64, f32 or f64.</param>
/// <param name="Bits">Its bits; of 32-bit types the lower half.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FrozenGlobal(byte Type, ulong Bits)
{
    /// <summary>Whether a global of this type can be frozen: references and vectors cannot.</summary>
    public static bool CanHold(byte type) => type is WasmFunctionType.I32 or WasmFunctionType.I64 or WasmFunctionType.F32 or WasmFunctionType.F64;

    /// <summary>The instruction that pushes the value.</summary>
    public byte[] Constant()
    {
        Span<byte> bits = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bits, Bits);
        return Type switch
        {
            WasmFunctionType.I32 => new WasmWriter().Byte(0x41).S64((int)Bits).ToArray(),
            WasmFunctionType.I64 => new WasmWriter().Byte(0x42).S64((long)Bits).ToArray(),
            WasmFunctionType.F32 => new WasmWriter().Byte(0x43).Bytes(bits[..4]).ToArray(),
            _ => new WasmWriter().Byte(0x44).Bytes(bits).ToArray(),
        };
    }
}
