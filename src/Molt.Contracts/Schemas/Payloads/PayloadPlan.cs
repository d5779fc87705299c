using System.Text.RegularExpressions;

namespace Molt.Contracts.Schemas;

internal enum PayloadOp
{
    Bool,
    Integer,
    UInt64,
    Float32,
    Float64,
    Text,
    Binary,
    Uuid,
    Decimal,
    Json,
    List,
    Map,
    Record,
    Enum,
    Union,
    Optional,
}

/// <summary>
/// A type made ready for the codec: references followed, bounds as numbers, patterns compiled. Plans of recursive types form
/// cycles. They are immutable once made and shared by all threads.
/// </summary>
internal sealed class PayloadPlan
{
    public static readonly PayloadPlan Json = new(PayloadOp.Json, new ScalarType(ScalarKind.Json));

    /// <summary>Lists and objects inside JSON.</summary>
    public static readonly PayloadPlan JsonList = new(PayloadOp.List, Json.Type) { Item = Json };
    public static readonly PayloadPlan JsonMap = new(PayloadOp.Map, Json.Type) { Item = Json, Scalar = ScalarKind.String };

    private PayloadPlan(PayloadOp op, SchemaType type)
    {
        Op = op;
        Type = type;
    }

    public PayloadOp Op { get; }

    /// <summary>The type the plan is of; never a reference. Streams are the integers of their handles.</summary>
    public SchemaType Type { get; }

    /// <summary>The scalar, where it is one; a stream's handle is a uint32.</summary>
    public ScalarKind Scalar { get; private init; }

    public long Least { get; private init; }

    public long Most { get; private init; }

    public ulong LeastUnsigned { get; private init; }

    public ulong MostUnsigned { get; private init; }

    public double LeastFloat { get; private init; } = double.NegativeInfinity;

    public double MostFloat { get; private init; } = double.PositiveInfinity;

    public bool HasFloatBounds { get; private init; }

    public decimal? LeastDecimal { get; private init; }

    public decimal? MostDecimal { get; private init; }

    /// <summary>Items, code points or bytes.</summary>
    public int LeastCount { get; private init; }

    public int MostCount { get; private init; } = int.MaxValue;

    public Regex? Pattern { get; private init; }

    public SchemaFormat Format { get; private init; }

    /// <summary>Names of enum values, variants or fields.</summary>
    public string[] Names { get; private init; } = [];

    /// <summary>Of a list's items, a map's values, an optional's value.</summary>
    public PayloadPlan? Item { get; private set; }

    /// <summary>Of a union's variants.</summary>
    public PayloadPlan[] Variants { get; private set; } = [];

    public PayloadFieldPlan[] Fields { get; private set; } = [];

    public static PayloadPlan Of(Schema schema, SchemaType type) => new Builder(schema).Plan(type);

    /// <summary>Of a scalar or an enum, which need nothing of a schema.</summary>
    public static PayloadPlan OfLeaf(SchemaType type) => new Builder(schema: null).Plan(type);

    private sealed class Builder(Schema? schema)
    {
        private readonly Dictionary<SchemaType, PayloadPlan> _plans = new(ReferenceEqualityComparer.Instance);

        public PayloadPlan Plan(SchemaType type)
        {
            type = schema is null ? type : schema.Resolve(type);
            if (_plans.TryGetValue(type, out var plan))
            {
                return plan;
            }

            plan = Bare(type);
            _plans.Add(type, plan);
            switch (type)
            {
                case ListType list:
                    plan.Item = Plan(list.Items);
                    break;
                case MapType map:
                    plan.Item = Plan(map.Values);
                    break;
                case OptionalType optional:
                    plan.Item = Plan(optional.Of);
                    break;
                case UnionType union:
                    plan.Variants = new PayloadPlan[union.Variants.Count];
                    for (var i = 0; i < plan.Variants.Length; i++)
                    {
                        plan.Variants[i] = Plan(union.Variants[i].Type);
                    }

                    break;
                case RecordType record:
                    plan.Fields = new PayloadFieldPlan[record.Fields.Count];
                    for (var i = 0; i < plan.Fields.Length; i++)
                    {
                        plan.Fields[i] = Field(record.Fields[i]);
                    }

                    break;
            }

            return plan;
        }

        private PayloadFieldPlan Field(RecordField field)
        {
            var type = schema!.Resolve(field.Type);
            var optional = type as OptionalType;
            return new PayloadFieldPlan
            {
                Name = field.Name,
                IsOptional = optional is not null,
                Default = optional is null ? null : schema.DefaultPayload(optional),
                Value = Plan(optional?.Of ?? type),
            };
        }

