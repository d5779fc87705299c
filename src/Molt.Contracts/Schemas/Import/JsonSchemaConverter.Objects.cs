namespace Molt.Contracts.Schemas.Import;

/// <summary>Objects: records, maps, and defaults of fields.</summary>
internal sealed partial class JsonSchemaConverter
{
    private Mapped MapObject(SourceNode node)
    {
        var properties = node["properties"] is { Kind: JsonKind.Object } named ? named.Members : [];
        var required = RequiredOf(node);
        var patterns = node["patternProperties"] is { Kind: JsonKind.Object } matched ? matched.Members : [];
        var others = node["additionalProperties"] ?? node["unevaluatedProperties"];
        if (KeysOf(node) is { } keys && properties.Count == 0 && others is not { Kind: JsonKind.Boolean, Truth: false })
        {
            return MapRecordOfKeys(node, keys, others, required);
        }

        if (properties.Count == 0 && required.Count == 0)
        {
            return MapMap(node, patterns, others);
        }

        if (IsOpen(others, patterns.Count))
        {
            var whatOpens = others is { Kind: JsonKind.Object } && !IsEverything(others) || patterns.Count > 0
                ? "Properties that are not named are valid here"
                : others is null ? "Properties that are not named are not ruled out" : "Any further properties are valid";
            var place = (others ?? (patterns.Count > 0 ? node["patternProperties"]! : node)).Pointer;
            if (_options.Open == OpenObjects.Json)
            {
                _notes.Warning(NoteCodes.AnyValue, place, $"{whatOpens}, so any JSON value is accepted.");
                return Mapped.Json;
            }

            _notes.Warning(NoteCodes.RecordClosed, place, $"{whatOpens}, but a record is closed: it has its fields and no others.");
        }

        foreach (var keyword in (ReadOnlySpan<string>)["minProperties", "maxProperties", "propertyNames"])
        {
            Drop(node, keyword, "a record has the fields that it has");
        }

        var fields = new List<RecordField>();
        foreach (var (name, schema) in properties)
        {
            if (!IsName(name))
            {
                _notes.Warning(NoteCodes.AnyValue, schema.Pointer, "No field can be called so (1 to 128 characters, no control characters); the object accepts any JSON value.");
                return Mapped.Json;
            }

            if (MapField(name, schema, required.Remove(name)) is { } field)
            {
                fields.Add(field);
            }
        }

        foreach (var name in required)
        {
            if (IsName(name))
            {
                _notes.Info(NoteCodes.AnyValue, node.At("required"), $"\"{name}\" is required but not described; it may be any JSON value.");
                fields.Add(new RecordField(name, SchemaBuilder.Json));
            }
        }

        return new Mapped(new RecordType(fields), Nullable: false);
    }

    private static List<string> RequiredOf(SourceNode node)
    {
        var names = new List<string>();
        foreach (var item in node["required"]?.Items ?? [])
        {
            if (item.Kind == JsonKind.String && !names.Contains(item.Text))
            {
                names.Add(item.Text);
            }
        }

        return names;
    }

    private static bool IsOpen(SourceNode? others, int patterns) => patterns > 0 || others is not { Kind: JsonKind.Boolean, Truth: false };

    // The keys that propertyNames lists, when it does.
    private List<string>? KeysOf(SourceNode node)
    {
        if (node["propertyNames"] is not { Kind: JsonKind.Object } names || Reached(names) is not { } reached)
        {
            return null;
        }

        var keys = new List<string>();
        foreach (var item in reached["enum"]?.Items ?? (reached["const"] is { } single ? [single] : []))
        {
            if (item.Kind == JsonKind.String && IsName(item.Text) && !keys.Contains(item.Text))
            {
                keys.Add(item.Text);
            }
        }

        return keys.Count > 0 ? keys : null;
    }

    // { "propertyNames": { "enum": ["a", "b"] }, "additionalProperties": T } is a record of a and b.
    private Mapped MapRecordOfKeys(SourceNode node, List<string> keys, SourceNode? values, List<string> required)
    {
        var fields = new List<RecordField>();
        foreach (var key in keys)
        {
            var schema = values ?? SourceNode.Boolean(node.Pointer, truth: true);
            if (MapField(key, schema, required.Contains(key)) is { } field)
            {
                fields.Add(field);
            }
        }

        return new Mapped(new RecordType(fields), Nullable: false);
    }

    private Mapped MapMap(SourceNode node, IReadOnlyList<KeyValuePair<string, SourceNode>> patterns, SourceNode? others)
    {
        var isClosed = others is { Kind: JsonKind.Boolean, Truth: false };
        if (isClosed && patterns.Count == 0)
        {
            return new Mapped(new RecordType([]), Nullable: false);
        }

        var keys = ScalarKind.String;
        if (node["propertyNames"] is { Kind: JsonKind.Object } names && !IsEverything(names))
        {
            keys = KeyKind(names);
        }

        var values = others is null || isClosed ? Mapped.Json : Map(others);
        if (patterns.Count > 0)
        {
            var isOne = (isClosed || others is null) && patterns.Count == 1;
            _notes.Warning(
                NoteCodes.KeywordDropped,
                node.At("patternProperties"),
                isOne ? "The keys' pattern is not checked; the values are." : "Which values go with which keys is not checked; they may be any JSON value.");
            values = isOne ? Map(patterns[0].Value) : Mapped.Json;
        }

        var (least, most) = Lengths(node, "minProperties", "maxProperties");
        if (least > most)
        {
            return Contradiction(node, "minProperties is greater than maxProperties");
        }

        return new Mapped(SchemaBuilder.Map(keys, Present(values) ?? SchemaBuilder.Json, least, values is { Type: null, Nullable: false } ? 0 : most), Nullable: false);
    }

