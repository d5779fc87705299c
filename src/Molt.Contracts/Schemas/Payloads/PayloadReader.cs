using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Molt.Contracts.Schemas;

/// <summary>
/// Reads the forms of a payload one after the other. It accepts only the one form each value has, never reads past the end,
/// and checks lengths before it allocates. What it cannot know, the constraints of a schema, is for
/// <see cref="PayloadCodec.Validate"/>: validate first, then read.
/// </summary>
public ref partial struct PayloadReader
{
    private readonly ReadOnlySpan<byte> _data;
    private readonly int _maxDepth;
    private readonly int _maxItems;
    private readonly int _maxBytes;
    private int _position;
    private int _depth;

    public PayloadReader(ReadOnlySpan<byte> payload, in PayloadLimits limits = default)
    {
        _data = payload;
        _maxDepth = limits.MaxDepth;
        _maxItems = limits.MaxItems;
        _maxBytes = limits.MaxBytes;
    }

    /// <summary>Bytes read so far.</summary>
    public readonly int Position => _position;

    /// <summary>Whether the next value is nil.</summary>
    public readonly bool IsNil => _position < _data.Length && _data[_position] == PayloadCode.Nil;

    internal PayloadFailure? Failure { get; private set; }

    public bool TryReadNil()
    {
        if (!IsNil)
        {
            return false;
        }

        _position++;
        return true;
    }

    public bool ReadBool() => TryBool(out var value) ? value : Throw<bool>();

    /// <summary>An integer within bounds, those of its type at least.</summary>
    public long ReadInteger(long least = long.MinValue, long most = long.MaxValue)
    {
        if (!TryInteger(out var value))
        {
            Throw();
        }

        if (value < least || value > most)
        {
            FailRange(value, least, most);
            Throw();
        }

        return value;
    }

    public ulong ReadUInt64() => TryUnsigned(out var value) ? value : Throw<ulong>();

    public float ReadFloat32() => TryFloat32(out var value) ? value : Throw<float>();

    public double ReadFloat64() => TryFloat64(out var value) ? value : Throw<double>();

    /// <summary>A string as the UTF-8 it is in the payload.</summary>
    public ReadOnlySpan<byte> ReadUtf8()
    {
        if (!TryText(out var text))
        {
            Throw();
        }

        return text;
    }

    public string ReadString() => Encoding.UTF8.GetString(ReadUtf8());

    /// <summary>Bytes as they are in the payload.</summary>
    public ReadOnlySpan<byte> ReadBinary()
    {
        if (!TryBinary(out var bytes))
        {
            Throw();
        }

        return bytes;
    }

    public byte[] ReadBytes() => ReadBinary().ToArray();

    public Guid ReadUuid() => TryBinary(out var bytes) && IsUuid(bytes.Length) ? new Guid(bytes, bigEndian: true) : Throw<Guid>();

    public DateTimeOffset ReadTimestamp() =>
        DateTimeOffset.UnixEpoch.AddTicks(ReadInteger(-ScalarKinds.SafeInteger, ScalarKinds.SafeInteger) * TimeSpan.TicksPerMicrosecond);

    public TimeSpan ReadDuration() => new(ReadInteger(-ScalarKinds.SafeInteger, ScalarKinds.SafeInteger) * TimeSpan.TicksPerMicrosecond);

    public decimal ReadDecimal()
    {
        if (!TryDecimal(out var text))
        {
            Throw();
        }

        return decimal.Parse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
    }

    /// <summary>Any JSON value.</summary>
    public JsonElement ReadJson()
    {
        var start = _position;
        if (!PayloadValidator.CheckJson(ref this))
        {
            Throw();
        }

        return JsonElement.Parse(PayloadJsonWriter.Write(PayloadPlan.Json, _data[start.._position]));
    }

    /// <summary>The number of an enum value or variant, below a count.</summary>
    public int ReadIndex(int count) => TryIndex(count, out var index) ? index : Throw<int>();

    /// <summary>Begins a list, record or union and gives the number of its items; <see cref="End"/> ends it.</summary>
    public int BeginArray() => TryBeginArray(out var count) ? count : Throw<int>();

    /// <summary>Begins a record and gives the number of fields that are written, at most those there are.</summary>
    public int BeginRecord(int fields) => TryBeginRecord(fields, out var count) ? count : Throw<int>();

    /// <summary>Begins a map and gives the number of its entries; <see cref="End"/> ends it.</summary>
    public int BeginMap() => TryBeginMap(out var count) ? count : Throw<int>();

    /// <summary>Ends the innermost list, record, union or map.</summary>
    public void End() => _depth--;

    /// <summary>Refuses bytes behind the value.</summary>
    public void Finish()
    {
        if (!TryFinish())
        {
            Throw();
        }
    }

    /// <summary>Says that a required field is absent.</summary>
    [DoesNotReturn]
    public void ThrowMissing(string field)
    {
        Fail(PayloadFaultKind.Missing, "a required field is absent.");
        Failure!.At(PayloadPath.Member(field));
        Throw();
    }

    internal readonly ReadOnlySpan<byte> Since(int start) => _data[start.._position];

    internal bool Fail(PayloadFaultKind kind, string message)
    {
        Failure = new PayloadFailure(kind, message);
        return false;
    }

    internal bool FailAt(PayloadFaultKind kind, string message, string step)
    {
        Fail(kind, message);
        Failure!.At(step);
        return false;
    }

    internal bool FailRange<T>(T value, T least, T most) => Fail(PayloadFaultKind.OutOfRange, string.Create(CultureInfo.InvariantCulture, $"{value} is not within {least} and {most}."));

    internal bool TryFinish() =>
        _position == _data.Length || Fail(PayloadFaultKind.Trailing, string.Create(CultureInfo.InvariantCulture, $"{_data.Length - _position} bytes follow the value."));

    internal bool TryStart() =>
        _data.Length <= _maxBytes || Fail(PayloadFaultKind.TooLarge, string.Create(CultureInfo.InvariantCulture, $"the payload has {_data.Length} bytes; the limit is {_maxBytes}."));

    [DoesNotReturn]
    private readonly void Throw() => throw new PayloadException(Failure!.ToFault());

    [DoesNotReturn]
    private readonly T Throw<T>() => throw new PayloadException(Failure!.ToFault());
}
