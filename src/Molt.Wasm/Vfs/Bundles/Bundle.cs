namespace Molt.Wasm.Vfs.Bundles;

/// <summary>
/// What <c>/bundle</c> holds: files and directories that never change, shared by all instances of a version. Made by
/// <see cref="BundleBuilder"/> or one of the readers. Two bundles with the same <see cref="Hash"/> behave the same: times,
/// owners and modes of the source are not kept.
/// </summary>
public sealed class Bundle
{
    internal Bundle(BundleNode root, string hash, int entries, long totalBytes)
    {
        Root = root;
        Hash = hash;
        Entries = entries;
        TotalBytes = totalBytes;
    }

    /// <summary>
    /// Lower-case hex SHA-256 of the content, a hash tree: a file's is the hash of <c>"molt-bundle 1 file\0"</c> and its bytes; a
    /// directory's that of <c>"molt-bundle 1 directory\0"</c> and, for each entry in the order of the names' bytes, the kind
    /// (<c>f</c> or <c>d</c>), the name's length (u32 LE), the name and the entry's hash. It does not depend on where the
    /// content was read from.
    /// </summary>
    public string Hash { get; }

    /// <summary>Files and directories, without the root.</summary>
    public int Entries { get; }

    /// <summary>Bytes of all files.</summary>
    public long TotalBytes { get; }

    internal BundleNode Root { get; }
}

/// <summary>A file or a directory of a bundle.</summary>
internal sealed class BundleNode
{
    private readonly Dictionary<string, string>? _names;

    private BundleNode(ReadOnlyMemory<byte> content, bool isDirectory)
    {
        Content = content;
        Children = isDirectory ? new(StringComparer.Ordinal) : null;
        _names = isDirectory ? new(StringComparer.Ordinal) : null;
    }

    public bool IsDirectory => Children is not null;

    /// <summary>Whether an entry of the source named it, and not only a path that goes through it.</summary>
    public bool IsExplicit { get; set; }

    public ReadOnlyMemory<byte> Content { get; private set; }

    public Dictionary<string, BundleNode>? Children { get; }

    public static BundleNode Directory() => new(default, isDirectory: true);

    public static BundleNode File(ReadOnlyMemory<byte> content) => new(content, isDirectory: false);

    /// <summary>Gives a file that was admitted by its length its bytes.</summary>
    public void Fill(ReadOnlyMemory<byte> content) => Content = content;

    /// <summary>Adds a child, or says which one its name collides with.</summary>
    public string? TryAdd(string name, BundleNode child)
    {
        if (!_names!.TryAdd(NameKey.Of(name), name))
        {
            return _names[NameKey.Of(name)];
        }

        Children!.Add(name, child);
        return null;
    }

    /// <summary>The children's names, by their bytes.</summary>
    public List<string> SortedNames()
    {
        var names = new List<string>(Children!.Keys);
        names.Sort(VfsPath.CompareUtf8);
        return names;
    }
}
