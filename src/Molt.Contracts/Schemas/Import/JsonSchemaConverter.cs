using System.Globalization;
using System.Runtime.InteropServices;
using Molt.Contracts.Schemas.Export;

namespace Molt.Contracts.Schemas.Import;

/// <summary>What a JSON Schema became: a type, and whether null is accepted besides. Without a type nothing is accepted (but null).</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Mapped(SchemaType? Type, bool Nullable)
{
    public static Mapped Never { get; } = new(null, Nullable: false);

    public static Mapped Json { get; } = new(SchemaBuilder.Json, Nullable: false);
}

/// <summary>
/// Walks a JSON Schema and makes types of it. Partial by what is mapped: this part has the walk and references; others have
/// values and scalars, lists, objects, and alternatives.
/// </summary>
internal sealed partial class JsonSchemaConverter
{
    // Enough for every schema in the wild; a bound for one made to grow without end.
    private const int MostSchemas = 50_000;
    private const int DeepestNesting = 200;

    private readonly SourceNode _root;
    private readonly SchemaNotes _notes;
    private readonly JsonSchemaImportOptions _options;
    private readonly JsonSchemaReferences _references;
    private readonly AllOfMerger _merger;
    private readonly Dictionary<SourceNode, Definition> _definitions = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, Definition> _named = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _patterns = new(StringComparer.Ordinal);
    private int _mapped;
    private int _depth;
    private bool _isTooLarge;

    public JsonSchemaConverter(SourceNode root, SchemaNotes notes, JsonSchemaImportOptions options)
    {
        _root = root;
        _notes = notes;
        _options = options;
        _references = new JsonSchemaReferences(root);
        _merger = new AllOfMerger(_references, notes, siblingsOfReferencesCount: !IsBefore2019(root));
    }

    public void Convert(SchemaBuilder builder)
    {
        var definition = new Definition();
        _definitions.Add(_root, definition);
        definition.Complete(Map(_root));
        var (type, nullable) = definition.Result;
        if (type is null)
        {
            _notes.Error(NoteCodes.NotExpressible, _root.Pointer, "No value, or only null, is valid; a schema has values.");
            return;
        }

        if (definition.Name is { } name)
        {
            type = new RefType(name);
        }

        if (_root.TryText("description", out var doc))
        {
            builder.Doc(doc);
        }

        builder.Type(nullable ? new OptionalType(type) : type);
        DefineUsed(builder, type, new HashSet<string>(StringComparer.Ordinal));
    }

    // A definition whose only use went into something that accepts any value is not one of the schema.
    private void DefineUsed(SchemaBuilder builder, SchemaType type, HashSet<string> defined)
    {
        switch (type)
        {
            case RefType reference when _named[reference.Name].Result.Type is { } definition && defined.Add(reference.Name):
                builder.Define(reference.Name, definition);
                DefineUsed(builder, definition, defined);
                break;
            case OptionalType optional:
                DefineUsed(builder, optional.Of, defined);
                break;
            case ListType list:
                DefineUsed(builder, list.Items, defined);
                break;
            case MapType map:
                DefineUsed(builder, map.Values, defined);
                break;
            case RecordType record:
                foreach (var field in record.Fields)
                {
                    DefineUsed(builder, field.Type, defined);
                }

                break;
            case UnionType union:
                foreach (var variant in union.Variants)
                {
                    DefineUsed(builder, variant.Type, defined);
                }

                break;
            default:
                break;
        }
    }

    private static bool IsBefore2019(SourceNode root) =>
        root.TryText("$schema", out var draft) &&
        (draft.Contains("draft-04", StringComparison.Ordinal) || draft.Contains("draft-06", StringComparison.Ordinal) || draft.Contains("draft-07", StringComparison.Ordinal));

    private Mapped Map(SourceNode node)
    {
        if (node.Kind == JsonKind.Boolean)
        {
            return node.Truth ? Mapped.Json : Mapped.Never;
        }

        if (node.Kind != JsonKind.Object)
        {
            _notes.Error(NoteCodes.NotASchema, node.Pointer, "A schema is an object, true or false.");
            return Mapped.Json;
        }

        if (++_mapped > MostSchemas || _depth >= DeepestNesting)
        {
            // Once is enough; what is left is passed over.
            _mapped = MostSchemas;
            if (_isTooLarge)
            {
                return Mapped.Json;
            }

            _isTooLarge = true;
            _notes.Error(NoteCodes.NotExpressible, node.Pointer, string.Create(CultureInfo.InvariantCulture, $"The schema has more than {MostSchemas} parts or {DeepestNesting} levels."));
            return Mapped.Json;
        }

        _depth++;
        var result = MapObjectNode(_merger.Flatten(node));
        _depth--;
        return result;
    }

