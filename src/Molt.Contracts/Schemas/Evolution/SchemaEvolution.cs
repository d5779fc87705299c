namespace Molt.Contracts.Schemas;

/// <summary>
/// Compares versions of a schema. A change is compatible when every payload of the old version is a payload of the new one and
/// means the same: readers move first, writers follow. Everything else is breaking.
/// </summary>
public static class SchemaEvolution
{
    /// <summary>All differences, in the order of the new schema; none when both mean the same, whatever their ids and documentation.</summary>
    public static IReadOnlyList<SchemaChange> Compare(Schema old, Schema changed)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(changed);
        return new SchemaComparison(old, changed).Run();
    }

    /// <summary>Whether every payload of the old schema is one of the new.</summary>
    public static bool IsBackwardCompatible(Schema old, Schema changed)
    {
        foreach (var change in Compare(old, changed))
        {
            if (change.IsBreaking)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// The id a changed schema must have: the old one when only documentation changed, else that with the next version. An id
    /// stands for one canonical form for ever, so compatible changes get a new version as well; whether the new version reads
    /// payloads of the old one is what <see cref="Compare"/> says.
    /// </summary>
    public static SchemaId Bump(Schema old, Schema changed)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(changed);
        return changed.WithId(old.Id).Identity == old.Identity ? old.Id : old.Id.WithVersion(old.Id.Version + 1);
    }
}
