namespace Molt.Contracts.Schemas.Import;

/// <summary>
/// Makes schemas of JSON Schemas (drafts 4 to 2020-12), those that Zod and Pydantic write among them. What the schema language
/// cannot say is noted with its JSON pointer; nothing is dropped in silence, nothing is fetched.
/// </summary>
public static class JsonSchemaImporter
{
    public static SchemaImport Import(ReadOnlySpan<byte> document, SchemaId id, JsonSchemaImportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(id);
        var notes = new SchemaNotes();
        if (SourceNode.Read(document, notes) is not { } root)
        {
            return new SchemaImport(null, notes.All);
        }

        if (root.Kind is not (JsonKind.Object or JsonKind.Boolean))
        {
            notes.Error(NoteCodes.NotASchema, "", "A JSON Schema is an object, true or false.");
            return new SchemaImport(null, notes.All);
        }

        var builder = new SchemaBuilder(id.ToString());
        new JsonSchemaConverter(root, notes, options ?? new JsonSchemaImportOptions()).Convert(builder);
        if (notes.HasErrors)
        {
            return new SchemaImport(null, notes.All);
        }

        try
        {
            return new SchemaImport(builder.Build(), notes.All);
        }
        catch (SchemaException e)
        {
            foreach (var fault in e.Faults)
            {
                notes.Error(NoteCodes.NotExpressible, "", $"The schema would not be valid: {fault}");
            }

            return new SchemaImport(null, notes.All);
        }
    }
}
