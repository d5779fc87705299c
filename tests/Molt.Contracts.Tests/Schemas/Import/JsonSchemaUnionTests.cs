namespace Molt.Contracts.Tests.Schemas.Import;

/// <summary>Alternatives that become tagged unions: what their variants are called.</summary>
public sealed class JsonSchemaUnionTests
{
    [Theory]
    [InlineData("""{"type":["string","number"]}""", "string number")]
    [InlineData("""{"anyOf":[{"type":"array"},{"type":"boolean"},{"type":"integer"}]}""", "list boolean integer")]
    [InlineData("""{"anyOf":[{"type":"string","format":"ipv4"},{"type":"string","format":"ipv6"}]}""", "ipv4 ipv6")]
    [InlineData("""{"anyOf":[{"type":"string","minLength":1},{"type":"string","maxLength":9}]}""", "string string_2")]
    [InlineData("""{"anyOf":[{"enum":["auto"]},{"type":"integer"}]}""", "auto integer")]
    [InlineData("""{"enum":["auto",1,true,false]}""", "string number boolean")]
    [InlineData("""{"anyOf":[{"title":"By name","type":"string"},{"type":"integer"}]}""", "By name integer")]
    [InlineData("""{"anyOf":[{"$ref":"#/$defs/Zone-Route"},{"type":"string"}],"$defs":{"Zone-Route":{"type":"object","additionalProperties":false,"properties":{"a":{"type":"string"}}}}}""", "Zone_Route string")]
    [InlineData("""{"oneOf":[{"type":"object","additionalProperties":false,"required":["path"],"properties":{"path":{"type":"string"},"n":{"type":"integer"}}},{"type":"object","additionalProperties":false,"required":["url"],"properties":{"url":{"type":"string"}}}]}""", "path url")]
    [InlineData("""{"oneOf":[{"type":"object","additionalProperties":false,"required":["t"],"properties":{"t":{"const":"cat"}}},{"type":"object","additionalProperties":false,"required":["t"],"properties":{"t":{"enum":["dog"]},"x":{"type":"string"}}}]}""", "cat dog")]
    [InlineData("""{"discriminator":{"propertyName":"k"},"oneOf":[{"type":"object","additionalProperties":false,"properties":{"a":{"const":"1"},"k":{"const":"x"}}},{"type":"object","additionalProperties":false,"properties":{"a":{"const":"2"},"k":{"const":"y"}}}]}""", "x y")]
    [InlineData("""{"type":"object","unevaluatedProperties":false,"properties":{"id":{"type":"string"}},"anyOf":[{"properties":{"a":{"type":"string"}},"required":["a"]},{"properties":{"b":{"type":"string"}},"required":["b"]}]}""", "a b")]
    [InlineData("""{"anyOf":[{"anyOf":[{"type":"string"},{"type":"null"}]},{"oneOf":[{"type":"boolean"}]}]}""", "string boolean")]
    public void Import_WhenAlternatives_NamesVariants(string jsonSchema, string names)
    {
        var import = Imports.Of(jsonSchema);
        Assert.NotNull(import.Schema);
        var type = import.Schema.Type is Molt.Contracts.Schemas.OptionalType optional ? optional.Of : import.Schema.Type;
        var union = Assert.IsType<Molt.Contracts.Schemas.UnionType>(type);
        Assert.Equal(names, string.Join(' ', VariantNames(union)));
        Assert.Equal(["SCH114 "], Imports.Warnings(import));
    }

    [Fact]
    public void Import_WhenAlternativesAreOnlyConditions_KeepsTheRecord()
    {
        var import = Imports.Of("""{"type":"object","additionalProperties":false,"properties":{"a":{"type":"string"},"b":{"type":"string"}},"anyOf":[{"required":["a"]},{"required":["b"]}]}""");
        Assert.IsType<Molt.Contracts.Schemas.RecordType>(import.Schema!.Type);
        Assert.Equal(["SCH110 /anyOf"], Imports.Warnings(import));
    }

    private static List<string> VariantNames(Molt.Contracts.Schemas.UnionType union)
    {
        var names = new List<string>();
        foreach (var variant in union.Variants)
        {
            names.Add(variant.Name);
        }

        return names;
    }
}
