using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Molt.Engine;

/// <summary>
/// A value on its way to JavaScript. Making and passing one allocates nothing except where it says so.
/// </summary>
/// <remarks>Memory given by pointer must stay valid until the call it is passed to returns.</remarks>
[StructLayout(LayoutKind.Auto)]
public readonly struct JsArg
{
    private readonly SlotKind _kind;
    private readonly long _bits;
    private readonly nint _data;
    private readonly object? _reference;
    private readonly ReadOnlyMemory<byte> _memory;

    private JsArg(SlotKind kind, long bits = 0, nint data = 0, object? reference = null, ReadOnlyMemory<byte> memory = default)
    {
        _kind = kind;
        _bits = bits;
        _data = data;
        _reference = reference;
        _memory = memory;
    }

    public static JsArg Undefined => default;

    public static JsArg Null => new(SlotKind.Null);

    public static JsArg From(bool value) => new(SlotKind.Bool, BitConverter.DoubleToInt64Bits(value ? 1 : 0));

    public static JsArg From(int value) => new(SlotKind.Int32, BitConverter.DoubleToInt64Bits(value));

    public static JsArg From(double value) => new(SlotKind.Number, BitConverter.DoubleToInt64Bits(value));

    /// <summary>A number; beyond 2^53 it is rounded as JavaScript numbers are.</summary>
    public static JsArg From(long value) => From((double)value);

    /// <summary>A BigInt.</summary>
    public static JsArg BigInt(long value) => new(SlotKind.BigInt, value);

    /// <summary>A string unit for unit, lone surrogates included; undefined when null.</summary>
    public static JsArg From(string? value) => value is null ? default : new(SlotKind.Utf16, value.Length, reference: value);

    /// <summary>The value itself; undefined when null. The handle is borrowed for the call.</summary>
    public static JsArg From(JsValue? value) => value is null ? default : value.ToArg();

    internal static JsArg FromHandle(JsValue value) => new(SlotKind.Handle, reference: value);

    internal static JsArg FromInline(SlotKind kind, long bits) => new(kind, bits);

    /// <summary>A string, one byte per code unit.</summary>
    public static JsArg Latin1(ReadOnlyMemory<byte> text) => new(SlotKind.Latin1, text.Length, memory: text);

    /// <inheritdoc cref="Latin1(ReadOnlyMemory{byte})"/>
    public static JsArg Latin1(byte[] text) => Latin1(new ReadOnlyMemory<byte>(text));

    /// <summary>A string, one byte per code unit; the span is copied now.</summary>
    public static JsArg Latin1(ReadOnlySpan<byte> text) => Latin1(text.ToArray());

    /// <inheritdoc cref="Latin1(ReadOnlyMemory{byte})"/>
    public static JsArg Latin1(nint data, int length) => new(SlotKind.Latin1, length, data);

    /// <summary>A string decoded from UTF-8; invalid sequences become U+FFFD.</summary>
    public static JsArg Utf8(ReadOnlyMemory<byte> text) => new(SlotKind.Utf8, text.Length, memory: text);

    /// <inheritdoc cref="Utf8(ReadOnlyMemory{byte})"/>
    public static JsArg Utf8(byte[] text) => Utf8(new ReadOnlyMemory<byte>(text));

    /// <summary>A string decoded from UTF-8; the span is copied now.</summary>
    public static JsArg Utf8(ReadOnlySpan<byte> text) => Utf8(text.ToArray());

    /// <inheritdoc cref="Utf8(ReadOnlyMemory{byte})"/>
    public static JsArg Utf8(nint data, int length) => new(SlotKind.Utf8, length, data);

    /// <summary>A new Uint8Array with a copy of the bytes, made during the call.</summary>
    public static JsArg Bytes(ReadOnlyMemory<byte> bytes) => new(SlotKind.Bytes, bytes.Length, memory: bytes);

    /// <inheritdoc cref="Bytes(ReadOnlyMemory{byte})"/>
    public static JsArg Bytes(byte[] bytes) => Bytes(new ReadOnlyMemory<byte>(bytes));

    /// <summary>A new Uint8Array; the span is copied now and again during the call.</summary>
    public static JsArg Bytes(ReadOnlySpan<byte> bytes) => Bytes(bytes.ToArray());

    /// <inheritdoc cref="Bytes(ReadOnlyMemory{byte})"/>
    public static JsArg Bytes(nint data, int length) => new(SlotKind.Bytes, length, data);

    /// <summary>
    /// A Uint8Array over this very memory. <paramref name="owner"/> is disposed exactly once, on any thread, when JavaScript
    /// no longer refers to it (or at once when the call fails). Pass the result to one call only. Allocates a little.
    /// </summary>
    public static JsArg Adopt(nint data, long length, IDisposable owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        return new JsArg(SlotKind.Adopt, length, data, owner);
    }

    /// <summary>A Uint8Array over this very memory, which is pinned until JavaScript no longer refers to it. See the other overload.</summary>
    public static JsArg Adopt(ReadOnlyMemory<byte> memory, IDisposable? owner = null) => new(SlotKind.Adopt, memory.Length, 0, owner, memory);

    /// <summary>
    /// A string, one byte per code unit, that V8 reads in this very memory, which is pinned until JavaScript no longer refers to
    /// it. The memory must not change meanwhile. Pass the result to one call only. Allocates a little.
    /// </summary>
    public static JsArg AdoptLatin1(ReadOnlyMemory<byte> text) => new(SlotKind.AdoptLatin1, text.Length, memory: text);

    public static implicit operator JsArg(bool value) => From(value);

    public static implicit operator JsArg(int value) => From(value);

    public static implicit operator JsArg(double value) => From(value);

    public static implicit operator JsArg(long value) => From(value);

    public static implicit operator JsArg(string? value) => From(value);

    public static implicit operator JsArg(JsValue? value) => From(value);

    /// <summary>Managed memory that has to be pinned around the call; empty when there is none.</summary>
    internal ReadOnlySpan<byte> Pinned => _kind switch
    {
        SlotKind.Utf16 => MemoryMarshal.AsBytes(Unsafe.As<string>(_reference)!.AsSpan()),
        SlotKind.Latin1 or SlotKind.Utf8 or SlotKind.Bytes => _memory.Span,
        _ => default,
    };

    internal bool NeedsPin => _kind is SlotKind.Utf16 or SlotKind.Latin1 or SlotKind.Utf8 or SlotKind.Bytes && _data == 0;

    /// <summary>Writes the value for native code. <paramref name="pinned"/> is the pinned start of <see cref="Pinned"/>.</summary>
    internal unsafe void Write(out Slot slot, byte* pinned)
    {
        Unsafe.SkipInit(out slot);
        slot.Kind = _kind;
        slot.Flags = 0;
        slot.Length = 0;
        slot.Integer = _bits;
        slot.Cookie = 0;
        switch (_kind)
        {
            case SlotKind.Utf16 or SlotKind.Latin1 or SlotKind.Utf8 or SlotKind.Bytes:
                slot.Length = _bits;
                slot.Data = _data != 0 ? _data : (nint)pinned;
                break;
            case SlotKind.Adopt or SlotKind.AdoptLatin1:
                WriteAdopted(ref slot);
                break;
            case SlotKind.Handle:
                slot.Data = Unsafe.As<JsValue>(_reference)!.Live;
                break;
            default:
                break;
        }
    }

    private unsafe void WriteAdopted(ref Slot slot)
    {
        slot.Length = _bits;
        if (_data != 0)
        {
            slot.Data = _data;
            slot.Cookie = AdoptedBuffers.Add((IDisposable)_reference!, default);
        }
        else
        {
            MemoryHandle pin = _memory.Pin();
            slot.Data = (nint)pin.Pointer;
            slot.Cookie = AdoptedBuffers.Add((IDisposable?)_reference, pin);
        }
    }

    internal SlotKind Kind => _kind;

    /// <summary>The borrowed handle, if the argument is one.</summary>
    internal JsValue? Handle => _kind == SlotKind.Handle ? Unsafe.As<JsValue>(_reference) : null;

    /// <summary>Keeps a borrowed handle alive up to this point of the code.</summary>
    internal void KeepAlive() => GC.KeepAlive(_reference);
}
