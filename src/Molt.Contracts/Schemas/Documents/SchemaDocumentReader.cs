using System.Globalization;
using System.Text.Json;

namespace Molt.Contracts.Schemas;

/// <summary>
/// Reads a schema document into types. It refuses what has the wrong shape (unknown keys, keys written twice, values of the
/// wrong JSON type) and goes on, so that all faults are found; <see cref="SchemaChecks"/> judges the meaning.
/// </summary>
internal sealed class SchemaDocumentReader
{
    private const int DeepestDocument = 256;

    private static readonly string[] DocumentKeys = ["sir", "id", "doc", "coercion", "definitions", "type"];
    private static readonly string[] FieldKeys = ["name", "type", "doc", "deprecated"];
    private static readonly string[] VariantKeys = ["name", "type", "doc"];
    private static readonly string[] Composites = ["list", "map", "record", "enum", "union", "optional", "stream", "ref"];
    private static readonly string[] Kinds = [.. ScalarKinds.All, .. Composites];

    private readonly List<SchemaFault> _faults;

    private SchemaDocumentReader(List<SchemaFault> faults) => _faults = faults;

    public static SchemaDraft? Read(ReadOnlySpan<byte> document, List<SchemaFault> faults)
    {
        var reader = new Utf8JsonReader(document, new JsonReaderOptions { MaxDepth = DeepestDocument });
        try
        {
            using var json = JsonDocument.ParseValue(ref reader);
            // Nothing but white space may follow; reading on refuses anything else.
            reader.Read();
            return new SchemaDocumentReader(faults).Document(json.RootElement);
        }
        catch (JsonException error)
        {
            faults.Add(new SchemaFault("$", string.Create(
                CultureInfo.InvariantCulture, $"is not JSON (line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}); a schema is one JSON object in UTF-8.")));
            return null;
        }
    }

    /// <summary>The keys that a type of a kind may have besides "kind".</summary>
    private static string[] KeysOf(string kind) => kind switch
    {
        "string" => ["kind", "minLength", "maxLength", "pattern", "format"],
        "bytes" => ["kind", "minLength", "maxLength"],
        "bool" or "uuid" or "json" => ["kind"],
        "list" => ["kind", "items", "minItems", "maxItems"],
        "map" => ["kind", "keys", "values", "minItems", "maxItems"],
        "record" => ["kind", "fields"],
        "enum" => ["kind", "values"],
        "union" => ["kind", "variants"],
        "optional" => ["kind", "of", "default"],
        "stream" => ["kind", "of"],
        "ref" => ["kind", "name"],
        _ => ["kind", "ge", "le"],
    };

    private SchemaDraft? Document(JsonElement root)
    {
        if (Object(root, "$", DocumentKeys) is not { } keys)
        {
            return null;
        }

        if (!keys.TryGetValue("sir", out var sir))
        {
            Fault("$", "has no \"sir\"; write \"sir\": 1, the version of the schema language.");
        }
        else if (sir.ValueKind != JsonValueKind.Number || !sir.TryGetInt32(out var version) || version != 1)
        {
            Fault("$.sir", "must be 1, the version of the schema language.");
        }

        SchemaId? id = null;
        if (RequiredText(keys, "id", "$") is { } idText && !SchemaId.TryParse(idText, out id))
        {
            Fault("$.id", SchemaId.Rule(idText));
        }

        var coercion = SchemaCoercion.Strict;
        if (OptionalText(keys, "coercion", "$") is { } word)
        {
            coercion = word == "lax" ? SchemaCoercion.Lax : SchemaCoercion.Strict;
            if (word is not ("lax" or "strict"))
            {
                Fault("$.coercion", "must be \"strict\" or \"lax\".");
            }
        }

        var definitions = new SortedDictionary<string, SchemaType>(StringComparer.Ordinal);
        if (keys.TryGetValue("definitions", out var named) && Object(named, "$.definitions", known: null) is { } types)
        {
            foreach (var (name, type) in types)
            {
                definitions.Add(name, Type(type, PayloadPath.Member("$.definitions", name)));
            }
        }

        return new SchemaDraft(id, OptionalText(keys, "doc", "$"), coercion, definitions, RequiredType(keys, "type", "$"));
    }

    private SchemaType RequiredType(Dictionary<string, JsonElement> keys, string key, string path)
    {
        if (keys.TryGetValue(key, out var element))
        {
            return Type(element, $"{path}.{key}");
        }

        Fault(path, $"has no \"{key}\"; add the type.");
        return UnreadableType.Instance;
    }

