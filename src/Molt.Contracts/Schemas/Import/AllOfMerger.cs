using System.Globalization;

namespace Molt.Contracts.Schemas.Import;

/// <summary>
/// Makes one schema of several that hold at once (<c>allOf</c>, and what stands beside <c>$ref</c> since draft 2019-09), keyword by
/// keyword: both sides' properties, the tighter of two bounds, the values both allow. What cannot be said in one schema is noted.
/// </summary>
internal sealed class AllOfMerger(JsonSchemaReferences references, SchemaNotes notes, bool siblingsOfReferencesCount)
{
    private static readonly string[] References = ["$ref", "$recursiveRef", "$dynamicRef"];

    // Merging may multiply what is written; a bound for a schema made to grow without end.
    private const int MostMerges = 50_000;

    private readonly HashSet<SourceNode> _active = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<SourceNode, SourceNode> _flat = new(ReferenceEqualityComparer.Instance);
    private int _merges;
    private int _cuts;

    /// <summary>The keyword that refers, and where to.</summary>
    public static SourceNode? ReferenceOf(SourceNode node)
    {
        foreach (var keyword in References)
        {
            if (node[keyword] is { Kind: JsonKind.String } reference)
            {
                return reference;
            }
        }

        return null;
    }

    public static bool HasConstraints(SourceNode node, params ReadOnlySpan<string> besides)
    {
        foreach (var (keyword, _) in node.Members)
        {
            if (JsonSchemaKeywords.IsConstraint(keyword) && !besides.Contains(keyword))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What a reference leads to; null after noting why it leads nowhere.</summary>
    public SourceNode? Follow(SourceNode node, out bool isOutside)
    {
        var reference = ReferenceOf(node)!;
        var target = references.Resolve(reference.Text, node, out isOutside);
        if (isOutside)
        {
            notes.Warning(NoteCodes.AnyValue, reference.Pointer, $"\"{reference.Text}\" is in another document, which is not read; any JSON value is accepted.");
        }
        else if (target is null)
        {
            notes.Error(NoteCodes.UnresolvedReference, reference.Pointer, $"\"{reference.Text}\" leads nowhere in this document.");
        }

        return target;
    }

    /// <summary>The schema without <c>allOf</c> and without constraints beside a reference; a mere reference stays one.</summary>
    public SourceNode Flatten(SourceNode node)
    {
        if (node.Kind != JsonKind.Object)
        {
            return node;
        }

        if (_flat.TryGetValue(node, out var known))
        {
            return known;
        }

        // What was cut short because it is inside itself is whole elsewhere.
        var cuts = _cuts;
        var flat = FlattenNew(node);
        if (cuts == _cuts)
        {
            _flat[node] = flat;
        }

        return flat;
    }

    private SourceNode FlattenNew(SourceNode node)
    {
        var reference = ReferenceOf(node);
        if (reference is not null && !siblingsOfReferencesCount)
        {
            var ignored = node.Where(keyword => JsonSchemaKeywords.IsConstraint(keyword) && Array.IndexOf(References, keyword) < 0);
            if (ignored.Members.Count > 0)
            {
                notes.Warning(NoteCodes.KeywordDropped, ignored.Members[0].Value.Pointer, "What stands beside $ref does not count before draft 2019-09.");
            }

            return node.Where(keyword => !JsonSchemaKeywords.IsConstraint(keyword) || Array.IndexOf(References, keyword) >= 0);
        }

        var all = node["allOf"] is { Kind: JsonKind.Array } list ? list.Items : [];
        if (all.Count == 0 && (reference is null || !HasConstraints(node, References)))
        {
            return node["allOf"] is null ? node : node.Without("allOf");
        }

        var rest = node.Without("allOf", "$ref", "$recursiveRef", "$dynamicRef");
        references.Inherit(rest, node);
        if (reference is null && all.Count == 1 && !HasConstraints(rest) && all[0].Kind == JsonKind.Object)
        {
            // { "allOf": [{ "$ref": … }], "default": … }: how annotations were put beside a reference before they could be.
            return Annotate(Flatten(all[0]), rest);
        }

        if (!_active.Add(node))
        {
            Cut(node);
            return rest;
        }

        var merged = rest;
        if (reference is not null)
        {
            var bare = SourceNode.Object(node.Pointer, [new("$ref", reference)]);
            references.Inherit(bare, node);
            merged = Add(merged, Solid(bare));
        }

        foreach (var part in all)
        {
            merged = Add(merged, Solid(part));
        }

        _active.Remove(node);
        return merged;
    }

    /// <summary>One schema for two that both hold; the first one's annotations count.</summary>
    private SourceNode Merge(SourceNode a, SourceNode b)
    {
        if (++_merges > MostMerges)
        {
            notes.Error(NoteCodes.NotExpressible, "", string.Create(CultureInfo.InvariantCulture, $"allOf and $ref multiply to more than {MostMerges} parts."));
            return a;
        }

        (a, b) = (WithNumericBounds(a), WithNumericBounds(b));
        var members = new List<KeyValuePair<string, SourceNode>>();
        foreach (var (keyword, value) in a.Members)
        {
            members.Add(new(keyword, b[keyword] is { } other && !SourceNode.Same(value, other) ? Both(keyword, value, other) : value));
        }

        foreach (var member in b.Members)
        {
            if (a[member.Key] is null)
            {
                members.Add(member);
            }
        }

        var merged = SourceNode.Object(a.Pointer, members);
        references.Inherit(merged, a);
        WarnOfClosed(a, b);
        WarnOfClosed(b, a);
        return merged;
    }

    // The schema with every reference on the way replaced by what it leads to.
    private SourceNode? Solid(SourceNode node)
    {
        var seen = new HashSet<SourceNode>(ReferenceEqualityComparer.Instance);
        while (true)
        {
            node = Flatten(node);
            if (node.Kind != JsonKind.Object || ReferenceOf(node) is null)
            {
                return node;
            }

            if (Follow(node, out _) is not { } target)
            {
                return null;
            }

            if (_active.Contains(target) || !seen.Add(target))
            {
                Cut(node);
                return null;
            }

            node = target;
        }
    }

    private void Cut(SourceNode node)
    {
        _cuts++;
        notes.Warning(NoteCodes.KeywordDropped, node.Pointer, "The schema is a part of itself; that part says nothing more.");
    }

    private SourceNode Add(SourceNode merged, SourceNode? part) => part switch
    {
        null or { Kind: JsonKind.Boolean, Truth: true } => merged,
        { Kind: JsonKind.Object } => merged.Members.Count == 0 ? part : Merge(merged, part.Without("$id", "id", "$schema", "$defs", "definitions", "$anchor")),
        _ => merged.With("enum", SourceNode.Array(part.Pointer, [])),
    };

    private SourceNode Annotate(SourceNode schema, SourceNode annotations)
    {
        if (schema.Kind != JsonKind.Object || annotations.Members.Count == 0)
        {
            return schema;
        }

        var result = schema;
        foreach (var (keyword, value) in annotations.Members)
        {
            result = result.With(keyword, value);
        }

        references.Inherit(result, schema);
        return result;
    }

    private SourceNode Both(string keyword, SourceNode a, SourceNode b)
    {
        switch (keyword)
        {
            case "properties" or "patternProperties":
                return Named(a, b);
            case "required":
                return Union(a, b);
            case "enum":
                return Common(a, b);
            case "type":
                return Types(a, b);
            case "minimum" or "exclusiveMinimum" or "minLength" or "minItems" or "minProperties" when AreNumbers(a, b):
                return a.Double >= b.Double ? a : b;
            case "maximum" or "exclusiveMaximum" or "maxLength" or "maxItems" or "maxProperties" when AreNumbers(a, b):
                return a.Double <= b.Double ? a : b;
            case "additionalProperties" or "unevaluatedProperties" or "items" or "propertyNames" or "unevaluatedItems" or "contains" when b.Kind != JsonKind.Array && a.Kind != JsonKind.Array:
                return AllOf(a, b);
            case "prefixItems" or "items" when a.Kind == JsonKind.Array && b.Kind == JsonKind.Array:
                var items = new List<SourceNode>();
                for (var i = 0; i < Math.Max(a.Items.Count, b.Items.Count); i++)
                {
                    items.Add(i >= a.Items.Count ? b.Items[i] : i >= b.Items.Count ? a.Items[i] : AllOf(a.Items[i], b.Items[i]));
                }

                return SourceNode.Array(a.Pointer, items);
            case "uniqueItems" or "deprecated":
                return a.Truth ? a : b;
            case "nullable":
                return a.Truth ? b : a;
            default:
                if (JsonSchemaKeywords.IsConstraint(keyword))
                {
                    notes.Warning(NoteCodes.KeywordDropped, b.Pointer, $"A second {keyword} for the same value is not checked; the first is {Shown(a)}.");
                }

                return a;
        }
    }

    private static bool AreNumbers(SourceNode a, SourceNode b) => a.Kind == JsonKind.Number && b.Kind == JsonKind.Number;

    private static string Shown(SourceNode node)
    {
        var text = node.ToJson();
        return text.Length > 60 ? text[..60] + "…" : text;
    }

    private SourceNode AllOf(SourceNode a, SourceNode b)
    {
        if (a is { Kind: JsonKind.Boolean })
        {
            return a.Truth ? b : a;
        }

        if (b is { Kind: JsonKind.Boolean })
        {
            return b.Truth ? a : b;
        }

        var made = SourceNode.Object(a.Pointer, [new("allOf", SourceNode.Array(a.Pointer, [a, b]))]);
        references.Inherit(made, a);
        return made;
    }

    private SourceNode Named(SourceNode a, SourceNode b)
    {
        var members = new List<KeyValuePair<string, SourceNode>>();
        foreach (var (name, schema) in a.Members)
        {
            members.Add(new(name, b[name] is { } other && !SourceNode.Same(schema, other) ? AllOf(schema, other) : schema));
        }

        foreach (var member in b.Members)
        {
            if (a[member.Key] is null)
            {
                members.Add(member);
            }
        }

        return SourceNode.Object(a.Pointer, members);
    }

    private static SourceNode Union(SourceNode a, SourceNode b)
    {
        var items = new List<SourceNode>(a.Items);
        foreach (var item in b.Items)
        {
            if (!items.Exists(known => SourceNode.Same(known, item)))
            {
                items.Add(item);
            }
        }

        return SourceNode.Array(a.Pointer, items);
    }

    private static SourceNode Common(SourceNode a, SourceNode b)
    {
        var items = new List<SourceNode>();
        foreach (var item in a.Items)
        {
            foreach (var other in b.Items)
            {
                if (SourceNode.Same(item, other))
                {
                    items.Add(item);
                    break;
                }
            }
        }

        return SourceNode.Array(a.Pointer, items);
    }

    private static SourceNode Types(SourceNode a, SourceNode b)
    {
        var (left, right) = (Names(a), Names(b));
        var common = new List<SourceNode>();
        foreach (var name in left)
        {
            if (right.Contains(name) || (name == "integer" && right.Contains("number")))
            {
                common.Add(SourceNode.String(a.Pointer, name));
            }
            else if (name == "number" && right.Contains("integer"))
            {
                common.Add(SourceNode.String(b.Pointer, "integer"));
            }
        }

        return SourceNode.Array(a.Pointer, common);
    }

    private static List<string> Names(SourceNode type)
    {
        var names = new List<string>();
        foreach (var item in type.Kind == JsonKind.Array ? type.Items : [type])
        {
            names.Add(item.Text);
        }

        return names;
    }

    // Draft 4 writes { "minimum": 0, "exclusiveMinimum": true }.
    private static SourceNode WithNumericBounds(SourceNode node)
    {
        foreach (var (bound, exclusive) in (ReadOnlySpan<(string, string)>)[("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")])
        {
            if (node[exclusive] is { Kind: JsonKind.Boolean } flag)
            {
                node = flag.Truth && node[bound] is { } value ? node.Without(bound, exclusive).With(exclusive, value) : node.Without(exclusive);
            }
        }

        return node;
    }

    private void WarnOfClosed(SourceNode closed, SourceNode other)
    {
        if (!closed.IsFalse("additionalProperties") || other["properties"] is not { } properties)
        {
            return;
        }

        foreach (var (name, schema) in properties.Members)
        {
            if (closed["properties"]?[name] is null && schema is not { Kind: JsonKind.Boolean })
            {
                notes.Warning(NoteCodes.ShapeChanged, schema.Pointer, $"The property is kept, though {closed.At("additionalProperties")} refuses it to the letter.");
            }
        }
    }
}
