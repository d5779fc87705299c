namespace Molt.Contracts.Schemas;

/// <summary>Writes a schema as a document: for people, indented and with its documentation, or in its canonical form.</summary>
internal sealed class SchemaDocumentWriter
{
    private readonly Schema _schema;
    private readonly bool _canonical;
    private readonly JsonText _text;

    private SchemaDocumentWriter(Schema schema, bool canonical)
    {
        _schema = schema;
        _canonical = canonical;
        _text = new JsonText(indented: !canonical);
    }

    public static byte[] Write(Schema schema, bool canonical)
    {
        var writer = new SchemaDocumentWriter(schema, canonical);
        writer.Document();
        return writer._text.ToArray();
    }

    private void Document()
    {
        var members = new List<(string, Action)>
        {
            ("sir", () => _text.Number(1)),
            ("id", () => _text.String(_schema.Id.ToString())),
        };
        AddDoc(members, _schema.Doc);
        if (_schema.Coercion == SchemaCoercion.Lax)
        {
            members.Add(("coercion", () => _text.String("lax")));
        }

        if (_schema.Definitions.Count > 0)
        {
            members.Add(("definitions", Definitions));
        }

        members.Add(("type", () => Type(_schema.Type)));
        Object(members);
    }

    private void Definitions()
    {
        _text.Begin('{');
        foreach (var (name, type) in _schema.Definitions)
        {
            _text.Name(name);
            Type(type);
        }

        _text.End('}');
    }

    private void Type(SchemaType type)
    {
        var members = new List<(string, Action)>();
        switch (type)
        {
            case ScalarType scalar:
                AddConstraints(members, scalar);
                if (members.Count == 0)
                {
                    _text.String(type.Kind);
                    return;
                }

                break;
            case ListType list:
                members.Add(("items", () => Type(list.Items)));
                AddNumber(members, "minItems", list.MinItems);
                AddNumber(members, "maxItems", list.MaxItems);
                break;
            case MapType map:
                members.Add(("keys", () => _text.String(ScalarKinds.NameOf(map.Keys))));
                members.Add(("values", () => Type(map.Values)));
                AddNumber(members, "minItems", map.MinItems);
                AddNumber(members, "maxItems", map.MaxItems);
                break;
            case RecordType record:
                members.Add(("fields", () => List(record.Fields, field => Member(field.Name, field.Type, field.Doc, field.Deprecated))));
                break;
            case EnumType choice:
                members.Add(("values", () => List(choice.Values, _text.String)));
                break;
            case UnionType union:
                members.Add(("variants", () => List(union.Variants, variant => Member(variant.Name, variant.Type, variant.Doc, deprecated: false))));
                break;
            case OptionalType optional:
                members.Add(("of", () => Type(optional.Of)));
                if (_schema.DefaultPayload(optional) is { } payload)
                {
                    members.Add(("default", () => _text.Raw(PayloadJsonWriter.Write(PayloadPlan.Of(_schema, optional.Of), payload))));
                }

                break;
            case StreamType stream:
                members.Add(("of", () => Type(stream.Of)));
                break;
            case RefType reference:
                members.Add(("name", () => _text.String(reference.Name)));
                break;
        }

        members.Insert(0, ("kind", () => _text.String(type.Kind)));
        Object(members);
    }

    private void Member(string name, SchemaType type, string? doc, bool deprecated)
    {
        var members = new List<(string, Action)> { ("name", () => _text.String(name)), ("type", () => Type(type)) };
        AddDoc(members, doc);
        if (deprecated && !_canonical)
        {
            members.Add(("deprecated", () => _text.Raw("true"u8)));
        }

        Object(members);
    }

    private void AddDoc(List<(string Name, Action Write)> members, string? doc)
    {
        if (doc is not null && !_canonical)
        {
            members.Add(("doc", () => _text.String(doc)));
        }
    }

    private void AddConstraints(List<(string Name, Action Write)> members, ScalarType scalar)
    {
        AddBound(members, "ge", scalar, scalar.Ge, scalar.FloatGe);
        AddBound(members, "le", scalar, scalar.Le, scalar.FloatLe);
        AddNumber(members, "minLength", scalar.MinLength);
        AddNumber(members, "maxLength", scalar.MaxLength);
        if (scalar.Pattern is { } pattern)
        {
            members.Add(("pattern", () => _text.String(pattern)));
        }

        if (scalar.Format is { } format)
        {
            members.Add(("format", () => _text.String(format)));
        }
    }

    private void AddBound(List<(string Name, Action Write)> members, string name, ScalarType scalar, decimal? bound, double? floatBound)
    {
        if (floatBound is { } number)
        {
            members.Add((name, () => _text.Number(number == 0 ? 0 : number)));
        }
        else if (bound is { } exact)
        {
            members.Add(scalar.Scalar == ScalarKind.Decimal ? (name, () => _text.String(DecimalText.Of(exact)!)) : (name, () => _text.Number(exact)));
        }
    }

    private void AddNumber(List<(string Name, Action Write)> members, string name, int? value)
    {
        if (value is { } number)
        {
            members.Add((name, () => _text.Number((long)number)));
        }
    }

    private void List<T>(IReadOnlyList<T> items, Action<T> write)
    {
        _text.Begin('[');
        foreach (var item in items)
        {
            write(item);
        }

        _text.End(']');
    }

    private void Object(List<(string Name, Action Write)> members)
    {
        if (_canonical)
        {
            members.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        }

        _text.Begin('{');
        foreach (var (name, write) in members)
        {
            _text.Name(name);
            write();
        }

        _text.End('}');
    }
}
