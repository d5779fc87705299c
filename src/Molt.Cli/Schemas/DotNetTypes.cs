using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Molt.Cli.Reporting;
using Molt.Contracts.Schemas;
using Molt.Contracts.Schemas.Import;

namespace Molt.Cli.Schemas;

/// <summary>
/// Turns .NET types into schema types by the rules of the source generator: constructor parameters in their order, then settable
/// properties; nullable is optional; the attributes of the schema language and those of DataAnnotations are constraints.
/// </summary>
internal sealed class DotNetTypes(List<SchemaNote> notes)
{
    private static readonly Dictionary<string, ScalarType> Scalars = new(StringComparer.Ordinal)
    {
        ["System.Boolean"] = new(ScalarKind.Bool),
        ["System.SByte"] = new(ScalarKind.Int8),
        ["System.Int16"] = new(ScalarKind.Int16),
        ["System.Int32"] = new(ScalarKind.Int32),
        ["System.Int64"] = new(ScalarKind.Int64),
        ["System.Byte"] = new(ScalarKind.UInt8),
        ["System.UInt16"] = new(ScalarKind.UInt16),
        ["System.UInt32"] = new(ScalarKind.UInt32),
        ["System.UInt64"] = new(ScalarKind.UInt64),
        ["System.Single"] = new(ScalarKind.Float32),
        ["System.Double"] = new(ScalarKind.Float64),
        ["System.String"] = new(ScalarKind.String),
        ["System.Char"] = new(ScalarKind.String) { MinLength = 1, MaxLength = 1 },
        ["System.Uri"] = new(ScalarKind.String) { Format = "uri" },
        ["System.DateOnly"] = new(ScalarKind.String) { Format = "date" },
        ["System.DateTimeOffset"] = new(ScalarKind.Timestamp),
        ["System.DateTime"] = new(ScalarKind.Timestamp),
        ["System.TimeSpan"] = new(ScalarKind.Duration),
        ["System.Guid"] = new(ScalarKind.Uuid),
        ["System.Decimal"] = new(ScalarKind.Decimal),
        ["System.Object"] = new(ScalarKind.Json),
        ["System.Text.Json.JsonElement"] = new(ScalarKind.Json),
        ["System.Text.Json.JsonDocument"] = new(ScalarKind.Json),
        ["System.Text.Json.Nodes.JsonNode"] = new(ScalarKind.Json),
    };

    private static readonly HashSet<string> Lists = new(StringComparer.Ordinal)
    {
        "System.Collections.Generic.IEnumerable`1", "System.Collections.Generic.IReadOnlyCollection`1", "System.Collections.Generic.ICollection`1",
        "System.Collections.Generic.IReadOnlyList`1", "System.Collections.Generic.IList`1", "System.Collections.Generic.List`1",
        "System.Collections.Immutable.ImmutableArray`1", "System.Collections.Immutable.ImmutableList`1",
    };

    private static readonly HashSet<string> Maps = new(StringComparer.Ordinal)
    {
        "System.Collections.Generic.IReadOnlyDictionary`2", "System.Collections.Generic.IDictionary`2", "System.Collections.Generic.Dictionary`2",
        "System.Collections.Immutable.ImmutableDictionary`2", "System.Collections.Frozen.FrozenDictionary`2",
    };

    private readonly Dictionary<Type, string> _names = [];
    private readonly Dictionary<string, SchemaType> _definitions = new(StringComparer.Ordinal);
    private readonly NullabilityInfoContext _nullability = new();

    public SchemaImport Convert(Type type, SchemaId id)
    {
        var builder = new SchemaBuilder(id.ToString());
        var root = Named(type);
        if (!IsReferred(root.Name, out var record))
        {
            _definitions.Remove(root.Name);
            builder.Type(record);
        }
        else
        {
            builder.Type(root);
        }

        foreach (var (name, definition) in _definitions)
        {
            builder.Define(name, definition);
        }

        var marked = DotNetAttributes.FindOwn(type.GetCustomAttributesData(), "MoltSchema");
        if (DotNetAttributes.Named(marked, "Doc") is string doc)
        {
            builder.Doc(doc);
        }

        if (DotNetAttributes.Named(marked, "Coercion") is int coercion && coercion == (int)SchemaCoercion.Lax)
        {
            builder.Lax();
        }

        if (notes.Exists(note => note.Severity == NoteSeverity.Error))
        {
            return new SchemaImport(null, notes);
        }

        try
        {
            return new SchemaImport(builder.Build(), notes);
        }
        catch (SchemaException e)
        {
            foreach (var fault in e.Faults)
            {
                notes.Add(new SchemaNote(FaultCodes.SchemaTypeNotExpressible, NoteSeverity.Error, type.FullName!, $"The schema would not be valid: {fault}"));
            }

            return new SchemaImport(null, notes);
        }
    }

