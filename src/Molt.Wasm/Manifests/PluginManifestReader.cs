using System.Text.Json;
using Molt.Contracts;
using Molt.Contracts.Schemas;

namespace Molt.Wasm.Manifests;

/// <summary>Reads a manifest and the schemas it names, and reports everything that is wrong with them at once.</summary>
internal sealed class PluginManifestReader
{
    private static readonly string[] TopKeys = ["abi_version", "module_name", "module_version", "module", "profile", "schemas", "capabilities", "exports", "reset", "http"];
    private static readonly string[] ExportKeys = ["function_id", "name", "input_schemas", "default_schema_id", "output_schema", "codec", "deterministic", "schema_compat", "capabilities"];
    private static readonly string[] Profiles = ["wasm_browser", "wasm_wasi", "wasm_worker"];
    private static readonly string[] Resets = ["call", "request", "never"];

    private const int MostEntries = 1024;
    private const int LongestName = 128;

    private readonly string _file;
    private readonly List<PluginFault> _faults;
    private readonly Func<string, byte[]?> _open;
    private readonly List<Schema> _schemas = [];

    /// <param name="file">The manifest's name in messages.</param>
    /// <param name="open">Reads a file beside the manifest; null when there is none.</param>
    /// <param name="faults">Where faults go.</param>
    public PluginManifestReader(string file, Func<string, byte[]?> open, List<PluginFault> faults)
    {
        _file = file;
        _open = open;
        _faults = faults;
    }

