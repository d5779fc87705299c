namespace Molt.Wasm.Vfs;

/// <summary>What something in the file system is.</summary>
public enum VfsKind
{
    /// <summary>A file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A standard stream.</summary>
    Device,
}

/// <summary>Facts about a path or a handle.</summary>
/// <param name="Kind">File, directory or device.</param>
/// <param name="Size">Length in bytes; 0 for a directory.</param>
/// <param name="IsReadOnly">Whether writing is out of the question, capabilities aside.</param>
/// <param name="ModifiedNanoseconds">When it was last modified, in nanoseconds since the Unix epoch; 0 in /bundle and wherever the guest has no clock.</param>
public readonly record struct VfsStat(VfsKind Kind, long Size, bool IsReadOnly, long ModifiedNanoseconds)
{
    /// <summary>Whether it has bytes to read or write.</summary>
    public bool IsFile => Kind != VfsKind.Directory;

    /// <summary>Whether it is a directory.</summary>
    public bool IsDirectory => Kind == VfsKind.Directory;
}

/// <summary>One entry of a directory. Listings are sorted by the bytes of the names.</summary>
/// <param name="Name">The name, without a path.</param>
/// <param name="Kind">What it is.</param>
public readonly record struct VfsEntry(string Name, VfsKind Kind);