    private Mapped MapObjectNode(SourceNode node)
    {
        if (node.Kind != JsonKind.Object)
        {
            return Map(node);
        }

        ReportKeywords(node);
        if (AllOfMerger.ReferenceOf(node) is not null)
        {
            return MapReference(node);
        }

        if (node["not"] is { } not && IsEverything(not))
        {
            return Mapped.Never;
        }

        if (node["const"] is not null || node["enum"] is not null)
        {
            return MapValues(node);
        }

        if (node["anyOf"] is { Kind: JsonKind.Array } || node["oneOf"] is { Kind: JsonKind.Array })
        {
            return MapAlternatives(node);
        }

        var types = TypesOf(node, out var nullable);
        var result = types switch
        {
            [] when nullable => new Mapped(null, Nullable: true),
            [] when node["type"] is { Kind: JsonKind.Array } => Mapped.Never,
            [] => Mapped.Json,
            [var type] => MapType(type, node),
            _ => MapBranches(node, types.ConvertAll(type => WithType(node, type))),
        };
        return result with { Nullable = (result.Nullable || nullable) && result.Type is not ScalarType { Scalar: ScalarKind.Json } };
    }

    private Mapped MapType(string type, SourceNode node)
    {
        switch (type)
        {
            case "boolean":
                return new Mapped(SchemaBuilder.Bool, Nullable: false);
            case "integer":
                return MapNumber(node, isInteger: true);
            case "number":
                return MapNumber(node, isInteger: false);
            case "string":
                return MapString(node);
            case "array":
                return MapArray(node);
            case "object":
                return MapObject(node);
            case "any":
                return Mapped.Json;
            default:
                _notes.Error(NoteCodes.NotASchema, node.At("type"), $"\"{type}\" is not a type of JSON Schema.");
                return Mapped.Json;
        }
    }

    // The types a schema names, or those its keywords are about; null apart.
    private List<string> TypesOf(SourceNode node, out bool nullable)
    {
        nullable = node.IsTrue("nullable");
        var types = new List<string>();
        if (node["type"] is { } type)
        {
            foreach (var item in type.Kind == JsonKind.Array ? type.Items : [type])
            {
                if (item.Text == "null")
                {
                    nullable = true;
                }
                else if (!types.Contains(item.Text))
                {
                    types.Add(item.Text);
                }
            }

            if (types.Contains("number"))
            {
                types.Remove("integer");
            }

            return types;
        }

        if (Inferred(node) is { } inferred)
        {
            _notes.Info(NoteCodes.ValuesChanged, node.Pointer, $"Without \"type\"; taken to be \"{inferred}\", which its keywords are about.");
            types.Add(inferred);
        }

        return types;
    }

    private static string? Inferred(SourceNode node)
    {
        foreach (var (keyword, _) in node.Members)
        {
            switch (keyword)
            {
                case "properties" or "required" or "additionalProperties" or "patternProperties" or "propertyNames" or "minProperties" or "maxProperties":
                    return "object";
                case "items" or "prefixItems" or "minItems" or "maxItems" or "uniqueItems":
                    return "array";
                case "minLength" or "maxLength" or "pattern" or "format" or "contentEncoding":
                    return "string";
                case "minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum" or "multipleOf":
                    return "number";
                default:
                    break;
            }
        }

        return null;
    }

    private SourceNode WithType(SourceNode node, string type)
    {
        var single = node.Without("type", "nullable", "default", "title", "description").With("type", SourceNode.String(node.At("type"), type));
        _references.Inherit(single, node);
        return single;
    }

