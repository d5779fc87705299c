using System.Text;

namespace Molt.Contracts.Schemas.Export;

/// <summary>
/// Writes the TypeScript types of a schema's values as the JavaScript codec gives them: numbers, bigint for int64 and uint64, Uint8Array,
/// <c>{ tag, value }</c> for unions, Map where keys are integers, undefined for what is absent.
/// </summary>
public sealed class TypeScriptExporter
{
    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "Array", "Date", "JsonValue", "Map", "Object", "Record", "Uint8Array", "any", "bigint", "boolean", "never", "null", "number", "object",
        "string", "symbol", "undefined", "unknown", "void",
    };

    private readonly Schema _schema;
    private readonly SchemaNotes _notes = new();
    private readonly StringBuilder _text = new();
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly string _rootName;
    private bool _usesJson;

    private TypeScriptExporter(Schema schema)
    {
        _schema = schema;
        var taken = new HashSet<string>(Reserved, StringComparer.Ordinal);
        _rootName = Identifiers.Unused(Identifiers.Pascal(schema.Id.Name, "Value"), taken);
        foreach (var (name, _) in schema.Definitions)
        {
            // A definition of the type's own name is the type when the type is nothing else.
            var own = schema.Type is RefType root && root.Name == name && Identifiers.Pascal(name, name) == _rootName ? _rootName : Identifiers.Unused(Identifiers.Pascal(name, name), taken);
            _names.Add(name, own);
            if (own != name)
            {
                _notes.Info(NoteCodes.ExportRenamed, PayloadPath.Member("$.definitions", name), $"Called {own} here.");
            }
        }
    }

    public static SchemaExport Export(Schema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var exporter = new TypeScriptExporter(schema);
        exporter.File();
        return new SchemaExport(exporter._text.ToString(), exporter._notes.All);
    }

    private void File()
    {
        foreach (var (name, type) in _schema.Definitions)
        {
            Declare(_names[name], type, doc: null);
        }

        if (!(_schema.Type is RefType root && _names[root.Name] == _rootName))
        {
            Declare(_rootName, _schema.Type, _schema.Doc);
        }

        if (_usesJson)
        {
            _text.Append("\n/** Any JSON value. */\nexport type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };\n");
        }

        _text.Insert(0, $"// {_schema.Id}, made by molt schema export.\n");
    }

    private void Declare(string name, SchemaType type, string? doc)
    {
        _text.Append('\n');
        Comment(doc, TypeRemarks.Of(type), isDeprecated: false, "");
        if (type is RecordType record)
        {
            _text.Append("export interface ").Append(name).Append(' ');
            Members(record, "");
            _text.Append('\n');
            return;
        }

        _text.Append("export type ").Append(name).Append(" = ");
        Type(type, "");
        _text.Append(";\n");
    }

    private void Type(SchemaType type, string indent, bool isOperand = false)
    {
        switch (type)
        {
            case ScalarType scalar:
                _text.Append(Scalar(scalar.Scalar));
                break;
            case ListType list:
                Type(list.Items, indent, isOperand: true);
                _text.Append("[]");
                break;
            case MapType { Keys: ScalarKind.String } map:
                _text.Append("{ [key: string]: ");
                Type(map.Values, indent);
                _text.Append(" }");
                break;
            case MapType map:
                _text.Append("Map<number, ");
                Type(map.Values, indent);
                _text.Append('>');
                break;
            case RecordType record:
                Members(record, indent);
                break;
            case EnumType choice:
                Alternatives(choice.Values.Count, isOperand, i => _text.Append(Quoted(choice.Values[i])));
                break;
            case UnionType union:
                Union(union, indent, isOperand);
                break;
            case OptionalType optional:
                Alternatives(2, isOperand, i =>
                {
                    if (i == 0)
                    {
                        Type(optional.Of, indent);
                    }
                    else
                    {
                        _text.Append("undefined");
                    }
                });
                break;
            case RefType reference:
                _text.Append(_names[reference.Name]);
                break;
            case StreamType:
                _text.Append("number");
                break;
        }
    }

    private string Scalar(ScalarKind kind)
    {
        switch (kind)
        {
            case ScalarKind.Bool:
                return "boolean";
            case ScalarKind.Int64 or ScalarKind.UInt64:
                return "bigint";
            case ScalarKind.String or ScalarKind.Uuid or ScalarKind.Decimal:
                return "string";
            case ScalarKind.Bytes:
                return "Uint8Array";
            case ScalarKind.Json:
                _usesJson = true;
                return "JsonValue";
            default:
                return "number";
        }
    }

    private void Members(RecordType record, string indent)
    {
        if (record.Fields.Count == 0)
        {
            _text.Append("{ [key: string]: never }");
            return;
        }

        var inner = indent + "  ";
        _text.Append("{\n");
        foreach (var field in record.Fields)
        {
            Comment(field.Doc, TypeRemarks.Of(field.Type), field.Deprecated, inner);
            _text.Append(inner).Append(IsIdentifier(field.Name) ? field.Name : Quoted(field.Name));
            if (field.Type is OptionalType optional)
            {
                _text.Append("?: ");
                Type(optional.Of, inner, isOperand: true);
                _text.Append(" | undefined;\n");
            }
            else
            {
                _text.Append(": ");
                Type(field.Type, inner);
                _text.Append(";\n");
            }
        }

        _text.Append(indent).Append('}');
    }

    private void Union(UnionType union, string indent, bool isOperand)
    {
        var inner = indent + "  ";
        if (isOperand)
        {
            _text.Append('(');
        }
        else if (_text[^1] == ' ')
        {
            _text.Length--;
        }

        foreach (var variant in union.Variants)
        {
            _text.Append('\n');
            Comment(variant.Doc, TypeRemarks.Of(variant.Type), isDeprecated: false, inner);
            _text.Append(inner).Append("| { tag: ").Append(Quoted(variant.Name)).Append("; value: ");
            Type(variant.Type, inner);
            _text.Append(" }");
        }

        _text.Append(isOperand ? ")" : "");
    }

    private void Alternatives(int count, bool isOperand, Action<int> write)
    {
        var needsParentheses = isOperand && count > 1;
        _text.Append(needsParentheses ? "(" : "");
        for (var i = 0; i < count; i++)
        {
            _text.Append(i > 0 ? " | " : "");
            write(i);
        }

        _text.Append(needsParentheses ? ")" : "");
    }

    private void Comment(string? doc, string? remark, bool isDeprecated, string indent)
    {
        var lines = new List<string>();
        if (doc is not null)
        {
            lines.AddRange(doc.ReplaceLineEndings("\n").Split('\n'));
        }

        if (remark is not null)
        {
            lines.Add(char.ToUpperInvariant(remark[0]) + remark[1..] + ".");
        }

        if (isDeprecated)
        {
            lines.Add("@deprecated");
        }

        if (lines.Count == 0)
        {
            return;
        }

        // What a schema says must not end the comment it is put in.
        var safe = lines.ConvertAll(line => line.Replace("*/", "*\\/", StringComparison.Ordinal).TrimEnd());
        _text.Append(indent);
        if (safe is [var only])
        {
            _text.Append("/** ").Append(only).Append(" */\n");
            return;
        }

        _text.Append("/**\n");
        foreach (var line in safe)
        {
            _text.Append(indent).Append(line.Length == 0 ? " *" : " * ").Append(line).Append('\n');
        }

        _text.Append(indent).Append(" */\n");
    }

    private static bool IsIdentifier(string name)
    {
        if (name.Length == 0 || char.IsAsciiDigit(name[0]) || name == "__proto__")
        {
            return false;
        }

        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '$'))
            {
                return false;
            }
        }

        return true;
    }

    private static string Quoted(string text)
    {
        var json = new JsonText();
        json.String(text);

        // JSON's strings are JavaScript's, but for two that older readers take for ends of lines.
        return Encoding.UTF8.GetString(json.Written).Replace("\u2028", "\\u2028", StringComparison.Ordinal).Replace("\u2029", "\\u2029", StringComparison.Ordinal);
    }
}
