using Microsoft.Win32.SafeHandles;
using Molt.Wasm.Vfs.Host;

namespace Molt.Wasm.Vfs.State;

/// <summary>
/// Keeps <c>/state</c> in a directory of the host, which it owns alone: <c>files/</c> is what guests see, <c>drafts/</c> what is
/// being written, <c>lock</c> makes a second owner fail. It guarantees that a guest's path never leaves <c>files/</c> and follows
/// no link (the kernel resolves it, see <see cref="BeneathDirectory"/>), that a file has its old or its new content after a
/// crash and never a mixture (drafts are synced, then renamed, then the directory is synced), and that bytes and entries stay
/// within the quota. A draft counts beside the file it will replace. Safe for several threads.
/// </summary>
public sealed class DirectoryStateStore : IStateStore, IDisposable
{
    private const int CopyBytes = 64 << 10;

    private readonly Lock _changes = new();
    private readonly BeneathDirectory _files;
    private readonly BeneathDirectory _drafts;
    private readonly SafeFileHandle _lock;
    private readonly long _quotaBytes;
    private readonly int _maxEntries;
    private long _bytes;
    private int _entries;
    private long _nextDraft;

    /// <summary>Opens or makes the store, removes what an earlier process left unfinished and counts what is there.</summary>
    /// <param name="directory">A directory of the host for this store alone. Made when it is missing.</param>
    /// <param name="quotaBytes">Bytes of content; 1 GiB by default.</param>
    /// <param name="maxEntries">Files and directories; 100,000 by default.</param>
    public DirectoryStateStore(string directory, long quotaBytes = 1L << 30, int maxEntries = 100_000)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentOutOfRangeException.ThrowIfNegative(quotaBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(maxEntries);
        _quotaBytes = quotaBytes;
        _maxEntries = maxEntries;
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("DirectoryStateStore needs Linux, whose kernel keeps paths inside the directory.");
        }

        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(directory, ownerOnly);
        using var root = BeneathDirectory.Open(directory);
        _lock = TakeLock(root, directory);
        try
        {
            _files = Part(root, "files", directory);
            _drafts = Part(root, "drafts", directory);
            RemoveOldDrafts();
            Count();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Bytes of content, drafts included.</summary>
    public long UsedBytes => Interlocked.Read(ref _bytes);

    /// <inheritdoc />
    public VfsError Stat(string path, out VfsStat stat) => _files.Stat(path, out stat);

    /// <inheritdoc />
    public VfsError ReadDirectory(string path, out IReadOnlyList<VfsEntry> entries)
    {
        entries = [];
        var error = _files.Names(path, out var names);
        if (error != VfsError.None)
        {
            return error;
        }

        var list = new List<VfsEntry>(names.Count);
        foreach (var name in names)
        {
            // Links, pipes and names that are not UTF-8 can only come from the operator; guests cannot use them and do not see them.
            if (name is not null && Stat(Below(path, name), out var stat) == VfsError.None)
            {
                list.Add(new VfsEntry(name, stat.Kind));
            }
        }

        list.Sort(static (left, right) => VfsPath.CompareUtf8(left.Name, right.Name));
        entries = list;
        return VfsError.None;
    }

    /// <inheritdoc />
    public VfsError CreateFile(string path) => Add(path, static (files, name) =>
    {
        var error = files.CreateFile(name, out var file);
        file?.Dispose();
        return error == VfsError.None ? files.Sync(VfsPath.Parent(name)) : error;
    });

    /// <inheritdoc />
    public VfsError CreateDirectory(string path) => Add(path, static (files, name) => files.CreateDirectory(name));

    /// <inheritdoc />
    public VfsError RemoveFile(string path)
    {
        lock (_changes)
        {
            var error = Stat(path, out var stat);
            if (error == VfsError.None)
            {
                error = stat.IsDirectory ? VfsError.IsDirectory : _files.RemoveFile(path);
            }

            return error == VfsError.None ? Removed(stat) : error;
        }
    }

    /// <inheritdoc />
    public VfsError RemoveDirectory(string path)
    {
        lock (_changes)
        {
            var error = Stat(path, out var stat);
            if (error == VfsError.None)
            {
                error = stat.IsDirectory ? _files.RemoveDirectory(path) : VfsError.NotDirectory;
            }

            return error == VfsError.None ? Removed(stat) : error;
        }
    }

    /// <inheritdoc />
    public VfsError Rename(string from, string to)
    {
        lock (_changes)
        {
            var error = Stat(from, out var stat);
            if (error != VfsError.None || from == to)
            {
                return error;
            }

            var looked = Stat(to, out var replaced);
            if (looked is not (VfsError.None or VfsError.NotFound))
            {
                return looked;
            }

            // The kernel may look at entries before it looks at kinds, when the target is above the source.
            if (looked == VfsError.None && stat.IsDirectory != replaced.IsDirectory)
            {
                return stat.IsDirectory ? VfsError.NotDirectory : VfsError.IsDirectory;
            }

            if (stat.IsDirectory && VfsPath.Utf8Length(to) + LongestBelow(from) > VfsPath.MaxBytes - VfsPath.MaxMountBytes)
            {
                return VfsError.InvalidPath;
            }

            error = _files.Rename(from, _files, to);
            return error == VfsError.None && looked == VfsError.None ? Removed(replaced) : error;
        }
    }

    /// <inheritdoc />
    public VfsError OpenRead(string path, out IStateContent? content)
    {
        var error = _files.OpenFile(path, out var file);
        content = file is null ? null : new Content(file);
        return error;
    }

    /// <inheritdoc />
    public VfsError Draft(IStateContent? from, out IStateDraft? draft)
    {
        draft = null;
        var name = Interlocked.Increment(ref _nextDraft).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var error = _drafts.CreateFile(name, out var file);
        if (error != VfsError.None)
        {
            return error;
        }

        var made = new DraftFile(this, name, file!);
        if (from is not null)
        {
            error = Copy(from, made);
        }

        if (error != VfsError.None)
        {
            made.Dispose();
            return error;
        }

        draft = made;
        return VfsError.None;
    }

    /// <summary>Gives the directory up. Instances that use it must have ended.</summary>
    public void Dispose()
    {
        _files?.Dispose();
        _drafts?.Dispose();
        _lock.Dispose();
    }

    private static string Below(string directory, string name) => directory.Length == 0 ? name : directory + "/" + name;

    private static SafeFileHandle TakeLock(BeneathDirectory root, string directory)
    {
        var error = root.CreateFile("lock", out var file);
        if (error == VfsError.AlreadyExists)
        {
            error = root.OpenFile("lock", out file);
        }

        if (error != VfsError.None)
        {
            throw new IOException($"The state directory {directory} cannot be used ({error}). Check its permissions.");
        }

        if (!BeneathDirectory.TryLock(file!))
        {
            file!.Dispose();
            throw new IOException($"The state directory {directory} is in use by another process or store. Give each its own directory.");
        }

        return file!;
    }

    private static BeneathDirectory Part(BeneathDirectory root, string name, string directory)
    {
        var error = root.CreateDirectory(name);
        BeneathDirectory? part = null;
        if (error is VfsError.None or VfsError.AlreadyExists)
        {
            error = root.OpenDirectory(name, out part);
        }

        return part ?? throw new IOException($"The part {name} of the state directory {directory} cannot be used ({error}). It must be a directory, not a link.");
    }

    private static VfsError Copy(IStateContent from, DraftFile to)
    {
        var buffer = new byte[CopyBytes];
        for (long position = 0; ;)
        {
            var error = from.Read(position, buffer, out var read);
            if (error != VfsError.None || read == 0)
            {
                return error;
            }

            error = to.Write(position, buffer.AsSpan(0, read));
            if (error != VfsError.None)
            {
                return error;
            }

            position += read;
        }
    }

    private void RemoveOldDrafts()
    {
        _drafts.Names("", out var names);
        foreach (var name in names)
        {
            if (name is not null)
            {
                _drafts.RemoveFile(name);
            }
        }
    }

    private void Count() => Walk("", (_, stat) =>
    {
        _entries++;
        _bytes += stat.IsDirectory ? 0 : stat.Size;
    });

    private int LongestBelow(string top)
    {
        var longest = 0;
        Walk(top, (path, _) => longest = Math.Max(longest, VfsPath.Utf8Length(path) - VfsPath.Utf8Length(top)));
        return longest;
    }

    private void Walk(string top, Action<string, VfsStat> visit)
    {
        var open = new Stack<string>();
        open.Push(top);
        while (open.TryPop(out var directory))
        {
            _files.Names(directory, out var names);
            foreach (var name in names)
            {
                if (name is not null && Stat(Below(directory, name), out var stat) == VfsError.None)
                {
                    visit(Below(directory, name), stat);
                    if (stat.IsDirectory)
                    {
                        open.Push(Below(directory, name));
                    }
                }
            }
        }
    }

    private VfsError Add(string path, Func<BeneathDirectory, string, VfsError> make)
    {
        lock (_changes)
        {
            if (_entries >= _maxEntries)
            {
                // What is taken already is the better answer.
                var looked = Stat(path, out _);
                return looked == VfsError.None ? VfsError.AlreadyExists : looked == VfsError.NotFound ? VfsError.QuotaExceeded : looked;
            }

            var error = make(_files, path);
            _entries += error == VfsError.None ? 1 : 0;
            return error;
        }
    }

    private VfsError Removed(VfsStat stat)
    {
        _entries--;
        Interlocked.Add(ref _bytes, stat.IsDirectory ? 0 : -stat.Size);
        return VfsError.None;
    }

    private bool TryReserve(long growth)
    {
        if (Interlocked.Add(ref _bytes, growth) <= _quotaBytes || growth <= 0)
        {
            return true;
        }

        Interlocked.Add(ref _bytes, -growth);
        return false;
    }

    private class Content(SafeFileHandle file) : IStateContent
    {
        protected SafeFileHandle File { get; } = file;

        public VfsError Stat(out VfsStat stat) => BeneathDirectory.Stat(File, out stat);

        public VfsError Read(long position, Span<byte> buffer, out int read)
        {
            read = 0;
            try
            {
                read = RandomAccess.Read(File, buffer, position);
                return VfsError.None;
            }
            catch (IOException)
            {
                return VfsError.IoError;
            }
        }

        public virtual void Dispose() => File.Dispose();
    }

    private sealed class DraftFile(DirectoryStateStore store, string name, SafeFileHandle file) : Content(file), IStateDraft
    {
        private long _length;
        private bool _isCommitted;

        public VfsError Write(long position, ReadOnlySpan<byte> bytes)
        {
            var end = Math.Max(_length, position + bytes.Length);
            return Change(end, resize: null, position, bytes);
        }

        public VfsError SetLength(long length) => Change(length, () => RandomAccess.SetLength(File, length), 0, default);

        public VfsError Commit(string path)
        {
            try
            {
                RandomAccess.FlushToDisk(File);
            }
            catch (IOException)
            {
                return VfsError.IoError;
            }

            lock (store._changes)
            {
                var error = store.Stat(path, out var replaced);
                if (error != VfsError.None || replaced.IsDirectory)
                {
                    return error != VfsError.None ? error : VfsError.IsDirectory;
                }

                error = store._drafts.Rename(name, store._files, path);
                if (error == VfsError.None)
                {
                    _isCommitted = true;
                    Interlocked.Add(ref store._bytes, -replaced.Size);
                }

                return error;
            }
        }

        public override void Dispose()
        {
            base.Dispose();
            if (!_isCommitted)
            {
                _isCommitted = true;
                Interlocked.Add(ref store._bytes, -_length);
                store._drafts.RemoveFile(name);
            }
        }

        private VfsError Change(long length, Action? resize, long position, ReadOnlySpan<byte> bytes)
        {
            var growth = length - _length;
            if (!store.TryReserve(growth))
            {
                return VfsError.QuotaExceeded;
            }

            try
            {
                resize?.Invoke();
                RandomAccess.Write(File, bytes, position);
                _length = length;
                return VfsError.None;
            }
            catch (IOException)
            {
                store.TryReserve(-growth);
                return Restore();
            }
        }

        // All or nothing: what a failed write left behind the end must not come back when the file grows.
        private VfsError Restore()
        {
            try
            {
                RandomAccess.SetLength(File, _length);
            }
            catch (IOException)
            {
                // The storage fails altogether; the draft cannot be committed to it either.
            }

            return VfsError.IoError;
        }
    }
}
