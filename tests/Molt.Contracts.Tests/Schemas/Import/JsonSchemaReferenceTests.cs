namespace Molt.Contracts.Tests.Schemas.Import;

/// <summary>$ref, anchors and recursion.</summary>
public sealed class JsonSchemaReferenceTests
{
    private const string Record = """{"type":"object","additionalProperties":false,"required":["v"],"properties":{"v":{"type":"string"}}}""";

    [Theory]
    [InlineData("#/$defs/a~1b%20c", "\"$defs\":{\"a/b c\":@}", "a_b_c")]
    [InlineData("#/definitions/Thing", "\"definitions\":{\"Thing\":@}", "Thing")]
    [InlineData("#/components/schemas/Pet", "\"components\":{\"schemas\":{\"Pet\":@}}", "Pet")]
    [InlineData("#here", "\"$defs\":{\"x\":{\"$anchor\":\"here\",\"allOf\":[@]}}", "here")]
    [InlineData("other.json", "\"$defs\":{\"x\":{\"$id\":\"other.json\",\"allOf\":[@]}}", "other_json")]
    [InlineData("other.json#here", "\"$defs\":{\"x\":{\"$id\":\"other.json\",\"$defs\":{\"y\":{\"$anchor\":\"here\",\"allOf\":[@]}}}}", "other_json_here")]
    [InlineData("https://acme.example/s/other.json#/$defs/y", "\"$id\":\"https://acme.example/s/main.json\",\"$defs\":{\"x\":{\"$id\":\"other.json\",\"$defs\":{\"y\":@}}}", "y")]
    [InlineData("#/$defs/n", "\"$id\":\"urn:acme:schema\",\"$defs\":{\"n\":@}", "n")]
    public void Import_WhenReferencesAreLocal_NamesDefinitions(string reference, string rest, string name)
    {
        var import = Imports.Of($$"""{"type":"array","items":{"$ref":"{{reference}}"},{{rest.Replace("@", Record, StringComparison.Ordinal)}}}""");
        Assert.Equal($$"""{"items":{"kind":"ref","name":"{{name}}"},"kind":"list"}""", Imports.Part(import, "type"));
        Assert.Equal($$$"""{"{{{name}}}":{"fields":[{"name":"v","type":"string"}],"kind":"record"}}""", Imports.Part(import, "definitions"));
        Assert.Empty(Imports.Warnings(import));
    }

    [Fact]
    public void Import_WhenAnIdIsAFragment_IsAnAnchorOfDraft7() => Assert.Equal(
        """{"items":"string","kind":"list"}""",
        Imports.Type("""{"$schema":"http://json-schema.org/draft-07/schema#","type":"array","items":{"$ref":"#name"},"definitions":{"x":{"$id":"#name","type":"string"}}}"""));

    [Fact]
    public void Import_WhenRecursive_RefersToItself()
    {
        var import = Imports.Of("""{"title":"Tree","type":"object","additionalProperties":false,"required":["left"],"properties":{"left":{"anyOf":[{"$ref":"#"},{"type":"null"}]}}}""");
        Assert.Equal("""{"kind":"ref","name":"Tree"}""", Imports.Part(import, "type"));
        Assert.Equal("""{"Tree":{"fields":[{"name":"left","type":{"kind":"optional","of":{"kind":"ref","name":"Tree"}}}],"kind":"record"}}""", Imports.Part(import, "definitions"));
    }

    [Fact]
    public void Import_WhenADefinitionAllowsNull_MakesTheFieldOptional() => Assert.Equal(
        """{"fields":[{"name":"n","type":{"kind":"optional","of":{"kind":"ref","name":"N"}}}],"kind":"record"}""",
        Imports.Type("""{"type":"object","additionalProperties":false,"properties":{"n":{"$ref":"#/$defs/N"}},"required":["n"],"$defs":{"N":{"type":["array","null"],"items":{"$ref":"#/$defs/N"}}}}"""));

    [Fact]
    public void Import_WhenSiblingsStandBesideAReference_CountSinceDraft2019()
    {
        const string Schema = """{"$schema":"@","$ref":"#/$defs/S","maxLength":3,"$defs":{"S":{"type":"string","minLength":1}}}""";
        Assert.Equal("""{"kind":"string","maxLength":3,"minLength":1}""", Imports.Type(Schema.Replace("@", "https://json-schema.org/draft/2019-09/schema", StringComparison.Ordinal)));
        var old = Imports.Of(Schema.Replace("@", "http://json-schema.org/draft-07/schema#", StringComparison.Ordinal));
        Assert.Equal("""{"kind":"string","minLength":1}""", Imports.Part(old, "type"));
        Assert.Equal(["SCH110 /maxLength"], Imports.Warnings(old));
    }

    [Fact]
    public void Import_WhenAReferenceLeadsOutside_AcceptsAnythingAndSaysSo()
    {
        var import = Imports.Of("""{"type":"array","items":{"$ref":"https://acme.example/other.json"}}""");
        Assert.Equal("""{"items":"json","kind":"list"}""", Imports.Part(import, "type"));
        Assert.Equal(["SCH115 /items/$ref"], Imports.Warnings(import));
    }

    [Theory]
    [InlineData("""{"$ref":"#/$defs/missing"}""", "SCH102 /$ref")]
    [InlineData("""{"type":"array","items":{"$ref":"#nowhere"}}""", "SCH102 /items/$ref")]
    [InlineData("""{"$ref":"#"}""", "SCH103 ")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}""", "SCH103 ")]
    [InlineData("""{"type":"object","required":["x"],"additionalProperties":false,"properties":{"x":{"$ref":"#"}}}""", "SCH103 ")]
    [InlineData("false", "SCH103 ")]
    [InlineData("""{"type":"null"}""", "SCH103 ")]
    [InlineData("""{"type":"strong"}""", "SCH101 /type")]
    [InlineData("""{"type":"array","items":7}""", "SCH101 /items")]
    [InlineData("[]", "SCH101 ")]
    [InlineData("{", "SCH101 ")]
    [InlineData("", "SCH101 ")]
    public void Import_WhenThereIsNoSchema_SaysWhy(string jsonSchema, string note)
    {
        var import = Imports.Of(jsonSchema);
        Assert.Null(import.Schema);
        Assert.Contains(note, Imports.Warnings(import), StringComparer.Ordinal);
    }

    [Fact]
    public void Import_WhenAllOfContainsItself_Ends()
    {
        var import = Imports.Of("""{"$ref":"#/$defs/a","$defs":{"a":{"type":"object","additionalProperties":false,"properties":{"x":{"type":"string"}},"allOf":[{"$ref":"#/$defs/a"}]}}}""");
        Assert.Equal("""{"a":{"fields":[{"name":"x","type":{"kind":"optional","of":"string"}}],"kind":"record"}}""", Imports.Part(import, "definitions"));
    }

    [Fact]
    public void Import_WhenNestedWithoutEnd_IsRefused()
    {
        var deep = string.Concat(System.Linq.Enumerable.Repeat("""{"type":"array","items":""", 120)) + "true" + new string('}', 120);
        Assert.Null(Imports.Of(deep).Schema);
        var deeper = string.Concat(System.Linq.Enumerable.Repeat("""{"not":""", 5000)) + "true" + new string('}', 5000);
        Assert.Contains("SCH101 ", Imports.Warnings(Imports.Of(deeper)), StringComparer.Ordinal);
    }
}
