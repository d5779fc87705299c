using System.Text;
using Molt.Contracts.Schemas.Import;

namespace Molt.Contracts.Schemas.Export;

/// <summary>
/// Writes a schema as JSON Schema 2020-12, for the JSON form of its values. What it writes is read back by
/// <see cref="JsonSchemaImporter"/> as the same schema, but for what the notes name.
/// </summary>
public sealed class JsonSchemaExporter
{
    private readonly Schema _schema;
    private readonly SchemaNotes _notes = new();
    private readonly JsonText _text = new(indented: true);

    private JsonSchemaExporter(Schema schema) => _schema = schema;

    public static SchemaExport Export(Schema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var exporter = new JsonSchemaExporter(schema);
        exporter.Document();
        return new SchemaExport(Encoding.UTF8.GetString(exporter._text.Written) + "\n", exporter._notes.All);
    }

    private void Document()
    {
        if (_schema.Coercion == SchemaCoercion.Lax)
        {
            _notes.Info(NoteCodes.ExportChanged, "$.coercion", "Only the strict form of values is described.");
        }

        _text.Begin('{');
        Member("$schema", "https://json-schema.org/draft/2020-12/schema");
        Member("$id", _schema.Id.ToString());
        Annotate(_schema.Doc);
        Keywords(_schema.Type, "$.type");
        if (_schema.Definitions.Count > 0)
        {
            _text.Name("$defs");
            _text.Begin('{');
            foreach (var (name, type) in _schema.Definitions)
            {
                _text.Name(name);
                Type(type, PayloadPath.Member("$.definitions", name));
            }

            _text.End('}');
        }

        _text.End('}');
    }

    private void Type(SchemaType type, string path, string? doc = null)
    {
        _text.Begin('{');
        Annotate(doc);
        Keywords(type, path);
        _text.End('}');
    }

    private void Keywords(SchemaType type, string path)
    {
        switch (type)
        {
            case ScalarType scalar:
                Scalar(scalar, path);
                break;
            case ListType list:
                Member("type", "array");
                _text.Name("items");
                Type(list.Items, path + ".items");
                Count("minItems", list.MinItems);
                Count("maxItems", list.MaxItems);
                break;
            case MapType map:
                Map(map, path);
                break;
            case RecordType record:
                Record(record, path);
                break;
            case EnumType choice:
                Member("type", "string");
                Strings("enum", choice.Values);
                break;
            case UnionType union:
                Union(union, path);
                break;
            case OptionalType optional:
                _text.Name("anyOf");
                _text.Begin('[');
                Type(optional.Of, path + ".of");
                _text.Begin('{');
                Member("type", "null");
                _text.End('}');
                _text.End(']');
                break;
            case RefType reference:
                Member("$ref", "#/$defs/" + reference.Name);
                break;
            case StreamType:
                _notes.Warning(NoteCodes.ExportChanged, path, "JSON Schema knows no streams; anything is valid here.");
                break;
        }
    }

    private void Scalar(ScalarType scalar, string path)
    {
        switch (scalar.Scalar)
        {
            case ScalarKind.Bool:
                Member("type", "boolean");
                break;
            case ScalarKind.Int64 or ScalarKind.UInt64:
                // Beyond 2^53 the JSON form is text.
                _text.Name("anyOf");
                _text.Begin('[');
                _text.Begin('{');
                Integer(scalar);
                _text.End('}');
                _text.Begin('{');
                Member("type", "string");
                Member("pattern", JsonSchemaConverter.OwnInteger);
                _text.End('}');
                _text.End(']');
                break;
            case var kind when ScalarKinds.IsInteger(kind):
                Integer(scalar);
                break;
            case ScalarKind.Float32 or ScalarKind.Float64:
                Float(scalar);
                break;
            case ScalarKind.String:
                Member("type", "string");
                Count("minLength", scalar.MinLength);
                Count("maxLength", scalar.MaxLength);
                Member("pattern", scalar.Pattern);
                Member("format", scalar.Format);
                break;
            case ScalarKind.Bytes:
                Member("type", "string");
                Member("contentEncoding", "base64");
                Lost(scalar.MinLength is not null || scalar.MaxLength is not null, path, "The number of bytes is not described.");
                break;
            case ScalarKind.Timestamp:
                Member("type", "string");
                Member("format", "date-time");
                break;
            case ScalarKind.Duration:
                Member("type", "string");
                Member("format", "duration");
                break;
            case ScalarKind.Uuid:
                Member("type", "string");
                Member("format", "uuid");
                break;
            case ScalarKind.Decimal:
                Member("type", "string");
                Member("pattern", JsonSchemaConverter.OwnDecimal);
                break;
        }

        Lost(
            scalar.Scalar is ScalarKind.Timestamp or ScalarKind.Duration or ScalarKind.Decimal && (scalar.Ge is not null || scalar.Le is not null),
            path,
            "The bounds are not described: JSON Schema has none for text.");
    }