    private bool IsReferred(string name, out SchemaType definition)
    {
        definition = _definitions[name];
        foreach (var (_, type) in _definitions)
        {
            if (Refers(type, name))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Refers(SchemaType type, string name) => type switch
    {
        RefType reference => reference.Name == name,
        ListType list => Refers(list.Items, name),
        MapType map => Refers(map.Values, name),
        OptionalType optional => Refers(optional.Of, name),
        RecordType record => Any(record.Fields, field => Refers(field.Type, name)),
        UnionType union => Any(union.Variants, variant => Refers(variant.Type, name)),
        _ => false,
    };

    private static bool Any<T>(IReadOnlyList<T> items, Predicate<T> matches)
    {
        foreach (var item in items)
        {
            if (matches(item))
            {
                return true;
            }
        }

        return false;
    }

    private RefType Named(Type type)
    {
        if (!_names.TryGetValue(type, out var name))
        {
            name = type.Name;
            for (var number = 2; _names.ContainsValue(name); number++)
            {
                name = string.Create(CultureInfo.InvariantCulture, $"{type.Name}{number}");
            }

            _names.Add(type, name);
            _definitions[name] = type.IsAbstract ? Union(type) : Record(type);
        }

        return new RefType(name);
    }

    // [JsonDerivedType(typeof(Cat), "cat")] on an abstract type: the derived types are the variants.
    private UnionType Union(Type type)
    {
        var variants = new List<UnionVariant>();
        foreach (var attribute in type.GetCustomAttributesData())
        {
            if (attribute.AttributeType.FullName == "System.Text.Json.Serialization.JsonDerivedTypeAttribute" && attribute.ConstructorArguments[0].Value is Type derived)
            {
                var name = attribute.ConstructorArguments.Count > 1 ? attribute.ConstructorArguments[1].Value?.ToString() : null;
                variants.Add(new UnionVariant(name ?? JsonNamingPolicy.CamelCase.ConvertName(derived.Name), Named(derived)));
            }
        }

        if (variants.Count == 0)
        {
            Refuse(type.FullName!, "An abstract type needs [JsonDerivedType] for each of its variants.");
        }

        return new UnionType(variants);
    }

    private RecordType Record(Type type)
    {
        var fields = new List<RecordField>();
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var parameter in PrimaryConstructor(type)?.GetParameters() ?? [])
        {
            var property = type.GetProperty(parameter.Name!, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);
            var attributes = new List<CustomAttributeData>(parameter.GetCustomAttributesData());
            attributes.AddRange(property?.GetCustomAttributesData() ?? []);
            taken.Add(parameter.Name!);
            var place = $"{type.FullName}.{parameter.Name}";
            var value = parameter.HasDefaultValue ? parameter.RawDefaultValue : null;
            fields.Add(Field(parameter.Name!, parameter.ParameterType, _nullability.Create(parameter), attributes, value, place));
        }

        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var attributes = property.GetCustomAttributesData();
            if (taken.Contains(property.Name) || property.SetMethod is not { IsPublic: true } || property.GetMethod is not { IsPublic: true } || property.GetIndexParameters().Length > 0 ||
                DotNetAttributes.Find(attributes, "System.Text.Json.Serialization.JsonIgnoreAttribute") is not null)
            {
                continue;
            }

            fields.Add(Field(property.Name, property.PropertyType, _nullability.Create(property), attributes, value: null, $"{type.FullName}.{property.Name}"));
        }

        return new RecordType(fields);
    }

    // The constructor whose parameters all have a property of their name; of several, the longest.
    private static ConstructorInfo? PrimaryConstructor(Type type)
    {
        ConstructorInfo? best = null;
        foreach (var constructor in type.GetConstructors())
        {
            var parameters = constructor.GetParameters();
            var fits = Array.TrueForAll(parameters, p => p.Name is not null && type.GetProperty(p.Name, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase) is not null);
            if (fits && parameters.Length > (best?.GetParameters().Length ?? 0))
            {
                best = constructor;
            }
        }

        return best;
    }

    private RecordField Field(string name, Type type, NullabilityInfo nullability, IList<CustomAttributeData> attributes, object? value, string place)
    {
        var own = DotNetAttributes.FindOwn(attributes, "SchemaField");
        var (core, isNullable) = Unwrap(type, nullability);
        var mapped = DotNetConstraints.Apply(Map(core, nullability, place), attributes, place, notes);
        if (DotNetAttributes.FindOwn(attributes, "SchemaKind")?.ConstructorArguments[0].Value is int kind && mapped is ScalarType scalar)
        {
            mapped = new ScalarType((ScalarKind)kind) { Ge = scalar.Ge, Le = scalar.Le, FloatGe = scalar.FloatGe, FloatLe = scalar.FloatLe, MinLength = scalar.MinLength, MaxLength = scalar.MaxLength };
        }

        var text = value is null ? null : DefaultText(value, core);
        if (value is not null && (text is null || isNullable))
        {
            notes.Add(new SchemaNote(FaultCodes.SchemaTypeChanged, NoteSeverity.Warning, place, isNullable ? "The default is not kept: absent means null here." : "The default is not kept."));
            text = null;
        }

        return new RecordField(DotNetAttributes.NameOf(attributes, name), text is not null || isNullable ? new OptionalType(mapped) { Default = text } : mapped)
        {
            Doc = DotNetAttributes.Named(own, "Doc") as string,
            Deprecated = DotNetAttributes.Named(own, "Deprecated") is true || DotNetAttributes.Find(attributes, "System.ObsoleteAttribute") is not null,
        };
    }

