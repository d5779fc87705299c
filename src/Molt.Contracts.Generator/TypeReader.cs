using System.Globalization;
using Microsoft.CodeAnalysis;

namespace Molt.Contracts.Generator;

/// <summary>Turns C# types, with the attributes of their field, into schema types.</summary>
internal sealed class TypeReader(List<Problem> problems, Definitions definitions)
{
    private static readonly SymbolDisplayFormat Display = SymbolDisplayFormat.FullyQualifiedFormat.WithMiscellaneousOptions(
        SymbolDisplayFormat.FullyQualifiedFormat.MiscellaneousOptions | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    private readonly List<Problem> _problems = problems;
    private readonly Definitions _definitions = definitions;

    /// <summary>A field and its member of the schema document; null when there is a problem.</summary>
    public (FieldModel Model, string Json)? Read(FieldSource source)
    {
        var constraints = new FieldConstraints(source, _problems);
        if (Of(source.Type, source, constraints) is not { } type)
        {
            return null;
        }

        constraints.RefuseUnused();
        var about = source.Attribute("Field");
        var name = FieldSource.Named(about, "Name") as string ?? CamelCase(source.Property);
        var field = new FieldModel(source.Property, name, type) { IsParameter = source.IsParameter };
        var json = type.Json;
        if (source.HasDefault)
        {
            if (FieldDefaults.Of(source, type) is not { } value)
            {
                _problems.Add(Problem.At(source.Location, Problem.BadDefault, $"the default of {source.Property} cannot be expressed; defaults are constants of scalars and enums, and null for what is nullable."));
                return null;
            }

            if (value.Json is { } text)
            {
                field.Default = value.CSharp;
                field.DiffersFromDefault = value.Differs;
                json = "{\"kind\":\"optional\",\"of\":" + json + ",\"default\":" + text + "}";
            }
        }

        var member = "{\"name\":" + SchemaDocument.Quoted(name) + ",\"type\":" + json;
        member += FieldSource.Named(about, "Doc") is string doc ? ",\"doc\":" + SchemaDocument.Quoted(doc) : "";
        member += source.IsObsolete || FieldSource.Named(about, "Deprecated") is true ? ",\"deprecated\":true" : "";
        return (field, member + "}");
    }

    /// <summary>A name in camel case: Name is name, URLPath is urlPath.</summary>
    public static string CamelCase(string name)
    {
        var upper = 0;
        while (upper < name.Length && char.IsUpper(name[upper]))
        {
            upper++;
        }

        // Of several capitals, the last begins the next word.
        var lowered = upper > 1 && upper < name.Length ? upper - 1 : upper;
        return name.Substring(0, lowered).ToLowerInvariant() + name.Substring(lowered);
    }

    private FieldType? Of(ITypeSymbol type, FieldSource source, FieldConstraints constraints)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
        {
            return Optional(Of(nullable.TypeArguments[0], source, constraints), isValue: true);
        }

        if (type.IsReferenceType && type.NullableAnnotation == NullableAnnotation.Annotated)
        {
            return Optional(Of(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated), source, constraints), isValue: false);
        }

        var csharp = type.ToDisplayString(Display);
        if (KindOf(type, csharp) is { } natural)
        {
            var kind = constraints.Kind(natural);
            return new FieldType(FieldForm.Scalar, csharp, constraints.Scalar(kind)) { Kind = kind, IsReference = type.IsReferenceType };
        }

        if (type.TypeKind == TypeKind.Enum)
        {
            return Enum((INamedTypeSymbol)type, csharp);
        }

        if (type is IArrayTypeSymbol { Rank: 1 } array)
        {
            return List(FieldForm.Array, csharp, array.ElementType, source, constraints);
        }

        if (type is INamedTypeSymbol named)
        {
            return Named(named, csharp, source, constraints);
        }

