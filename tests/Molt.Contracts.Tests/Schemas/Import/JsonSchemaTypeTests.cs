using Molt.Contracts.Schemas.Import;

namespace Molt.Contracts.Tests.Schemas.Import;

/// <summary>What each JSON Schema becomes, without a warning.</summary>
public sealed class JsonSchemaTypeTests
{
    [Theory]
    [InlineData("""{"type":"boolean"}""", "\"bool\"")]
    [InlineData("""{"type":"integer"}""", "\"int53\"")]
    [InlineData("""{"type":"integer","minimum":-9007199254740991,"maximum":9007199254740991}""", "\"int53\"")]
    [InlineData("""{"type":"integer","minimum":0,"maximum":255}""", "\"uint8\"")]
    [InlineData("""{"type":"integer","minimum":-2147483648,"maximum":2147483647}""", "\"int32\"")]
    [InlineData("""{"type":"integer","minimum":0,"maximum":18446744073709551615}""", "\"uint64\"")]
    [InlineData("""{"type":"integer","format":"int64"}""", "\"int64\"")]
    [InlineData("""{"type":"integer","format":"uint16","maximum":1024}""", """{"kind":"uint16","le":1024}""")]
    [InlineData("""{"type":"integer","exclusiveMinimum":0,"exclusiveMaximum":10}""", """{"ge":1,"kind":"int53","le":9}""")]
    [InlineData("""{"type":"integer","minimum":0.5,"maximum":9.5}""", """{"ge":1,"kind":"int53","le":9}""")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-04/schema#","type":"integer","minimum":0,"exclusiveMinimum":true}""", """{"ge":1,"kind":"int53"}""")]
    [InlineData("""{"type":"number"}""", "\"float64\"")]
    [InlineData("""{"type":"number","multipleOf":1}""", "\"int53\"")]
    [InlineData("""{"type":"number","exclusiveMinimum":0,"maximum":1}""", """{"ge":5e-324,"kind":"float64","le":1}""")]
    [InlineData("""{"type":"number","format":"float"}""", "\"float32\"")]
    [InlineData("""{"anyOf":[{"type":"number"},{"enum":["NaN","Infinity","-Infinity"]}]}""", "\"float64\"")]
    [InlineData("""{"type":"string"}""", "\"string\"")]
    [InlineData("""{"type":"string","minLength":1,"maxLength":3,"pattern":"^a","format":"email"}""", """{"format":"email","kind":"string","maxLength":3,"minLength":1,"pattern":"^a"}""")]
    [InlineData("""{"type":"string","format":"uuid"}""", "\"uuid\"")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"timestamp\"")]
    [InlineData("""{"type":"string","format":"duration"}""", "\"duration\"")]
    [InlineData("""{"type":"string","contentEncoding":"base64"}""", "\"bytes\"")]
    [InlineData("""{"type":"string","format":"byte"}""", "\"bytes\"")]
    [InlineData("{}", "\"json\"")]
    [InlineData("true", "\"json\"")]
    [InlineData("""{"type":"array"}""", """{"items":"json","kind":"list"}""")]
    [InlineData("""{"type":"array","items":{"type":["string","null"]},"minItems":1,"maxItems":2}""", """{"items":{"kind":"optional","of":"string"},"kind":"list","maxItems":2,"minItems":1}""")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"number"},{"type":"number"}],"items":false,"minItems":2}""", """{"items":"float64","kind":"list","maxItems":2,"minItems":2}""")]
    [InlineData("""{"type":"array","items":false}""", """{"items":"json","kind":"list","maxItems":0}""")]
    [InlineData("""{"type":"object"}""", """{"keys":"string","kind":"map","values":"json"}""")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"integer"},"maxProperties":3}""", """{"keys":"string","kind":"map","maxItems":3,"values":"int53"}""")]
    [InlineData("""{"type":"object","additionalProperties":false}""", """{"fields":[],"kind":"record"}""")]
    [InlineData("""{"type":"object","propertyNames":{"enum":["p","q"]},"additionalProperties":{"type":"string"},"required":["p"]}""", """{"fields":[{"name":"p","type":"string"},{"name":"q","type":{"kind":"optional","of":"string"}}],"kind":"record"}""")]
    [InlineData("""{"enum":["b","a","b"]}""", """{"kind":"enum","values":["b","a"]}""")]
    [InlineData("""{"const":"only"}""", """{"kind":"enum","values":["only"]}""")]
    [InlineData("""{"enum":[1,2,3]}""", """{"ge":1,"kind":"int53","le":3}""")]
    [InlineData("""{"const":0.5}""", """{"ge":0.5,"kind":"float64","le":0.5}""")]
    [InlineData("""{"enum":[true,false]}""", "\"bool\"")]
    [InlineData("""{"enum":["a",null]}""", """{"kind":"optional","of":{"kind":"enum","values":["a"]}}""")]
    [InlineData("""{"type":["string","null"]}""", """{"kind":"optional","of":"string"}""")]
    [InlineData("""{"type":"string","nullable":true}""", """{"kind":"optional","of":"string"}""")]
    [InlineData("""{"anyOf":[{"type":"integer"},{"type":"null"}]}""", """{"kind":"optional","of":"int53"}""")]
    [InlineData("""{"anyOf":[{"const":"a"},{"const":"b"},{"enum":["c"]}]}""", """{"kind":"enum","values":["a","b","c"]}""")]
    [InlineData("""{"anyOf":[{"const":"a"},{"type":"string"}]}""", "\"string\"")]
    [InlineData("""{"anyOf":[{"type":"integer"},{"type":"number"}]}""", "\"float64\"")]
    [InlineData("""{"anyOf":[{"type":"string"},{}]}""", "\"json\"")]
    [InlineData("""{"$ref":"#/$defs/J","$defs":{"J":{"anyOf":[{"type":["string","number","boolean","null"]},{"type":"array","items":{"$ref":"#/$defs/J"}},{"type":"object","additionalProperties":{"$ref":"#/$defs/J"}}]}}}""", "\"json\"")]
    [InlineData("""{"allOf":[{"type":"integer","minimum":1},{"maximum":5,"minimum":0}]}""", """{"ge":1,"kind":"int53","le":5}""")]
    [InlineData("""{"allOf":[{"type":["number","string"]},{"type":["integer","null"]}]}""", "\"int53\"")]
    public void Import_WhenExpressible_GivesTheType(string jsonSchema, string type)
    {
        var import = Imports.Of(jsonSchema);
        Assert.Equal(type, Imports.Part(import, "type"));
        Assert.Empty(Imports.Warnings(import));
    }

    [Fact]
    public void Import_WhenAnObject_GivesARecordWithDocumentationAndDefaults()
    {
        var import = Imports.Of("""
            {"description":"A greeting.","type":"object","additionalProperties":false,"required":["name","times","nick"],"properties":{
              "name":{"type":"string","description":"Whom."},
              "times":{"type":"integer","default":1},
              "loud":{"type":"boolean","default":false,"deprecated":true},
              "nick":{"type":["string","null"]},
              "kind":{"const":"greeting"},
              "at":{"type":"string","format":"date-time","default":"2026-01-02T03:04:05Z"},
              "never":false}}
            """);
        Assert.Empty(Imports.Warnings(import));
        Assert.Equal(
            """{"fields":[{"name":"name","type":"string"},{"name":"times","type":{"default":1,"kind":"optional","of":"int53"}},{"name":"loud","type":{"default":false,"kind":"optional","of":"bool"}},{"name":"nick","type":{"kind":"optional","of":"string"}},{"name":"kind","type":{"default":"greeting","kind":"optional","of":{"kind":"enum","values":["greeting"]}}},{"name":"at","type":{"default":"2026-01-02T03:04:05Z","kind":"optional","of":"timestamp"}}],"kind":"record"}""",
            Imports.Part(import, "type"));
        var record = Assert.IsType<Molt.Contracts.Schemas.RecordType>(import.Schema!.Type);
        Assert.Equal(("A greeting.", "Whom.", true), (import.Schema.Doc, record.Fields[0].Doc, record.Fields[2].Deprecated));
    }

    [Fact]
    public void Import_WhenRequiredIsNotDescribed_TakesAnyValue() => Assert.Equal(
        """{"fields":[{"name":"a","type":"json"}],"kind":"record"}""",
        Imports.Type("""{"type":"object","required":["a"],"additionalProperties":false}"""));

    [Fact]
    public void Import_WhenObjectsAreMerged_HasTheFieldsOfAll() => Assert.Equal(
        """{"fields":[{"name":"a","type":{"kind":"string","maxLength":5,"minLength":2}},{"name":"b","type":"int53"}],"kind":"record"}""",
        Imports.Type("""
            {"allOf":[{"$ref":"#/$defs/A"},{"properties":{"a":{"maxLength":5},"b":{"type":"integer"}},"required":["b"]}],"unevaluatedProperties":false,
             "$defs":{"A":{"type":"object","properties":{"a":{"type":"string","minLength":2}},"required":["a"]}}}
            """));

    [Theory]
    [InlineData("""{"oneOf":[{"type":"object","required":["circle"],"additionalProperties":false,"properties":{"circle":{"type":"number"}}},{"type":"object","required":["none"],"additionalProperties":false,"properties":{"none":{"type":"object","additionalProperties":false}}}]}""", """{"kind":"union","variants":[{"name":"circle","type":"float64"},{"name":"none","type":{"fields":[],"kind":"record"}}]}""")]
    public void Import_WhenAlternativesAreNamedByTheirKey_IsAUnionOfTheSameJson(string jsonSchema, string type)
    {
        var import = Imports.Of(jsonSchema);
        Assert.Equal(type, Imports.Part(import, "type"));
        Assert.Empty(Imports.Warnings(import));
    }

    [Fact]
    public void Import_WhenOpenObjectsAreJson_AcceptsAnything()
    {
        const string Open = """{"type":"object","properties":{"a":{"type":"string"}}}""";
        Assert.Equal("\"json\"", Imports.Type(Open, OpenObjects.Json));
        Assert.Equal(["SCH115 "], Imports.Warnings(Imports.Of(Open, OpenObjects.Json)));
        Assert.Equal(["SCH111 "], Imports.Warnings(Imports.Of(Open)));
    }
}
