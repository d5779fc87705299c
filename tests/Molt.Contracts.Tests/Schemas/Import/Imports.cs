using System.Text;
using System.Text.Json;
using Molt.Contracts.Schemas;
using Molt.Contracts.Schemas.Import;

namespace Molt.Contracts.Tests.Schemas.Import;

/// <summary>Short forms of what these tests ask for again and again.</summary>
internal static class Imports
{
    public static SchemaImport Of(string jsonSchema, OpenObjects open = OpenObjects.Close) =>
        JsonSchemaImporter.Import(Encoding.UTF8.GetBytes(jsonSchema), SchemaId.Parse("schema://import/test/v1"), new JsonSchemaImportOptions { Open = open });

    /// <summary>The canonical text of a member of the imported schema's document: "type", "definitions".</summary>
    public static string Part(SchemaImport import, string member)
    {
        Assert.NotNull(import.Schema);
        using var document = JsonDocument.Parse(import.Schema.Canonical());
        return document.RootElement.TryGetProperty(member, out var part) ? part.GetRawText() : "";
    }

    public static string Type(string jsonSchema, OpenObjects open = OpenObjects.Close) => Part(Of(jsonSchema, open), "type");

    /// <summary>"SCH110 /a/b" for every note that is not mere information.</summary>
    public static string[] Warnings(SchemaImport import)
    {
        var warnings = new List<string>();
        foreach (var note in import.Notes)
        {
            if (note.Severity != NoteSeverity.Info)
            {
                warnings.Add($"{note.Code} {note.Place}");
            }
        }

        return [.. warnings];
    }
}