    private Mapped MapReference(SourceNode node)
    {
        if (_merger.Follow(node, out _) is not { } target)
        {
            return Mapped.Json;
        }

        if (target.Kind != JsonKind.Object)
        {
            return Map(target);
        }

        if (!_definitions.TryGetValue(target, out var definition))
        {
            definition = new Definition();
            _definitions.Add(target, definition);
            definition.Complete(Map(target));
        }

        // What has no parts needs no name, and neither does what is only another name.
        if (definition is { IsComplete: true, Name: null, Result.Type: null or ScalarType or RefType })
        {
            return definition.Result;
        }

        if (definition.Name is null)
        {
            definition.Name = NameOf(AllOfMerger.ReferenceOf(node)!.Text, target);
            _named.Add(definition.Name, definition);
        }

        return new Mapped(new RefType(definition.Name), definition.IsComplete ? definition.Result.Nullable : AllowsNull(target, []));
    }

    // The last part of a reference, as an identifier that no other definition has.
    private string NameOf(string reference, SourceNode target)
    {
        var text = Uri.UnescapeDataString(reference[(reference.LastIndexOf('/') + 1)..]);
        text = text.TrimStart('#').Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        if (text.Length == 0 || ReferenceEquals(target, _root))
        {
            text = target.TryText("title", out var title) ? title : "root";
        }

        var name = Identifiers.From(text, "type");
        var free = name;
        for (var number = 2; _named.ContainsKey(free); number++)
        {
            free = string.Create(CultureInfo.InvariantCulture, $"{name}_{number}");
        }

        return free;
    }

    private bool AllowsNull(SourceNode node, HashSet<SourceNode> seen)
    {
        if (node.Kind != JsonKind.Object || !seen.Add(node))
        {
            return false;
        }

        if (AllOfMerger.ReferenceOf(node) is { } reference)
        {
            return _references.Resolve(reference.Text, node, out _) is { } target && AllowsNull(target, seen);
        }

        if (node.IsTrue("nullable") || node["type"] is { Text: "null" } || node["const"] is { Kind: JsonKind.Null })
        {
            return true;
        }

        foreach (var item in node["type"]?.Items ?? [])
        {
            if (item.Text == "null")
            {
                return true;
            }
        }

        foreach (var item in node["enum"]?.Items ?? [])
        {
            if (item.Kind == JsonKind.Null)
            {
                return true;
            }
        }

        foreach (var branch in (node["anyOf"] ?? node["oneOf"])?.Items ?? [])
        {
            if (AllowsNull(branch, seen))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsEverything(SourceNode node) =>
        node is { Kind: JsonKind.Boolean, Truth: true } || (node.Kind == JsonKind.Object && !AllOfMerger.HasConstraints(node));

    // Says what no mapping looks at.
    private void ReportKeywords(SourceNode node)
    {
        foreach (var (keyword, value) in node.Members)
        {
            if (JsonSchemaKeywords.Inexpressible.Contains(keyword))
            {
                // { "not": true } is a schema without values, seen to elsewhere; the others say nothing when anything satisfies them.
                if (!(JsonSchemaKeywords.OfOneSchema.Contains(keyword) && IsEverything(value)))
                {
                    _notes.Warning(NoteCodes.KeywordDropped, value.Pointer, $"{keyword} is not checked: the schema language has no word for it.");
                }
            }
            else if (!JsonSchemaKeywords.IsKnown(keyword))
            {
                if (JsonSchemaKeywords.Nearest(keyword) is { } nearest)
                {
                    _notes.Warning(NoteCodes.UnknownKeyword, value.Pointer, $"JSON Schema knows no \"{keyword}\", so it says nothing. Was \"{nearest}\" meant?");
                }
                else
                {
                    _notes.Info(NoteCodes.UnknownKeyword, value.Pointer, $"\"{keyword}\" is not a word of JSON Schema and says nothing about values.");
                }
            }
        }
    }

    private void Drop(SourceNode node, string keyword, string why)
    {
        if (node[keyword] is { } value)
        {
            _notes.Warning(NoteCodes.KeywordDropped, value.Pointer, $"{keyword} is not checked: {why}.");
        }
    }

    /// <summary>A schema that others refer to.</summary>
    private sealed class Definition
    {
        /// <summary>Null until something refers to it by name.</summary>
        public string? Name { get; set; }

        public bool IsComplete { get; private set; }

        public Mapped Result { get; private set; }

        public void Complete(Mapped result)
        {
            Result = result;
            IsComplete = true;
        }
    }
}
