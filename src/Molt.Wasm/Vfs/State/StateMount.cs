namespace Molt.Wasm.Vfs.State;

/// <summary>
/// <c>/state</c> as one instance sees it. Handles on one file share what is written; it becomes durable, and visible to other
/// instances, in one step when it is synced or a handle that wrote is closed. When the instance is stopped instead, it is dropped.
/// Making, removing and renaming take effect at once.
/// </summary>
internal sealed class StateMount(IStateStore store) : IVfsMount
{
    private readonly Dictionary<string, Node> _open = new(StringComparer.Ordinal);

    public bool IsWritable => true;

    public VfsError Open(string path, VfsOpenMode mode, out IVfsFile? file)
    {
        file = null;
        var exclusive = (mode & (VfsOpenMode.Create | VfsOpenMode.Exclusive)) == (VfsOpenMode.Create | VfsOpenMode.Exclusive);
        if (!_open.TryGetValue(path, out var node))
        {
            var error = store.OpenRead(path, out var content);
            if (error == VfsError.NotFound && (mode & VfsOpenMode.Create) != VfsOpenMode.None)
            {
                error = store.CreateFile(path);
                error = error == VfsError.None ? store.OpenRead(path, out content) : error;
                exclusive = false;
            }

            if (error != VfsError.None)
            {
                return error == VfsError.IsDirectory && exclusive ? VfsError.AlreadyExists : error;
            }

            node = new Node(store, path, content!);
        }

        if (exclusive)
        {
            node.ReleaseIfUnused();
            return VfsError.AlreadyExists;
        }

        if ((mode & VfsOpenMode.Truncate) != VfsOpenMode.None)
        {
            var error = node.SetLength(0);
            if (error != VfsError.None)
            {
                node.ReleaseIfUnused();
                return error;
            }
        }

        _open[path] = node;
        node.Handles++;
        file = new StateFile(this, node) { HasWritten = (mode & VfsOpenMode.Truncate) != VfsOpenMode.None };
        return VfsError.None;
    }

    public VfsError Stat(string path, out VfsStat stat)
    {
        var error = store.Stat(path, out stat);
        return error == VfsError.None && _open.TryGetValue(path, out var node) ? node.Stat(out stat) : error;
    }

    public VfsError ReadDirectory(string path, out IReadOnlyList<VfsEntry> entries) => store.ReadDirectory(path, out entries);

    public VfsError CreateDirectory(string path) => store.CreateDirectory(path);

    public VfsError RemoveFile(string path)
    {
        var error = store.RemoveFile(path);
        if (error == VfsError.None)
        {
            Detach(path);
        }

        return error;
    }

    public VfsError RemoveDirectory(string path) => store.RemoveDirectory(path);

    public VfsError Rename(string from, string to)
    {
        var error = store.Rename(from, to);
        if (error != VfsError.None || from == to)
        {
            return error;
        }

        Detach(to);
        foreach (var path in new List<string>(_open.Keys))
        {
            if (VfsPath.IsWithin(path, from))
            {
                _open.Remove(path, out var node);
                node!.Path = to + path[from.Length..];
                _open.Add(node.Path, node);
            }
        }

        return VfsError.None;
    }

    private void Detach(string path)
    {
        if (_open.Remove(path, out var node))
        {
            node.Path = null;
        }
    }

    /// <summary>An open file. Its path is null once it was removed: what is written then goes nowhere.</summary>
    private sealed class Node(IStateStore store, string path, IStateContent content)
    {
        private IStateContent _content = content;
        private IStateDraft? _draft;

        public string? Path { get; set; } = path;

        public int Handles { get; set; }

        public VfsError Stat(out VfsStat stat) => _content.Stat(out stat);

        public VfsError Read(long position, Span<byte> buffer, out int read) => _content.Read(position, buffer, out read);

        public VfsError Write(long position, ReadOnlySpan<byte> bytes)
        {
            var error = StartDraft(keep: true);
            return error == VfsError.None ? _draft!.Write(position, bytes) : error;
        }

        public VfsError SetLength(long length)
        {
            var error = StartDraft(keep: length > 0);
            return error == VfsError.None ? _draft!.SetLength(length) : error;
        }

        public VfsError Commit()
        {
            if (_draft is null || Path is null)
            {
                return VfsError.None;
            }

            var error = _draft.Commit(Path);
            if (error == VfsError.None)
            {
                _draft = null;
            }

            return error;
        }

        public void ReleaseIfUnused()
        {
            if (Handles == 0)
            {
                _content.Dispose();
            }
        }

        private VfsError StartDraft(bool keep)
        {
            if (_draft is not null)
            {
                return VfsError.None;
            }

            var error = store.Draft(keep ? _content : null, out _draft);
            if (error == VfsError.None)
            {
                _content.Dispose();
                _content = _draft!;
            }

            return error;
        }
    }

    private sealed class StateFile(StateMount mount, Node node) : IVfsFile
    {
        public bool HasWritten { get; set; }

        public VfsError Read(long position, Span<byte> buffer, out int read) => node.Read(position, buffer, out read);

        public VfsError Write(long position, ReadOnlySpan<byte> bytes)
        {
            HasWritten = true;
            return node.Write(position, bytes);
        }

        public VfsError SetLength(long length)
        {
            HasWritten = true;
            return node.SetLength(length);
        }

        public VfsError Sync() => node.Commit();

        public VfsError Stat(out VfsStat stat) => node.Stat(out stat);

        public VfsError Close(bool keep)
        {
            var error = keep && HasWritten ? node.Commit() : VfsError.None;
            if (--node.Handles == 0)
            {
                node.ReleaseIfUnused();
                if (node.Path is not null)
                {
                    mount._open.Remove(node.Path);
                }
            }

            return error;
        }
    }
}
