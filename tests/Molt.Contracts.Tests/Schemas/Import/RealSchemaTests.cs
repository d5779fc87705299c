using System.Text;
using Molt.Contracts.Schemas;
using Molt.Contracts.Schemas.Export;
using Molt.Contracts.Schemas.Import;

namespace Molt.Contracts.Tests.Schemas.Import;

/// <summary>Schemas that others publish, and those that Zod and Pydantic write.</summary>
public sealed class RealSchemaTests
{
    private const string ZodScript = """
        import { z } from "zod";
        const Cat = z.object({ kind: z.literal("cat"), lives: z.int().min(1).max(9).default(9) });
        const Dog = z.object({ kind: z.literal("dog"), good: z.boolean() });
        const Node = z.object({ value: z.string(), get next() { return Node.nullable().optional(); } });
        console.log(JSON.stringify(z.toJSONSchema(z.object({
          id: z.uuid(), mail: z.email(), at: z.iso.datetime(), day: z.iso.date(), url: z.url(), data: z.base64(),
          n: z.number(), i: z.int(), i32: z.int32(), u: z.uint32(), f32: z.float32(), above: z.number().positive(),
          tags: z.array(z.string().min(1)).max(3), by: z.record(z.string(), z.number()), pet: z.discriminatedUnion("kind", [Cat, Dog]),
          color: z.enum(["red", "blue"]), nick: z.string().nullish(), any: z.json(), list: Node, of: z.record(z.enum(["p", "q"]), z.string()),
        }))));
        """;

    private const string PydanticScript = """
        import json
        from datetime import datetime, timedelta
        from decimal import Decimal
        from enum import Enum
        from typing import Annotated, Any, Literal, Optional, Union
        from uuid import UUID
        from pydantic import BaseModel, ConfigDict, Field
        class Strict(BaseModel):
            model_config = ConfigDict(extra="forbid")
        class Color(str, Enum):
            red = "red"
            blue = "blue"
        class Cat(Strict):
            kind: Literal["cat"]
            lives: int = 9
        class Dog(Strict):
            kind: Literal["dog"] = "dog"
            good: bool
        class Node(Strict):
            value: str
            next: Optional["Node"] = None
        class Model(Strict):
            a: int = Field(ge=0, lt=10, description="A digit.")
            b: float = Field(gt=0)
            at: datetime
            took: timedelta
            id: UUID
            price: Decimal
            names: list[str] = Field(min_length=1)
            by: dict[str, float]
            nick: Optional[str] = None
            color: Color = Color.red
            pet: Annotated[Union[Cat, Dog], Field(discriminator="kind")]
            tree: Node
            extra: Any = None
        print(json.dumps(Model.model_json_schema()))
        """;

    [Theory]
    [InlineData("wrangler/config-schema.json", "ref", 20)]
    [InlineData("package.json-schema/v1/schema.json", "ref", 5)]
    public void Import_WhenPublished_KeepsItsShape(string path, string kind, int definitions)
    {
        var import = JsonSchemaImporter.Import(RealSchemas.Read(path), SchemaId.Parse("schema://real/thing/v1"));
        Assert.NotNull(import.Schema);
        Assert.Equal(kind, import.Schema.Type.Kind);
        Assert.InRange(import.Schema.Definitions.Count, definitions, definitions * 2);
        Assert.All(import.Notes, note => Assert.NotEqual(NoteSeverity.Error, note.Severity));

        // What is written as JSON Schema again is the same schema, and so is a second import.
        var again = JsonSchemaImporter.Import(Encoding.UTF8.GetBytes(JsonSchemaExporter.Export(import.Schema).Text), import.Schema.Id);
        Assert.Equal(import.Schema.Identity, again.Schema?.Identity);
        Assert.Equal(import.Schema.Identity, JsonSchemaImporter.Import(RealSchemas.Read(path), import.Schema.Id).Schema?.Identity);
    }

    [Fact]
    public void Import_WhenWranglersConfiguration_TakesAConfiguration()
    {
        var schema = JsonSchemaImporter.Import(RealSchemas.Read("wrangler/config-schema.json"), SchemaId.Parse("schema://cloudflare/wrangler/v1")).Schema!;
        var codec = PayloadCodec.For(schema);
        var json = """{"name":"hello","main":"src/index.ts","compatibility_date":"2026-01-01","vars":{"A":"b","N":{"deep":[1]}},"kv_namespaces":[{"binding":"KV","id":"x"}],"routes":[{"string":"example.com/*"}],"placement":{"object":{"mode":"smart"}}}"""u8;
        Assert.True(codec.TryFromJson(json, out var payload, out var fault), fault?.ToString());
        codec.Validate(payload);
        Assert.False(codec.TryFromJson("""{"name":"hello","mian":"src/index.ts"}"""u8, out _, out fault));
        Assert.Equal((PayloadFaultKind.Unknown, "$"), (fault!.Kind, fault.Path));
    }

