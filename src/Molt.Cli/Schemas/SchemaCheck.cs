using Molt.Cli.Reporting;
using Molt.Contracts.Schemas;

namespace Molt.Cli.Schemas;

internal enum PayloadForm
{
    /// <summary>JSON for a file named .json, else the codec's bytes.</summary>
    ByName,
    Json,
    Msgpack,
}

/// <summary><c>molt schema check</c>: every fault of schemas, and the first of a payload.</summary>
internal sealed class SchemaCheck(CommandEnvironment environment, bool json)
{
    private readonly SchemaReport _report = new(environment, json);

    public int Run(IReadOnlyList<string> files, string? payload, PayloadForm form)
    {
        var schemas = new List<SchemaFile>();
        foreach (var file in files)
        {
            if (SchemaFile.Read(environment, file, _report.Faults) is { } read)
            {
                Add(schemas, read);
            }
        }

        foreach (var schema in schemas)
        {
            _report.Line($"{environment.OutputStyle.Green("✓")} {FaultText.ShortPath(schema.Path, environment.Directory)} {schema.Schema.Id} {environment.OutputStyle.Dim(schema.Schema.Identity)}");
        }

        int? size = null;
        if (payload is not null && schemas is [var only])
        {
            size = CheckPayload(only.Schema, SchemaFile.FullPath(environment, payload), form);
        }

        return _report.Finish(writer =>
        {
            writer.WriteStartArray("schemas");
            foreach (var schema in schemas)
            {
                writer.WriteStartObject();
                writer.WriteString("file", FaultText.ShortPath(schema.Path, environment.Directory));
                writer.WriteString("id", schema.Schema.Id.ToString());
                writer.WriteString("identity", schema.Schema.Identity);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            if (size is { } bytes)
            {
                writer.WriteNumber("payloadBytes", bytes);
            }
        });
    }

    // One id means one schema wherever it is looked up.
    private void Add(List<SchemaFile> schemas, SchemaFile read)
    {
        if (schemas.Find(other => other.Schema.Id == read.Schema.Id && other.Schema.Identity != read.Schema.Identity) is { } twin)
        {
            _report.Faults.Add(new PlacedFault(
                new Fault(FaultCodes.SchemaTwice, $"{read.Schema.Id} is another schema in {FaultText.ShortPath(twin.Path, environment.Directory)}.")
                {
                    File = read.Path,
                    Hint = "A schema never changes under its id. molt schema bump gives one of them the next version.",
                },
                "$.id"));
        }

        schemas.Add(read);
    }

    // The size of a good payload in bytes; null after adding the fault.
    private int? CheckPayload(Schema schema, string file, PayloadForm form)
    {
        if (SchemaFile.ReadBytes(file, _report.Faults) is not { } bytes)
        {
            return null;
        }

        var isJson = form == PayloadForm.Json || (form == PayloadForm.ByName && file.EndsWith(".json", StringComparison.OrdinalIgnoreCase));
        var codec = PayloadCodec.For(schema);
        var size = bytes.Length;
        PayloadFault? fault;
        if (!isJson)
        {
            codec.TryValidate(bytes, out fault);
        }
        else if (codec.TryFromJson(bytes, out var encoded, out fault))
        {
            size = encoded.Length;
        }

        if (fault is null)
        {
            _report.Line($"{environment.OutputStyle.Green("✓")} {FaultText.ShortPath(file, environment.Directory)} is a value of {schema.Id}: {size} bytes");
            return size;
        }

        var placed = isJson
            ? PlacedFault.InFile(FaultCodes.SchemaPayload, file, new JsonPlaces(bytes), fault.Path, $"{fault.KindName}: {fault.Message}")
            : new PlacedFault(new Fault(FaultCodes.SchemaPayload, fault.ToString()) { File = file }, fault.Path);
        _report.Faults.Add(placed);
        return null;
    }
}
