namespace Molt.Contracts.Schemas;

/// <summary>
/// Gives a <c>partial record</c> a schema: the source generator makes it an <see cref="ISchemaRecord{TSelf}"/>. How C# types
/// become schema types is in docs/reference/schemas.md.
/// </summary>
/// <param name="id">The schema's id, <c>schema://area/name/vN</c>.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class MoltSchemaAttribute(string id) : Attribute
{
    public string Id { get; } = id;

    /// <summary>What the schema is for.</summary>
    public string? Doc { get; set; }

    /// <summary>Whether JSON of it may be coerced.</summary>
    public SchemaCoercion Coercion { get; set; }
}

/// <summary>Another name for a field or enum value than its C# name in camel case, and what is said about it.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property | AttributeTargets.Field)]
public sealed class SchemaFieldAttribute : Attribute
{
    public string? Name { get; set; }

    public string? Doc { get; set; }

    public bool Deprecated { get; set; }
}

/// <summary>The scalar a field has when its C# type alone does not say it: <see cref="ScalarKind.Int53"/> for a long.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public sealed class SchemaKindAttribute(ScalarKind kind) : Attribute
{
    public ScalarKind Kind { get; } = kind;
}

/// <summary>
/// Bounds of a number, timestamp or duration (in microseconds), as JSON writes them. Leave one out with null. In a list or map
/// they hold for the items.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public sealed class SchemaRangeAttribute : Attribute
{
    public SchemaRangeAttribute(long least, long most)
        : this(least.ToString(System.Globalization.CultureInfo.InvariantCulture), most.ToString(System.Globalization.CultureInfo.InvariantCulture))
    {
    }

    public SchemaRangeAttribute(double least, double most)
        : this(EcmaNumber.Text(least), EcmaNumber.Text(most))
    {
    }

    public SchemaRangeAttribute(string? least, string? most)
    {
        Least = least;
        Most = most;
    }

    public string? Least { get; }

    public string? Most { get; }
}

/// <summary>How long a string (in code points), bytes, a list or a map may be.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public sealed class SchemaLengthAttribute(int least, int most = int.MaxValue) : Attribute
{
    public int Least { get; } = least;

    public int Most { get; } = most;
}

/// <summary>A regular expression that a string must match somewhere.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public sealed class SchemaPatternAttribute(string pattern) : Attribute
{
    public string Pattern { get; } = pattern;
}

/// <summary>A format of a string: email, uri, hostname, ipv4, ipv6, date or time.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public sealed class SchemaFormatAttribute(string format) : Attribute
{
    public string Format { get; } = format;
}
