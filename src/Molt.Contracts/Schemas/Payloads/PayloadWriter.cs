using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Molt.Contracts.Schemas;

/// <summary>
/// Writes the forms of a payload, each value in its one form. What depends on the schema, the constraints and which fields are
/// absent, is for its caller; <see cref="SchemaRecord"/> and <see cref="PayloadCodec"/> see to it.
/// Call <see cref="Flush"/> at the end.
/// </summary>
public ref struct PayloadWriter
{
    private const int SmallestChunk = 256;

    private readonly IBufferWriter<byte> _output;
    private readonly int _maxBytes;
    private readonly int _maxDepth;
    private readonly int _maxItems;
    private Span<byte> _chunk;
    private int _used;
    private long _flushed;
    private int _depth;

    public PayloadWriter(IBufferWriter<byte> output, in PayloadLimits limits = default)
    {
        ArgumentNullException.ThrowIfNull(output);
        _output = output;
        _maxBytes = limits.MaxBytes;
        _maxDepth = limits.MaxDepth;
        _maxItems = limits.MaxItems;
    }

    public void WriteNil() => Take(1)[0] = PayloadCode.Nil;

    public void WriteBool(bool value) => Take(1)[0] = value ? PayloadCode.True : PayloadCode.False;

    public void WriteInteger(long value)
    {
        if (value >= 0)
        {
            WriteUInt64((ulong)value);
        }
        else if (value >= -32)
        {
            Take(1)[0] = (byte)value;
        }
        else
        {
            var form = value >= sbyte.MinValue ? 0 : value >= short.MinValue ? 1 : value >= int.MinValue ? 2 : 3;
            Fixed((byte)(PayloadCode.Int8 + form), (ulong)value, 1 << form);
        }
    }

    public void WriteUInt64(ulong value)
    {
        if (value <= PayloadCode.LastPositiveFix)
        {
            Take(1)[0] = (byte)value;
            return;
        }

        var form = value <= byte.MaxValue ? 0 : value <= ushort.MaxValue ? 1 : value <= uint.MaxValue ? 2 : 3;
        Fixed((byte)(PayloadCode.UInt8 + form), value, 1 << form);
    }

    public void WriteFloat32(float value) =>
        Fixed(PayloadCode.Float32, float.IsNaN(value) ? PayloadCode.CanonicalNaN32 : BitConverter.SingleToUInt32Bits(value), sizeof(float));

    public void WriteFloat64(double value) =>
        Fixed(PayloadCode.Float64, double.IsNaN(value) ? PayloadCode.CanonicalNaN64 : BitConverter.DoubleToUInt64Bits(value), sizeof(double));

    /// <exception cref="PayloadException">The text holds half a character.</exception>
    public void WriteString(scoped ReadOnlySpan<char> text)
    {
        if (text.Length <= PayloadCode.LongestFixStr)
        {
            // Short text, which most is, needs no second pass to count its bytes.
            Span<byte> utf8 = stackalloc byte[PayloadCode.LongestFixStr * 3];
            if (System.Text.Unicode.Utf8.FromUtf16(text, utf8, out _, out var length, replaceInvalidSequences: false) != OperationStatus.Done)
            {
                ThrowHalf();
            }

            WriteUtf8(utf8[..length]);
            return;
        }

        if (text.Length > _maxBytes)
        {
            ThrowTooLarge();
        }

        var size = Encoding.UTF8.GetByteCount(text);
        Header(size);
        var target = Take(size);
        if (System.Text.Unicode.Utf8.FromUtf16(text, target, out _, out _, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            ThrowHalf();
        }
    }

    /// <summary>A string that is UTF-8 already. The caller knows that it is valid.</summary>
    public void WriteUtf8(scoped ReadOnlySpan<byte> text)
    {
        Header(text.Length);
        text.CopyTo(Take(text.Length));
    }

    public void WriteBytes(scoped ReadOnlySpan<byte> bytes)
    {
        var form = bytes.Length <= byte.MaxValue ? 0 : bytes.Length <= ushort.MaxValue ? 1 : 2;
        Fixed((byte)(PayloadCode.Bin8 + form), (ulong)bytes.Length, 1 << form);
        bytes.CopyTo(Take(bytes.Length));
    }

    public void WriteUuid(Guid value)
    {
        var target = Take(18);
        target[0] = PayloadCode.Bin8;
        target[1] = 16;
        value.TryWriteBytes(target[2..], bigEndian: true, out _);
    }

    /// <summary>A point in time, rounded down to a microsecond.</summary>
    public void WriteTimestamp(DateTimeOffset value) => WriteMicroseconds((value.UtcDateTime - DateTime.UnixEpoch).Ticks);

    /// <summary>A duration, rounded down to a microsecond.</summary>
    public void WriteDuration(TimeSpan value) => WriteMicroseconds(value.Ticks);

    /// <exception cref="PayloadException">The number has more than 28 digits.</exception>
    public void WriteDecimal(decimal value)
    {
        Span<byte> text = stackalloc byte[DecimalText.Longest + 2];
        var length = 0;
        if (!value.TryFormat(text, out length, default, CultureInfo.InvariantCulture) || DecimalText.Judge(text[..length]) != DecimalTextState.Canonical)
        {
            var other = DecimalText.Of(value)
                ?? throw new PayloadException(new PayloadFault(PayloadFaultKind.OutOfRange, "$", "a decimal has at most 28 digits, and at most 28 behind the point."));
            length = Encoding.ASCII.GetBytes(other, text);
        }

        WriteUtf8(text[..length]);
    }

    /// <summary>Any JSON value.</summary>
    public void WriteJson(JsonElement value) => PayloadJsonReader.WriteJson(ref this, value);

    /// <summary>Begins a list, record or union; <see cref="End"/> ends it.</summary>
    public void BeginArray(int count) => Container(PayloadCode.FixArray, PayloadCode.Array16, count);

    /// <summary>Begins a map, whose keys the caller writes in order; <see cref="End"/> ends it.</summary>
    public void BeginMap(int count) => Container(PayloadCode.FixMap, PayloadCode.Map16, count);

    /// <summary>Ends the innermost list, record, union or map.</summary>
    public void End() => _depth--;

    /// <summary>Hands what is written to the output.</summary>
    public void Flush()
    {
        if (_used > 0)
        {
            _output.Advance(_used);
            _flushed += _used;
            _used = 0;
        }

        _chunk = default;
    }

    /// <summary>What generated code throws for a required field that is null.</summary>
    public static PayloadException Missing(string field) => new(new PayloadFault(PayloadFaultKind.Missing, PayloadPath.Member("$", field), "a required field is null."));

    /// <summary>What generated code throws for a value that is not one of its enum's.</summary>
    public static PayloadException Unknown(string field) => new(new PayloadFault(PayloadFaultKind.Unknown, PayloadPath.Member("$", field), "the value is none of the enum's names."));

    private static void ThrowHalf() => throw new PayloadException(new PayloadFault(PayloadFaultKind.Mistyped, "$", "the string holds half a character."));

    private readonly void ThrowTooLarge() => throw new PayloadException(
        new PayloadFault(PayloadFaultKind.TooLarge, "$", string.Create(CultureInfo.InvariantCulture, $"the payload would have more than {_maxBytes} bytes.")));

    private void WriteMicroseconds(long ticks)
    {
        var microseconds = Math.DivRem(ticks, TimeSpan.TicksPerMicrosecond, out var rest);
        WriteInteger(rest < 0 ? microseconds - 1 : microseconds);
    }

    private void Header(int length)
    {
        if (length <= PayloadCode.LongestFixStr)
        {
            Take(1)[0] = (byte)(PayloadCode.FixStr | length);
            return;
        }

        var form = length <= byte.MaxValue ? 0 : length <= ushort.MaxValue ? 1 : 2;
        Fixed((byte)(PayloadCode.Str8 + form), (ulong)length, 1 << form);
    }

    private void Container(byte fix, byte form16, int count)
    {
        if (_depth >= _maxDepth)
        {
            throw new PayloadException(new PayloadFault(PayloadFaultKind.TooDeep, "$", string.Create(CultureInfo.InvariantCulture, $"containers are nested deeper than {_maxDepth}.")));
        }

        if (count > _maxItems)
        {
            throw new PayloadException(new PayloadFault(PayloadFaultKind.TooLarge, "$", string.Create(CultureInfo.InvariantCulture, $"{count} items; the limit is {_maxItems}.")));
        }

        _depth++;
        if (count <= PayloadCode.MostInFixContainer)
        {
            Take(1)[0] = (byte)(fix | count);
        }
        else if (count <= ushort.MaxValue)
        {
            Fixed(form16, (ulong)count, sizeof(ushort));
        }
        else
        {
            Fixed((byte)(form16 + 1), (ulong)count, sizeof(uint));
        }
    }

    /// <summary>A code and a number of 1, 2, 4 or 8 bytes.</summary>
    private void Fixed(byte code, ulong value, int size)
    {
        var target = Take(1 + size);
        target[0] = code;
        switch (size)
        {
            case 1:
                target[1] = (byte)value;
                break;
            case 2:
                BinaryPrimitives.WriteUInt16BigEndian(target[1..], (ushort)value);
                break;
            case 4:
                BinaryPrimitives.WriteUInt32BigEndian(target[1..], (uint)value);
                break;
            default:
                BinaryPrimitives.WriteUInt64BigEndian(target[1..], value);
                break;
        }
    }

    private Span<byte> Take(int size)
    {
        if (size > _chunk.Length - _used)
        {
            Grow(size);
        }

        var target = _chunk.Slice(_used, size);
        _used += size;
        return target;
    }

    private void Grow(int size)
    {
        Flush();
        if (_flushed + size > _maxBytes)
        {
            ThrowTooLarge();
        }

        // Never more than the limit leaves, so that what fits the chunk fits the limit.
        _chunk = _output.GetSpan(Math.Max(size, SmallestChunk));
        _chunk = _chunk[..(int)Math.Min(_chunk.Length, _maxBytes - _flushed)];
    }
}