    private void Integer(ScalarType scalar)
    {
        var (least, most) = ScalarKinds.RangeOf(scalar.Scalar);
        Member("type", "integer");
        if (scalar.Scalar != ScalarKind.Int53 || JsonSchemaConverter.KindOf(scalar.Ge ?? least, scalar.Le ?? most) != ScalarKind.Int53)
        {
            Member("format", scalar.Kind);
        }

        _text.Name("minimum");
        _text.Number(scalar.Ge ?? least);
        _text.Name("maximum");
        _text.Number(scalar.Le ?? most);
    }

    private void Float(ScalarType scalar)
    {
        if (scalar.FloatGe is not null || scalar.FloatLe is not null)
        {
            Number(scalar);
            return;
        }

        // JSON has no digits for these three.
        _text.Name("anyOf");
        _text.Begin('[');
        _text.Begin('{');
        Number(scalar);
        _text.End('}');
        _text.Begin('{');
        Strings("enum", ["NaN", "Infinity", "-Infinity"]);
        _text.End('}');
        _text.End(']');
    }

    private void Number(ScalarType scalar)
    {
        Member("type", "number");
        if (scalar.Scalar == ScalarKind.Float32)
        {
            Member("format", "float");
        }

        if (scalar.FloatGe is { } least)
        {
            _text.Name("minimum");
            _text.Number(least);
        }

        if (scalar.FloatLe is { } most)
        {
            _text.Name("maximum");
            _text.Number(most);
        }
    }

    private void Map(MapType map, string path)
    {
        Member("type", "object");
        if (map.Keys != ScalarKind.String)
        {
            _text.Name("propertyNames");
            _text.Begin('{');
            Member("pattern", JsonSchemaConverter.OwnInteger);
            Member("format", ScalarKinds.NameOf(map.Keys));
            _text.End('}');
        }

        _text.Name("additionalProperties");
        Type(map.Values, path + ".values");
        Count("minProperties", map.MinItems);
        Count("maxProperties", map.MaxItems);
    }

    private void Record(RecordType record, string path)
    {
        Member("type", "object");
        var required = new List<string>();
        _text.Name("properties");
        _text.Begin('{');
        for (var i = 0; i < record.Fields.Count; i++)
        {
            var field = record.Fields[i];
            var at = PayloadPath.Index(path + ".fields", i) + ".type";
            _text.Name(field.Name);
            _text.Begin('{');
            Annotate(field.Doc);
            if (field.Deprecated)
            {
                _text.Name("deprecated");
                _text.Raw("true");
            }

            if (field.Type is OptionalType optional)
            {
                Keywords(optional.Of, at + ".of");
                if (optional.Default is { } json)
                {
                    _text.Name("default");
                    _text.Raw(json);
                }
            }
            else
            {
                required.Add(field.Name);
                Keywords(field.Type, at);
            }

            _text.End('}');
        }

        _text.End('}');
        if (required.Count > 0)
        {
            Strings("required", required);
        }

        _text.Name("additionalProperties");
        _text.Raw("false");
    }

    private void Union(UnionType union, string path)
    {
        _text.Name("oneOf");
        _text.Begin('[');
        for (var i = 0; i < union.Variants.Count; i++)
        {
            var variant = union.Variants[i];
            _text.Begin('{');
            Member("type", "object");
            _text.Name("properties");
            _text.Begin('{');
            _text.Name(variant.Name);
            Type(variant.Type, PayloadPath.Index(path + ".variants", i) + ".type", variant.Doc);
            _text.End('}');
            Strings("required", [variant.Name]);
            _text.Name("additionalProperties");
            _text.Raw("false");
            _text.End('}');
        }

        _text.End(']');
    }

    private void Annotate(string? doc) => Member("description", doc);

    private void Lost(bool isLost, string path, string message)
    {
        if (isLost)
        {
            _notes.Warning(NoteCodes.ExportChanged, path, message);
        }
    }

    private void Member(string name, string? value)
    {
        if (value is not null)
        {
            _text.Name(name);
            _text.String(value);
        }
    }

    private void Count(string name, int? value)
    {
        if (value is { } number)
        {
            _text.Name(name);
            _text.Number((long)number);
        }
    }

    private void Strings(string name, IReadOnlyList<string> values)
    {
        _text.Name(name);
        _text.Begin('[');
        foreach (var value in values)
        {
            _text.String(value);
        }

        _text.End(']');
    }
}
