using System.Collections.Frozen;

namespace Molt.Contracts.Schemas.Import;

/// <summary>The words of JSON Schema from draft 4 to 2020-12, by what the importer does with them.</summary>
internal static class JsonSchemaKeywords
{
    /// <summary>Hold one schema, or a list of schemas where a draft says so.</summary>
    public static readonly FrozenSet<string> OfOneSchema = FrozenSet.Create(StringComparer.Ordinal,
        "additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames", "then",
        "unevaluatedItems", "unevaluatedProperties");

    /// <summary>Hold a list of schemas.</summary>
    public static readonly FrozenSet<string> OfSchemaLists = FrozenSet.Create(StringComparer.Ordinal, "allOf", "anyOf", "oneOf", "prefixItems", "items");

    /// <summary>Hold schemas by name.</summary>
    public static readonly FrozenSet<string> OfNamedSchemas = FrozenSet.Create(StringComparer.Ordinal,
        "$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties");

    /// <summary>Say something to people or tools and nothing about values.</summary>
    public static readonly FrozenSet<string> Annotations = FrozenSet.Create(StringComparer.Ordinal,
        "$anchor", "$comment", "$defs", "$dynamicAnchor", "$id", "$recursiveAnchor", "$schema", "$vocabulary", "default", "definitions",
        "deprecated", "description", "discriminator", "example", "examples", "id", "readOnly", "title", "writeOnly");

    /// <summary>Constraints the schema language has no word for.</summary>
    public static readonly FrozenSet<string> Inexpressible = FrozenSet.Create(StringComparer.Ordinal,
        "contains", "contentMediaType", "contentSchema", "dependencies", "dependentRequired", "dependentSchemas", "else", "if", "maxContains",
        "minContains", "not", "then", "unevaluatedItems");

    private static readonly FrozenSet<string> Others = FrozenSet.Create(StringComparer.Ordinal,
        "$dynamicRef", "$recursiveRef", "$ref", "const", "contentEncoding", "enum", "exclusiveMaximum", "exclusiveMinimum", "format", "maxItems",
        "maxLength", "maxProperties", "maximum", "minItems", "minLength", "minProperties", "minimum", "multipleOf", "nullable", "pattern",
        "required", "type", "uniqueItems");

    public static bool IsKnown(string keyword) =>
        Annotations.Contains(keyword) || OfOneSchema.Contains(keyword) || OfSchemaLists.Contains(keyword) || OfNamedSchemas.Contains(keyword) ||
        Inexpressible.Contains(keyword) || Others.Contains(keyword);

    /// <summary>Whether a keyword says something about values; unknown ones do not.</summary>
    public static bool IsConstraint(string keyword) => IsKnown(keyword) && !Annotations.Contains(keyword);

    /// <summary>The keyword that an unknown one was probably meant to be: the same but for case, or for one letter.</summary>
    public static string? Nearest(string keyword)
    {
        if (keyword.Length < 4 || keyword.StartsWith("x-", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        foreach (var known in (ReadOnlySpan<FrozenSet<string>>)[OfOneSchema, OfSchemaLists, OfNamedSchemas, Annotations, Inexpressible, Others])
        {
            foreach (var candidate in known)
            {
                if (IsOneSlipAway(keyword, candidate))
                {
                    return candidate;
                }
            }
        }

        return null;
    }

    // One letter more, less, changed, or swapped with its neighbour; case counts as nothing.
    private static bool IsOneSlipAway(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > 1)
        {
            return false;
        }

        a = a.ToUpperInvariant();
        b = b.ToUpperInvariant();
        var head = a.AsSpan().CommonPrefixLength(b);
        var x = a.AsSpan(head);
        var y = b.AsSpan(head);
        if (x.Length == y.Length)
        {
            return x.Length <= 1 || x[1..].SequenceEqual(y[1..]) || (x[0] == y[1] && x[1] == y[0] && x[2..].SequenceEqual(y[2..]));
        }

        return x.Length > y.Length ? x[1..].SequenceEqual(y) : y[1..].SequenceEqual(x);
    }
}