    /// <summary>The manifest; null when it is not even JSON.</summary>
    public PluginManifest? Read(ReadOnlyMemory<byte> json)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 128, AllowDuplicateProperties = false });
        }
        catch (JsonException exception)
        {
            Fault("", $"This is not valid JSON: {exception.Message}");
            return null;
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                Fault("", "A manifest is a JSON object.");
                return null;
            }

            return Top(document.RootElement);
        }
    }

    private PluginManifest Top(JsonElement top)
    {
        CheckKeys(top, "", TopKeys);
        string? abi = Text(top, "", "abi_version", required: true);
        if (abi is not null && abi != PluginManifest.Abi)
        {
            Fault("abi_version", $"This host speaks ABI \"{PluginManifest.Abi}\", not \"{abi}\". Build the module for it.");
        }

        string name = Text(top, "", "module_name", required: true) ?? "";
        string version = Text(top, "", "module_version", required: true) ?? "";
        string module = Text(top, "", "module", required: true) ?? "";
        if (module.Length > 0 && !IsInside(module))
        {
            Fault("module", $"\"{module}\" must be a file beside the manifest, without \"..\".");
            module = "";
        }

        int profile = Choice(top, "profile", Profiles, required: true);
        int reset = Choice(top, "reset", Resets, required: false);
        ReadSchemas(top);
        var capabilities = Names(top, "", "capabilities");
        var exports = Exports(top, capabilities);
        return new PluginManifest(name, version, module, (PluginProfile)Math.Max(profile, 0))
        {
            Schemas = _schemas,
            Capabilities = capabilities,
            Exports = exports,
            Reset = (PluginReset)Math.Max(reset, 0),
            Http = Http(top, exports),
        };
    }

    private void ReadSchemas(JsonElement top)
    {
        int index = 0;
        foreach (var entry in Entries(top, "", "schemas", required: true))
        {
            string path = $"schemas[{index++}]";
            byte[]? document = null;
            string file = _file;
            string where = path + ".";
            if (entry.ValueKind == JsonValueKind.Object)
            {
                document = System.Text.Encoding.UTF8.GetBytes(entry.GetRawText());
            }
            else if (entry.ValueKind == JsonValueKind.String)
            {
                file = entry.GetString()!;
                where = "";
                document = IsInside(file) ? _open(file) : null;
                if (document is null)
                {
                    Fault(path, $"There is no file \"{file}\" beside the manifest.");
                }
            }
            else
            {
                Fault(path, "A schema is the path of a SIR document or the document itself.");
            }

            if (document is null)
            {
                continue;
            }

            if (!Schema.TryParse(document, out var schema, out var faults))
            {
                foreach (var fault in faults)
                {
                    _faults.Add(new PluginFault(file, (where + fault.Path.TrimStart('$').TrimStart('.')).TrimEnd('.'), fault.Message));
                }

                continue;
            }

            if (FindSchema(schema.Id.ToString()) is not null)
            {
                Fault(path, $"{schema.Id} is there twice.");
                continue;
            }

            _schemas.Add(schema);
        }
    }

    private List<PluginExport> Exports(JsonElement top, List<string> capabilities)
    {
        var exports = new List<PluginExport>();
        int index = 0;
        foreach (var entry in Entries(top, "", "exports", required: true))
        {
            string path = $"exports[{index++}]";
            if (entry.ValueKind != JsonValueKind.Object)
            {
                Fault(path, "An export is an object.");
                continue;
            }

            var export = Export(entry, path, capabilities);
            if (exports.Exists(other => other.FunctionId == export.FunctionId))
            {
                Fault(path + ".function_id", $"{export.FunctionId} is there twice.");
            }

            if (exports.Exists(other => other.Name == export.Name))
            {
                Fault(path + ".name", $"\"{export.Name}\" is there twice.");
            }

            exports.Add(export);
        }

        if (index == 0)
        {
            Fault("exports", "A plugin exports at least one function.");
        }

        return exports;
    }

    private PluginExport Export(JsonElement entry, string path, List<string> capabilities)
    {
        CheckKeys(entry, path, ExportKeys);
        uint id = 0;
        if (!entry.TryGetProperty("function_id", out var number) || number.ValueKind != JsonValueKind.Number || !number.TryGetUInt32(out id))
        {
            Fault(path + ".function_id", "It must be there and be a number from 0 to 4294967295.");
        }

        string? codec = Text(entry, path, "codec", required: true);
        if (codec is not null && codec != "msgpack")
        {
            Fault(path + ".codec", $"This host reads \"msgpack\", not \"{codec}\".");
        }

        var inputs = new List<Schema>();
        foreach (string schemaId in Names(entry, path, "input_schemas", required: true))
        {
            if (Known(path + ".input_schemas", schemaId) is { } schema)
            {
                inputs.Add(schema);
            }
        }

        Schema? fallback = inputs.Count == 1 ? inputs[0] : null;
        if (Text(entry, path, "default_schema_id", required: false) is { } chosen)
        {
            fallback = inputs.Find(schema => schema.Id.ToString() == chosen);
            if (fallback is null)
            {
                Fault(path + ".default_schema_id", $"\"{chosen}\" is none of the input schemas.");
            }
        }

        string? output = Text(entry, path, "output_schema", required: true);
        string compatibility = Text(entry, path, "schema_compat", required: false) ?? "exact";
        if (compatibility is not ("exact" or "backward"))
        {
            Fault(path + ".schema_compat", $"\"{compatibility}\" is neither \"exact\" nor \"backward\".");
        }

        var own = entry.TryGetProperty("capabilities", out _) ? Names(entry, path, "capabilities") : capabilities;
        foreach (string capability in own)
        {
            if (!capabilities.Contains(capability))
            {
                Fault(path + ".capabilities", $"\"{capability}\" is not among the capabilities of the plugin. {NearestName.AdviceSentence(capability, capabilities)}");
            }
        }

        return new PluginExport(id, Text(entry, path, "name", required: true) ?? "")
        {
            InputSchemas = inputs,
            DefaultSchema = fallback,
            OutputSchema = (output is null ? null : Known(path + ".output_schema", output))!,
            IsDeterministic = Flag(entry, path, "deterministic"),
            Compatibility = compatibility == "backward" ? SchemaCompatibility.Backward : SchemaCompatibility.Exact,
            Capabilities = own,
        };
    }

    private PluginExport? Http(JsonElement top, List<PluginExport> exports)
    {
        if (!top.TryGetProperty("http", out var http))
        {
            return null;
        }

        if (http.ValueKind != JsonValueKind.Object)
        {
            Fault("http", "It is an object with the name of a function: {\"function\": \"fetch\"}.");
            return null;
        }

        CheckKeys(http, "http", ["function"]);
        string? name = Text(http, "http", "function", required: true);
        if (name is null)
        {
            return null;
        }

        var export = exports.Find(candidate => candidate.Name == name);
        if (export is null)
        {
            Fault("http.function", $"No export is named \"{name}\". {NearestName.AdviceSentence(name, exports.ConvertAll(static candidate => candidate.Name))}");
            return null;
        }

        Require(export.DefaultSchema, HttpSchemas.Request, "takes");
        Require(export.OutputSchema, HttpSchemas.Response, "answers");
        return export;

        void Require(Schema? found, Schema wanted, string does)
        {
            if (found is null || found.Identity != wanted.Identity)
            {
                Fault("http.function", $"\"{name}\" has to be a function that {does} {wanted.Id} as docs/reference/plugin-manifest.md gives it.");
            }
        }
    }

    private Schema? Known(string path, string id)
    {
        var schema = FindSchema(id);
        if (schema is null)
        {
            Fault(path, $"\"{id}\" is none of the plugin's schemas. {NearestName.AdviceSentence(id, _schemas.ConvertAll(static known => known.Id.ToString()))}");
        }
        else if (HasStream(schema))
        {
            Fault(path, $"{id} has a stream; functions of plugins take and give whole values.");
        }

        return schema;
    }

    private static bool HasStream(Schema schema)
    {
        if (schema.Type is not RecordType record)
        {
            return schema.Type is StreamType;
        }

        foreach (var field in record.Fields)
        {
            if (field.Type is StreamType)
            {
                return true;
            }
        }

        return false;
    }

    private Schema? FindSchema(string id) => _schemas.Find(schema => schema.Id.ToString() == id);

    private void CheckKeys(JsonElement element, string path, string[] known)
    {
        foreach (var property in element.EnumerateObject())
        {
            if (Array.IndexOf(known, property.Name) < 0)
            {
                Fault(Join(path, property.Name), $"Nobody knows this key. {NearestName.AdviceSentence(property.Name, known)}");
            }
        }
    }

    private int Choice(JsonElement element, string key, string[] choices, bool required)
    {
        string? text = Text(element, "", key, required);
        int index = text is null ? 0 : Array.IndexOf(choices, text);
        if (index < 0)
        {
            Fault(key, $"\"{text}\" is none of {string.Join(", ", choices)}.");
        }

        return index;
    }

    private string? Text(JsonElement element, string path, string key, bool required)
    {
        if (!element.TryGetProperty(key, out var value))
        {
            if (required)
            {
                Fault(Join(path, key), "It must be there.");
            }

            return null;
        }

        if (value.ValueKind != JsonValueKind.String || value.GetString() is not { Length: > 0 and <= LongestName } text)
        {
            Fault(Join(path, key), $"It must be a string of 1 to {LongestName} characters.");
            return null;
        }

        return text;
    }

    private bool Flag(JsonElement element, string path, string key)
    {
        if (!element.TryGetProperty(key, out var value) || value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            Fault(Join(path, key), "It must be there and be true or false.");
            return false;
        }

        return value.GetBoolean();
    }

    private List<string> Names(JsonElement element, string path, string key, bool required = false)
    {
        var names = new List<string>();
        int index = 0;
        foreach (var entry in Entries(element, path, key, required))
        {
            string where = $"{Join(path, key)}[{index++}]";
            if (entry.ValueKind != JsonValueKind.String || entry.GetString() is not { Length: > 0 and <= LongestName } name)
            {
                Fault(where, $"It must be a string of 1 to {LongestName} characters.");
            }
            else if (names.Contains(name))
            {
                Fault(where, $"\"{name}\" is there twice.");
            }
            else
            {
                names.Add(name);
            }
        }

        if (required && index == 0)
        {
            Fault(Join(path, key), "It needs at least one entry.");
        }

        return names;
    }

    private List<JsonElement> Entries(JsonElement element, string path, string key, bool required)
    {
        var entries = new List<JsonElement>();
        if (!element.TryGetProperty(key, out var list))
        {
            if (required)
            {
                Fault(Join(path, key), "It must be there.");
            }

            return entries;
        }

        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > MostEntries)
        {
            Fault(Join(path, key), $"It must be a list of at most {MostEntries} entries.");
            return entries;
        }

        entries.AddRange(list.EnumerateArray());
        return entries;
    }

    private void Fault(string path, string message) => _faults.Add(new PluginFault(_file, path, message));

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    /// <summary>Whether a relative path stays in its directory.</summary>
    private static bool IsInside(string path)
    {
        if (path.Contains('\\', StringComparison.Ordinal) || path.Contains('\0', StringComparison.Ordinal) || path.StartsWith('/'))
        {
            return false;
        }

        return Array.TrueForAll(path.Split('/'), static part => part is not ("" or ".."));
    }
}