        return Refuse(source, csharp);
    }

    private static FieldType? Optional(FieldType? of, bool isValue) => of is null
        ? null
        : new FieldType(FieldForm.Optional, of.CSharp + "?", "{\"kind\":\"optional\",\"of\":" + of.Json + "}") { Item = of, IsNullableValue = isValue };

    private static string? KindOf(ITypeSymbol type, string csharp) => type.SpecialType switch
    {
        SpecialType.System_Boolean => "bool",
        SpecialType.System_SByte => "int8",
        SpecialType.System_Int16 => "int16",
        SpecialType.System_Int32 => "int32",
        SpecialType.System_Int64 => "int64",
        SpecialType.System_Byte => "uint8",
        SpecialType.System_UInt16 => "uint16",
        SpecialType.System_UInt32 => "uint32",
        SpecialType.System_UInt64 => "uint64",
        SpecialType.System_Single => "float32",
        SpecialType.System_Double => "float64",
        SpecialType.System_String => "string",
        SpecialType.System_Decimal => "decimal",
        _ => csharp switch
        {
            "byte[]" or "global::System.ReadOnlyMemory<byte>" => "bytes",
            "global::System.DateTimeOffset" => "timestamp",
            "global::System.TimeSpan" => "duration",
            "global::System.Guid" => "uuid",
            "global::System.Text.Json.JsonElement" => "json",
            _ => null,
        },
    };

    private FieldType? Named(INamedTypeSymbol type, string csharp, FieldSource source, FieldConstraints constraints)
    {
        switch (type.OriginalDefinition.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat))
        {
            case "global::System.Collections.Generic.List<T>" or "global::System.Collections.Generic.IReadOnlyList<T>":
                return List(FieldForm.List, csharp, type.TypeArguments[0], source, constraints);
            case "global::System.Collections.Generic.Dictionary<TKey, TValue>" or "global::System.Collections.Generic.IReadOnlyDictionary<TKey, TValue>":
                return Map(type, csharp, source, constraints);
        }

        if (FieldSource.Attribute(type.GetAttributes(), "MoltSchemaAttribute") is not null)
        {
            return new FieldType(FieldForm.Record, csharp, _definitions.Use(type)) { IsReference = type.IsReferenceType };
        }

        return Refuse(source, csharp);
    }

    private FieldType? List(FieldForm form, string csharp, ITypeSymbol item, FieldSource source, FieldConstraints constraints)
    {
        var bounds = constraints.Items();
        return Of(item, source, constraints) is { } of
            ? new FieldType(form, csharp, "{\"kind\":\"list\",\"items\":" + of.Json + bounds + "}") { Item = of, IsReference = true }
            : null;
    }

    private FieldType? Map(INamedTypeSymbol type, string csharp, FieldSource source, FieldConstraints constraints)
    {
        var bounds = constraints.Items();
        var keyName = type.TypeArguments[0].ToDisplayString(Display);
        var kind = KindOf(type.TypeArguments[0], keyName);
        if (kind is null || !(kind == "string" || (Scalars.IsInteger(kind) && kind is not ("int64" or "uint64"))))
        {
            _problems.Add(Problem.At(source.Location, Problem.BadType, $"{source.Property} has keys of {keyName}; keys are strings or integers of at most 32 bits."));
            return null;
        }

        var key = new FieldType(FieldForm.Scalar, keyName, SchemaDocument.Quoted(kind)) { Kind = kind };
        return Of(type.TypeArguments[1], source, constraints) is { } of
            ? new FieldType(FieldForm.Map, csharp, "{\"kind\":\"map\",\"keys\":" + key.Json + ",\"values\":" + of.Json + bounds + "}") { Key = key, Item = of, IsReference = true }
            : null;
    }

    private FieldType? Enum(INamedTypeSymbol type, string csharp)
    {
        var names = new List<string>();
        var members = new List<string>();
        var values = new HashSet<object>();
        foreach (var member in type.GetMembers())
        {
            if (member is IFieldSymbol { HasConstantValue: true } field)
            {
                if (!values.Add(field.ConstantValue!))
                {
                    _problems.Add(Problem.At(field.Locations[0], Problem.BadName, $"{type.Name}.{field.Name} has the value of another member; a schema's enum has each once."));
                    return null;
                }

                names.Add(SchemaDocument.Quoted(FieldSource.Named(FieldSource.Attribute(field.GetAttributes(), "SchemaFieldAttribute"), "Name") as string ?? CamelCase(field.Name)));
                members.Add($"{csharp}.{field.Name}");
            }
        }

        if (names.Count == 0)
        {
            _problems.Add(Problem.At(type.Locations[0], Problem.BadType, $"{type.Name} has no members; a schema's enum has at least one."));
            return null;
        }

        return new FieldType(FieldForm.Enum, csharp, "{\"kind\":\"enum\",\"values\":[" + string.Join(",", names) + "]}") { Members = members };
    }

    private FieldType? Refuse(FieldSource source, string csharp)
    {
        _problems.Add(Problem.At(source.Location, Problem.BadType, string.Format(
            CultureInfo.InvariantCulture,
            "{0} is a {1}, which a schema cannot express; use bool, numbers, string, byte[], DateTimeOffset, TimeSpan, Guid, decimal, JsonElement, an enum, a list, array or dictionary of them, or a record with [MoltSchema].",
            source.Property,
            csharp.Replace("global::", ""))));
        return null;
    }
}