        private static PayloadPlan Bare(SchemaType type) => type switch
        {
            ScalarType scalar => OfScalar(scalar),
            ListType list => new PayloadPlan(PayloadOp.List, type) { LeastCount = list.MinItems ?? 0, MostCount = list.MaxItems ?? int.MaxValue },
            MapType map => new PayloadPlan(PayloadOp.Map, type)
            {
                Scalar = map.Keys,
                Least = map.Keys == ScalarKind.String ? 0 : (long)ScalarKinds.RangeOf(map.Keys).Least,
                Most = map.Keys == ScalarKind.String ? 0 : (long)ScalarKinds.RangeOf(map.Keys).Most,
                LeastCount = map.MinItems ?? 0,
                MostCount = map.MaxItems ?? int.MaxValue,
            },
            RecordType record => new PayloadPlan(PayloadOp.Record, type) { Names = [.. Names(record.Fields, field => field.Name)] },
            EnumType choice => new PayloadPlan(PayloadOp.Enum, type) { Names = [.. choice.Values] },
            UnionType union => new PayloadPlan(PayloadOp.Union, type) { Names = [.. Names(union.Variants, variant => variant.Name)] },
            OptionalType => new PayloadPlan(PayloadOp.Optional, type),
            StreamType => new PayloadPlan(PayloadOp.Integer, type) { Scalar = ScalarKind.UInt32, Least = 0, Most = uint.MaxValue },
            _ => throw new InvalidOperationException($"A {type.Kind} has no plan."),
        };

        private static IEnumerable<string> Names<T>(IReadOnlyList<T> members, Func<T, string> name)
        {
            foreach (var member in members)
            {
                yield return name(member);
            }
        }

        private static PayloadPlan OfScalar(ScalarType type)
        {
            var kind = type.Scalar;
            switch (kind)
            {
                case ScalarKind.UInt64:
                    return new PayloadPlan(PayloadOp.UInt64, type) { Scalar = kind, LeastUnsigned = (ulong)(type.Ge ?? 0), MostUnsigned = (ulong)(type.Le ?? ulong.MaxValue) };
                case ScalarKind.Float32 or ScalarKind.Float64:
                    return new PayloadPlan(kind == ScalarKind.Float32 ? PayloadOp.Float32 : PayloadOp.Float64, type)
                    {
                        Scalar = kind,
                        LeastFloat = type.FloatGe ?? double.NegativeInfinity,
                        MostFloat = type.FloatLe ?? double.PositiveInfinity,
                        HasFloatBounds = type.FloatGe is not null || type.FloatLe is not null,
                    };
                case ScalarKind.String or ScalarKind.Bytes:
                    return new PayloadPlan(kind == ScalarKind.String ? PayloadOp.Text : PayloadOp.Binary, type)
                    {
                        Scalar = kind,
                        LeastCount = type.MinLength ?? 0,
                        MostCount = type.MaxLength ?? int.MaxValue,
                        Pattern = type.Pattern is { } pattern ? SchemaPattern.TryCompile(pattern, out _) : null,
                        Format = type.Format is { } format && SchemaFormats.TryParse(format, out var known) ? known : SchemaFormat.None,
                    };
                case ScalarKind.Decimal:
                    return new PayloadPlan(PayloadOp.Decimal, type) { Scalar = kind, LeastDecimal = type.Ge, MostDecimal = type.Le };
                case ScalarKind.Bool:
                    return new PayloadPlan(PayloadOp.Bool, type) { Scalar = kind };
                case ScalarKind.Uuid:
                    return new PayloadPlan(PayloadOp.Uuid, type) { Scalar = kind };
                case ScalarKind.Json:
                    return Json;
                default:
                    var (least, most) = ScalarKinds.RangeOf(kind);
                    return new PayloadPlan(PayloadOp.Integer, type) { Scalar = kind, Least = (long)(type.Ge ?? least), Most = (long)(type.Le ?? most) };
            }
        }
    }
}

/// <summary>A field of a record, made ready for the codec.</summary>
internal sealed class PayloadFieldPlan
{
    public required string Name { get; init; }

    public required bool IsOptional { get; init; }

    /// <summary>The payload that absence stands for, if the field has a default.</summary>
    public required byte[]? Default { get; init; }

    /// <summary>Of the value when there is one.</summary>
    public required PayloadPlan Value { get; init; }
}
