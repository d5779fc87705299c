using System.Globalization;
using Molt.Contracts.Schemas.Export;

namespace Molt.Contracts.Schemas.Import;

/// <summary><c>anyOf</c>, <c>oneOf</c> and lists of types: one type where it can be one, else a tagged union.</summary>
internal sealed partial class JsonSchemaConverter
{
    private static readonly string[] Conditions = ["required", "not", "minProperties", "maxProperties", "dependentRequired", "if", "then", "else"];
    private static readonly string[] NotNumbers = ["NaN", "Infinity", "-Infinity"];

    private Mapped MapAlternatives(SourceNode node)
    {
        var keyword = node["anyOf"] is { Kind: JsonKind.Array } ? "anyOf" : "oneOf";
        if (keyword == "anyOf" && node["oneOf"] is not null)
        {
            Drop(node, "oneOf", "there is an anyOf beside it");
        }

        var branches = node[keyword]!.Items;
        var rest = node.Without("anyOf", "oneOf");
        _references.Inherit(rest, node);
        var hasBase = AllOfMerger.HasConstraints(rest);
        if (hasBase && AreConditions(branches))
        {
            Drop(node, keyword, "its parts only say which properties go together");
            return MapObjectNode(rest);
        }

        if (IsAnyJson(node, branches))
        {
            return Mapped.Json;
        }

        var shared = rest.Where(JsonSchemaKeywords.IsConstraint);
        var expanded = new List<SourceNode>();
        foreach (var branch in branches)
        {
            Expand(hasBase && branch.Kind == JsonKind.Object ? Combined(shared, branch) : branch, expanded, 0);
        }

        return MapBranches(node, expanded);
    }

    // What holds for the whole, in a branch: the branch's own words come first.
    private SourceNode Combined(SourceNode shared, SourceNode branch)
    {
        var both = SourceNode.Object(branch.Pointer, [new("allOf", SourceNode.Array(branch.Pointer, [branch, shared]))]);
        _references.Inherit(both, branch);
        _references.Inherit(shared, branch);
        return _merger.Flatten(both);
    }

    private static bool AreConditions(IReadOnlyList<SourceNode> branches)
    {
        foreach (var branch in branches)
        {
            if (branch.Kind != JsonKind.Object || !AllOfMerger.HasConstraints(branch) || AllOfMerger.HasConstraints(branch, Conditions))
            {
                return false;
            }
        }

        return branches.Count > 0;
    }

    // Alternatives inside alternatives, and several types, become alternatives of the whole.
    private void Expand(SourceNode branch, List<SourceNode> into, int depth)
    {
        if (branch.Kind == JsonKind.Object && depth < DeepestNesting)
        {
            branch = _merger.Flatten(branch);
        }

        if (branch.Kind == JsonKind.Object && AllOfMerger.ReferenceOf(branch) is null && branch["const"] is null && branch["enum"] is null && depth < DeepestNesting)
        {
            foreach (var keyword in (ReadOnlySpan<string>)["anyOf", "oneOf"])
            {
                if (branch[keyword] is { Kind: JsonKind.Array } nested && !AllOfMerger.HasConstraints(branch, keyword))
                {
                    foreach (var item in nested.Items)
                    {
                        Expand(item, into, depth + 1);
                    }

                    return;
                }
            }

            if (branch["type"] is { Kind: JsonKind.Array, Items.Count: > 1 } types && branch["anyOf"] is null && branch["oneOf"] is null)
            {
                foreach (var type in types.Items)
                {
                    into.Add(WithType(branch, type.Text));
                }

                return;
            }
        }

        into.Add(branch);
    }

