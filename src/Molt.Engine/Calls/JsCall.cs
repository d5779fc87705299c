using System.Globalization;

namespace Molt.Engine;

/// <summary>
/// A call from JavaScript in progress: its arguments and its result. Valid during the callback only; nothing here
/// allocates except where a string or a handle is made. Reading an argument as a type it does not have throws
/// <see cref="JsArgumentException"/>, which the caller sees as a TypeError. Missing arguments are undefined.
/// </summary>
public unsafe ref struct JsCall
{
    private readonly nint _call;
    private readonly Slot* _args;
    private readonly Slot* _result;

    internal JsCall(JsIsolate isolate, nint call, Slot* args, int count, Slot* result)
    {
        Isolate = isolate;
        _call = call;
        _args = args;
        Count = count;
        _result = result;
    }

    /// <summary>The isolate of the call.</summary>
    public JsIsolate Isolate { get; }

    /// <summary>How many arguments were passed.</summary>
    public int Count { get; }

    public readonly bool IsUndefined(int index) => KindOf(index) == SlotKind.Undefined;

    public readonly bool IsNull(int index) => KindOf(index) == SlotKind.Null;

    public readonly bool IsNullOrUndefined(int index) => KindOf(index) is SlotKind.Undefined or SlotKind.Null;

    public readonly bool IsString(int index) => KindOf(index) == SlotKind.String;

    public readonly bool IsNumber(int index) => KindOf(index) is SlotKind.Int32 or SlotKind.Number;

    public readonly bool IsBytes(int index) => KindOf(index) == SlotKind.Bytes;

    /// <summary>Whether the arguments are as many as the signature has, each of its kind.</summary>
    public readonly bool Matches(JsSignature signature)
    {
        var masks = signature.Masks;
        if (Count != masks.Length)
        {
            return false;
        }

        for (int i = 0; i < masks.Length; i++)
        {
            if (((masks[i] >> (int)_args[i].Kind) & 1) == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The number; NaN when undefined.</summary>
    public readonly double Number(int index) => KindOf(index) switch
    {
        SlotKind.Int32 or SlotKind.Number => _args[index].Number,
        SlotKind.Undefined => double.NaN,
        _ => throw new JsArgumentException(index, "a number"),
    };

    /// <summary>The number truncated towards zero and clamped to the range; 0 when it is NaN or undefined.</summary>
    public readonly int Int32(int index)
    {
        double number = Number(index);
        return double.IsNaN(number) ? 0 : (int)Math.Clamp(number, int.MinValue, int.MaxValue);
    }

    /// <summary>The number truncated towards zero and clamped to the range; 0 when it is NaN or undefined.</summary>
    public readonly long Int64(int index)
    {
        double number = Number(index);
        return number switch
        {
            double.NaN => 0,
            >= long.MaxValue => long.MaxValue,
            <= long.MinValue => long.MinValue,
            _ => (long)number,
        };
    }

    /// <summary>The BigInt, wrapped to 64 bits.</summary>
    public readonly long BigInt(int index) => KindOf(index) == SlotKind.BigInt ? _args[index].Integer : throw new JsArgumentException(index, "a BigInt");

    /// <summary>The boolean; false when undefined.</summary>
    public readonly bool Boolean(int index) => KindOf(index) switch
    {
        SlotKind.Bool => _args[index].Number != 0,
        SlotKind.Undefined => false,
        _ => throw new JsArgumentException(index, "a boolean"),
    };

    /// <summary>The string, unit for unit. Numbers and booleans are converted as JavaScript does.</summary>
    public readonly string String(int index)
    {
        switch (KindOf(index))
        {
            case SlotKind.String:
                return string.Create(checked((int)_args[index].Length), (_call, index), static (span, source) =>
                {
                    fixed (char* data = span)
                    {
                        Native.molt_call_string_utf16(source._call, source.index, data, span.Length);
                    }
                });
            case SlotKind.Int32:
                return ((int)_args[index].Number).ToString(CultureInfo.InvariantCulture);
            case SlotKind.Bool:
                return _args[index].Number != 0 ? "true" : "false";
            default:
                throw new JsArgumentException(index, "a string");
        }
    }

    /// <summary>Code units of the string.</summary>
    public readonly int StringLength(int index) => checked((int)StringSlot(index)->Length);

    /// <summary>Every unit of the string fits one byte.</summary>
    public readonly bool IsLatin1(int index) => (StringSlot(index)->Flags & Slot.Latin1Flag) != 0;

    /// <summary>Copies the string, one byte per unit (units past 255 lose their high byte). Returns the units copied.</summary>
    public readonly int CopyLatin1(int index, Span<byte> destination)
    {
        _ = StringSlot(index);
        fixed (byte* data = destination)
        {
            return (int)Native.molt_call_string_latin1(_call, index, data, destination.Length);
        }
    }

    /// <summary>Bytes the string takes as UTF-8.</summary>
    public readonly int Utf8Length(int index)
    {
        _ = StringSlot(index);
        return checked((int)Native.molt_call_string_utf8_length(_call, index));
    }

    /// <summary>Copies the string as UTF-8, lone surrogates as U+FFFD. Returns the bytes written; only whole characters are.</summary>
    public readonly int CopyUtf8(int index, Span<byte> destination)
    {
        _ = StringSlot(index);
        fixed (byte* data = destination)
        {
            return (int)Native.molt_call_string_utf8(_call, index, data, destination.Length);
        }
    }

    /// <summary>The memory of an ArrayBuffer view. Valid until the callback returns or calls back into JavaScript.</summary>
    public readonly ReadOnlySpan<byte> Bytes(int index) => KindOf(index) == SlotKind.Bytes
        ? new ReadOnlySpan<byte>((void*)_args[index].Data, checked((int)_args[index].Length))
        : throw new JsArgumentException(index, "an ArrayBuffer view");

    /// <summary>Keeps the memory of an ArrayBuffer view alive without copying.</summary>
    public readonly JsBuffer Retain(int index)
    {
        if (KindOf(index) != SlotKind.Bytes)
        {
            throw new JsArgumentException(index, "an ArrayBuffer view");
        }
        nint data;
        long length;
        nint buffer = Native.molt_call_buffer(_call, index, &data, &length);
        return buffer != 0 ? new JsBuffer(buffer, data, length) : throw new JsArgumentException(index, "an ArrayBuffer view");
    }

    /// <summary>The argument as a value of its own.</summary>
    public readonly JsValue Value(int index)
    {
        switch (KindOf(index))
        {
            case SlotKind.Undefined when index >= Count:
                return JsValue.Undefined;
            case SlotKind.String or SlotKind.Bytes or SlotKind.Object or SlotKind.Handle:
                nint pointer = Native.molt_call_handle(_call, index);
                return pointer != 0 ? new JsValue(Isolate, pointer) : throw new JsDisposedException();
            default:
                return JsValue.FromSlot(Isolate, in _args[index]);
        }
    }

    /// <summary>Sets the result. A handle is borrowed until the isolate's next call or the end of the scope, so it may be disposed at once.</summary>
    public readonly void Return(in JsArg value) => ResultScratch.Write(Isolate, in value, _result);

    public readonly void Return(bool value) => Return(JsArg.From(value));

    public readonly void Return(int value) => Return(JsArg.From(value));

    public readonly void Return(long value) => Return(JsArg.From(value));

    public readonly void Return(double value) => Return(JsArg.From(value));

    public readonly void Return(string? value) => Return(JsArg.From(value));

    public readonly void Return(JsValue? value) => Return(JsArg.From(value));

    /// <summary>Throws a new error in JavaScript when the callback returns.</summary>
    public readonly void Throw(JsErrorKind kind, string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        fixed (char* data = message)
        {
            var slot = new Slot { Kind = SlotKind.Utf16, Length = message.Length, Data = (nint)data };
            Native.molt_throw(Isolate.Pointer, (int)kind, &slot);
        }
    }

    /// <summary>Throws a value in JavaScript when the callback returns.</summary>
    public readonly void Throw(JsValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Isolate.ThrowValue(value);
    }

    private readonly SlotKind KindOf(int index) => (uint)index < (uint)Count ? _args[index].Kind : SlotKind.Undefined;

    private readonly Slot* StringSlot(int index) => KindOf(index) == SlotKind.String
        ? _args + index
        : throw new JsArgumentException(index, "a string");
}
