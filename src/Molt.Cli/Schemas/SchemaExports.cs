using Molt.Cli.Reporting;
using Molt.Contracts.Schemas;
using Molt.Contracts.Schemas.Export;

namespace Molt.Cli.Schemas;

/// <summary><c>molt schema export</c>: a schema in another language.</summary>
internal sealed class SchemaExports(CommandEnvironment environment, bool json)
{
    private readonly SchemaReport _report = new(environment, json);

    public int Run(string file, string to, string? output, string? space, bool isVerbose)
    {
        if (SchemaFile.Read(environment, file, _report.Faults) is not { } source)
        {
            return _report.Finish(writer => writer.WriteNull("text"));
        }

        var export = to switch
        {
            "json-schema" => JsonSchemaExporter.Export(source.Schema),
            "typescript" => TypeScriptExporter.Export(source.Schema),
            "csharp" => CSharpExporter.Export(source.Schema, space),
            _ => PythonExporter.Export(source.Schema),
        };
        _report.WriteNotes(export.Notes, source.Path, new JsonPlaces(source.Bytes), isVerbose);
        var isRefused = false;
        foreach (var note in export.Notes)
        {
            isRefused |= note.Severity == NoteSeverity.Error;
        }

        if (isRefused)
        {
            return Finish(export, isRefused);
        }

        if (output is null)
        {
            _report.Line(export.Text.TrimEnd());
            return Finish(export, isRefused);
        }

        var full = SchemaFile.FullPath(environment, output);
        if (SchemaFile.Write(full, export.Text, _report.Faults))
        {
            _report.Line($"{environment.OutputStyle.Green("✓")} {FaultText.ShortPath(full, environment.Directory)} of {source.Schema.Id}");
        }

        return Finish(export, isRefused);
    }

    private int Finish(SchemaExport export, bool isRefused) => _report.Finish(
        writer =>
        {
            if (isRefused)
            {
                writer.WriteNull("text");
            }
            else
            {
                writer.WriteString("text", export.Text);
            }

            SchemaReport.WriteNotes(writer, export.Notes);
        },
        isRefused);
}
