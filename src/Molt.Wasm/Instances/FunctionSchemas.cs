using Molt.Contracts.Schemas;

namespace Molt.Wasm.Instances;

/// <summary>Which schema a caller means, and which number the module knows it by. Made once per function.</summary>
internal sealed class FunctionSchemas
{
    private readonly PluginManifest _manifest;
    private readonly PluginExport _export;
    private readonly Dictionary<string, (int Called, int Written)> _taken = new(StringComparer.Ordinal);
    private readonly int _default = -1;

    public FunctionSchemas(PluginManifest manifest, PluginExport export)
    {
        _manifest = manifest;
        _export = export;
        foreach (var schema in export.InputSchemas)
        {
            int index = manifest.IndexOf(schema);
            _taken[schema.Id.ToString()] = (index, index);
        }

        if (export.DefaultSchema is { } chosen)
        {
            _default = manifest.IndexOf(chosen);
        }

        if (export.Compatibility == SchemaCompatibility.Backward)
        {
            AddOlder();
        }
    }

    /// <summary>
    /// Finds the schemas of a call. <paramref name="called"/> is what the module is told, <paramref name="written"/> what the payload
    /// is a value of; they differ where an older version is read as a newer one.
    /// </summary>
    public PluginReply Resolve(string? id, out int called, out int written)
    {
        called = written = _default;
        if (id is null)
        {
            return _default >= 0
                ? default
                : new PluginReply(PluginStatus.SchemaRequired, $"\"{_export.Name}\" takes several schemas and has no default; name one.");
        }

        if (_taken.TryGetValue(id, out var found))
        {
            (called, written) = found;
            return default;
        }

        foreach (var schema in _manifest.Schemas)
        {
            if (schema.Id.ToString() == id)
            {
                return new PluginReply(PluginStatus.SchemaMismatch, $"\"{_export.Name}\" does not take {id}; it takes {string.Join(", ", _export.InputSchemas)}.");
            }
        }

        return new PluginReply(PluginStatus.SchemaNotFound, $"The plugin has no schema {id}.");
    }

    private void AddOlder()
    {
        foreach (var older in _manifest.Schemas)
        {
            string id = older.Id.ToString();
            foreach (var taken in _export.InputSchemas)
            {
                if (!_taken.ContainsKey(id) && taken.Id.IsSameSchema(older.Id) && older.Id.Version < taken.Id.Version && SchemaEvolution.IsBackwardCompatible(older, taken))
                {
                    _taken[id] = (_manifest.IndexOf(taken), _manifest.IndexOf(older));
                }
            }
        }
    }
}
