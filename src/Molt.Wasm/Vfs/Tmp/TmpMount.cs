namespace Molt.Wasm.Vfs.Tmp;

/// <summary>
/// <c>/tmp</c>: a tree in memory that lasts as long as its instance, or until it is cleared. Bytes of content and the number of
/// entries are bounded; a file that was removed while open counts until its last handle is closed. No path below it can
/// become longer than a path may be, so everything in it can be named and removed.
/// </summary>
internal sealed class TmpMount(long quotaBytes, int maxEntries, TimeProvider? clock) : IVfsMount
{
    private Node _root = new(isDirectory: true);
    private long _bytes;
    private int _entries;

    public bool IsWritable => true;

    public void Clear()
    {
        if (_entries > 0)
        {
            _root = new Node(isDirectory: true);
            _bytes = 0;
            _entries = 0;
        }
    }

    public VfsError Open(string path, VfsOpenMode mode, out IVfsFile? file)
    {
        file = null;
        var error = Find(path, out var parent, out var node);
        if (error != VfsError.None && (error != VfsError.NotFound || parent is null || (mode & VfsOpenMode.Create) == VfsOpenMode.None))
        {
            return error;
        }

        if (node is null)
        {
            error = Add(parent!, path, isDirectory: false, out node);
            if (error != VfsError.None)
            {
                return error;
            }
        }
        else if ((mode & (VfsOpenMode.Create | VfsOpenMode.Exclusive)) == (VfsOpenMode.Create | VfsOpenMode.Exclusive))
        {
            return VfsError.AlreadyExists;
        }
        else if (node.IsDirectory)
        {
            return VfsError.IsDirectory;
        }
        else if ((mode & VfsOpenMode.Truncate) != VfsOpenMode.None)
        {
            Resize(node, 0);
        }

        node!.Handles++;
        file = new TmpFile(this, node);
        return VfsError.None;
    }

    public VfsError Stat(string path, out VfsStat stat)
    {
        var error = Find(path, out _, out var node);
        stat = node is null ? default : node.Stat;
        return error;
    }

    public VfsError ReadDirectory(string path, out IReadOnlyList<VfsEntry> entries)
    {
        entries = [];
        var error = Find(path, out _, out var node);
        if (error != VfsError.None || !node!.IsDirectory)
        {
            return error != VfsError.None ? error : VfsError.NotDirectory;
        }

        var list = new List<VfsEntry>(node.Children!.Count);
        foreach (var (name, child) in node.Children)
        {
            list.Add(new VfsEntry(name, child.IsDirectory ? VfsKind.Directory : VfsKind.File));
        }

        list.Sort(static (left, right) => VfsPath.CompareUtf8(left.Name, right.Name));
        entries = list;
        return VfsError.None;
    }

    public VfsError CreateDirectory(string path)
    {
        var error = Find(path, out var parent, out _);
        if (error == VfsError.None)
        {
            return VfsError.AlreadyExists;
        }

        return error == VfsError.NotFound && parent is not null ? Add(parent, path, isDirectory: true, out _) : error;
    }

    public VfsError RemoveFile(string path)
    {
        var error = Find(path, out var parent, out var node);
        if (error != VfsError.None || node!.IsDirectory)
        {
            return error != VfsError.None ? error : VfsError.IsDirectory;
        }

        Remove(parent!, path, node);
        return VfsError.None;
    }

    public VfsError RemoveDirectory(string path)
    {
        var error = Find(path, out var parent, out var node);
        if (error != VfsError.None || !node!.IsDirectory)
        {
            return error != VfsError.None ? error : VfsError.NotDirectory;
        }

        if (node.Children!.Count > 0)
        {
            return VfsError.NotEmpty;
        }

        Remove(parent!, path, node);
        return VfsError.None;
    }

    public VfsError Rename(string from, string to)
    {
        var error = Find(from, out var source, out var node);
        if (error != VfsError.None)
        {
            return error;
        }

        error = Find(to, out var target, out var replaced);
        if (error != VfsError.None && (error != VfsError.NotFound || target is null))
        {
            return error;
        }

        if (ReferenceEquals(node, replaced))
        {
            return VfsError.None;
        }

        if (replaced is not null)
        {
            if (node!.IsDirectory != replaced.IsDirectory)
            {
                return node.IsDirectory ? VfsError.NotDirectory : VfsError.IsDirectory;
            }

            if (replaced.IsDirectory && replaced.Children!.Count > 0)
            {
                return VfsError.NotEmpty;
            }
        }

        if (node!.IsDirectory && VfsPath.Utf8Length(to) + LongestBelow(node) > VfsPath.MaxBytes - VfsPath.MaxMountBytes)
        {
            return VfsError.InvalidPath;
        }

        if (replaced is not null)
        {
            Remove(target!, to, replaced);
        }

        source!.Children!.Remove(VfsPath.Name(from));
        target!.Children!.Add(VfsPath.Name(to), node);
        Touch(source);
        Touch(target);
        return VfsError.None;
    }