    private static (Type Core, bool IsNullable) Unwrap(Type type, NullabilityInfo? nullability) =>
        type.IsGenericType && type.GetGenericTypeDefinition().FullName == "System.Nullable`1"
            ? (type.GetGenericArguments()[0], true)
            : (type, !type.IsValueType && nullability is { WriteState: NullabilityState.Nullable } or { ReadState: NullabilityState.Nullable });

    private SchemaType Map(Type type, NullabilityInfo? nullability, string place)
    {
        var name = type.IsGenericType ? type.GetGenericTypeDefinition().FullName! : type.FullName!;
        if (Scalars.TryGetValue(name, out var scalar))
        {
            if (name == "System.DateTime")
            {
                notes.Add(new SchemaNote(FaultCodes.SchemaTypeChanged, NoteSeverity.Info, place, "A timestamp is an instant in UTC; DateTimeOffset says so."));
            }

            return scalar;
        }

        if ((type.IsArray && type.GetElementType()!.FullName == "System.Byte") || (name is "System.ReadOnlyMemory`1" or "System.Memory`1" && type.GetGenericArguments()[0].FullName == "System.Byte"))
        {
            return new ScalarType(ScalarKind.Bytes);
        }

        if (type.IsArray)
        {
            return new ListType(Item(type.GetElementType()!, nullability?.ElementType, place));
        }

        if (Lists.Contains(name))
        {
            return new ListType(Item(type.GetGenericArguments()[0], Argument(nullability, 0), place));
        }

        if (Maps.Contains(name))
        {
            var keys = Map(type.GetGenericArguments()[0], null, place) is ScalarType { Scalar: var kind } ? kind : ScalarKind.Json;
            return new MapType(keys, Item(type.GetGenericArguments()[1], Argument(nullability, 1), place));
        }

        if (type.IsEnum)
        {
            return Enum(type, place);
        }

        if (type.IsGenericType || type.IsInterface || type.IsPointer || type.IsByRef || type.BaseType?.FullName == "System.MulticastDelegate" || IsOfThePlatform(type))
        {
            Refuse(place, $"No schema type stands for {type}.");
            return new ScalarType(ScalarKind.Json);
        }

        return Named(type);
    }

    // What the platform's own types hold is nobody's contract.
    private static bool IsOfThePlatform(Type type) => type.Namespace is { } space && (space == "System" || space.StartsWith("System.", StringComparison.Ordinal));

    private SchemaType Item(Type type, NullabilityInfo? nullability, string place)
    {
        var (core, isNullable) = Unwrap(type, nullability);
        var mapped = Map(core, nullability, place);
        return isNullable ? new OptionalType(mapped) : mapped;
    }

    private static NullabilityInfo? Argument(NullabilityInfo? nullability, int index) =>
        nullability?.GenericTypeArguments.Length > index ? nullability.GenericTypeArguments[index] : null;

    private EnumType Enum(Type type, string place)
    {
        if (DotNetAttributes.Find(type.GetCustomAttributesData(), "System.FlagsAttribute") is not null)
        {
            Refuse(place, $"{type} combines flags; an enum value is one name. Use a list of the enum.");
        }

        var values = new List<string>();
        foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            values.Add(DotNetAttributes.NameOf(field.GetCustomAttributesData(), field.Name));
        }

        return new EnumType(values);
    }

    private static string? DefaultText(object value, Type type)
    {
        if (type.IsEnum)
        {
            foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
            {
                if (Equals(field.GetRawConstantValue(), value))
                {
                    return JsonSerializer.Serialize(DotNetAttributes.NameOf(field.GetCustomAttributesData(), field.Name));
                }
            }

            return null;
        }

        return value switch
        {
            bool flag => flag ? "true" : "false",
            string text => JsonSerializer.Serialize(text),
            char letter => JsonSerializer.Serialize(letter.ToString()),
            decimal number => JsonSerializer.Serialize(number.ToString(CultureInfo.InvariantCulture)),
            float number => JsonSerializer.Serialize((double)number),
            double number => JsonSerializer.Serialize(number),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => null,
        };
    }

    private void Refuse(string place, string message) => notes.Add(new SchemaNote(FaultCodes.SchemaTypeNotExpressible, NoteSeverity.Error, place, message));
}