    private SchemaType Type(JsonElement element, string path)
    {
        if (element.ValueKind == JsonValueKind.String)
        {
            return Text(element, path) is { } name ? Shorthand(name, path) : UnreadableType.Instance;
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            Fault(path, "must be a type: the name of a scalar such as \"int32\", or an object with \"kind\".");
            return UnreadableType.Instance;
        }

        if (!element.TryGetProperty("kind"u8, out var kindElement))
        {
            Fault(path, "has no \"kind\"; name the type, for example \"kind\": \"record\".");
            return UnreadableType.Instance;
        }

        if (Text(kindElement, path + ".kind") is not { } kind)
        {
            return UnreadableType.Instance;
        }

        if (Array.IndexOf(Kinds, kind) < 0)
        {
            Fault(path + ".kind", $"\"{kind}\" is no kind of type; {NearestName.Advice(kind, Kinds)}");
            return UnreadableType.Instance;
        }

        return Object(element, path, KeysOf(kind)) is { } keys ? OfKind(kind, keys, path) : UnreadableType.Instance;
    }

    private SchemaType Shorthand(string name, string path)
    {
        if (ScalarKinds.TryParse(name, out var scalar))
        {
            return new ScalarType(scalar);
        }

        Fault(path, Array.IndexOf(Composites, name) >= 0
            ? $"\"{name}\" needs more than its name; write an object with \"kind\": \"{name}\" and {string.Join(", ", KeysOf(name)[1..])}."
            : $"\"{name}\" is no scalar type; {NearestName.Advice(name, Kinds)}");
        return UnreadableType.Instance;
    }

    private SchemaType OfKind(string kind, Dictionary<string, JsonElement> keys, string path)
    {
        switch (kind)
        {
            case "list":
                return new ListType(RequiredType(keys, "items", path)) { MinItems = Count(keys, "minItems", path), MaxItems = Count(keys, "maxItems", path) };
            case "map":
                return new MapType(MapKeys(keys, path), RequiredType(keys, "values", path)) { MinItems = Count(keys, "minItems", path), MaxItems = Count(keys, "maxItems", path) };
            case "record":
                return new RecordType(Members(keys, "fields", path, Field));
            case "enum":
                return new EnumType(Members(keys, "values", path, (element, place) => Text(element, place) ?? ""));
            case "union":
                return new UnionType(Members(keys, "variants", path, Variant));
            case "optional":
                return new OptionalType(RequiredType(keys, "of", path)) { Default = keys.TryGetValue("default", out var value) ? value.GetRawText() : null };
            case "stream":
                return new StreamType(RequiredType(keys, "of", path));
            case "ref":
                return RequiredText(keys, "name", path) is { } name ? new RefType(name) : UnreadableType.Instance;
            default:
                return Scalar(ScalarKinds.Parse(kind), keys, path);
        }
    }

    private ScalarType Scalar(ScalarKind kind, Dictionary<string, JsonElement> keys, string path) => kind switch
    {
        ScalarKind.String or ScalarKind.Bytes => new ScalarType(kind)
        {
            MinLength = Count(keys, "minLength", path),
            MaxLength = Count(keys, "maxLength", path),
            Pattern = OptionalText(keys, "pattern", path),
            Format = OptionalText(keys, "format", path),
        },
        ScalarKind.Float32 or ScalarKind.Float64 => new ScalarType(kind) { FloatGe = Float(keys, "ge", path), FloatLe = Float(keys, "le", path) },
        _ => new ScalarType(kind) { Ge = Bound(kind, keys, "ge", path), Le = Bound(kind, keys, "le", path) },
    };

    private ScalarKind MapKeys(Dictionary<string, JsonElement> keys, string path)
    {
        if (RequiredText(keys, "keys", path) is not { } name)
        {
            return ScalarKind.String;
        }

        if (ScalarKinds.TryParse(name, out var kind) && ScalarKinds.IsMapKey(kind))
        {
            return kind;
        }

        Fault(path + ".keys", $"\"{name}\" cannot be the type of keys; use \"string\" or an integer of at most 53 bits.");
        return ScalarKind.String;
    }

    private RecordField Field(JsonElement element, string path)
    {
        if (Object(element, path, FieldKeys) is not { } keys)
        {
            return new RecordField("", UnreadableType.Instance);
        }

        var deprecated = keys.TryGetValue("deprecated", out var flag) && flag.ValueKind == JsonValueKind.True;
        if (keys.ContainsKey("deprecated") && flag.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            Fault(path + ".deprecated", "must be true or false.");
        }

        var (name, type) = NameAndType(keys, path);
        return new RecordField(name, type) { Doc = OptionalText(keys, "doc", path), Deprecated = deprecated };
    }

