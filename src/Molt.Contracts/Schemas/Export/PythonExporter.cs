using System.Globalization;
using System.Text;

namespace Molt.Contracts.Schemas.Export;

/// <summary>
/// Writes a schema as Python dataclasses (Python 3.11 and later) whose values the <c>molt_schema</c> codec takes: datetime, timedelta,
/// UUID, Decimal, bytes; enums as literal strings; None for what is absent.
/// </summary>
public sealed class PythonExporter
{
    private static readonly HashSet<string> Keywords = new(StringComparer.Ordinal)
    {
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except",
        "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try",
        "while", "with", "yield",
    };

    // Names that annotations in the file use, and that a class of the same name would hide.
    private static readonly string[] Used =
        ["Any", "Decimal", "Literal", "TypeAlias", "UUID", "bool", "bytes", "dataclass", "datetime", "dict", "field", "float", "int", "list", "str", "timedelta", "timezone", "tuple"];

    private readonly Schema _schema;
    private readonly SchemaNotes _notes = new();
    private readonly StringBuilder _body = new();
    private readonly HashSet<string> _imports = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(Keywords, StringComparer.Ordinal);
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    // Records inside others become classes of their own, written before the class that has them.
    private readonly Queue<(string Name, RecordType Record, string Path, string? Doc)> _pending = new();

    private PythonExporter(Schema schema)
    {
        _schema = schema;
        _taken.UnionWith(Used);
    }

    public static SchemaExport Export(Schema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return new PythonExporter(schema).File();
    }

    private SchemaExport File()
    {
        var root = Identifiers.Unused(Identifiers.Pascal(_schema.Id.Name, "Value"), _taken);
        foreach (var (name, _) in _schema.Definitions)
        {
            var isRoot = _schema.Type is RefType type && type.Name == name && Identifiers.Pascal(name, name) == root;
            _names[name] = isRoot ? root : Identifiers.Unused(Identifiers.Pascal(name, name), _taken);
        }

        foreach (var (name, type) in _schema.Definitions)
        {
            Declare(_names[name], type, PayloadPath.Member("$.definitions", name), doc: null);
        }

        if (!(_schema.Type is RefType reference && _names[reference.Name] == root))
        {
            Declare(root, _schema.Type, "$.type", _schema.Doc);
        }

        var text = new StringBuilder();
        text.Append(Documentation($"{_schema.Id}, made by molt schema export.")).Append("\n\nfrom __future__ import annotations\n");
        Import(text, "dataclasses", "dataclass", "field");
        Import(text, "datetime", "datetime", "timedelta");
        Import(text, "decimal", "Decimal");
        Import(text, "typing", "Any", "Literal", "TypeAlias");
        Import(text, "uuid", "UUID");
        return new SchemaExport(text.Append(_body).ToString(), _notes.All);
    }

    private void Import(StringBuilder text, string module, params ReadOnlySpan<string> names)
    {
        var used = new List<string>();
        foreach (var name in names)
        {
            if (_imports.Contains(name))
            {
                used.Add(name);
            }
        }

        if (used.Count > 0)
        {
            text.Append(module == "dataclasses" ? "\n" : "").Append("from ").Append(module).Append(" import ").AppendJoin(", ", used).Append('\n');
        }
    }

    private void Declare(string name, SchemaType type, string path, string? doc)
    {
        if (type is RecordType record)
        {
            Class(name, record, path, doc);
        }
        else
        {
            // An alias is evaluated where it stands, so names that come later are hidden in text.
            _imports.Add("TypeAlias");
            var annotation = Type(type, name, path);
            var hidden = annotation.AsSpan().IndexOfAny('\'', '\\') < 0 ? $"'{annotation}'" : Quoted(annotation);
            _body.Append("\n\n").Append(name).Append(": TypeAlias = ").Append(hidden).Append('\n');
            if (doc is not null)
            {
                _body.Append(Documentation(doc)).Append('\n');
            }
        }

        while (_pending.TryDequeue(out var inner))
        {
            Class(inner.Name, inner.Record, inner.Path, inner.Doc);
        }
    }

    private void Class(string name, RecordType record, string path, string? doc)
    {
        _imports.Add("dataclass");
        _body.Append("\n\n@dataclass(kw_only=True)\nclass ").Append(name).Append(":\n");
        if (doc is not null)
        {
            _body.Append("    ").Append(Documentation(doc)).Append('\n');
        }

        var taken = new HashSet<string>(Keywords, StringComparer.Ordinal);
        for (var i = 0; i < record.Fields.Count; i++)
        {
            Field(name, record.Fields[i], PayloadPath.Index(path + ".fields", i), taken);
        }

        if (record.Fields.Count == 0 && doc is null)
        {
            _body.Append("    pass\n");
        }
    }

    private void Field(string owner, RecordField field, string path, HashSet<string> taken)
    {
        var name = IsIdentifier(field.Name) && taken.Add(field.Name) ? field.Name : Identifiers.Unused(Identifiers.Snake(field.Name, "field"), taken);
        if (Array.IndexOf(Used, name) >= 0)
        {
            // In a class body the field would hide the type of that name from the fields below it.
            name = Identifiers.Unused(name + "_", taken);
        }

        var annotation = Type(field.Type, owner + Identifiers.Pascal(field.Name, "Field"), path + ".type");
        var value = field.Type is OptionalType optional ? optional.Default is null ? "None" : Default(optional) : null;
        _body.Append("    ").Append(name).Append(": ").Append(annotation);
        if (name != field.Name)
        {
            _imports.Add("field");
            _notes.Info(NoteCodes.ExportRenamed, path, $"Called {name} here; metadata says its name.");
            _body.Append(" = field(").Append(value is null ? "" : $"default={value}, ").Append("metadata={\"name\": ").Append(Quoted(field.Name)).Append("})");
        }
        else if (value is not null)
        {
            _body.Append(" = ").Append(value);
        }

        _body.Append('\n');
        var remark = TypeRemarks.Of(field.Type is OptionalType { Of: var of } ? of : field.Type);
        var lines = new List<string>();
        if (field.Doc is not null)
        {
            lines.Add(field.Doc);
        }

        if (remark is not null)
        {
            lines.Add(char.ToUpperInvariant(remark[0]) + remark[1..] + ".");
        }

        if (field.Deprecated)
        {
            lines.Add("Deprecated.");
        }

        if (lines.Count > 0)
        {
            _body.Append("    ").Append(Documentation(string.Join('\n', lines))).Append('\n');
        }
    }

