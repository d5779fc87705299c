using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace Molt.Contracts.Schemas;

// The forms of MessagePack, each with the checks that hold for it under any schema. A method that gives false has set Failure.
public ref partial struct PayloadReader
{
    internal bool TryBool(out bool value)
    {
        if (_position < _data.Length && (uint)(_data[_position] - PayloadCode.False) <= 1)
        {
            value = _data[_position++] == PayloadCode.True;
            return true;
        }

        value = false;
        return FailType("true or false");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryInteger(out long value)
    {
        if (_position < _data.Length)
        {
            value = (sbyte)_data[_position];
            if (value >= -32)
            {
                _position++;
                return true;
            }
        }

        return TryLongInteger(out value);
    }

    internal bool TryUnsigned(out ulong value)
    {
        value = 0;
        if (!TryWideInteger(out var number, out var isNegative))
        {
            return false;
        }

        value = number;
        return !isNegative || Fail(PayloadFaultKind.OutOfRange, "the number is negative.");
    }

    internal bool TryFloat32(out float value)
    {
        value = 0;
        if (!Next(PayloadCode.Float32, "a float32") || !Has(1 + sizeof(float)))
        {
            return false;
        }

        value = BinaryPrimitives.ReadSingleBigEndian(_data[(_position + 1)..]);
        if (float.IsNaN(value) && BitConverter.SingleToUInt32Bits(value) != PayloadCode.CanonicalNaN32)
        {
            return Fail(PayloadFaultKind.NonCanonical, "NaN has one form, 7fc00000.");
        }

        _position += 1 + sizeof(float);
        return true;
    }

    internal bool TryFloat64(out double value)
    {
        value = 0;
        if (!Next(PayloadCode.Float64, "a float64") || !Has(1 + sizeof(double)))
        {
            return false;
        }

        value = BinaryPrimitives.ReadDoubleBigEndian(_data[(_position + 1)..]);
        if (double.IsNaN(value) && BitConverter.DoubleToUInt64Bits(value) != PayloadCode.CanonicalNaN64)
        {
            return Fail(PayloadFaultKind.NonCanonical, "NaN has one form, 7ff8000000000000.");
        }

        _position += 1 + sizeof(double);
        return true;
    }

    internal bool TryText(out ReadOnlySpan<byte> text)
    {
        text = default;
        if (_position >= _data.Length)
        {
            return FailTruncated();
        }

        var code = _data[_position];
        int header;
        uint length;
        if ((code & 0xe0) == PayloadCode.FixStr)
        {
            header = 1;
            length = code & 0x1fu;
        }
        else if (!TryLength(code - PayloadCode.Str8, "a string", PayloadCode.LongestFixStr, out header, out length))
        {
            return false;
        }

        if (!TryTake(header, length, out text))
        {
            return false;
        }

        return Utf8.IsValid(text) || Fail(PayloadFaultKind.Mistyped, "the string is not valid UTF-8.");
    }

    internal bool TryBinary(out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (_position >= _data.Length)
        {
            return FailTruncated();
        }

        return TryLength(_data[_position] - PayloadCode.Bin8, "bytes", longestInShorterForm: -1, out var header, out var length) && TryTake(header, length, out bytes);
    }

    internal bool IsUuid(int length) =>
        length == 16 || Fail(PayloadFaultKind.OutOfRange, string.Create(CultureInfo.InvariantCulture, $"a uuid has 16 bytes, not {length}."));

    internal bool TryDecimal(out ReadOnlySpan<byte> text)
    {
        if (!TryText(out text))
        {
            return false;
        }

        return DecimalText.Judge(text) switch
        {
            DecimalTextState.Canonical => true,
            DecimalTextState.OtherForm => Fail(PayloadFaultKind.NonCanonical, "a decimal has no zeros that do not count, and 0 no sign."),
            DecimalTextState.TooLong => Fail(PayloadFaultKind.OutOfRange, "a decimal has at most 28 digits, and at most 28 behind the point."),
            _ => Fail(PayloadFaultKind.Mistyped, "the string is not a decimal number."),
        };
    }

    internal bool TryIndex(int count, out int index)
    {
        index = 0;
        if (!TryWideInteger(out var number, out var isNegative))
        {
            return false;
        }

        if (isNegative || number >= (ulong)count)
        {
            return Fail(PayloadFaultKind.Unknown, string.Create(CultureInfo.InvariantCulture, $"there is no choice with this number; there are {count}, from 0."));
        }

        index = (int)number;
        return true;
    }

    internal bool TryBeginRecord(int fields, out int count)
    {
        if (!TryHeader(PayloadCode.FixArray, PayloadCode.Array16, "a record", bytesPerItem: 1, out count))
        {
            return false;
        }

        return count <= fields || Fail(PayloadFaultKind.Unknown, string.Create(CultureInfo.InvariantCulture, $"the record has {count} fields; the schema has {fields}."));
    }

    internal bool TryBeginArray(out int count) => TryHeader(PayloadCode.FixArray, PayloadCode.Array16, "a list", bytesPerItem: 1, out count);

    internal bool TryBeginMap(out int count) => TryHeader(PayloadCode.FixMap, PayloadCode.Map16, "a map", bytesPerItem: 2, out count);

    /// <summary>The next byte, which must exist.</summary>
    internal bool TryPeek(out byte code)
    {
        code = 0;
        if (_position >= _data.Length)
        {
            return FailTruncated();
        }

        code = _data[_position];
        return true;
    }

    internal bool FailType(string wanted) => _position < _data.Length
        ? Fail(PayloadFaultKind.Mistyped, $"{wanted} is wanted; there is {NameOf(_data[_position])}.")
        : FailTruncated();

    private static string NameOf(byte code) => code switch
    {
        <= PayloadCode.LastPositiveFix or >= PayloadCode.FirstNegativeFix or (>= PayloadCode.UInt8 and <= PayloadCode.Int64) => "an integer",
        < PayloadCode.FixArray or PayloadCode.Map16 or PayloadCode.Map32 => "a map",
        < PayloadCode.FixStr or PayloadCode.Array16 or PayloadCode.Array32 => "an array",
        < PayloadCode.Nil or (>= PayloadCode.Str8 and <= PayloadCode.Str32) => "a string",
        PayloadCode.Nil => "nil",
        PayloadCode.False or PayloadCode.True => "a boolean",
        >= PayloadCode.Bin8 and <= PayloadCode.Bin32 => "bytes",
        PayloadCode.Float32 => "a float32",
        PayloadCode.Float64 => "a float64",
        _ => "a form that payloads do not have",
    };

    private bool FailTruncated() => Fail(PayloadFaultKind.Truncated, "the payload ends before the value does.");

    private readonly bool Fits(uint bytes) => bytes <= (uint)(_data.Length - _position);

    private bool Has(int bytes) => Fits((uint)bytes) || FailTruncated();

    private bool Next(byte code, string wanted) => (_position < _data.Length && _data[_position] == code) || FailType(wanted);

    private bool TryLongInteger(out long value)
    {
        value = 0;
        if (!TryWideInteger(out var number, out var isNegative))
        {
            return false;
        }

        value = (long)number;
        return isNegative || value >= 0 || Fail(PayloadFaultKind.OutOfRange, string.Create(CultureInfo.InvariantCulture, $"{number} is more than the type holds."));
    }

    /// <summary>Any integer: its bits, and whether they are those of a negative number.</summary>
    private bool TryWideInteger(out ulong value, out bool isNegative)
    {
        value = 0;
        isNegative = false;
        if (_position >= _data.Length)
        {
            return FailTruncated();
        }

        var code = _data[_position];
        if (code <= PayloadCode.LastPositiveFix || code >= PayloadCode.FirstNegativeFix)
        {
            isNegative = code >= PayloadCode.FirstNegativeFix;
            value = (ulong)(long)(sbyte)code;
            _position++;
            return true;
        }

        if (code is < PayloadCode.UInt8 or > PayloadCode.Int64)
        {
            return FailType("an integer");
        }

        var isSigned = code >= PayloadCode.Int8;
        var size = 1 << (code - (isSigned ? PayloadCode.Int8 : PayloadCode.UInt8));
        if (!Has(1 + size))
        {
            return false;
        }

        var bytes = _data.Slice(_position + 1, size);
        value = size switch
        {
            1 => bytes[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(bytes),
            4 => BinaryPrimitives.ReadUInt32BigEndian(bytes),
            _ => BinaryPrimitives.ReadUInt64BigEndian(bytes),
        };
        bool isShortest;
        if (isSigned)
        {
            var shift = 64 - (8 * size);
            var signed = (long)(value << shift) >> shift;
            // The largest negative number that the next shorter form does not hold is one below that form's least.
            isShortest = signed < (size == 1 ? -32 : -(1L << ((4 * size) - 1)));
            value = (ulong)signed;
            isNegative = signed < 0;
        }
        else
        {
            isShortest = value > (size == 1 ? PayloadCode.LastPositiveFix : (1UL << (4 * size)) - 1);
        }

        if (!isShortest)
        {
            return Fail(PayloadFaultKind.NonCanonical, "the integer is not in its shortest form.");
        }

        _position += 1 + size;
        return true;
    }

    /// <summary>The length behind a code that is the 8-, 16- or 32-bit form of strings or bytes (form 0, 1, 2).</summary>
    private bool TryLength(int form, string wanted, int longestInShorterForm, out int header, out uint length)
    {
        header = 0;
        length = 0;
        if (form is < 0 or > 2)
        {
            return FailType(wanted);
        }

        header = 1 + (1 << form);
        if (!Has(header))
        {
            return false;
        }

        var bytes = _data[(_position + 1)..];
        length = form switch
        {
            0 => bytes[0],
            1 => BinaryPrimitives.ReadUInt16BigEndian(bytes),
            _ => BinaryPrimitives.ReadUInt32BigEndian(bytes),
        };
        var longest = form switch
        {
            0 => longestInShorterForm,
            1 => byte.MaxValue,
            _ => ushort.MaxValue,
        };
        return length > longest || Fail(PayloadFaultKind.NonCanonical, "the length is not in its shortest form.");
    }

    private bool TryTake(int header, uint length, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (length > (uint)(_data.Length - _position - header))
        {
            return FailTruncated();
        }

        content = _data.Slice(_position + header, (int)length);
        _position += header + (int)length;
        return true;
    }

    private bool TryHeader(byte fix, byte form16, string wanted, int bytesPerItem, out int count)
    {
        count = 0;
        if (_position >= _data.Length)
        {
            return FailTruncated();
        }

        var code = _data[_position];
        int header;
        uint items;
        if ((code & 0xf0) == fix)
        {
            header = 1;
            items = code & 0x0fu;
        }
        else if (code == form16 || code == form16 + 1)
        {
            header = code == form16 ? 3 : 5;
            if (!Has(header))
            {
                return false;
            }

            var bytes = _data[(_position + 1)..];
            items = code == form16 ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
            if (items <= (code == form16 ? (uint)PayloadCode.MostInFixContainer : ushort.MaxValue))
            {
                return Fail(PayloadFaultKind.NonCanonical, "the number of items is not in its shortest form.");
            }
        }
        else
        {
            return FailType(wanted);
        }

        if (_depth >= _maxDepth)
        {
            return Fail(PayloadFaultKind.TooDeep, string.Create(CultureInfo.InvariantCulture, $"containers are nested deeper than {_maxDepth}."));
        }

        if (items > (uint)_maxItems)
        {
            return Fail(PayloadFaultKind.TooLarge, string.Create(CultureInfo.InvariantCulture, $"{items} items; the limit is {_maxItems}."));
        }

        if ((ulong)items * (uint)bytesPerItem > (uint)(_data.Length - _position - header))
        {
            return FailTruncated();
        }

        _depth++;
        _position += header;
        count = (int)items;
        return true;
    }
}
