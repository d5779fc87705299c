namespace Molt.Contracts.Schemas.Export;

/// <summary>A schema in another language, and everything that language cannot say.</summary>
/// <param name="Text">The whole file.</param>
/// <param name="Notes">Places are paths into the schema.</param>
public sealed record SchemaExport(string Text, IReadOnlyList<SchemaNote> Notes);
