using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Molt.Cli.Watching;

/// <summary>
/// Tells when the files a build was made from have other contents. Changes that come together are one change, and a file that is
/// written again with the same contents is none.
/// </summary>
/// <remarks>
/// Files under <c>node_modules</c> are not watched: installing packages also rewrites a lock file beside the configuration, which is.
/// What the root's <c>.molt</c> holds is written by what runs, not by who edits.
/// The system's watches are few: one on the project's directory, one with everything below it for each directory in there that holds an input.
/// </remarks>
internal sealed class ProjectWatcher(string root, TimeProvider time) : IDisposable
{
    /// <summary>How long the file system must be quiet: longer than the gap between an editor's two writes of one save.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(50);

    /// <summary>A change is told after this long even when the file system is never quiet.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(500);

    private readonly string _own = Path.Combine(root, ".molt");
    private readonly Channel<Change> _changes = Channel.CreateUnbounded<Change>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<string, FileSystemWatcher> _watchers = new(StringComparer.Ordinal);
    private Dictionary<string, byte[]?> _contents = new(StringComparer.Ordinal);
    private bool _anyFile;
    private int _generation;

    public void Dispose()
    {
        foreach (var watcher in _watchers.Values)
        {
            watcher.Dispose();
        }
    }

    /// <summary>
    /// Sets what is watched from now on. With <paramref name="anyFile"/>, as after a failed build whose inputs are not known,
    /// every file in the watched directories counts.
    /// </summary>
    public void Watch(IEnumerable<string> files, bool anyFile)
    {
        var contents = new Dictionary<string, byte[]?>(StringComparer.Ordinal);
        var directories = new HashSet<string>(StringComparer.Ordinal) { root };
        foreach (var file in files)
        {
            if (IsIgnored(file))
            {
                continue;
            }

            contents[file] = Read(file);
            directories.Add(WatchedDirectory(file));
        }

        foreach (var directory in directories)
        {
            AddWatcher(directory);
        }

        _contents = contents;
        _anyFile = anyFile;

        // A change seen before now may have come after the build read the file, so equal contents prove nothing.
        Interlocked.Increment(ref _generation);
    }

    /// <summary>Waits for a change.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = Matters(await _changes.Reader.ReadAsync(cancellationToken).ConfigureAwait(false));
            var started = time.GetTimestamp();
            var settled = false;
            while (!settled && time.GetElapsedTime(started) < Longest)
            {
                await Task.Delay(Quiet, time, cancellationToken).ConfigureAwait(false);
                settled = true;
                while (_changes.Reader.TryRead(out var change))
                {
                    changed |= Matters(change);
                    settled = false;
                }
            }

            if (changed)
            {
                return;
            }
        }
    }

    private static byte[]? Read(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsSame(byte[]? before, byte[]? now) =>
        before is null ? now is null : now is not null && before.AsSpan().SequenceEqual(now);

    private bool IsIgnored(string path) =>
        path.Contains("/node_modules/", StringComparison.Ordinal) || path.Contains("/.git/", StringComparison.Ordinal) ||
        path == _own || path.StartsWith(_own + "/", StringComparison.Ordinal);

    private bool Matters(Change change)
    {
        if (change.Path is null)
        {
            return true;
        }

        if (!_contents.TryGetValue(change.Path, out var before))
        {
            return _anyFile && !IsIgnored(change.Path);
        }

        return change.Generation < Volatile.Read(ref _generation) || !IsSame(before, Read(change.Path));
    }

    /// <summary>The directory below the root that holds the file, so that new neighbours are seen too; outside the root, the file's own.</summary>
    private string WatchedDirectory(string file)
    {
        var relative = Path.GetRelativePath(root, file);
        if (relative.StartsWith("..", StringComparison.Ordinal))
        {
            return Path.GetDirectoryName(file)!;
        }

        var separator = relative.IndexOf(Path.DirectorySeparatorChar, StringComparison.Ordinal);
        return separator < 0 ? root : Path.Combine(root, relative[..separator]);
    }

    private void AddWatcher(string directory)
    {
        if (_watchers.ContainsKey(directory) || !Directory.Exists(directory))
        {
            return;
        }

        var watcher = new FileSystemWatcher(directory)
        {
            IncludeSubdirectories = !string.Equals(directory, root, StringComparison.Ordinal),
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite,
        };
        watcher.Changed += (_, e) => Add(e.FullPath);
        watcher.Created += (_, e) => Add(e.FullPath);
        watcher.Deleted += (_, e) => Add(e.FullPath);
        watcher.Renamed += (_, e) =>
        {
            Add(e.OldFullPath);
            Add(e.FullPath);
        };

        // The system dropped notices: anything may have changed.
        watcher.Error += (_, _) => Add(path: null);
        watcher.EnableRaisingEvents = true;
        _watchers.Add(directory, watcher);
    }

    private void Add(string? path) => _changes.Writer.TryWrite(new Change(path, Volatile.Read(ref _generation)));

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Change(string? Path, int Generation);
}
