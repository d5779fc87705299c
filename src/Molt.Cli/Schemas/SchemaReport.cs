using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Molt.Cli.Reporting;
using Molt.Contracts.Schemas;

namespace Molt.Cli.Schemas;

/// <summary>What a schema command has to say: lines for a person, or one JSON document for a program.</summary>
internal sealed class SchemaReport(CommandEnvironment environment, bool json)
{
    private static readonly JsonWriterOptions WriterOptions = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public bool IsJson { get; } = json;

    public List<PlacedFault> Faults { get; } = [];

    public bool HasErrors => Faults.Exists(placed => placed.Fault.IsError);

    public void Line(string text)
    {
        if (!IsJson)
        {
            environment.Output.WriteLine(text);
        }
    }

    /// <summary>Writes the document or the faults, and gives the exit code: 1 for an error, or when the command says so.</summary>
    /// <param name="members">Writes the command's own members.</param>
    /// <param name="isFailure">Whether the result itself is a failure.</param>
    public int Finish(Action<Utf8JsonWriter> members, bool isFailure = false)
    {
        var isOk = !HasErrors && !isFailure;
        if (!IsJson)
        {
            environment.WriteFaults(Faults.ConvertAll(placed => placed.Fault));
            return isOk ? ExitCodes.Ok : ExitCodes.Failed;
        }

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteBoolean("ok", isOk);
            members(writer);
            writer.WriteStartArray("faults");
            foreach (var placed in Faults)
            {
                WriteFault(writer, placed);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        environment.Output.WriteLine(Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length));
        return isOk ? ExitCodes.Ok : ExitCodes.Failed;
    }

    /// <summary>Notes of an import or export: those that say the same are one line with their first place.</summary>
    /// <param name="notes">The notes.</param>
    /// <param name="file">The file whose places they name.</param>
    /// <param name="places">Finds the places; null when they are not places of that file.</param>
    /// <param name="isVerbose">Whether to show every place, and what means the same on both sides.</param>
    public void WriteNotes(IReadOnlyList<SchemaNote> notes, string file, JsonPlaces? places, bool isVerbose)
    {
        if (IsJson)
        {
            return;
        }

        var quiet = 0;
        var groups = new Dictionary<(string, string), List<SchemaNote>>();
        foreach (var note in notes)
        {
            if (note.Severity == NoteSeverity.Info && !isVerbose)
            {
                quiet++;
                continue;
            }

            var key = (note.Code, note.Message);
            if (!groups.TryGetValue(key, out var group))
            {
                groups.Add(key, group = []);
            }

            group.Add(note);
        }

        foreach (var group in groups.Values)
        {
            WriteGroup(group, file, places, isVerbose);
        }

        if (quiet > 0)
        {
            environment.Error.WriteLine(environment.ErrorStyle.Dim($"{quiet} more {(quiet == 1 ? "note" : "notes")} on what is only written differently; --verbose shows {(quiet == 1 ? "it" : "them")}."));
        }
    }

    public static void WriteNotes(Utf8JsonWriter writer, IReadOnlyList<SchemaNote> notes)
    {
        writer.WriteStartArray("notes");
        foreach (var note in notes)
        {
            writer.WriteStartObject();
            writer.WriteString("code", note.Code);
            writer.WriteString("severity", SeverityName(note.Severity));
            writer.WriteString("place", note.Place);
            writer.WriteString("message", note.Message);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void WriteGroup(List<SchemaNote> group, string file, JsonPlaces? places, bool isVerbose)
    {
        var (style, first) = (environment.ErrorStyle, group[0]);
        var label = first.Severity switch
        {
            NoteSeverity.Error => style.Red("error"),
            NoteSeverity.Warning => style.Yellow("warning"),
            _ => "note",
        };
        environment.Error.WriteLine($"{label} {style.Dim(first.Code)}: {style.Bold(first.Message)}");
        for (var i = 0; i < (isVerbose ? group.Count : 1); i++)
        {
            var at = FaultText.ShortPath(file, environment.Directory);
            if (places is not null)
            {
                var position = places.Locate(group[i].Place).Position;
                at = $"{at}:{position.Line}:{position.Column}";
            }

            var more = isVerbose || group.Count == 1 ? "" : $" and {group.Count - 1} more {(group.Count == 2 ? "place" : "places")}";
            environment.Error.WriteLine($"  at {style.Cyan(at)} {group[i].Place}{more}".TrimEnd());
        }
    }

    private void WriteFault(Utf8JsonWriter writer, PlacedFault placed)
    {
        writer.WriteStartObject();
        writer.WriteString("code", placed.Fault.Code);
        writer.WriteString("severity", placed.Fault.IsError ? "error" : "warning");
        writer.WriteString("message", placed.Fault.Message);
        writer.WriteString("file", placed.Fault.File is null ? null : FaultText.ShortPath(placed.Fault.File, environment.Directory));
        writer.WriteString("path", placed.Path);
        if (placed.Fault.Position.IsKnown)
        {
            writer.WriteNumber("line", placed.Fault.Position.Line);
            writer.WriteNumber("column", placed.Fault.Position.Column);
        }

        writer.WriteString("hint", placed.Fault.Hint);
        writer.WriteEndObject();
    }

    private static string SeverityName(NoteSeverity severity) => severity switch
    {
        NoteSeverity.Error => "error",
        NoteSeverity.Warning => "warning",
        _ => "info",
    };
}
