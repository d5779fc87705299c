using System.Text;
using System.Text.Json;
using Molt.Contracts.Schemas;
using Molt.Contracts.Schemas.Export;
using Molt.Contracts.Schemas.Import;
using Molt.Contracts.Tests.Schemas.Import;

namespace Molt.Contracts.Tests.Schemas.Export;

/// <summary>What exporters write is taken by the languages it is written for.</summary>
public sealed class ExportTests
{
    // Names and texts that must not break out of where they are put.
    private const string Hostile = """
        {"sir":1,"id":"schema://export/hostile/v1","doc":"*/ \"\"\" </summary> \\ \u0000 end","definitions":{"class":{"kind":"enum","values":["*/","\"","\\","a\u2028b","None","😀"]}},
         "type":{"kind":"record","fields":[
           {"name":"__proto__","type":"string","doc":"*/ process.exit(1) /*"},
           {"name":"constructor","type":"string"},
           {"name":"class","type":{"kind":"ref","name":"class"}},
           {"name":"a\"; drop","type":{"kind":"optional","of":"string","default":"\"\"\"\\\n*/"}},
           {"name":"a-b","type":{"kind":"optional","of":"int32"}},
           {"name":"a_b","type":{"kind":"optional","of":"int32"},"deprecated":true},
           {"name":"Schema","type":"bool"},{"name":"datetime","type":"timestamp"},{"name":"list","type":{"kind":"list","items":"string"}},
           {"name":"日本","type":"string"},{"name":"日木","type":"string"},{"name":"1st","type":"string"}]}}
        """;

    private const string Everything = """
        {"sir":1,"id":"schema://export/everything/v2","doc":"One of each.","definitions":{
           "Tree":{"kind":"record","fields":[{"name":"value","type":"json"},{"name":"children","type":{"kind":"list","items":{"kind":"ref","name":"Tree"}}}]},
           "Shape":{"kind":"union","variants":[{"name":"circle","type":"float64","doc":"Its radius."},{"name":"tree","type":{"kind":"ref","name":"Tree"}},{"name":"nested","type":{"kind":"record","fields":[{"name":"x","type":"int8"}]}}]},
           "Numbers":{"kind":"map","keys":"int32","values":{"kind":"list","items":{"kind":"optional","of":"uint64"}}}},
         "type":{"kind":"record","fields":[
           {"name":"b","type":"bool"},{"name":"i64","type":"int64"},{"name":"u64","type":{"kind":"uint64","ge":1}},{"name":"i53","type":{"kind":"int53","ge":0}},
           {"name":"f32","type":"float32"},{"name":"f64","type":{"kind":"float64","ge":0,"le":1}},
           {"name":"s","type":{"kind":"string","minLength":1,"maxLength":80,"pattern":"^[a-z]+$","format":"hostname"},"doc":"A name.\nOf two lines."},
           {"name":"raw","type":"bytes"},{"name":"at","type":"timestamp"},{"name":"took","type":"duration"},{"name":"id","type":"uuid"},{"name":"price","type":"decimal"},{"name":"any","type":"json"},
           {"name":"shape","type":{"kind":"ref","name":"Shape"}},{"name":"shapes","type":{"kind":"map","keys":"string","values":{"kind":"ref","name":"Shape"}}},
           {"name":"numbers","type":{"kind":"ref","name":"Numbers"}},{"name":"color","type":{"kind":"optional","of":{"kind":"enum","values":["red","blue"]},"default":"blue"}},
           {"name":"times","type":{"kind":"optional","of":"int32","default":3}},{"name":"ratio","type":{"kind":"optional","of":"float64","default":"NaN"}},
           {"name":"label","type":{"kind":"optional","of":"string","default":"x"}},{"name":"since","type":{"kind":"optional","of":"timestamp","default":"2026-01-02T03:04:05.5Z"}},
           {"name":"wait","type":{"kind":"optional","of":"duration","default":"-PT1.5S"}},{"name":"key","type":{"kind":"optional","of":"bytes","default":"AAH/"}},
           {"name":"sum","type":{"kind":"optional","of":"decimal","default":"1.5"}},{"name":"who","type":{"kind":"optional","of":"uuid","default":"123e4567-e89b-12d3-a456-426614174000"}},
           {"name":"inner","type":{"kind":"record","fields":[{"name":"x","type":"int8"},{"name":"deep","type":{"kind":"list","items":{"kind":"record","fields":[]}}}]}},
           {"name":"list","type":{"kind":"list","items":{"kind":"enum","values":["a","b"]},"minItems":1}},{"name":"old","type":{"kind":"optional","of":"string"},"deprecated":true}]}}
        """;

