using System.Text;
using System.Text.Json;
using Molt.Cli.Reporting;
using Molt.Contracts.Schemas;

namespace Molt.Cli.Schemas;

/// <summary><c>molt schema bump</c>: gives a schema that changed its next id, and leaves the rest of the file as it is written.</summary>
internal sealed class SchemaBump(CommandEnvironment environment, bool json)
{
    private readonly SchemaReport _report = new(environment, json);

    /// <param name="file">The schema to give an id.</param>
    /// <param name="against">The published version; null when the file itself is, and is about to change.</param>
    public int Run(string file, string? against)
    {
        var source = SchemaFile.Read(environment, file, _report.Faults);
        var old = against is null ? null : SchemaFile.Read(environment, against, _report.Faults);
        SchemaId? next = null;
        if (source is not null && (against is null || old is not null))
        {
            next = Next(source, old);
        }

        if (next is not null && next != source!.Schema.Id)
        {
            if (SchemaFile.Write(source.Path, WithId(source, next), _report.Faults))
            {
                _report.Line($"{environment.OutputStyle.Green("✓")} {FaultText.ShortPath(source.Path, environment.Directory)} {source.Schema.Id} → {next}");
            }
        }
        else if (next is not null)
        {
            _report.Line($"{environment.OutputStyle.Green("✓")} {FaultText.ShortPath(source!.Path, environment.Directory)} stays {next}");
        }

        return _report.Finish(writer =>
        {
            writer.WriteString("from", source?.Schema.Id.ToString());
            writer.WriteString("id", next?.ToString());
            writer.WriteBoolean("changed", next is not null && next != source!.Schema.Id);
        });
    }

    private SchemaId? Next(SchemaFile source, SchemaFile? old)
    {
        if (old is null)
        {
            return source.Schema.Id.WithVersion(source.Schema.Id.Version + 1);
        }

        if (!old.Schema.Id.IsSameSchema(source.Schema.Id))
        {
            _report.Faults.Add(PlacedFault.InFile(FaultCodes.SchemaOther, source.Path, new JsonPlaces(source.Bytes), "$.id", $"{source.Schema.Id} is not a version of {old.Schema.Id}, which it is compared against."));
            return null;
        }

        if (source.Schema.Id.Version < old.Schema.Id.Version)
        {
            _report.Faults.Add(PlacedFault.InFile(FaultCodes.SchemaOther, source.Path, new JsonPlaces(source.Bytes), "$.id", $"{source.Schema.Id} is older than {old.Schema.Id}; exchange the two files."));
            return null;
        }

        var next = SchemaEvolution.Bump(old.Schema, source.Schema);

        // A version that is ahead already is one nobody has published: it may stay.
        return next == old.Schema.Id || source.Schema.Id.Version <= old.Schema.Id.Version ? next : source.Schema.Id;
    }

    private static string WithId(SchemaFile source, SchemaId next)
    {
        var reader = new Utf8JsonReader(source.Bytes.AsSpan().StartsWith("\uFEFF"u8) ? source.Bytes.AsSpan(3) : source.Bytes);
        var offset = source.Bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isId = reader.ValueTextEquals("id"u8);
            reader.Read();
            if (isId)
            {
                var (start, end) = (offset + (int)reader.TokenStartIndex, offset + (int)reader.BytesConsumed);
                return Encoding.UTF8.GetString(source.Bytes, offset, start - offset) + JsonSerializer.Serialize(next.ToString()) + Encoding.UTF8.GetString(source.Bytes, end, source.Bytes.Length - end);
            }

            reader.Skip();
        }

        throw new InvalidOperationException("A schema that was read has an id.");
    }
}
