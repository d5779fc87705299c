using Molt.Cli.Reporting;
using Molt.Contracts.Schemas;

namespace Molt.Cli.Schemas;

/// <summary><c>molt schema diff</c>: what changed between two versions of a schema; a failure when payloads of the old one no longer fit.</summary>
internal sealed class SchemaDiff(CommandEnvironment environment, bool json)
{
    private readonly SchemaReport _report = new(environment, json);

    public int Run(string oldFile, string newFile)
    {
        var old = SchemaFile.Read(environment, oldFile, _report.Faults);
        var changed = SchemaFile.Read(environment, newFile, _report.Faults);
        var changes = old is null || changed is null ? [] : SchemaEvolution.Compare(old.Schema, changed.Schema);
        var breaking = 0;
        foreach (var change in changes)
        {
            breaking += change.IsBreaking ? 1 : 0;
        }

        if (old is not null && changed is not null)
        {
            if (!old.Schema.Id.IsSameSchema(changed.Schema.Id))
            {
                _report.Faults.Add(new PlacedFault(
                    new Fault(FaultCodes.SchemaOther, $"{changed.Schema.Id} is not a version of {old.Schema.Id}; compared all the same.") { File = changed.Path, Severity = FaultSeverity.Warning },
                    "$.id"));
            }

            WriteTable(changes, breaking);
        }

        return _report.Finish(
            writer =>
            {
                writer.WriteString("old", old?.Schema.Id.ToString());
                writer.WriteString("new", changed?.Schema.Id.ToString());
                writer.WriteNumber("breaking", breaking);
                writer.WriteStartArray("changes");
                foreach (var change in changes)
                {
                    writer.WriteStartObject();
                    writer.WriteString("path", change.Path);
                    writer.WriteString("kind", change.IsBreaking ? "breaking" : "compatible");
                    writer.WriteString("message", change.Message);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            },
            breaking > 0);
    }

    private void WriteTable(IReadOnlyList<SchemaChange> changes, int breaking)
    {
        if (changes.Count == 0)
        {
            _report.Line("No differences in what the schemas mean.");
            return;
        }

        var style = environment.OutputStyle;
        var width = "path".Length;
        foreach (var change in changes)
        {
            width = Math.Max(width, change.Path.Length);
        }

        _report.Line(style.Dim($"{"change",-10}  {"path".PadRight(width)}  what"));
        foreach (var change in changes)
        {
            var kind = change.IsBreaking ? style.Red("breaking  ") : style.Green("compatible");
            _report.Line($"{kind}  {change.Path.PadRight(width)}  {change.Message}");
        }

        _report.Line($"{changes.Count} {(changes.Count == 1 ? "change" : "changes")}, {breaking} breaking");
    }
}