    private UnionVariant Variant(JsonElement element, string path)
    {
        if (Object(element, path, VariantKeys) is not { } keys)
        {
            return new UnionVariant("", UnreadableType.Instance);
        }

        var (name, type) = NameAndType(keys, path);
        return new UnionVariant(name, type) { Doc = OptionalText(keys, "doc", path) };
    }

    /// <summary>What every member has; without a name it is not judged any further.</summary>
    private (string Name, SchemaType Type) NameAndType(Dictionary<string, JsonElement> keys, string path)
    {
        var name = RequiredText(keys, "name", path);
        var type = RequiredType(keys, "type", path);
        return name is null ? ("", UnreadableType.Instance) : (name, type);
    }

    private List<T> Members<T>(Dictionary<string, JsonElement> keys, string key, string path, Func<JsonElement, string, T> read)
    {
        var members = new List<T>();
        if (!keys.TryGetValue(key, out var element))
        {
            Fault(path, $"has no \"{key}\"; add the list.");
        }
        else if (element.ValueKind != JsonValueKind.Array)
        {
            Fault($"{path}.{key}", "must be a list.");
        }
        else
        {
            foreach (var item in element.EnumerateArray())
            {
                members.Add(read(item, PayloadPath.Index($"{path}.{key}", members.Count)));
            }
        }

        return members;
    }

    private int? Count(Dictionary<string, JsonElement> keys, string key, string path)
    {
        if (!keys.TryGetValue(key, out var element))
        {
            return null;
        }

        if (element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var count) && count >= 0)
        {
            return count;
        }

        Fault($"{path}.{key}", "must be a whole number from 0 to 2147483647.");
        return null;
    }

    private double? Float(Dictionary<string, JsonElement> keys, string key, string path)
    {
        if (!keys.TryGetValue(key, out var element))
        {
            return null;
        }

        if (element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out var value) && double.IsFinite(value))
        {
            return value;
        }

        Fault($"{path}.{key}", "must be a number that a float64 can hold.");
        return null;
    }

    private decimal? Bound(ScalarKind kind, Dictionary<string, JsonElement> keys, string key, string path)
    {
        if (!keys.TryGetValue(key, out var element))
        {
            return null;
        }

        decimal value;
        if (kind == ScalarKind.Decimal)
        {
            if (element.ValueKind == JsonValueKind.String && DecimalText.TryParse(Text(element, path), out value))
            {
                return value;
            }

            Fault($"{path}.{key}", "must be a decimal number of at most 28 digits as a string, for example \"0.01\".");
            return null;
        }

        if (element.ValueKind == JsonValueKind.Number && element.TryGetDecimal(out value) && decimal.IsInteger(value))
        {
            return value;
        }

        Fault($"{path}.{key}", "must be a whole number.");
        return null;
    }

    /// <summary>The members of an object by name, without those that are unknown or written twice.</summary>
    private Dictionary<string, JsonElement>? Object(JsonElement element, string path, string[]? known)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            Fault(path, "must be an object.");
            return null;
        }

        var keys = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            if (JsonTexts.NameOf(property) is not { } name)
            {
                Fault(path, "has a key with half a character in it.");
            }
            else if (known is not null && Array.IndexOf(known, name) < 0)
            {
                Fault(path, $"has the unknown key \"{name}\"; {NearestName.Advice(name, known)}");
            }
            else if (!keys.TryAdd(name, property.Value))
            {
                Fault(path, $"has the key \"{name}\" twice; remove one.");
            }
        }

        return keys;
    }

    private string? RequiredText(Dictionary<string, JsonElement> keys, string key, string path)
    {
        if (keys.ContainsKey(key))
        {
            return OptionalText(keys, key, path);
        }

        Fault(path, $"has no \"{key}\"; add it.");
        return null;
    }

    private string? OptionalText(Dictionary<string, JsonElement> keys, string key, string path) =>
        keys.TryGetValue(key, out var element) ? Text(element, $"{path}.{key}") : null;

    private string? Text(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.String)
        {
            Fault(path, "must be a string.");
            return null;
        }

        if (JsonTexts.TextOf(element) is { } text)
        {
            return text;
        }

        Fault(path, "has half a character in it.");
        return null;
    }

    private void Fault(string path, string message) => _faults.Add(new SchemaFault(path, message));
}
