using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Molt.Contracts.Schemas;

namespace Molt.Contracts.Tests.Schemas;

/// <summary>Schemas and values drawn from a seed: the same seed gives the same ones.</summary>
internal sealed class RandomSchemas(int seed)
{
    private const int DeepestType = 4;
    private const int DeepestValue = 12;
    private const long SafeInteger = 9007199254740991;

    private static readonly string[] Alphabet = ["a", "b", "Z", "0", " ", "\"", "\\", "\n", "é", "ß", "€", "\uffff", "😀", "__proto__", "\u2028"];

    private readonly Random _random = new(seed);
    private int _names;

    /// <summary>A schema of a record, with a definition that may contain itself.</summary>
    public Schema Next() => new SchemaBuilder($"schema://random/s{seed}/v1")
        .Define("Node", SchemaBuilder.Record(
            new RecordField("value", Type(DeepestType)),
            new RecordField("next", SchemaBuilder.Optional(SchemaBuilder.Ref("Node"))),
            new RecordField("children", SchemaBuilder.Optional(SchemaBuilder.List(SchemaBuilder.Ref("Node"))))))
        .Type(Record(0))
        .Build();

    /// <summary>The JSON of a value of the schema.</summary>
    public JsonNode? Value(Schema schema) => Value(schema, schema.Type, 0);

    private RecordType Record(int depth)
    {
        var fields = new RecordField[_random.Next(depth == 0 ? 1 : 0, 6)];
        for (var i = 0; i < fields.Length; i++)
        {
            fields[i] = new RecordField(Name(), Field(depth));
        }

        return new RecordType(fields);
    }

    private SchemaType Field(int depth) => _random.Next(4) switch
    {
        0 => SchemaBuilder.Optional(Type(depth + 1)),
        1 => Defaulted(),
        _ => Type(depth + 1),
    };

    private OptionalType Defaulted()
    {
        var scalar = new ScalarType((ScalarKind)_random.Next((int)ScalarKind.Json));
        return SchemaBuilder.Optional(scalar, Scalar(scalar).ToJsonString());
    }

    private SchemaType Type(int depth)
    {
        switch (depth >= DeepestType ? 0 : _random.Next(10))
        {
            case 1:
                return SchemaBuilder.List(Type(depth + 1));
            case 2:
                return SchemaBuilder.Map(_random.Next(2) == 0 ? ScalarKind.String : ScalarKind.Int16, Type(depth + 1));
            case 3:
                return Record(depth + 1);
            case 4:
                return SchemaBuilder.Union(new UnionVariant(Name(), Type(depth + 1)), new UnionVariant(Name(), Type(depth + 1)));
            case 5:
                return SchemaBuilder.Enum(Name(), Name(), Name());
            case 6 when depth > 0:
                return SchemaBuilder.List(SchemaBuilder.Optional(SchemaBuilder.Scalar((ScalarKind)_random.Next((int)ScalarKind.Json))));
            case 7:
                return SchemaBuilder.Ref("Node");
            default:
                return SchemaBuilder.Scalar((ScalarKind)_random.Next((int)ScalarKind.Json + 1));
        }
    }

