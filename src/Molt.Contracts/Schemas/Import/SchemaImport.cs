namespace Molt.Contracts.Schemas.Import;

/// <summary>What became of an import: the schema unless a note is an error, and everything that it did not keep.</summary>
/// <param name="Schema">The schema; null when a note is an error.</param>
/// <param name="Notes">In the order in which the source was read.</param>
public sealed record SchemaImport(Schema? Schema, IReadOnlyList<SchemaNote> Notes);

/// <summary>What to make of objects that may have properties nobody names.</summary>
public enum OpenObjects
{
    /// <summary>A closed record of the named properties, with a warning: other properties are refused.</summary>
    Close,

    /// <summary>Any JSON value, with a warning: nothing is refused and nothing is checked.</summary>
    Json,
}

/// <summary>How a JSON Schema is read.</summary>
public sealed record JsonSchemaImportOptions
{
    /// <summary>What to make of objects that may have properties nobody names. Default: close them, as most are open by omission.</summary>
    public OpenObjects Open { get; init; } = OpenObjects.Close;
}