    private static int LongestBelow(Node top)
    {
        var longest = 0;
        var open = new Stack<(Node Node, int Length)>();
        open.Push((top, 0));
        while (open.TryPop(out var next))
        {
            longest = Math.Max(longest, next.Length);
            foreach (var (name, child) in next.Node.Children ?? [])
            {
                open.Push((child, next.Length + 1 + VfsPath.Utf8Length(name)));
            }
        }

        return longest;
    }

    // Parent is set whenever the directory that would hold the last component is there.
    private VfsError Find(string path, out Node? parent, out Node? node)
    {
        parent = null;
        node = _root;
        if (path.Length == 0)
        {
            return VfsError.None;
        }

        var names = _root.Children!.GetAlternateLookup<ReadOnlySpan<char>>();
        var rest = path.AsSpan();
        while (true)
        {
            var slash = rest.IndexOf('/');
            var name = slash < 0 ? rest : rest[..slash];
            parent = slash < 0 ? node : null;
            if (!node!.IsDirectory)
            {
                (parent, node) = (null, null);
                return VfsError.NotDirectory;
            }

            names = node.Children!.GetAlternateLookup<ReadOnlySpan<char>>();
            if (!names.TryGetValue(name, out node))
            {
                return VfsError.NotFound;
            }

            if (slash < 0)
            {
                return VfsError.None;
            }

            rest = rest[(slash + 1)..];
        }
    }

    private VfsError Add(Node parent, string path, bool isDirectory, out Node? node)
    {
        node = null;
        if (_entries >= maxEntries)
        {
            return VfsError.QuotaExceeded;
        }

        _entries++;
        node = new Node(isDirectory);
        Touch(node);
        parent.Children!.Add(VfsPath.Name(path), node);
        Touch(parent);
        return VfsError.None;
    }

    private void Remove(Node parent, string path, Node node)
    {
        parent.Children!.Remove(VfsPath.Name(path));
        Touch(parent);
        node.IsRemoved = true;
        Release(node);
    }

    // A removed file keeps its entry and bytes until the last handle is gone.
    private void Release(Node node)
    {
        if (node.IsRemoved && node.Handles == 0)
        {
            _entries--;
            _bytes -= node.Content?.Length ?? 0;
        }
    }

    private VfsError Resize(Node node, long length)
    {
        var growth = length - node.Content!.Length;
        if (growth > quotaBytes - _bytes)
        {
            return VfsError.QuotaExceeded;
        }

        node.Content.SetLength(length);
        _bytes += growth;
        Touch(node);
        return VfsError.None;
    }

    private void Touch(Node node) => node.Modified = clock is null ? 0 : UnixNanoseconds.From(clock.GetUtcNow());

    private sealed class Node(bool isDirectory)
    {
        public bool IsDirectory => Children is not null;

        public Dictionary<string, Node>? Children { get; } = isDirectory ? new(StringComparer.Ordinal) : null;

        public TmpContent? Content { get; } = isDirectory ? null : new();

        public long Modified { get; set; }

        public int Handles { get; set; }

        public bool IsRemoved { get; set; }

        public VfsStat Stat => new(IsDirectory ? VfsKind.Directory : VfsKind.File, Content?.Length ?? 0, IsReadOnly: false, Modified);
    }

    private sealed class TmpFile(TmpMount mount, Node node) : IVfsFile
    {
        public VfsError Read(long position, Span<byte> buffer, out int read)
        {
            read = node.Content!.Read(position, buffer);
            return VfsError.None;
        }

        public VfsError Write(long position, ReadOnlySpan<byte> bytes)
        {
            var end = position + bytes.Length;
            if (end > node.Content!.Length && mount.Resize(node, end) is var error && error != VfsError.None)
            {
                return error;
            }

            node.Content.Write(position, bytes);
            mount.Touch(node);
            return VfsError.None;
        }

        public VfsError SetLength(long length) => mount.Resize(node, length);

        public VfsError Sync() => VfsError.None;

        public VfsError Stat(out VfsStat stat)
        {
            stat = node.Stat;
            return VfsError.None;
        }

        public VfsError Close(bool keep)
        {
            node.Handles--;
            mount.Release(node);
            return VfsError.None;
        }
    }
}
