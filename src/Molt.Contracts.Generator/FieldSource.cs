using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Molt.Contracts.Generator;

/// <summary>A parameter or property that becomes a field.</summary>
internal sealed class FieldSource(string property, ITypeSymbol type, ImmutableArray<AttributeData> attributes, Location location, bool isParameter)
{
    private readonly ImmutableArray<AttributeData> _attributes = attributes;

    public string Property { get; } = property;

    public ITypeSymbol Type { get; } = type;

    public Location Location { get; } = location;

    public bool IsParameter { get; } = isParameter;

    public bool HasDefault { get; set; }

    public object? Default { get; set; }

    /// <summary>Its [Schema…] attribute of a kind, or null.</summary>
    public AttributeData? Attribute(string kind) => Attribute(_attributes, "Schema" + kind + "Attribute");

    public bool IsObsolete => Attribute(_attributes, "ObsoleteAttribute") is not null;

    public static AttributeData? Attribute(ImmutableArray<AttributeData> attributes, string name)
    {
        foreach (var attribute in attributes)
        {
            if (attribute.AttributeClass is { } type && type.Name == name && (IsOfSchemas(type) || type.ContainingNamespace.ToDisplayString() == "System"))
            {
                return attribute;
            }
        }

        return null;
    }

    public static bool IsOfSchemas(INamedTypeSymbol attribute) => attribute.ContainingNamespace.ToDisplayString() == "Molt.Contracts.Schemas";

    public static object? Named(AttributeData? attribute, string name)
    {
        foreach (var argument in attribute?.NamedArguments ?? [])
        {
            if (argument.Key == name)
            {
                return argument.Value.Value;
            }
        }

        return null;
    }
}
