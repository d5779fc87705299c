using System.Runtime.InteropServices;

namespace Molt.Engine;

/// <summary>molt_kind of native/include/molt.h.</summary>
internal enum SlotKind
{
    Undefined = 0,
    Null = 1,
    Bool = 2,
    Int32 = 3,
    Number = 4,
    Latin1 = 5,
    Utf16 = 6,
    Utf8 = 7,
    Bytes = 8,
    Adopt = 9,
    Handle = 10,
    String = 11,
    Object = 12,
    BigInt = 13,
    AdoptLatin1 = 14,
}

/// <summary>molt_slot: one value in transit, 32 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct Slot
{
    [FieldOffset(0)] public SlotKind Kind;
    [FieldOffset(4)] public int Flags;
    [FieldOffset(8)] public long Length;
    [FieldOffset(16)] public double Number;
    [FieldOffset(16)] public long Integer;
    [FieldOffset(16)] public nint Data;
    [FieldOffset(24)] public long Cookie;

    /// <summary>Set in <see cref="Flags"/> of a string argument whose units all fit one byte.</summary>
    public const int Latin1Flag = 1;
}