    public static TheoryData<string> Documents()
    {
        var documents = new TheoryData<string> { Hostile, Everything };
        foreach (var vector in SchemaVectors.All)
        {
            documents.Add(vector.Document);
        }

        return documents;
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void JsonSchema_WhenImportedAgain_IsTheSameSchema(string document)
    {
        var schema = Schema.Parse(Encoding.UTF8.GetBytes(document));
        var export = JsonSchemaExporter.Export(schema);
        using var json = JsonDocument.Parse(export.Text);
        Assert.Equal(schema.Id.ToString(), json.RootElement.GetProperty("$id").GetString());
        var import = JsonSchemaImporter.Import(Encoding.UTF8.GetBytes(export.Text), schema.Id);
        Assert.NotNull(import.Schema);
        if (export.Notes.Count == 0 && !IsInlined(schema))
        {
            Assert.Equal(Encoding.UTF8.GetString(schema.Canonical()), Encoding.UTF8.GetString(import.Schema.Canonical()));
            Assert.Empty(Imports.Warnings(import));
        }
    }

    [Fact]
    public void TypeScript_WhenExported_Compiles()
    {
        using var directory = new TemporaryDirectory();
        var files = new List<string> { "--noEmit", "--strict", "--exactOptionalPropertyTypes", "--target", "es2022", "--types", "" };
        foreach (var row in Documents())
        {
            var schema = Schema.Parse(Encoding.UTF8.GetBytes(row.Data));
            files.Add($"{schema.Id.Area}_{schema.Id.Name}.ts");
            File.WriteAllText(Path.Combine(directory.Path, files[^1]), TypeScriptExporter.Export(schema).Text);
        }

        // What the codec gives must fit, and what it does not give must not.
        files.Add("use.ts");
        File.WriteAllText(Path.Combine(directory.Path, "use.ts"), """
            import type { Everything, Shape } from "./export_everything.js";
            export const shape: Shape = { tag: "nested", value: { x: 1 } };
            export const part: Pick<Everything, "i64" | "raw" | "at" | "numbers" | "color" | "shapes" | "times"> = {
              i64: 1n, raw: new Uint8Array(1), at: 5, numbers: new Map([[1, [undefined, 2n]]]), color: "red", shapes: { a: shape }, times: undefined,
            };
            // @ts-expect-error a variant that is not there
            export const wrong: Shape = { tag: "square", value: 1 };
            // @ts-expect-error int64 is a bigint
            export const number: Pick<Everything, "i64"> = { i64: 1 };
            """);
        RealSchemas.Run(Path.Combine(RealSchemas.Root, "node_modules", ".bin", "tsc"), directory.Path, [.. files]);
        var text = TypeScriptExporter.Export(Schema.Parse(Encoding.UTF8.GetBytes(Everything))).Text;
        Assert.Contains("  /**\n   * A name.\n   * Of two lines.\n   * 1 to 80 characters, format hostname, pattern ^[a-z]+$.\n   */\n  s: string;\n", text, StringComparison.Ordinal);
        Assert.Contains("  /** @deprecated */\n  old?: string | undefined;\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Python_WhenExported_RunsAndItsHintsResolve()
    {
        using var directory = new TemporaryDirectory();
        var modules = new List<string>();
        foreach (var row in Documents())
        {
            var schema = Schema.Parse(Encoding.UTF8.GetBytes(row.Data));
            modules.Add($"{schema.Id.Area}_{schema.Id.Name}");
            File.WriteAllText(Path.Combine(directory.Path, modules[^1] + ".py"), PythonExporter.Export(schema).Text);
        }

        RealSchemas.Run("python3", directory.Path, "-W", "error", "-c", $"""
            import dataclasses, importlib, typing
            for name in {JsonSerializer.Serialize(modules)}:
                module = importlib.import_module(name)
                for value in list(vars(module).values()):
                    if dataclasses.is_dataclass(value):
                        typing.get_type_hints(value)
            import export_everything as e, export_hostile as h
            from datetime import datetime, timedelta, timezone
            from decimal import Decimal
            fields = {"{"}f.name: f.default for f in dataclasses.fields(e.Everything){"}"}
            assert fields["times"] == 3 and fields["color"] == "blue" and fields["ratio"] != fields["ratio"] and fields["old"] is None
            assert fields["since"] == datetime(2026, 1, 2, 3, 4, 5, 500000, timezone.utc) and fields["wait"] == timedelta(seconds=-1.5)
            assert fields["key"] == b"\x00\x01\xff" and fields["sum"] == Decimal("1.5")
            assert e.EverythingInner(x=1, deep=[]).x == 1 and e.__doc__.startswith("schema://export/everything/v2")
            names = [f.metadata.get("name", f.name) for f in dataclasses.fields(h.Hostile)]
            assert names == ["__proto__", "constructor", "class", 'a"; drop', "a-b", "a_b", "Schema", "datetime", "list", "日本", "日木", "1st"], names
            assert h.Hostile.__doc__ == '*/ {"\"\"\""} </summary> \\ \x00 end', h.Hostile.__doc__
            """);
    }

    [Fact]
    public void CSharp_WhenExported_IsWhatThisProjectCompiles()
    {
        var schema = Schema.Parse(Encoding.UTF8.GetBytes(ExportedDocument.Text));
        var export = CSharpExporter.Export(schema, "Molt.Contracts.Tests.Schemas.Export");
        var file = Path.Combine(RealSchemas.Root, "tests", "Molt.Contracts.Tests", "Schemas", "Export", "Exported.cs");
        Assert.Empty(export.Notes);
        Assert.Equal(File.ReadAllText(file), export.Text);

        // The generator made a schema of the file: it is the one that was exported.
        Assert.Equal(Encoding.UTF8.GetString(schema.Canonical()), Encoding.UTF8.GetString(Order.Schema.Canonical()));
        var order = new Order { Id = 7, Customer = new Customer { Name = "ada" }, Lines = [new Line { Sku = "x", Qty = 2 }], Total = 1.5m };
        Assert.Equal(order.Total, SchemaRecord.Decode<Order>(SchemaRecord.Encode(order)).Total);
    }

    [Theory]
    [InlineData("""{"kind":"list","items":"string"}""", "SCH132 $.type")]
    [InlineData("""{"kind":"record","fields":[{"name":"u","type":{"kind":"union","variants":[{"name":"a","type":"bool"}]}}]}""", "SCH132 $.type.fields[0].type")]
    [InlineData("""{"kind":"record","fields":[{"name":"s","type":{"kind":"stream","of":"bytes"}}]}""", "SCH132 $.type.fields[0].type")]
    [InlineData("""{"kind":"record","fields":[{"name":"m","type":{"kind":"map","keys":"int53","values":"bool"}}]}""", "SCH132 $.type.fields[0].type.keys")]
    [InlineData("""{"kind":"record","fields":[{"name":"a","type":{"kind":"optional","of":"timestamp","default":"2026-01-01T00:00:00Z"}}]}""", "SCH130 $.type.fields[0]", "SCH130 $")]
    [InlineData("""{"kind":"record","fields":[{"name":"a","type":{"kind":"list","minItems":1,"items":{"kind":"string","minLength":1}}}]}""", "SCH130 $.type.fields[0]", "SCH130 $")]
    [InlineData("""{"kind":"record","fields":[{"name":"a","type":{"kind":"record","fields":[]}}]}""", "SCH130 $")]
    public void CSharp_WhenNotExpressible_SaysWhere(string type, params string[] notes)
    {
        var schema = Schema.Parse(Encoding.UTF8.GetBytes($$"""{"sir":1,"id":"schema://export/x/v1","type":{{type}}}"""));
        Assert.Equal(notes, System.Linq.Enumerable.Select(CSharpExporter.Export(schema).Notes, note => $"{note.Code} {note.Place}"), StringComparer.Ordinal);
    }

    [Fact]
    public void JsonSchema_WhenNotExpressible_SaysWhere()
    {
        var schema = Schema.Parse("""{"sir":1,"id":"schema://export/x/v1","coercion":"lax","type":{"kind":"record","fields":[{"name":"b","type":{"kind":"bytes","maxLength":3}},{"name":"d","type":{"kind":"decimal","ge":"0"}},{"name":"s","type":{"kind":"stream","of":"bytes"}}]}}"""u8);
        Assert.Equal(
            ["SCH130 $.coercion", "SCH130 $.type.fields[0].type", "SCH130 $.type.fields[1].type", "SCH130 $.type.fields[2].type"],
            System.Linq.Enumerable.Select(JsonSchemaExporter.Export(schema).Notes, note => $"{note.Code} {note.Place}"),
            StringComparer.Ordinal);
    }

    // An import gives names only to what has parts, so a definition that is a scalar or another name does not come back.
    private static bool IsInlined(Schema schema)
    {
        foreach (var (_, type) in schema.Definitions)
        {
            if (type is ScalarType or RefType)
            {
                return true;
            }
        }

        return false;
    }
}

internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("molt-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