    private string Name() => $"{Alphabet[_random.Next(3)]}{(_random.Next(8) == 0 ? " \"*/" : "")}{(++_names).ToString(CultureInfo.InvariantCulture)}";

    private JsonNode? Value(Schema schema, SchemaType type, int depth)
    {
        switch (schema.Resolve(type))
        {
            case ScalarType scalar:
                return scalar.Scalar == ScalarKind.Json ? Json(depth) : Scalar(scalar);
            case OptionalType optional:
                return depth > DeepestValue || _random.Next(3) == 0 ? null : Value(schema, optional.Of, depth + 1);
            case EnumType choice:
                return choice.Values[_random.Next(choice.Values.Count)];
            case ListType list:
                var items = new JsonArray();
                for (var left = Length(depth); left > 0; left--)
                {
                    items.Add(Value(schema, list.Items, depth + 1));
                }

                return items;
            case MapType map:
                var entries = new JsonObject();
                for (var left = Length(depth); left > 0; left--)
                {
                    entries[map.Keys == ScalarKind.String ? Text() : _random.Next(short.MinValue, short.MaxValue).ToString(CultureInfo.InvariantCulture)] = Value(schema, map.Values, depth + 1);
                }

                return entries;
            case UnionType union:
                var variant = union.Variants[_random.Next(union.Variants.Count)];
                return new JsonObject { [variant.Name] = Value(schema, variant.Type, depth + 1) };
            case RecordType record:
                var fields = new JsonObject();
                foreach (var field in record.Fields)
                {
                    var isOptional = schema.Resolve(field.Type) is OptionalType;
                    if (!isOptional || (depth < DeepestValue && _random.Next(3) > 0))
                    {
                        fields[field.Name] = Value(schema, field.Type, depth + 1);
                    }
                }

                return fields;
            default:
                throw new InvalidOperationException(type.Kind);
        }
    }

    private int Length(int depth) => depth > DeepestValue ? 0 : _random.Next(6) == 0 ? _random.Next(40) : _random.Next(3);

    private JsonNode Scalar(ScalarType type) => type.Scalar switch
    {
        ScalarKind.Bool => _random.Next(2) == 0,
        ScalarKind.Int8 => Integer(sbyte.MinValue, sbyte.MaxValue),
        ScalarKind.Int16 => Integer(short.MinValue, short.MaxValue),
        ScalarKind.Int32 => Integer(int.MinValue, int.MaxValue),
        ScalarKind.Int53 => Integer(-SafeInteger, SafeInteger),
        ScalarKind.Int64 => Integer(long.MinValue, long.MaxValue),
        ScalarKind.UInt8 => Integer(0, byte.MaxValue),
        ScalarKind.UInt16 => Integer(0, ushort.MaxValue),
        ScalarKind.UInt32 => Integer(0, uint.MaxValue),
        ScalarKind.UInt64 => JsonValue.Create((ulong)_random.NextInt64() << _random.Next(2)),
        ScalarKind.Float32 => Float(BitConverter.Int32BitsToSingle(_random.Next() | (_random.Next(2) << 31))),
        ScalarKind.Float64 => Float(_random.Next(3) == 0 ? _random.Next(-100, 100) : BitConverter.Int64BitsToDouble(_random.NextInt64(long.MinValue, long.MaxValue))),
        ScalarKind.String => Text(),
        ScalarKind.Bytes => Convert.ToBase64String(Bytes()),
        ScalarKind.Timestamp => DateTime.UnixEpoch.AddMicroseconds(_random.NextInt64(-SafeInteger / 1024, SafeInteger / 1024)).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
        ScalarKind.Duration => string.Create(CultureInfo.InvariantCulture, $"{(_random.Next(2) == 0 ? "-" : "")}PT{_random.Next()}.{_random.Next(1_000_000):D6}S"),
        ScalarKind.Uuid => new Guid(Uuid()).ToString(),
        ScalarKind.Decimal => string.Create(CultureInfo.InvariantCulture, $"{_random.Next(-1000, 1000)}.{_random.Next(1_000_000):D6}"),
        _ => throw new InvalidOperationException(type.Kind),
    };

    private JsonNode? Json(int depth) => (depth > DeepestValue ? 0 : _random.Next(9)) switch
    {
        1 => true,
        2 => Integer(-SafeInteger, SafeInteger),
        3 => _random.NextDouble() * Math.Pow(10, _random.Next(-30, 30)),
        4 => Text(),
        5 => new JsonArray(Json(depth + 1), Json(depth + 1)),
        6 => new JsonObject { [Text()] = Json(depth + 1) },
        7 => new JsonObject(),
        _ => null,
    };

    private JsonValue Integer(long least, long most)
    {
        var value = _random.Next(3) switch
        {
            0 => Math.Clamp(_random.Next(-200, 300), least, most),
            1 => _random.Next(2) == 0 ? least : most,
            _ => _random.NextInt64(least, most),
        };
        return JsonValue.Create(value);
    }

    private static JsonNode Float(double value) => double.IsFinite(value) ? JsonValue.Create(value) : double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";

    private string Text()
    {
        var text = new StringBuilder();
        for (var left = _random.Next(8) == 0 ? _random.Next(300) : _random.Next(6); left > 0; left--)
        {
            text.Append(Alphabet[_random.Next(Alphabet.Length)]);
        }

        return text.ToString();
    }

    private byte[] Bytes()
    {
        var bytes = new byte[_random.Next(6) == 0 ? _random.Next(400) : _random.Next(5)];
        _random.NextBytes(bytes);
        return bytes;
    }

    private byte[] Uuid()
    {
        var bytes = new byte[16];
        _random.NextBytes(bytes);
        return bytes;
    }
}
