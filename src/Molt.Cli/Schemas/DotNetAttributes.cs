using System.Reflection;
using System.Text.Json;

namespace Molt.Cli.Schemas;

/// <summary>Reads attributes by name: the types they belong to are only looked at, never loaded to run.</summary>
internal static class DotNetAttributes
{
    private const string Schemas = "Molt.Contracts.Schemas.";

    public static CustomAttributeData? Find(IList<CustomAttributeData> attributes, string name)
    {
        foreach (var attribute in attributes)
        {
            if (attribute.AttributeType.FullName == name)
            {
                return attribute;
            }
        }

        return null;
    }

    /// <summary>One of this project's attributes: <c>SchemaRange</c> is <c>[SchemaRange]</c>.</summary>
    public static CustomAttributeData? FindOwn(IList<CustomAttributeData> attributes, string name) => Find(attributes, $"{Schemas}{name}Attribute");

    /// <summary>The id that <c>[MoltSchema]</c> gives a type.</summary>
    public static string? SchemaId(Type type) => FindOwn(type.GetCustomAttributesData(), "MoltSchema")?.ConstructorArguments[0].Value as string;

    public static object? Named(CustomAttributeData? attribute, string name)
    {
        foreach (var argument in attribute?.NamedArguments ?? [])
        {
            if (argument.MemberName == name)
            {
                return argument.TypedValue.Value;
            }
        }

        return null;
    }

    /// <summary>What a field or enum value is called: what an attribute says, else its name in camel case.</summary>
    public static string NameOf(IList<CustomAttributeData> attributes, string name) =>
        Named(FindOwn(attributes, "SchemaField"), "Name") as string ??
        Find(attributes, "System.Text.Json.Serialization.JsonPropertyNameAttribute")?.ConstructorArguments[0].Value as string ??
        Find(attributes, "System.Text.Json.Serialization.JsonStringEnumMemberNameAttribute")?.ConstructorArguments[0].Value as string ??
        JsonNamingPolicy.CamelCase.ConvertName(name);
}
