using System.Text;
using Molt.Contracts.Schemas;
using Molt.Contracts.Schemas.Export;
using Molt.Contracts.Schemas.Import;

namespace Molt.Contracts.Tests.Schemas.Import;

/// <summary>Documents that nobody meant to write: each gives a schema or says why not, and never anything else.</summary>
public sealed class HostileSchemaTests
{
    private const int Rounds = 400;

    private static readonly string[] Pieces =
    [
        "{}", "true", "false", "null", "[]", "7", "-1", "1e999", "\"\"", "\"#\"", "\"#/$defs/N\"", "\"#/properties/a\"", "\"urn:x:y\"", "[{}]", "[\"string\",\"null\"]", "[\"a\",\"a\",null,{}]",
        "{\"type\":\"object\"}", "{\"$ref\":\"#\"}", "{\"anyOf\":[{\"$ref\":\"#/$defs/N\"}]}", "[{\"$ref\":\"#\"},{\"$ref\":\"#/$defs/N\"}]", "\"integer\"", "\"^(\"", "\"date-time\"",
    ];

    private static readonly string[] Keywords =
    [
        "$ref", "$id", "$anchor", "$dynamicRef", "$defs", "definitions", "type", "enum", "const", "default", "allOf", "anyOf", "oneOf", "not", "properties", "required", "additionalProperties",
        "unevaluatedProperties", "propertyNames", "patternProperties", "minProperties", "items", "prefixItems", "additionalItems", "minItems", "maxItems", "minimum", "maximum", "exclusiveMinimum",
        "multipleOf", "minLength", "pattern", "format", "contentEncoding", "nullable", "discriminator", "description", "title", "deprecated",
    ];

    [Fact]
    public void Import_WhenKeywordsHoldAnything_GivesASchemaOrSaysWhy()
    {
        var random = new Random(20260401);
        var id = SchemaId.Parse("schema://hostile/x/v1");
        for (var round = 0; round < Rounds; round++)
        {
            var text = $$"""{"$defs":{"N":{{Piece(random, 3)}}},{{Members(random, 4)}}}""";
            var import = JsonSchemaImporter.Import(Encoding.UTF8.GetBytes(text), id);
            if (import.Schema is null)
            {
                Assert.Contains(import.Notes, note => note.Severity == NoteSeverity.Error);
                continue;
            }

            // The schema is sound: it can be written in every language, and is itself when it comes back.
            TypeScriptExporter.Export(import.Schema);
            PythonExporter.Export(import.Schema);
            CSharpExporter.Export(import.Schema);
            var export = JsonSchemaExporter.Export(import.Schema);
            var again = JsonSchemaImporter.Import(Encoding.UTF8.GetBytes(export.Text), id);
            Assert.True(again.Schema is not null && (export.Notes.Count > 0 || again.Schema.Identity == import.Schema.Identity), text);
        }
    }

    [Fact]
    public void Import_WhenReferencesMultiply_StaysSmall()
    {
        // Each definition merges the one before it twice: written out it would have 2^40 parts.
        var text = new StringBuilder("""{"$ref":"#/$defs/d40","$defs":{"d0":{"type":"object","additionalProperties":false,"properties":{"x":{"type":"string"}}}""");
        for (var i = 1; i <= 40; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $",\"d{i}\":{{\"allOf\":[{{\"$ref\":\"#/$defs/d{i - 1}\"}},{{\"$ref\":\"#/$defs/d{i - 1}\"}}]}}");
        }

        var import = Imports.Of(text.Append("}}").ToString());
        Assert.Equal("""{"d40":{"fields":[{"name":"x","type":{"kind":"optional","of":"string"}}],"kind":"record"}}""", Imports.Part(import, "definitions"));
    }

    private static string Piece(Random random, int depth) =>
        depth == 0 || random.Next(3) == 0 ? Pieces[random.Next(Pieces.Length)] : random.Next(4) == 0 ? $"[{Piece(random, depth - 1)},{Piece(random, depth - 1)}]" : $"{{{Members(random, depth)}}}";

    private static string Members(Random random, int depth)
    {
        var members = new List<string>();
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var keyword = Keywords[random.Next(Keywords.Length)];
            var value = keyword is "properties" or "$defs" or "definitions" or "patternProperties" && random.Next(4) > 0
                ? $"{{\"a\":{Piece(random, depth - 1)},\"N\":{Piece(random, depth - 1)}}}"
                : Piece(random, depth - 1);
            members.Add($"\"{keyword}\":{value}");
        }

        return string.Join(',', members);
    }
}
