namespace Molt.Wasm.Vfs.Bundles;

/// <summary><c>/bundle</c> of one instance: a read-only face over a shared <see cref="Bundle"/>.</summary>
internal sealed class BundleMount(Bundle bundle) : IVfsMount
{
    public bool IsWritable => false;

    public VfsError Open(string path, VfsOpenMode mode, out IVfsFile? file)
    {
        file = null;
        var error = Find(path, out var node);
        if (error == VfsError.None && node!.IsDirectory)
        {
            error = VfsError.IsDirectory;
        }

        if (error == VfsError.None)
        {
            file = new BundleFile(node!);
        }

        return error;
    }

    public VfsError Stat(string path, out VfsStat stat)
    {
        var error = Find(path, out var node);
        stat = node is null ? default : StatOf(node);
        return error;
    }

    public VfsError ReadDirectory(string path, out IReadOnlyList<VfsEntry> entries)
    {
        entries = [];
        var error = Find(path, out var node);
        if (error != VfsError.None || !node!.IsDirectory)
        {
            return error != VfsError.None ? error : VfsError.NotDirectory;
        }

        var list = new List<VfsEntry>(node.Children!.Count);
        foreach (var name in node.SortedNames())
        {
            list.Add(new VfsEntry(name, node.Children[name].IsDirectory ? VfsKind.Directory : VfsKind.File));
        }

        entries = list;
        return VfsError.None;
    }

    public VfsError CreateDirectory(string path) => VfsError.ReadOnly;

    public VfsError RemoveFile(string path) => VfsError.ReadOnly;

    public VfsError RemoveDirectory(string path) => VfsError.ReadOnly;

    public VfsError Rename(string from, string to) => VfsError.ReadOnly;

    private static VfsStat StatOf(BundleNode node) =>
        new(node.IsDirectory ? VfsKind.Directory : VfsKind.File, node.Content.Length, IsReadOnly: true, 0);

    private VfsError Find(string path, out BundleNode? node)
    {
        node = bundle.Root;
        if (path.Length == 0)
        {
            return VfsError.None;
        }

        foreach (var range in path.AsSpan().Split('/'))
        {
            if (!node!.IsDirectory)
            {
                node = null;
                return VfsError.NotDirectory;
            }

            if (!node.Children!.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(path.AsSpan()[range], out node))
            {
                return VfsError.NotFound;
            }
        }

        return VfsError.None;
    }

    private sealed class BundleFile(BundleNode node) : IVfsFile
    {
        public VfsError Read(long position, Span<byte> buffer, out int read)
        {
            var rest = node.Content.Span[(int)Math.Min(position, node.Content.Length)..];
            read = Math.Min(rest.Length, buffer.Length);
            rest[..read].CopyTo(buffer);
            return VfsError.None;
        }

        public VfsError Write(long position, ReadOnlySpan<byte> bytes) => VfsError.ReadOnly;

        public VfsError SetLength(long length) => VfsError.ReadOnly;

        public VfsError Sync() => VfsError.None;

        public VfsError Stat(out VfsStat stat)
        {
            stat = StatOf(node);
            return VfsError.None;
        }

        public VfsError Close(bool keep) => VfsError.None;
    }
}