    private ScalarKind KeyKind(SourceNode names)
    {
        if (names.TryText("pattern", out var pattern) && pattern == OwnInteger && names.TryText("format", out var format) &&
            ScalarKinds.TryParse(format, out var kind) && ScalarKinds.IsMapKey(kind))
        {
            return kind;
        }

        if (AllOfMerger.HasConstraints(Reached(names) ?? names, "type"))
        {
            _notes.Warning(NoteCodes.KeywordDropped, names.Pointer, "What keys look like is not checked.");
        }

        return ScalarKind.String;
    }

    private RecordField? MapField(string name, SourceNode schema, bool isRequired)
    {
        var mapped = Map(schema);
        if (mapped.Type is not { } type)
        {
            if (!mapped.Nullable)
            {
                if (isRequired)
                {
                    _notes.Warning(NoteCodes.ValuesChanged, schema.Pointer, "The property is required but can have no value; it is left out.");
                }
                else if (schema.Kind == JsonKind.Object)
                {
                    _notes.Info(NoteCodes.ShapeChanged, schema.Pointer, "The property can have no value; the closed record leaves it out.");
                }

                return null;
            }

            _notes.Warning(NoteCodes.AnyValue, schema.Pointer, "The property can only be null; any JSON value is accepted.");
            type = SchemaBuilder.Json;
        }

        var reached = schema.Kind == JsonKind.Object ? _merger.Flatten(schema) : schema;
        var target = Reached(schema) ?? schema;
        return new RecordField(name, Optional(type, mapped.Nullable, reached, target, isRequired))
        {
            Doc = reached.TryText("description", out var doc) || target.TryText("description", out doc) ? doc : null,
            Deprecated = reached.IsTrue("deprecated"),
        };
    }

    // The field's type with what may be left out, and what that means.
    private SchemaType Optional(SchemaType type, bool isNullable, SourceNode schema, SourceNode target, bool isRequired)
    {
        var value = schema["default"] ?? target["default"];
        if (type is EnumType { Values: [var only] } && target["const"] is not null && value is null or { Kind: JsonKind.String })
        {
            if (isRequired && value is null)
            {
                _notes.Info(NoteCodes.DefaultChanged, schema.Pointer, $"There is one value only, so it may be left out and is then \"{only}\".");
            }

            return new OptionalType(type) { Default = SourceNode.String("", only).ToJson() };
        }

        if (value is not null and not { Kind: JsonKind.Null })
        {
            if (isNullable)
            {
                _notes.Warning(NoteCodes.DefaultChanged, value.Pointer, "The default is not kept: absent means null here.");
            }
            else if (WithDefault(type, value) is { } optional)
            {
                if (isRequired)
                {
                    _notes.Info(NoteCodes.DefaultChanged, value.Pointer, "The property is required but has a default, so it may be left out.");
                }

                return optional;
            }
        }

        if (isRequired && isNullable)
        {
            _notes.Info(NoteCodes.NullIsAbsent, schema.Pointer, "Null and absent are the same here, so the property may be left out.");
        }

        return isRequired && !isNullable ? type : new OptionalType(type);
    }

    private OptionalType? WithDefault(SchemaType type, SourceNode value)
    {
        var resolved = type;
        while (resolved is RefType reference && DefinitionOf(reference) is { } definition)
        {
            resolved = definition;
        }

        if (resolved is not (ScalarType or EnumType))
        {
            _notes.Warning(NoteCodes.DefaultChanged, value.Pointer, "The default is not kept: only scalars and enums have one.");
            return null;
        }

        var text = value.ToJson();
        try
        {
            _ = new SchemaBuilder("schema://import/probe/v1").Field("x", SchemaBuilder.Optional(resolved, text)).Build();
        }
        catch (SchemaException e)
        {
            _notes.Warning(NoteCodes.DefaultChanged, value.Pointer, $"The default is not kept: it {e.Faults[0].Message}");
            return null;
        }

        return new OptionalType(type) { Default = text };
    }

    private SchemaType? DefinitionOf(RefType reference) => _named.TryGetValue(reference.Name, out var definition) && definition.IsComplete ? definition.Result.Type : null;

    // What a schema is once its references are followed; null when they lead nowhere or in a circle.
    private SourceNode? Reached(SourceNode node)
    {
        var seen = new HashSet<SourceNode>(ReferenceEqualityComparer.Instance);
        while (node.Kind == JsonKind.Object)
        {
            if (AllOfMerger.ReferenceOf(node) is not { } reference || AllOfMerger.HasConstraints(node, "$ref", "$recursiveRef", "$dynamicRef"))
            {
                return node["allOf"] is null && AllOfMerger.ReferenceOf(node) is null ? node : _merger.Flatten(node);
            }

            if (!seen.Add(node) || _references.Resolve(reference.Text, node, out _) is not { } target)
            {
                return null;
            }

            node = target;
        }

        return node;
    }
}
