using System.Text;
using Molt.Cli.Reporting;
using Molt.Contracts.Schemas;
using Molt.Contracts.Schemas.Import;

namespace Molt.Cli.Schemas;

/// <summary>What <c>molt schema import</c> is asked for.</summary>
internal sealed record SchemaImportRequest(string File, string From, SchemaId Id)
{
    public string? Output { get; init; }

    public OpenObjects Open { get; init; }

    /// <summary>The type of an assembly to import; null when only one is meant.</summary>
    public string? Type { get; init; }

    /// <summary>Whether a warning is a failure.</summary>
    public bool IsStrict { get; init; }

    public bool IsVerbose { get; init; }
}

/// <summary><c>molt schema import</c>: a schema of a JSON Schema or a .NET type, with a report of what was not kept.</summary>
internal sealed class SchemaImports(CommandEnvironment environment, bool json)
{
    private readonly SchemaReport _report = new(environment, json);

    public int Run(SchemaImportRequest request)
    {
        var full = SchemaFile.FullPath(environment, request.File);
        if (SchemaFile.ReadBytes(full, _report.Faults) is not { } bytes)
        {
            return _report.Finish(writer => writer.WriteNull("schema"));
        }

        var isJsonSchema = request.From == "json-schema";
        var import = isJsonSchema
            ? JsonSchemaImporter.Import(bytes, request.Id, new JsonSchemaImportOptions { Open = request.Open })
            : DotNetImporter.Import(full, request.Type, request.Id);
        _report.WriteNotes(import.Notes, full, isJsonSchema ? new JsonPlaces(bytes) : null, request.IsVerbose);
        var hasWarnings = false;
        foreach (var note in import.Notes)
        {
            hasWarnings |= note.Severity == NoteSeverity.Warning;
        }

        var isRefused = import.Schema is null || (request.IsStrict && hasWarnings);
        if (!isRefused)
        {
            Write(import.Schema!, request.Output);
        }
        else if (import.Schema is not null && !_report.IsJson)
        {
            environment.Error.WriteLine("Nothing was written: with --strict a warning is a failure.");
        }

        return _report.Finish(
            writer =>
            {
                writer.WritePropertyName("schema");
                if (import.Schema is null)
                {
                    writer.WriteNullValue();
                }
                else
                {
                    writer.WriteRawValue(import.Schema.ToJson());
                }

                SchemaReport.WriteNotes(writer, import.Notes);
            },
            isRefused);
    }

    private void Write(Schema schema, string? output)
    {
        var text = Encoding.UTF8.GetString(schema.ToJson()).TrimEnd() + "\n";
        if (output is null)
        {
            _report.Line(text.TrimEnd());
            return;
        }

        var full = SchemaFile.FullPath(environment, output);
        if (SchemaFile.Write(full, text, _report.Faults))
        {
            _report.Line($"{environment.OutputStyle.Green("✓")} {FaultText.ShortPath(full, environment.Directory)} {schema.Id} {environment.OutputStyle.Dim(schema.Identity)}");
        }
    }
}
