namespace Molt.Contracts.Schemas;

/// <summary>
/// A type of the schema language. Types are immutable and may be shared between schemas; whether they make sense is checked
/// when a <see cref="Schema"/> is made of them.
/// </summary>
public abstract class SchemaType
{
    private protected SchemaType()
    {
    }

    /// <summary>The word that documents use for it: <c>int32</c>, <c>list</c>, <c>record</c>.</summary>
    public abstract string Kind { get; }
}

/// <summary>A value without parts. Which constraints a kind takes is in docs/reference/schemas.md.</summary>
public sealed class ScalarType(ScalarKind scalar) : SchemaType
{
    /// <summary>Which scalar.</summary>
    public ScalarKind Scalar { get; } = scalar;

    public override string Kind => ScalarKinds.NameOf(Scalar);

    /// <summary>Smallest value of an integer, timestamp, duration (microseconds) or decimal.</summary>
    public decimal? Ge { get; init; }

    /// <summary>Largest value of an integer, timestamp, duration (microseconds) or decimal.</summary>
    public decimal? Le { get; init; }

    /// <summary>Smallest value of a float.</summary>
    public double? FloatGe { get; init; }

    /// <summary>Largest value of a float.</summary>
    public double? FloatLe { get; init; }

    /// <summary>Code points of a string, or bytes.</summary>
    public int? MinLength { get; init; }

    /// <summary>Code points of a string, or bytes.</summary>
    public int? MaxLength { get; init; }

    /// <summary>A regular expression that must match somewhere in the string.</summary>
    public string? Pattern { get; init; }

    /// <summary>One of email, uri, hostname, ipv4, ipv6, date, time.</summary>
    public string? Format { get; init; }
}

/// <summary>Any number of values of one type, in order.</summary>
public sealed class ListType(SchemaType items) : SchemaType
{
    public override string Kind => "list";

    public SchemaType Items { get; } = items;

    public int? MinItems { get; init; }

    public int? MaxItems { get; init; }
}

/// <summary>Values under distinct keys.</summary>
public sealed class MapType(ScalarKind keys, SchemaType values) : SchemaType
{
    public override string Kind => "map";

    /// <summary>String, or an integer of at most 53 bits.</summary>
    public ScalarKind Keys { get; } = keys;

    public SchemaType Values { get; } = values;

    public int? MinItems { get; init; }

    public int? MaxItems { get; init; }
}

/// <summary>A fixed set of named fields. Records are closed: there is nothing besides their fields.</summary>
public sealed class RecordType(IReadOnlyList<RecordField> fields) : SchemaType
{
    public override string Kind => "record";

    public IReadOnlyList<RecordField> Fields { get; } = fields;
}

/// <summary>A field of a record. Payloads know it by its place, people and JSON by its name.</summary>
public sealed class RecordField(string name, SchemaType type)
{
    public string Name { get; } = name;

    public SchemaType Type { get; } = type;

    public string? Doc { get; init; }

    public bool Deprecated { get; init; }
}

/// <summary>One of several names.</summary>
public sealed class EnumType(IReadOnlyList<string> values) : SchemaType
{
    public override string Kind => "enum";

    public IReadOnlyList<string> Values { get; } = values;
}

/// <summary>A value of one of several types, with the name of which.</summary>
public sealed class UnionType(IReadOnlyList<UnionVariant> variants) : SchemaType
{
    public override string Kind => "union";

    public IReadOnlyList<UnionVariant> Variants { get; } = variants;
}

/// <summary>A named alternative of a union.</summary>
public sealed class UnionVariant(string name, SchemaType type)
{
    public string Name { get; } = name;

    public SchemaType Type { get; } = type;

    public string? Doc { get; init; }
}

/// <summary>A value, or nothing.</summary>
public sealed class OptionalType(SchemaType of) : SchemaType
{
    public override string Kind => "optional";

    public SchemaType Of { get; } = of;

    /// <summary>What an absent field means, as JSON text (<c>1</c>, <c>"red"</c>); null when absence has its own meaning.</summary>
    public string? Default { get; init; }
}

/// <summary>Values of one type over time. A payload holds the stream's handle.</summary>
public sealed class StreamType(SchemaType of) : SchemaType
{
    public override string Kind => "stream";

    public SchemaType Of { get; } = of;
}

/// <summary>A type of the schema's definitions, by name.</summary>
public sealed class RefType(string name) : SchemaType
{
    public override string Kind => "ref";

    public string Name { get; } = name;
}

/// <summary>Stands where a document had a type that could not be read, so that the rest is still checked.</summary>
internal sealed class UnreadableType : SchemaType
{
    public static readonly UnreadableType Instance = new();

    public override string Kind => "unreadable";
}