    private string Type(SchemaType type, string name, string path)
    {
        switch (type)
        {
            case ScalarType scalar:
                return Scalar(scalar.Scalar);
            case ListType list:
                return $"list[{Type(list.Items, name + "Item", path + ".items")}]";
            case MapType map:
                return $"dict[{(map.Keys == ScalarKind.String ? "str" : "int")}, {Type(map.Values, name + "Value", path + ".values")}]";
            case RecordType record:
                var own = Identifiers.Unused(name, _taken);
                _pending.Enqueue((own, record, path, null));
                return own;
            case EnumType choice:
                return Literal(choice.Values);
            case UnionType union:
                var variants = new List<string>();
                for (var i = 0; i < union.Variants.Count; i++)
                {
                    var variant = union.Variants[i];
                    variants.Add($"tuple[{Literal([variant.Name])}, {Type(variant.Type, name + Identifiers.Pascal(variant.Name, "Variant"), PayloadPath.Index(path + ".variants", i) + ".type")}]");
                }

                return string.Join(" | ", variants);
            case OptionalType optional:
                var of = Type(optional.Of, name, path + ".of");
                return optional.Default is null ? $"{of} | None" : of;
            case RefType reference:
                return _names[reference.Name];
            default:
                return "int";
        }
    }

    private string Scalar(ScalarKind kind)
    {
        var text = kind switch
        {
            ScalarKind.Bool => "bool",
            ScalarKind.Float32 or ScalarKind.Float64 => "float",
            ScalarKind.String => "str",
            ScalarKind.Bytes => "bytes",
            ScalarKind.Timestamp => "datetime",
            ScalarKind.Duration => "timedelta",
            ScalarKind.Uuid => "UUID",
            ScalarKind.Decimal => "Decimal",
            ScalarKind.Json => "Any",
            _ => "int",
        };
        _imports.Add(text);
        return text;
    }

    private string Literal(IReadOnlyList<string> values)
    {
        _imports.Add("Literal");
        var quoted = new List<string>();
        foreach (var value in values)
        {
            quoted.Add(Quoted(value));
        }

        return $"Literal[{string.Join(", ", quoted)}]";
    }

    private string Default(OptionalType optional)
    {
        var json = optional.Default!;
        if (_schema.Resolve(optional.Of) is not ScalarType scalar)
        {
            return Quoted(DefaultValue.Text(json));
        }

        switch (scalar.Scalar)
        {
            case ScalarKind.Bool:
                return json == "true" ? "True" : "False";
            case ScalarKind.Float32 or ScalarKind.Float64:
                var number = DefaultValue.Number(json);
                return double.IsFinite(number) ? EcmaNumber.Text(number) : $"float(\"{(double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf")}\")";
            case ScalarKind.String:
                return Quoted(DefaultValue.Text(json));
            case ScalarKind.Bytes:
                return BytesLiteral(Convert.FromBase64String(DefaultValue.Text(json)));
            case ScalarKind.Timestamp:
                return $"datetime.fromisoformat({Quoted(DefaultValue.Text(json))})";
            case ScalarKind.Duration:
                return string.Create(CultureInfo.InvariantCulture, $"timedelta(microseconds={DefaultValue.Microseconds(json)})");
            case ScalarKind.Uuid:
                return $"UUID({Quoted(DefaultValue.Text(json))})";
            case ScalarKind.Decimal:
                return $"Decimal({Quoted(DefaultValue.Text(json))})";
            case ScalarKind.Json:
                _notes.Warning(NoteCodes.ExportChanged, "$", "A default that is any JSON value is not written.");
                return "None";
            default:
                return DefaultValue.Text(json);
        }
    }

    private static string BytesLiteral(byte[] bytes)
    {
        var text = new StringBuilder("b\"");
        foreach (var value in bytes)
        {
            text.Append(CultureInfo.InvariantCulture, $"\\x{value:x2}");
        }

        return text.Append('"').ToString();
    }

    private static bool IsIdentifier(string name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                return false;
            }
        }

        // Two leading underscores are mangled in a class.
        return !char.IsAsciiDigit(name[0]) && !name.StartsWith("__", StringComparison.Ordinal) && !Keywords.Contains(name);
    }

    private static string Documentation(string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            lines[i] = ((i > 0 ? "    " : "") + lines[i]).TrimEnd();
        }

        var safe = string.Join('\n', lines)
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal);
        return $"\"\"\"{Visible(safe, keepLines: true)}\"\"\"";
    }

    private static string Quoted(string text) =>
        "\"" + Visible(text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal), keepLines: false) + "\"";

    // Control characters as escapes: Python refuses NUL in a source file, and others would change its lines.
    private static string Visible(string text, bool keepLines)
    {
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if ((rune.Value < 0x20 && !(keepLines && rune.Value == '\n')) || rune.Value is 0x7f or 0x85 or 0x2028 or 0x2029)
            {
                result.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            }
            else
            {
                result.Append(rune);
            }
        }

        return result.ToString();
    }
}
