using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Molt.Contracts.Schemas;

/// <summary>How JSON and value encoders treat a value of a near type. Payload bytes are always strict.</summary>
public enum SchemaCoercion
{
    /// <summary>The type must be the declared one.</summary>
    Strict,

    /// <summary>Text that is a number counts as one, and so on; the table is in docs/reference/schemas.md.</summary>
    Lax,
}

/// <summary>
/// A schema: an id and a type, with named types it may use. Immutable and checked: what exists makes sense. Written as JSON
/// (docs/reference/schemas.md) or with <see cref="SchemaBuilder"/>.
/// </summary>
public sealed class Schema
{
    private readonly Dictionary<OptionalType, byte[]> _defaults;
    private PayloadCodec? _codec;
    private string? _identity;

    private Schema(SchemaDraft draft, SchemaId id, Dictionary<OptionalType, byte[]> defaults)
    {
        Id = id;
        Doc = draft.Doc;
        Coercion = draft.Coercion;
        Definitions = draft.Definitions;
        Type = draft.Type;
        _defaults = defaults;
    }

    public SchemaId Id { get; }

    public string? Doc { get; }

    public SchemaCoercion Coercion { get; }

    /// <summary>The types that <see cref="RefType"/> names, in the order of their names.</summary>
    public IReadOnlyDictionary<string, SchemaType> Definitions { get; }

    public SchemaType Type { get; }

    /// <summary>The lower-case hexadecimal SHA-256 of <see cref="Canonical"/>.</summary>
    public string Identity => _identity ??= Convert.ToHexStringLower(SHA256.HashData(Canonical()));

    internal PayloadCodec Codec => _codec ?? Interlocked.CompareExchange(ref _codec, new PayloadCodec(this), null) ?? _codec;

    /// <summary>Reads a document.</summary>
    /// <exception cref="SchemaException">SCH001, with everything that is wrong.</exception>
    public static Schema Parse(ReadOnlySpan<byte> document)
    {
        var faults = new List<SchemaFault>();
        return Create(SchemaDocumentReader.Read(document, faults), faults);
    }

    /// <summary>Reads a document, or says everything that is wrong with it.</summary>
    public static bool TryParse(ReadOnlySpan<byte> document, [NotNullWhen(true)] out Schema? schema, out IReadOnlyList<SchemaFault> faults)
    {
        var found = new List<SchemaFault>();
        faults = found;
        return TryCreate(SchemaDocumentReader.Read(document, found), found, out schema);
    }

    /// <summary>The document, indented, for people.</summary>
    public byte[] ToJson() => SchemaDocumentWriter.Write(this, canonical: false);

    /// <summary>The one form of the document that all spellings of it share; without what is only for people.</summary>
    public byte[] Canonical() => SchemaDocumentWriter.Write(this, canonical: true);

    /// <summary>The type itself, or what a <see cref="RefType"/> leads to.</summary>
    public SchemaType Resolve(SchemaType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        while (type is RefType reference)
        {
            type = Definitions[reference.Name];
        }

        return type;
    }

    /// <summary>The same schema under another id.</summary>
    public Schema WithId(SchemaId id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return new Schema(new SchemaDraft(id, Doc, Coercion, Definitions, Type), id, _defaults);
    }

    public override string ToString() => Id.ToString();

    /// <summary>The payload that stands for the default of an optional type of this schema.</summary>
    internal byte[]? DefaultPayload(OptionalType optional) => _defaults.GetValueOrDefault(optional);

    internal static Schema Create(SchemaDraft? draft, List<SchemaFault> faults) =>
        TryCreate(draft, faults, out var schema) ? schema : throw new SchemaException("SCH001", faults);

    private static bool TryCreate(SchemaDraft? draft, List<SchemaFault> faults, [NotNullWhen(true)] out Schema? schema)
    {
        schema = null;
        if (draft is null)
        {
            return false;
        }

        var defaults = new SchemaChecks(draft, faults).Run();
        if (faults.Count > 0 || draft.Id is null)
        {
            return false;
        }

        schema = new Schema(draft, draft.Id, defaults);
        return true;
    }
}

/// <summary>What a document or a builder says, before it is checked.</summary>
internal sealed record SchemaDraft(SchemaId? Id, string? Doc, SchemaCoercion Coercion, IReadOnlyDictionary<string, SchemaType> Definitions, SchemaType Type);