    // The type of every JSON value, spelled out: { anyOf: [string, number, boolean, null, array of itself, object of itself] }.
    private bool IsAnyJson(SourceNode node, IReadOnlyList<SourceNode> branches)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var branch in branches)
        {
            if (branch.Kind != JsonKind.Object)
            {
                return false;
            }

            foreach (var type in branch["type"] is { Kind: JsonKind.Array } several ? several.Items : branch["type"] is { } one ? [one] : [])
            {
                var isWhole = type.Text switch
                {
                    "array" => !AllOfMerger.HasConstraints(branch, "type", "items") && IsAnyOrItself(branch["items"], node),
                    "object" => !AllOfMerger.HasConstraints(branch, "type", "additionalProperties", "propertyNames") && IsAnyOrItself(branch["additionalProperties"], node),
                    _ => !AllOfMerger.HasConstraints(branch, "type"),
                };
                if (isWhole)
                {
                    found.Add(type.Text);
                }
            }
        }

        return found.Contains("array") && found.Contains("object") && found.Contains("string") && found.Contains("number") && found.Contains("boolean");
    }

    private bool IsAnyOrItself(SourceNode? schema, SourceNode itself) =>
        schema is null || IsEverything(schema) ||
        (schema.Kind == JsonKind.Object && AllOfMerger.ReferenceOf(schema) is { } reference && ReferenceEquals(_references.Resolve(reference.Text, schema, out _), itself));

    private Mapped MapBranches(SourceNode node, List<SourceNode> branches)
    {
        var isNullable = branches.RemoveAll(IsNull) > 0 || node.IsTrue("nullable");
        branches.RemoveAll(branch => branch is { Kind: JsonKind.Boolean, Truth: false });
        if (MapIdiom(branches) is { } idiom)
        {
            return idiom with { Nullable = idiom.Nullable || isNullable };
        }

        JoinValues(branches);
        RemoveRepeated(branches);
        if (branches is [])
        {
            return new Mapped(null, isNullable);
        }

        if (branches is [var only])
        {
            var result = Map(only);
            return result with { Nullable = (result.Nullable || isNullable) && result.Type is not ScalarType { Scalar: ScalarKind.Json } };
        }

        return NamedByKey(branches) is { } keyed ? keyed with { Nullable = isNullable } : MapUnion(node, branches, isNullable);
    }

    private static bool IsNull(SourceNode branch) =>
        branch.Kind == JsonKind.Object && AllOfMerger.ReferenceOf(branch) is null &&
        (branch["type"] is { Text: "null" } || branch["const"] is { Kind: JsonKind.Null } || branch["enum"] is { Items: [{ Kind: JsonKind.Null }] });

    // Numbers and the text that stands in for those JSON has no digits for: one kind, not alternatives.
    private Mapped? MapIdiom(List<SourceNode> branches)
    {
        if (branches is not [{ Kind: JsonKind.Object } number, { Kind: JsonKind.Object } text])
        {
            return null;
        }

        if (number["type"]?.Text == "number" && text["enum"] is { Items.Count: 3 } list && Array.TrueForAll(NotNumbers, name => Contains(list, name)))
        {
            return MapNumber(number, isInteger: false);
        }

        if (text["type"]?.Text != "string" || !text.TryText("pattern", out var pattern))
        {
            return null;
        }

        return number["type"]?.Text switch
        {
            "number" when pattern.StartsWith(PydanticDecimal, StringComparison.Ordinal) || pattern == OwnDecimal => MapDecimal(text, number),
            "integer" when pattern == OwnInteger => MapNumber(number, isInteger: true),
            _ => null,
        };
    }

    private static bool Contains(SourceNode list, string text)
    {
        foreach (var item in list.Items)
        {
            if (item.Kind == JsonKind.String && item.Text == text)
            {
                return true;
            }
        }

        return false;
    }

    // Strings listed one alternative each are one enum; beside any string they say nothing.
    private void JoinValues(List<SourceNode> branches)
    {
        var listed = branches.FindAll(branch => ListedStrings(branch) is not null);
        if (listed.Count == 0)
        {
            return;
        }

        if (branches.Exists(branch => branch.Kind == JsonKind.Object && branch["type"]?.Text == "string" && !AllOfMerger.HasConstraints(branch, "type")))
        {
            _notes.Info(NoteCodes.ValuesChanged, listed[0].Pointer, "Any string is valid, so the listed ones are only suggestions.");
            branches.RemoveAll(listed.Contains);
            return;
        }

        if (listed.Count == 1)
        {
            return;
        }

        var values = new List<SourceNode>();
        foreach (var branch in listed)
        {
            values.AddRange(ListedStrings(branch)!);
        }

        var place = branches.IndexOf(listed[0]);
        branches[place] = SourceNode.Object(listed[0].Pointer, [new("enum", SourceNode.Array(listed[0].Pointer, values))]);
        listed.RemoveAt(0);
        branches.RemoveAll(listed.Contains);
    }

    private static IReadOnlyList<SourceNode>? ListedStrings(SourceNode branch)
    {
        if (branch.Kind != JsonKind.Object || AllOfMerger.ReferenceOf(branch) is not null)
        {
            return null;
        }

        var values = branch["const"] is { } single ? [single] : branch["enum"]?.Items ?? [];
        foreach (var value in values)
        {
            if (value.Kind != JsonKind.String)
            {
                return null;
            }
        }

        return values.Count > 0 ? values : null;
    }

    private static void RemoveRepeated(List<SourceNode> branches)
    {
        var bare = branches.ConvertAll(branch => branch.Kind == JsonKind.Object ? branch.Where(JsonSchemaKeywords.IsConstraint) : branch);
        for (var i = branches.Count - 1; i > 0; i--)
        {
            for (var j = 0; j < i; j++)
            {
                var isRepeated = SourceNode.Same(bare[i], bare[j]);
                var isWholeNumber = IsPlain(bare[i], "integer") && IsPlain(bare[j], "number");
                if (isRepeated || isWholeNumber)
                {
                    branches.RemoveAt(i);
                    bare.RemoveAt(i);
                    break;
                }

                if (IsPlain(bare[i], "number") && bare[j].Kind == JsonKind.Object && bare[j]["type"]?.Text == "integer")
                {
                    branches[j] = branches[i];
                    bare[j] = bare[i];
                    branches.RemoveAt(i);
                    bare.RemoveAt(i);
                    break;
                }
            }
        }
    }

    private static bool IsPlain(SourceNode branch, string type) =>
        branch.Kind == JsonKind.Object && branch["type"]?.Text == type && !AllOfMerger.HasConstraints(branch, "type", type == "integer" ? "minimum" : "type", type == "integer" ? "maximum" : "type");

    // [{ circle: … }, { square: … }], each closed and with its one property required: the form unions have in JSON here.
    private Mapped? NamedByKey(List<SourceNode> branches)
    {
        var named = new List<KeyValuePair<string, SourceNode>>();
        foreach (var branch in branches)
        {
            if (Reached(branch) is not { Kind: JsonKind.Object } reached || reached["properties"] is not { Kind: JsonKind.Object, Members: [var member] } ||
                RequiredOf(reached) is not [var required] || required != member.Key || !reached.IsFalse("additionalProperties") || !IsName(required) ||
                named.Exists(other => other.Key == required))
            {
                return null;
            }

            named.Add(member);
        }

        var variants = new List<UnionVariant>();
        foreach (var (name, schema) in named)
        {
            if (Present(Map(schema)) is not { } type)
            {
                return null;
            }

            variants.Add(new UnionVariant(name, type) { Doc = schema.Kind == JsonKind.Object && schema.TryText("description", out var doc) ? doc : null });
        }

        return new Mapped(new UnionType(variants), Nullable: false);
    }

    private Mapped MapUnion(SourceNode node, List<SourceNode> branches, bool isNullable)
    {
        var mapped = new List<(SourceNode Branch, SchemaType Type)>();
        foreach (var branch in branches)
        {
            var (type, nullable) = Map(branch);
            isNullable |= nullable;
            if (type is ScalarType { Scalar: ScalarKind.Json })
            {
                return Mapped.Json;
            }

            if (type is not null)
            {
                mapped.Add((branch, type));
            }
        }

        if (mapped.Count == 0)
        {
            return new Mapped(null, isNullable);
        }

        if (mapped.TrueForAll(other => AreSame(other.Type, mapped[0].Type)))
        {
            return new Mapped(mapped[0].Type, isNullable);
        }

        var nodes = mapped.ConvertAll(pair => pair.Branch);
        var names = VariantNames(node, nodes, mapped.ConvertAll(pair => pair.Type));
        var variants = new List<UnionVariant>();
        for (var i = 0; i < names.Count; i++)
        {
            variants.Add(new UnionVariant(names[i], mapped[i].Type)
            {
                Doc = nodes[i].TryText("description", out var doc) || (Reached(nodes[i])?.TryText("description", out doc) ?? false) ? doc : null,
            });
        }

        WarnOfUnion(node, variants);
        return new Mapped(new UnionType(variants), isNullable);
    }

    private static bool AreSame(SchemaType a, SchemaType b) => (a, b) switch
    {
        (ScalarType x, ScalarType y) => x.Scalar == y.Scalar && x.Ge == y.Ge && x.Le == y.Le && x.FloatGe.Equals(y.FloatGe) && x.FloatLe.Equals(y.FloatLe) &&
            x.MinLength == y.MinLength && x.MaxLength == y.MaxLength && x.Pattern == y.Pattern && x.Format == y.Format,
        (RefType x, RefType y) => x.Name == y.Name,
        _ => ReferenceEquals(a, b),
    };

    private void WarnOfUnion(SourceNode node, List<UnionVariant> variants) => _notes.Warning(
        NoteCodes.ShapeChanged,
        node.Pointer,
        $"Alternatives become a tagged union: in JSON {{ \"{variants[0].Name}\": … }} instead of the value alone. Its variants are {string.Join(", ", variants.ConvertAll(variant => variant.Name))}.");

    // By what tells them apart in the document if something does, else by name, else by kind. The order is that of the document.
    private List<string> VariantNames(SourceNode node, List<SourceNode> branches, List<SchemaType> types)
    {
        var reached = branches.ConvertAll(branch => Reached(branch) ?? branch);
        var names = Discriminators(node, reached) ?? [];
        for (var i = names.Count; i < branches.Count; i++)
        {
            names.Add(OwnName(branches[i], reached[i]) ?? OnlyProperty(reached, i) ?? KindName(types[i]));
        }

        var used = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < names.Count; i++)
        {
            var name = names[i];
            for (var number = 2; !used.Add(names[i]); number++)
            {
                names[i] = string.Create(CultureInfo.InvariantCulture, $"{name}_{number}");
            }
        }

        return names;
    }

    private List<string>? Discriminators(SourceNode node, List<SourceNode> branches)
    {
        var stated = node["discriminator"] is { Kind: JsonKind.Object } discriminator && discriminator.TryText("propertyName", out var property) ? property : null;
        foreach (var (candidate, _) in branches[0]["properties"]?.Members ?? [])
        {
            if (stated is not null && candidate != stated)
            {
                continue;
            }

            var names = new List<string>();
            foreach (var branch in branches)
            {
                if (branch["properties"]?[candidate] is { Kind: JsonKind.Object } schema && Reached(schema) is { } value &&
                    ListedStrings(value) is [var only] && IsName(only.Text) && !names.Contains(only.Text))
                {
                    names.Add(only.Text);
                }
            }

            if (names.Count == branches.Count)
            {
                return names;
            }
        }

        return null;
    }

    private static string? OwnName(SourceNode branch, SourceNode reached)
    {
        if (ListedStrings(reached) is [var only] && IsName(only.Text))
        {
            return only.Text;
        }

        if (reached.TryText("title", out var title) && IsName(title))
        {
            return title;
        }

        if (AllOfMerger.ReferenceOf(branch) is { } reference)
        {
            var name = Identifiers.From(Uri.UnescapeDataString(reference.Text[(reference.Text.LastIndexOf('/') + 1)..]), "");
            return name.Length > 0 ? name : null;
        }

        return null;
    }

    // A property that this alternative requires and no other has.
    private static string? OnlyProperty(List<SourceNode> branches, int index)
    {
        foreach (var name in RequiredOf(branches[index]))
        {
            var isOwn = branches[index]["properties"]?[name] is not null && IsName(name);
            for (var i = 0; i < branches.Count && isOwn; i++)
            {
                isOwn = i == index || branches[i]["properties"]?[name] is null;
            }

            if (isOwn)
            {
                return name;
            }
        }

        return null;
    }

    private static string KindName(SchemaType type) => type switch
    {
        ScalarType { Scalar: ScalarKind.Bool } => "boolean",
        ScalarType { Format: { } format } => format,
        ScalarType { Scalar: var scalar } when ScalarKinds.IsInteger(scalar) => "integer",
        ScalarType { Scalar: var scalar } when ScalarKinds.IsFloat(scalar) => "number",
        RecordType => "object",
        EnumType => "choice",
        RefType reference => reference.Name,
        _ => type.Kind,
    };
}
