using System.Text;
using Molt.Contracts.Schemas;

namespace Molt.Contracts.Tests.Schemas;

public sealed class SchemaDocumentTests
{
    [Fact]
    public void Canonical_WhenSpelledInManyWays_IsOne()
    {
        var spelled = Parse(
            """
            { "type": {"fields": [ {"type": {"kind": "int32"}, "doc": "x", "name": "a", "deprecated": true},
                {"name": "b", "type": {"default": 1.50e1, "of": {"kind":"float64"}, "kind": "optional"}},
                {"name": "c", "type": {"kind": "float64", "ge": -0.0, "le": 1E2}}, {"name": "d", "type": {"kind":"decimal","ge":"01.50"}} ], "kind": "record"},
              "definitions": {}, "doc": "words", "coercion": "strict", "id": "schema://a/b/v2", "sir": 1 }
            """);
        const string Canonical = """{"id":"schema://a/b/v2","sir":1,"type":{"fields":[{"name":"a","type":"int32"},{"name":"b","type":{"default":15,"kind":"optional","of":"float64"}},{"name":"c","type":{"ge":0,"kind":"float64","le":100}},{"name":"d","type":{"ge":"1.5","kind":"decimal"}}],"kind":"record"}}""";
        Assert.Equal(Canonical, Encoding.UTF8.GetString(spelled.Canonical()));
        Assert.Equal(Canonical, Encoding.UTF8.GetString(Parse(Canonical).Canonical()));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(Canonical))), spelled.Identity);
    }

    [Fact]
    public void Json_WhenWrittenForPeople_KeepsWhatIsForPeople()
    {
        var schema = Parse("""{"sir":1,"id":"schema://a/b/v1","doc":"all","type":{"kind":"record","fields":[{"name":"a","type":"bool","doc":"one","deprecated":true}]}}""");
        Assert.Equal(
            """
            {
              "sir": 1,
              "id": "schema://a/b/v1",
              "doc": "all",
              "type": {
                "kind": "record",
                "fields": [
                  {
                    "name": "a",
                    "type": "bool",
                    "doc": "one",
                    "deprecated": true
                  }
                ]
              }
            }
            """,
            Encoding.UTF8.GetString(schema.ToJson()));
    }

    [Fact]
    public void Builder_WhenItSaysTheSame_GivesTheSameIdentity()
    {
        var built = new SchemaBuilder("schema://a/b/v1").Lax()
            .Define("Node", SchemaBuilder.Record(new RecordField("next", SchemaBuilder.Optional(SchemaBuilder.Ref("Node")))))
            .Field("name", SchemaBuilder.String(maxLength: 5, pattern: "^a"))
            .Field("n", SchemaBuilder.Optional(SchemaBuilder.Integer(ScalarKind.UInt8, le: 9), "3"))
            .Field("node", SchemaBuilder.Ref("Node"))
            .Build();
        var parsed = Parse(
            """
            {"sir":1,"id":"schema://a/b/v1","coercion":"lax","definitions":{"Node":{"kind":"record","fields":[{"name":"next","type":{"kind":"optional","of":{"kind":"ref","name":"Node"}}}]}},
             "type":{"kind":"record","fields":[{"name":"name","type":{"kind":"string","maxLength":5,"pattern":"^a"}},{"name":"n","type":{"kind":"optional","of":{"kind":"uint8","le":9},"default":3}},{"name":"node","type":{"kind":"ref","name":"Node"}}]}}
            """);
        Assert.Equal(parsed.Identity, built.Identity);
    }

    [Fact]
    public void Document_WhenWrongInManyPlaces_NamesThemAll()
    {
        var fine = Schema.TryParse(
            """
            {"sir":2,"id":"schema://A/b/v0","coercion":"loose","colour":1,"definitions":{"1x":"bool","A":{"kind":"ref","name":"B"},"B":{"kind":"ref","name":"A"}},
             "type":{"kind":"record","fields":[
              {"name":"a","type":{"kind":"string","minLenght":3,"pattern":"(?=x)","format":"emial"}},
              {"name":"a","type":"in32"},
              {"name":"c","type":"list"},
              {"name":"d","type":{"kind":"int8","ge":-200,"le":"5"}},
              {"name":"e","type":{"kind":"optional","of":{"kind":"optional","of":"bool"}}},
              {"name":"f","type":{"kind":"list","items":{"kind":"stream","of":"bool"},"minItems":3,"maxItems":2}},
              {"name":"g","type":{"kind":"optional","of":"int8","default":400}},
              {"name":"h","type":{"kind":"list","items":{"kind":"optional","of":"int8","default":4}}},
              {"name":"i","type":{"kind":"ref","name":"C"}},
              {"name":"j","type":{"kind":"map","keys":"float64","values":"bool"}},
              {"name":"k","type":{"kind":"enum","values":["x","x"]}},
              {"name":"l","type":{"kind":"union","variants":[]}},
              {"name":"m\n","type":"bool","deprecated":"yes"},
              {"name":"n","type":{"kind":"optional","of":"json","default":null}},
              {"name":"o","type":{"kind":"optional","of":{"kind":"list","items":"bool"},"default":[]}},
              {"type":"bool"}
             ]}}
            """u8,
            out var schema,
            out var faults);
        Assert.False(fine);
        Assert.Null(schema);
        var lines = new List<string>();
        foreach (var fault in faults)
        {
            lines.Add(fault.ToString());
        }

        lines.Sort(StringComparer.Ordinal);
        Assert.Equal(
            [
                "$.coercion: must be \"strict\" or \"lax\".",
                "$.definitions.A: \"A\" contains itself without end; make a part of it optional, a list or a variant of a union.",
                "$.definitions.B: \"B\" contains itself without end; make a part of it optional, a list or a variant of a union.",
                "$.definitions[\"1x\"]: a definition's name is a letter or _, then letters, digits and _, at most 128 in all.",
                "$.id: \"schema://A/b/v0\" is not a schema id; write schema://area/name/v1 with area and name of a-z, 0-9 and _ (a letter first).",
                "$.sir: must be 1, the version of the schema language.",
                "$.type.fields[0].type.format: \"emial\" is no format; did you mean \"email\"?",
                "$.type.fields[0].type.pattern: the pattern has a group that is neither ( ) nor (?: ) at character 2; patterns are literals, . ^ $ ( ) (?: ) | [ ], * + ? {m,n}, \\d \\w \\s \\D \\W \\S, \\uXXXX and escaped punctuation.",
                "$.type.fields[0].type: has the unknown key \"minLenght\"; did you mean \"minLength\"?",
                "$.type.fields[10].type.values[1]: the name \"x\" is used twice; rename one.",
                "$.type.fields[11].type.variants: is empty; a union needs at least one variant.",
                "$.type.fields[12].deprecated: must be true or false.",
                "$.type.fields[12]: a name has 1 to 128 characters and no control characters.",
                "$.type.fields[13].type.default: must not be null; without a default an absent field is null anyway.",
                "$.type.fields[14].type.default: only scalars and enums can have a default.",
                "$.type.fields[15]: has no \"name\"; add it.",
                "$.type.fields[1].type: \"in32\" is no scalar type; did you mean \"int32\"?",
                "$.type.fields[1]: the name \"a\" is used twice; rename one.",
                "$.type.fields[2].type: \"list\" needs more than its name; write an object with \"kind\": \"list\" and items, minItems, maxItems.",
                "$.type.fields[3].type.ge: -200 is not a value of int8, which goes from -128 to 127.",
                "$.type.fields[3].type.le: must be a whole number.",
                "$.type.fields[4].type.of: must not be optional or a stream itself.",
                "$.type.fields[5].type.items: a stream can only be the whole type or a field of the top record.",
                "$.type.fields[5].type: no value satisfies it: \"minItems\" is greater than \"maxItems\".",
                "$.type.fields[6].type.default: is no value of int8: 400 is not within -128 and 127.",
                "$.type.fields[7].type.items.default: only a field of a record can have a default.",
                "$.type.fields[8].type.name: \"C\" is not defined; known are 1x, A, B.",
                "$.type.fields[9].type.keys: \"float64\" cannot be the type of keys; use \"string\" or an integer of at most 53 bits.",
                "$: has the unknown key \"colour\"; known are sir, id, doc, coercion, definitions, type.",
            ],
            lines);
    }

    [Theory]
    [InlineData("", "$: is not JSON (line 1, byte 1); a schema is one JSON object in UTF-8.")]
    [InlineData("[]", "$: must be an object.")]
    [InlineData("{\"sir\":1,\"sir\":1,\"id\":\"schema://a/b/v1\",\"type\":\"bool\"}", "$: has the key \"sir\" twice; remove one.")]
    [InlineData("{\"sir\":1,\"id\":\"schema://a/b/v1\",\"type\":\"bool\"} x", "$: is not JSON (line 1, byte 48); a schema is one JSON object in UTF-8.")]
    [InlineData("{\"sir\":1,\"id\":\"schema://a/b/v1\",\"type\":\"\\ud800\"}", "$.type: has half a character in it.")]
    [InlineData("{\"id\":\"schema://a/b/v1\",\"type\":\"bool\"}", "$: has no \"sir\"; write \"sir\": 1, the version of the schema language.")]
    [InlineData("{\"sir\":1,\"id\":\"schema://a/b/v1\",\"type\":{\"kind\":\"stream\",\"of\":{\"kind\":\"stream\",\"of\":\"bool\"}}}", "$.type.of: a stream can only be the whole type or a field of the top record.")]
    [InlineData("{\"sir\":1,\"id\":\"schema://a/b/v1\",\"type\":{\"kind\":\"int32\",\"ge\":5,\"le\":4}}", "$.type: no value satisfies its bounds: \"ge\" is greater than \"le\".")]
    [InlineData("{\"sir\":1,\"id\":\"schema://a/b/v1\",\"type\":{\"kind\":\"bool\",\"ge\":5}}", "$.type: has the unknown key \"ge\"; known are kind.")]
    public void Document_WhenWrong_SaysWhereAndHow(string document, string fault) =>
        Assert.Equal(fault, Assert.Throws<SchemaException>(() => Schema.Parse(Encoding.UTF8.GetBytes(document))).Message);

    [Theory]
    [InlineData("""{"N":{"kind":"record","fields":[{"name":"n","type":{"kind":"ref","name":"N"}}]}}""", false)]
    [InlineData("""{"N":{"kind":"list","items":{"kind":"ref","name":"N"},"minItems":1}}""", false)]
    [InlineData("""{"N":{"kind":"union","variants":[{"name":"n","type":{"kind":"ref","name":"N"}}]}}""", false)]
    [InlineData("""{"N":{"kind":"list","items":{"kind":"ref","name":"N"}}}""", true)]
    [InlineData("""{"N":{"kind":"map","keys":"string","values":{"kind":"ref","name":"N"}}}""", true)]
    [InlineData("""{"N":{"kind":"optional","of":{"kind":"record","fields":[{"name":"n","type":{"kind":"ref","name":"N"}}]}}}""", true)]
    [InlineData("""{"N":{"kind":"union","variants":[{"name":"n","type":{"kind":"ref","name":"N"}},{"name":"end","type":"bool"}]}}""", true)]
    [InlineData("""{"A":{"kind":"record","fields":[{"name":"n","type":{"kind":"ref","name":"N"}}]},"N":{"kind":"record","fields":[{"name":"a","type":{"kind":"ref","name":"A"}}]}}""", false)]
    public void Recursion_WhenWithoutEnd_IsRefused(string definitions, bool isFine) =>
        Assert.Equal(isFine, Schema.TryParse(Encoding.UTF8.GetBytes("""{"sir":1,"id":"schema://a/b/v1","type":{"kind":"ref","name":"N"},"definitions":""" + definitions + "}"), out _, out _));

    [Theory]
    [InlineData("schema://a/b/v1", true)]
    [InlineData("schema://area_2/name/v2147483647", true)]
    [InlineData("schema://a/b/v2147483648", false)]
    [InlineData("schema://a/b/v01", false)]
    [InlineData("schema://a/b/v", false)]
    [InlineData("schema://a/b/v+1", false)]
    [InlineData("schema://a/b", false)]
    [InlineData("schema://a/b/c/v1", false)]
    [InlineData("schema://2a/b/v1", false)]
    [InlineData("schema://a/B/v1", false)]
    [InlineData("schema:///b/v1", false)]
    [InlineData("http://a/b/v1", false)]
    public void Id_WhenParsed_FollowsTheGrammar(string text, bool isId)
    {
        Assert.Equal(isId, SchemaId.TryParse(text, out var id));
        Assert.Equal(isId ? text : null, id?.ToString());
    }

    [Fact]
    public void Id_WhenNotOne_IsRefusedWithItsCode() => Assert.Equal("SCH002", Assert.Throws<SchemaException>(() => SchemaId.Parse("x")).Code);

    private static Schema Parse(string document) => Schema.Parse(Encoding.UTF8.GetBytes(document));
}
