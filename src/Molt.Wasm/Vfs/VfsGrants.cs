namespace Molt.Wasm.Vfs;

/// <summary>The file-system capabilities an instance holds. Devices need none; writing to /bundle is never possible.</summary>
[Flags]
public enum VfsGrants
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary><c>fs.bundle.read</c>: granted by default.</summary>
    BundleRead = 1,

    /// <summary><c>fs.tmp.read</c>.</summary>
    TmpRead = 2,

    /// <summary><c>fs.tmp.write</c>.</summary>
    TmpWrite = 4,

    /// <summary><c>fs.state.read</c>.</summary>
    StateRead = 8,

    /// <summary><c>fs.state.write</c>.</summary>
    StateWrite = 16,

    /// <summary>What every profile starts with.</summary>
    Default = BundleRead,
}

/// <summary>The names capabilities have in manifests.</summary>
public static class VfsCapabilities
{
    private static readonly (string Id, VfsGrants Grant)[] All =
    [
        ("fs.bundle.read", VfsGrants.BundleRead),
        ("fs.tmp.read", VfsGrants.TmpRead),
        ("fs.tmp.write", VfsGrants.TmpWrite),
        ("fs.state.read", VfsGrants.StateRead),
        ("fs.state.write", VfsGrants.StateWrite),
    ];

    /// <summary>The ids of the file-system capabilities among <paramref name="ids"/>, as grants; others are left to their owners.</summary>
    public static VfsGrants Parse(IEnumerable<string> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var grants = VfsGrants.None;
        foreach (var id in ids)
        {
            foreach (var (known, grant) in All)
            {
                grants |= known == id ? grant : VfsGrants.None;
            }
        }

        return grants;
    }

    /// <summary>The id of one grant.</summary>
    public static string IdOf(VfsGrants grant)
    {
        foreach (var (id, known) in All)
        {
            if (known == grant)
            {
                return id;
            }
        }

        throw new ArgumentOutOfRangeException(nameof(grant), grant, "Exactly one grant has an id.");
    }
}
