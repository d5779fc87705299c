namespace Molt.Contracts.Tests.Schemas.Import;

/// <summary>What a schema cannot say is noted, each with its pointer; nothing is dropped in silence.</summary>
public sealed class JsonSchemaLossTests
{
    [Theory]
    [InlineData("""{"type":"string","pattern":"^(?!x)"}""", "\"string\"", "SCH112 /pattern")]
    [InlineData("""{"type":"string","format":"hostname-ish"}""", "\"string\"", "SCH113 /format")]
    [InlineData("""{"type":"number","multipleOf":0.5}""", "\"float64\"", "SCH110 /multipleOf")]
    [InlineData("""{"type":"array","items":{"type":"string"},"uniqueItems":true}""", """{"items":"string","kind":"list"}""", "SCH110 /uniqueItems")]
    [InlineData("""{"type":"array","items":{"type":"string"},"contains":{"const":"x"}}""", """{"items":"string","kind":"list"}""", "SCH110 /contains")]
    [InlineData("""{"type":"string","not":{"const":"x"}}""", "\"string\"", "SCH110 /not")]
    [InlineData("""{"type":"string","if":{"minLength":1},"then":{"maxLength":2}}""", "\"string\"", "SCH110 /if", "SCH110 /then")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"string"},"propertyNames":{"pattern":"^a"}}""", """{"keys":"string","kind":"map","values":"string"}""", "SCH110 /propertyNames")]
    [InlineData("""{"type":"object","additionalProperties":false,"patternProperties":{"^x":{"type":"integer"}}}""", """{"keys":"string","kind":"map","values":"int53"}""", "SCH110 /patternProperties")]
    [InlineData("""{"type":"object","properties":{},"additionalProperties":false,"dependentRequired":{"a":["b"]}}""", """{"fields":[],"kind":"record"}""", "SCH110 /dependentRequired")]
    [InlineData("""{"type":"object","additionalProperties":false,"minProperties":1,"properties":{"a":{"type":"string"}}}""", """{"fields":[{"name":"a","type":{"kind":"optional","of":"string"}}],"kind":"record"}""", "SCH110 /minProperties")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":{"type":"string"}}""", """{"fields":[{"name":"a","type":{"kind":"optional","of":"string"}}],"kind":"record"}""", "SCH111 /additionalProperties")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"minItems":1}""", """{"fields":[{"name":"item1","type":"string"},{"name":"item2","type":{"kind":"optional","of":"int53"}},{"name":"rest","type":{"kind":"optional","of":{"items":"json","kind":"list"}}}],"kind":"record"}""", "SCH114 ")]
    [InlineData("""{"type":"array","items":[{"type":"string"},{"type":"integer"}],"additionalItems":false}""", """{"fields":[{"name":"item1","type":{"kind":"optional","of":"string"}},{"name":"item2","type":{"kind":"optional","of":"int53"}}],"kind":"record"}""", "SCH114 ")]
    [InlineData("""{"enum":[1,5]}""", """{"ge":1,"kind":"int53","le":5}""", "SCH117 ")]
    [InlineData("""{"const":true}""", "\"bool\"", "SCH117 ")]
    [InlineData("""{"enum":["","a"]}""", "\"string\"", "SCH117 ")]
    [InlineData("""{"enum":[{"a":1},"x"]}""", "\"json\"", "SCH115 ")]
    [InlineData("""{"type":"integer","minimum":0,"maximum":99999999999999999999}""", "\"uint64\"", "SCH117 ")]
    [InlineData("""{"type":"object","additionalProperties":false,"properties":{"a":{"type":"array","default":[]}}}""", """{"fields":[{"name":"a","type":{"kind":"optional","of":{"items":"json","kind":"list"}}}],"kind":"record"}""", "SCH116 /properties/a/default")]
    [InlineData("""{"type":"object","additionalProperties":false,"properties":{"a":{"type":"integer","maximum":3,"default":9}}}""", """{"fields":[{"name":"a","type":{"kind":"optional","of":{"kind":"int53","le":3}}}],"kind":"record"}""", "SCH116 /properties/a/default")]
    [InlineData("""{"type":"object","additionalProperties":false,"properties":{"a":{"type":["string","null"],"default":"x"}}}""", """{"fields":[{"name":"a","type":{"kind":"optional","of":"string"}}],"kind":"record"}""", "SCH116 /properties/a/default")]
    [InlineData("""{"type":"object","additionalProperties":false,"properties":{"a":{"type":"null"}}}""", """{"fields":[{"name":"a","type":{"kind":"optional","of":"json"}}],"kind":"record"}""", "SCH115 /properties/a")]
    [InlineData("""{"type":"object","additionalProperties":false,"properties":{"":{"type":"string"}}}""", "\"json\"", "SCH115 /properties/")]
    [InlineData("""{"type":"string","minLenght":3}""", "\"string\"", "SCH118 /minLenght")]
    [InlineData("""{"type":"string","type":"integer"}""", "\"int53\"", "SCH118 /type")]
    [InlineData("""{"allOf":[{"type":"string","pattern":"^a"},{"pattern":"b$"}]}""", """{"kind":"string","pattern":"^a"}""", "SCH110 /allOf/1/pattern")]
    public void Import_WhenNotExpressible_Warns(string jsonSchema, string type, params string[] warnings)
    {
        var import = Imports.Of(jsonSchema);
        Assert.Equal(type, Imports.Part(import, "type"));
        Assert.Equal(warnings, Imports.Warnings(import));
    }

    [Fact]
    public void Import_WhenAKeywordIsSomeoneElses_InformsOnly()
    {
        var import = Imports.Of("""{"type":"string","x-order":1,"tsType":"Brand"}""");
        Assert.Empty(Imports.Warnings(import));
        Assert.Equal(["SCH118 /x-order", "SCH118 /tsType"], System.Linq.Enumerable.Select(import.Notes, note => $"{note.Code} {note.Place}"), StringComparer.Ordinal);
    }
}
