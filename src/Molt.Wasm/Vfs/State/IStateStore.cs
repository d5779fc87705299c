namespace Molt.Wasm.Vfs.State;

/// <summary>
/// What keeps <c>/state</c>. Files change as wholes: a draft is written aside and takes the file's place in one durable step,
/// so that after a crash each file has its old content or its new one. Paths are relative, in their one form; the root is the
/// empty string. Shared by the instances of a worker, so every member may be called from several threads.
/// </summary>
public interface IStateStore
{
    /// <summary>Looks at a path.</summary>
    VfsError Stat(string path, out VfsStat stat);

    /// <summary>Lists a directory, sorted by the bytes of the names.</summary>
    VfsError ReadDirectory(string path, out IReadOnlyList<VfsEntry> entries);

    /// <summary>Makes an empty file; it must be missing, its parent must exist.</summary>
    VfsError CreateFile(string path);

    /// <summary>Makes a directory; its parent must exist.</summary>
    VfsError CreateDirectory(string path);

    /// <summary>Removes a file. What is open on it stays readable.</summary>
    VfsError RemoveFile(string path);

    /// <summary>Removes an empty directory.</summary>
    VfsError RemoveDirectory(string path);

    /// <summary>Renames as POSIX does.</summary>
    VfsError Rename(string from, string to);

    /// <summary>Opens the content a file has now; later commits do not change it.</summary>
    VfsError OpenRead(string path, out IStateContent? content);

    /// <summary>Starts a draft, empty or with a copy of some content.</summary>
    VfsError Draft(IStateContent? from, out IStateDraft? draft);
}

/// <summary>Content that can be read.</summary>
public interface IStateContent : IDisposable
{
    /// <summary>Length and time of modification.</summary>
    VfsError Stat(out VfsStat stat);

    /// <summary>Reads at a position; 0 bytes is the end.</summary>
    VfsError Read(long position, Span<byte> buffer, out int read);
}

/// <summary>Content that is being written. Disposing it without a commit drops it; after a commit it is the file's content and only read.</summary>
public interface IStateDraft : IStateContent
{
    /// <summary>Writes at a position, filling a gap with zeros.</summary>
    VfsError Write(long position, ReadOnlySpan<byte> bytes);

    /// <summary>Cuts it, or fills it with zeros up to a length.</summary>
    VfsError SetLength(long length);

    /// <summary>Puts it in the place of an existing file, durably.</summary>
    VfsError Commit(string path);
}