    [Fact]
    public void Import_WhenZodWroteIt_IsWhatItsAuthorMeant()
    {
        var import = Imports.Of(RealSchemas.Run("node", RealSchemas.Directory, "--input-type=module", "--eval", ZodScript));
        Assert.Equal(
            """{"fields":[{"name":"id","type":"uuid"},{"name":"mail","type":{"format":"email","kind":"string","pattern":"^(?:[A-Za-z0-9_'+\\-]+\\.)*[A-Za-z0-9_'+\\-]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9][A-Za-z0-9\\-]*\\.)+[A-Za-z]{2,}$"}},{"name":"at","type":"timestamp"},{"name":"day","type":{"format":"date","kind":"string","pattern":"^(?:(?:\\d\\d[2468][048]|\\d\\d[13579][26]|\\d\\d0[48]|[02468][048]00|[13579][26]00)-02-29|\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|(?:02)-(?:0[1-9]|1\\d|2[0-8])))$"}},{"name":"url","type":{"format":"uri","kind":"string"}},{"name":"data","type":"bytes"},{"name":"n","type":"float64"},{"name":"i","type":"int53"},{"name":"i32","type":"int32"},{"name":"u","type":"uint32"},{"name":"f32","type":"float32"},{"name":"above","type":{"ge":5e-324,"kind":"float64"}},{"name":"tags","type":{"items":{"kind":"string","minLength":1},"kind":"list","maxItems":3}},{"name":"by","type":{"keys":"string","kind":"map","values":"float64"}},{"name":"pet","type":{"kind":"union","variants":[{"name":"cat","type":{"fields":[{"name":"kind","type":{"default":"cat","kind":"optional","of":{"kind":"enum","values":["cat"]}}},{"name":"lives","type":{"default":9,"kind":"optional","of":{"ge":1,"kind":"int53","le":9}}}],"kind":"record"}},{"name":"dog","type":{"fields":[{"name":"kind","type":{"default":"dog","kind":"optional","of":{"kind":"enum","values":["dog"]}}},{"name":"good","type":"bool"}],"kind":"record"}}]}},{"name":"color","type":{"kind":"enum","values":["red","blue"]}},{"name":"nick","type":{"kind":"optional","of":"string"}},{"name":"any","type":"json"},{"name":"list","type":{"kind":"ref","name":"__schema1"}},{"name":"of","type":{"fields":[{"name":"p","type":"string"},{"name":"q","type":"string"}],"kind":"record"}}],"kind":"record"}""",
            Imports.Part(import, "type"));
        Assert.Equal(["SCH114 /properties/pet"], Imports.Warnings(import));
    }

    [Fact]
    public void Import_WhenPydanticWroteIt_IsWhatItsAuthorMeant()
    {
        Assert.SkipUnless(HasPydantic(), "The python3 of this machine has no pydantic.");
        var import = Imports.Of(RealSchemas.Run("python3", RealSchemas.Root, "-c", PydanticScript));
        Assert.Equal(
            """{"fields":[{"name":"a","type":{"ge":0,"kind":"int53","le":9}},{"name":"b","type":{"ge":5e-324,"kind":"float64"}},{"name":"at","type":"timestamp"},{"name":"took","type":"duration"},{"name":"id","type":"uuid"},{"name":"price","type":"decimal"},{"name":"names","type":{"items":"string","kind":"list","minItems":1}},{"name":"by","type":{"keys":"string","kind":"map","values":"float64"}},{"name":"nick","type":{"kind":"optional","of":"string"}},{"name":"color","type":{"default":"red","kind":"optional","of":{"kind":"ref","name":"Color"}}},{"name":"pet","type":{"kind":"union","variants":[{"name":"cat","type":{"kind":"ref","name":"Cat"}},{"name":"dog","type":{"kind":"ref","name":"Dog"}}]}},{"name":"tree","type":{"kind":"ref","name":"Node"}},{"name":"extra","type":{"kind":"optional","of":"json"}}],"kind":"record"}""",
            Imports.Part(import, "type"));
        Assert.Equal(
            """{"Cat":{"fields":[{"name":"kind","type":{"default":"cat","kind":"optional","of":{"kind":"enum","values":["cat"]}}},{"name":"lives","type":{"default":9,"kind":"optional","of":"int53"}}],"kind":"record"},"Color":{"kind":"enum","values":["red","blue"]},"Dog":{"fields":[{"name":"kind","type":{"default":"dog","kind":"optional","of":{"kind":"enum","values":["dog"]}}},{"name":"good","type":"bool"}],"kind":"record"},"Node":{"fields":[{"name":"value","type":"string"},{"name":"next","type":{"kind":"optional","of":{"kind":"ref","name":"Node"}}}],"kind":"record"}}""",
            Imports.Part(import, "definitions"));
        Assert.Equal(["SCH114 /properties/pet"], Imports.Warnings(import));
    }

    private static bool HasPydantic()
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("python3", ["-c", "import pydantic"]) { RedirectStandardError = true, UseShellExecute = false })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
