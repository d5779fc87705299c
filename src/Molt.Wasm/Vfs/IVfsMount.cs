namespace Molt.Wasm.Vfs;

/// <summary>
/// A place in the file system of one instance. Paths are relative to the mount, in their one form without a slash at either
/// end; the mount's root is the empty string and always a directory. Called by one thread at a time. Capabilities are
/// checked before a mount is asked.
/// </summary>
public interface IVfsMount
{
    /// <summary>Whether anything here can be changed.</summary>
    bool IsWritable { get; }

    /// <summary>Opens a file. Directories are not opened: <see cref="VfsError.IsDirectory"/>.</summary>
    VfsError Open(string path, VfsOpenMode mode, out IVfsFile? file);

    /// <summary>Looks at a path.</summary>
    VfsError Stat(string path, out VfsStat stat);

    /// <summary>Lists a directory, sorted by the bytes of the names.</summary>
    VfsError ReadDirectory(string path, out IReadOnlyList<VfsEntry> entries);

    /// <summary>Makes a directory; its parent must exist.</summary>
    VfsError CreateDirectory(string path);

    /// <summary>Removes a file. Handles that are open on it keep working.</summary>
    VfsError RemoveFile(string path);

    /// <summary>Removes an empty directory.</summary>
    VfsError RemoveDirectory(string path);

    /// <summary>
    /// Renames as POSIX does: a file replaces a file, a directory replaces an empty directory, a directory never goes below itself.
    /// </summary>
    VfsError Rename(string from, string to);
}

/// <summary>An open file of a mount. Positions belong to the handle above it.</summary>
public interface IVfsFile
{
    /// <summary>Reads at a position; devices ignore it. 0 bytes read is the end.</summary>
    VfsError Read(long position, Span<byte> buffer, out int read);

    /// <summary>Writes all bytes at a position, filling a gap with zeros, or none; devices ignore the position.</summary>
    VfsError Write(long position, ReadOnlySpan<byte> bytes);

    /// <summary>Cuts the file, or fills it with zeros up to a length.</summary>
    VfsError SetLength(long length);

    /// <summary>Makes what was written durable, where the mount is.</summary>
    VfsError Sync();

    /// <summary>Looks at the file.</summary>
    VfsError Stat(out VfsStat stat);

    /// <summary>Ends the use of the file: keeping what was written, or, when the instance was stopped, dropping what was not synced on durable mounts.</summary>
    VfsError Close(bool keep);
}
