using System.IO.Enumeration;

namespace Molt.Cli.Watching;

/// <summary>
/// One directory being watched, by the system where it can be, else by looking at its files from time to time: when it does not exist at the
/// moment, may not be read, or the system has no watches left.
/// </summary>
/// <remarks>
/// A watch of the system stays with the directory it was made for, so one that was deleted and made again needs a new one. Whoever holds this tells so with
/// <see cref="Renew"/>. Not safe for use by several threads; only the notices come from others.
/// </remarks>
internal sealed class WatchedDirectory : IDisposable
{
    private readonly string _path;
    private readonly bool _withParent;
    private readonly EnumerationOptions _options;
    private readonly Func<string, bool> _ignored;
    private readonly Action<string?, bool> _notice;
    private FileSystemWatcher? _watcher;
    private FileSystemWatcher? _parent;
    private Dictionary<string, (DateTime Written, long Length)> _seen = [];
    private volatile bool _refused;

    /// <param name="path">The directory.</param>
    /// <param name="recursive">With everything below it.</param>
    /// <param name="withParent">The directory above is not watched by itself, so the end and the return of this one are looked for there.</param>
    /// <param name="ignored">Paths that are not looked at.</param>
    /// <param name="notice">Takes the path of each change, null for any, and whether the path itself came, went or was renamed.</param>
    public WatchedDirectory(string path, bool recursive, bool withParent, Func<string, bool> ignored, Action<string?, bool> notice)
    {
        _path = path;
        _withParent = withParent;
        _options = new EnumerationOptions { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None, RecurseSubdirectories = recursive };
        _ignored = ignored;
        _notice = notice;
        Renew();
    }

    /// <summary>True when the system does not tell of changes, so that <see cref="Poll"/> has to be called.</summary>
    public bool IsPolled => _watcher is null || _refused;

    public void Dispose() => End();

    /// <summary>Watches the directory that has the path now.</summary>
    public void Renew()
    {
        End();
        if (!_refused)
        {
            TryWatch();
        }

        if (IsPolled)
        {
            _seen = Look();
        }
    }

    /// <summary>Tells what changed since the last look, and lets the system watch again where it can.</summary>
    public void Poll()
    {
        if (!_refused)
        {
            TryWatch();
        }

        var now = Look();
        foreach (var (file, state) in now)
        {
            if (!_seen.Remove(file, out var before) || before != state)
            {
                _notice(file, false);
            }
        }

        foreach (var file in _seen.Keys)
        {
            _notice(file, false);
        }

        _seen = now;
    }

    private void TryWatch()
    {
        try
        {
            if (_withParent && Path.GetDirectoryName(_path) is { } above)
            {
                _parent = new FileSystemWatcher(above) { NotifyFilter = NotifyFilters.DirectoryName };
                _parent.Created += (_, e) => ItselfChanged(e.FullPath);
                _parent.Deleted += (_, e) => ItselfChanged(e.FullPath);
                _parent.Renamed += (_, e) =>
                {
                    ItselfChanged(e.OldFullPath);
                    ItselfChanged(e.FullPath);
                };
                _parent.EnableRaisingEvents = true;
            }

            _watcher = new FileSystemWatcher(_path)
            {
                IncludeSubdirectories = _options.RecurseSubdirectories,
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite,
            };
            _watcher.Changed += (_, e) => _notice(e.FullPath, false);
            _watcher.Created += (_, e) => _notice(e.FullPath, true);
            _watcher.Deleted += (_, e) => _notice(e.FullPath, true);
            _watcher.Renamed += (_, e) =>
            {
                _notice(e.OldFullPath, true);
                _notice(e.FullPath, true);
            };
            _watcher.Error += (_, e) =>
            {
                // The system dropped notices, or has no watches left for directories below: anything may have changed.
                _refused |= e.GetException() is not InternalBufferOverflowException;
                _notice(null, false);
            };
            _watcher.EnableRaisingEvents = true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            End();
        }
    }

    private void ItselfChanged(string path)
    {
        if (string.Equals(path, _path, StringComparison.Ordinal))
        {
            _notice(path, true);
        }
    }

    private Dictionary<string, (DateTime Written, long Length)> Look()
    {
        var seen = new Dictionary<string, (DateTime Written, long Length)>(StringComparer.Ordinal);
        try
        {
            var files = new FileSystemEnumerable<FileInfo>(_path, (ref entry) => (FileInfo)entry.ToFileSystemInfo(), _options)
            {
                ShouldIncludePredicate = (ref entry) => !entry.IsDirectory && !_ignored(entry.ToFullPath()),

                // As the system's watches, not through links: those may lead round in circles.
                ShouldRecursePredicate = (ref entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint) && !_ignored(entry.ToFullPath() + "/"),
            };
            foreach (var file in files)
            {
                var content = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
                if (content.Exists)
                {
                    seen[file.FullName] = (content.LastWriteTimeUtc, content.Length);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It went while it was looked at, or is not there: what is gone counts as a change.
        }

        return seen;
    }

    private void End()
    {
        _watcher?.Dispose();
        _parent?.Dispose();
        _watcher = _parent = null;
    }
}
