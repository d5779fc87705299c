using System.Globalization;

namespace Molt.Contracts.Schemas;

/// <summary>
/// Makes schemas in C#:
/// <code>
/// var greet = new SchemaBuilder("schema://acme/greet/v1")
///     .Field("name", SchemaBuilder.String(maxLength: 80))
///     .Field("times", SchemaBuilder.Optional(SchemaBuilder.Integer(ScalarKind.Int32, ge: 1), "1"))
///     .Build();
/// </code>
/// </summary>
public sealed class SchemaBuilder
{
    private readonly string _id;
    private readonly SortedDictionary<string, SchemaType> _definitions = new(StringComparer.Ordinal);
    private readonly List<SchemaFault> _faults = [];
    private readonly List<RecordField> _fields = [];
    private SchemaType? _type;
    private string? _doc;
    private SchemaCoercion _coercion;

    public SchemaBuilder(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        _id = id;
    }

    public static ScalarType Bool { get; } = new(ScalarKind.Bool);

    public static ScalarType Int32 { get; } = new(ScalarKind.Int32);

    public static ScalarType Int53 { get; } = new(ScalarKind.Int53);

    public static ScalarType Int64 { get; } = new(ScalarKind.Int64);

    public static ScalarType UInt8 { get; } = new(ScalarKind.UInt8);

    public static ScalarType UInt16 { get; } = new(ScalarKind.UInt16);

    public static ScalarType UInt32 { get; } = new(ScalarKind.UInt32);

    public static ScalarType Float32 { get; } = new(ScalarKind.Float32);

    public static ScalarType Float64 { get; } = new(ScalarKind.Float64);

    public static ScalarType Text { get; } = new(ScalarKind.String);

    public static ScalarType Binary { get; } = new(ScalarKind.Bytes);

    public static ScalarType Timestamp { get; } = new(ScalarKind.Timestamp);

    public static ScalarType Duration { get; } = new(ScalarKind.Duration);

    public static ScalarType Uuid { get; } = new(ScalarKind.Uuid);

    public static ScalarType Json { get; } = new(ScalarKind.Json);

    /// <summary>An unconstrained scalar.</summary>
    public static ScalarType Scalar(ScalarKind kind) => new(kind);

    /// <summary>An integer, timestamp, duration or decimal with bounds.</summary>
    public static ScalarType Integer(ScalarKind kind, decimal? ge = null, decimal? le = null) => new(kind) { Ge = ge, Le = le };

    /// <summary>A float64 with bounds.</summary>
    public static ScalarType Float(double? ge = null, double? le = null) => new(ScalarKind.Float64) { FloatGe = ge, FloatLe = le };

    public static ScalarType String(int? minLength = null, int? maxLength = null, string? pattern = null, string? format = null) =>
        new(ScalarKind.String) { MinLength = minLength, MaxLength = maxLength, Pattern = pattern, Format = format };

    public static ScalarType Bytes(int? minLength = null, int? maxLength = null) => new(ScalarKind.Bytes) { MinLength = minLength, MaxLength = maxLength };

    public static ListType List(SchemaType items, int? minItems = null, int? maxItems = null) => new(items) { MinItems = minItems, MaxItems = maxItems };

    public static MapType Map(ScalarKind keys, SchemaType values, int? minItems = null, int? maxItems = null) =>
        new(keys, values) { MinItems = minItems, MaxItems = maxItems };

    public static RecordType Record(params RecordField[] fields) => new(fields);

    public static EnumType Enum(params string[] values) => new(values);

    public static UnionType Union(params UnionVariant[] variants) => new(variants);

    /// <param name="of">The type of the value when there is one.</param>
    /// <param name="defaultJson">What an absent field means, as JSON text.</param>
    public static OptionalType Optional(SchemaType of, string? defaultJson = null) => new(of) { Default = defaultJson };

    public static StreamType Stream(SchemaType of) => new(of);

    public static RefType Ref(string name) => new(name);

    public SchemaBuilder Doc(string doc)
    {
        _doc = doc;
        return this;
    }

    /// <summary>Lets JSON and value encoders convert between text and numbers; payload bytes are never converted.</summary>
    public SchemaBuilder Lax()
    {
        _coercion = SchemaCoercion.Lax;
        return this;
    }

    /// <summary>Names a type, for <see cref="Ref"/>.</summary>
    public SchemaBuilder Define(string name, SchemaType type)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(type);
        if (!_definitions.TryAdd(name, type))
        {
            _faults.Add(new SchemaFault("$.definitions", string.Create(CultureInfo.InvariantCulture, $"\"{name}\" is defined twice; give one another name.")));
        }

        return this;
    }

    /// <summary>Adds a field to the top record, which is the schema's type unless <see cref="Type"/> gives one.</summary>
    public SchemaBuilder Field(string name, SchemaType type, string? doc = null)
    {
        _fields.Add(new RecordField(name, type) { Doc = doc });
        return this;
    }

    /// <summary>The schema's type, when it is not a record of <see cref="Field"/>s.</summary>
    public SchemaBuilder Type(SchemaType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        _type = type;
        return this;
    }

    /// <exception cref="SchemaException">SCH001, with everything that is wrong.</exception>
    public Schema Build()
    {
        var faults = new List<SchemaFault>(_faults);
        if (_type is not null && _fields.Count > 0)
        {
            faults.Add(new SchemaFault("$.type", "has a type and fields; use Type or Field, not both."));
        }

        if (!SchemaId.TryParse(_id, out var id))
        {
            faults.Add(new SchemaFault("$.id", SchemaId.Rule(_id)));
        }

        return Schema.Create(new SchemaDraft(id, _doc, _coercion, _definitions, _type ?? new RecordType([.. _fields])), faults);
    }
}
