using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Molt.Contracts.Schemas;

/// <summary>Which schemas may read a payload that was written with another version.</summary>
public enum SchemaCompatibility
{
    /// <summary>Only the one it was written with.</summary>
    Exact,

    /// <summary>A later version of it whose changes are all compatible, too.</summary>
    Backward,
}

/// <summary>
/// The schemas that a process knows, by id. An id stands for one schema for ever; nothing resolves to "the latest".
/// Safe for use by many threads.
/// </summary>
public sealed class SchemaRegistry
{
    private readonly ConcurrentDictionary<SchemaId, Schema> _schemas = new();
    private readonly ConcurrentDictionary<(SchemaId Written, SchemaId Read), bool> _compatible = new();

    /// <summary>All schemas, in the order of their ids.</summary>
    public IReadOnlyList<Schema> Schemas
    {
        get
        {
            var schemas = new List<Schema>(_schemas.Values);
            schemas.Sort((a, b) => string.CompareOrdinal(a.Id.ToString(), b.Id.ToString()));
            return schemas;
        }
    }

    /// <summary>The lower-case hexadecimal SHA-256 of all ids and identities: equal for equal contents.</summary>
    public string Identity
    {
        get
        {
            var text = new StringBuilder();
            foreach (var schema in Schemas)
            {
                text.Append(schema.Id).Append(' ').Append(schema.Identity).Append('\n');
            }

            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
        }
    }

    /// <summary>Adds a schema; adding the same one again changes nothing.</summary>
    /// <exception cref="SchemaException">SCH003: the id stands for another schema.</exception>
    public void Add(Schema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var known = _schemas.GetOrAdd(schema.Id, schema);
        if (!ReferenceEquals(known, schema) && known.Identity != schema.Identity)
        {
            throw new SchemaException("SCH003", [new SchemaFault("$.id", $"{schema.Id} stands for another schema already ({known.Identity[..12]}…, this is {schema.Identity[..12]}…); give the changed one the next version.")]);
        }
    }

    /// <summary>The schema of an id, or null.</summary>
    public Schema? Find(SchemaId id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return _schemas.GetValueOrDefault(id);
    }

    /// <summary>
    /// The schema to read a payload with: the one it was written with when that is among those the reader understands, else,
    /// when compatibility is backward, the next version among them that reads it. Null when there is none.
    /// </summary>
    public Schema? Resolve(SchemaId written, IEnumerable<SchemaId> readable, SchemaCompatibility compatibility = SchemaCompatibility.Exact)
    {
        ArgumentNullException.ThrowIfNull(written);
        ArgumentNullException.ThrowIfNull(readable);
        SchemaId? best = null;
        foreach (var id in readable)
        {
            if (id == written)
            {
                return Find(id);
            }

            if (compatibility == SchemaCompatibility.Backward && id.IsSameSchema(written) && id.Version > written.Version && (best is null || id.Version < best.Version) && Reads(written, id))
            {
                best = id;
            }
        }

        return best is null ? null : Find(best);
    }

    private bool Reads(SchemaId written, SchemaId read) =>
        Find(written) is { } old && Find(read) is { } changed && _compatible.GetOrAdd((written, read), _ => SchemaEvolution.IsBackwardCompatible(old, changed));
}
