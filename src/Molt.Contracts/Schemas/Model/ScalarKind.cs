namespace Molt.Contracts.Schemas;

/// <summary>The scalar types of the schema language. In documents they are written in lower case: <c>int32</c>.</summary>
public enum ScalarKind
{
    Bool,
    Int8,
    Int16,
    Int32,

    /// <summary>An integer that a double holds exactly: within ±(2^53 − 1).</summary>
    Int53,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Float32,
    Float64,
    String,
    Bytes,

    /// <summary>Microseconds since 1970-01-01T00:00:00Z, within ±(2^53 − 1).</summary>
    Timestamp,

    /// <summary>Microseconds, within ±(2^53 − 1).</summary>
    Duration,
    Uuid,

    /// <summary>A decimal number of at most 28 digits, at most 28 of them behind the point.</summary>
    Decimal,

    /// <summary>Any JSON value.</summary>
    Json,
}

/// <summary>What the kinds have in common: names, ranges, groups.</summary>
internal static class ScalarKinds
{
    public const long SafeInteger = 9007199254740991;

    private static readonly string[] Names = Array.ConvertAll(Enum.GetNames<ScalarKind>(), name => name.ToLowerInvariant());

    public static IReadOnlyList<string> All => Names;

    public static string NameOf(ScalarKind kind) => Names[(int)kind];

    public static bool TryParse(string name, out ScalarKind kind)
    {
        var index = Array.IndexOf(Names, name);
        kind = index < 0 ? default : (ScalarKind)index;
        return index >= 0;
    }

    /// <summary>The kind of a name that is known to be one.</summary>
    public static ScalarKind Parse(string name) => (ScalarKind)Array.IndexOf(Names, name);

    public static bool IsInteger(ScalarKind kind) => kind is >= ScalarKind.Int8 and <= ScalarKind.UInt64;

    public static bool IsFloat(ScalarKind kind) => kind is ScalarKind.Float32 or ScalarKind.Float64;

    public static bool IsMapKey(ScalarKind kind) =>
        kind is ScalarKind.String || (IsInteger(kind) && kind is not (ScalarKind.Int64 or ScalarKind.UInt64));

    /// <summary>Whether values are integers in a payload.</summary>
    public static bool IsIntegral(ScalarKind kind) => IsInteger(kind) || kind is ScalarKind.Timestamp or ScalarKind.Duration;

    /// <summary>The smallest and largest value of a kind that is an integer in a payload.</summary>
    public static (decimal Least, decimal Most) RangeOf(ScalarKind kind) => kind switch
    {
        ScalarKind.Int8 => (sbyte.MinValue, sbyte.MaxValue),
        ScalarKind.Int16 => (short.MinValue, short.MaxValue),
        ScalarKind.Int32 => (int.MinValue, int.MaxValue),
        ScalarKind.Int64 => (long.MinValue, long.MaxValue),
        ScalarKind.UInt8 => (0, byte.MaxValue),
        ScalarKind.UInt16 => (0, ushort.MaxValue),
        ScalarKind.UInt32 => (0, uint.MaxValue),
        ScalarKind.UInt64 => (0, ulong.MaxValue),
        _ => (-SafeInteger, SafeInteger),
    };
}
