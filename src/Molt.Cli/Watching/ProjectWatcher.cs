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
/// The system's watches are few: one on the project's directory and one above it, one with everything below it for each directory in there that
/// holds an input. Where the system does not watch, files are looked at from time to time.
/// </remarks>
internal sealed class ProjectWatcher(string root, TimeProvider time) : IDisposable
{
    /// <summary>How long the file system must be quiet: longer than the gap between an editor's two writes of one save.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(50);

    /// <summary>A change is told after this long even when the file system is never quiet.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(500);

    /// <summary>How often files are looked at that the system does not watch.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    private readonly string _own = Path.Combine(root, ".molt");
    private readonly Channel<Change> _changes = Channel.CreateUnbounded<Change>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<string, WatchedDirectory> _watched = new(StringComparer.Ordinal);
    private Dictionary<string, byte[]?> _contents = new(StringComparer.Ordinal);
    private bool _anyFile;
    private int _generation;

    public void Dispose()
    {
        foreach (var directory in _watched.Values)
        {
            directory.Dispose();
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
            directories.Add(DirectoryOf(file));
        }

        foreach (var directory in directories)
        {
            if (!_watched.ContainsKey(directory))
            {
                // What is below the root comes and goes there.
                var isBelow = directory.Length > root.Length && directory.StartsWith(root + "/", StringComparison.Ordinal);
                var isRoot = string.Equals(directory, root, StringComparison.Ordinal);
                _watched.Add(directory, new WatchedDirectory(directory, recursive: !isRoot, withParent: !isBelow, IsIgnored, Add));
            }
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
            var changed = Take(await NextAsync(cancellationToken).ConfigureAwait(false));
            var started = time.GetTimestamp();
            var settled = false;
            while (!settled && time.GetElapsedTime(started) < Longest)
            {
                await Task.Delay(Quiet, time, cancellationToken).ConfigureAwait(false);
                settled = true;
                while (_changes.Reader.TryRead(out var change))
                {
                    changed |= Take(change);
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

    private async ValueTask<Change> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_changes.Reader.TryRead(out var change))
            {
                return change;
            }

            var isPolled = false;
            foreach (var directory in _watched.Values)
            {
                isPolled |= directory.IsPolled;
            }

            if (!isPolled)
            {
                return await _changes.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            }

            await WaitOrLookAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for a notice of the system; when none comes, looks at what it does not watch.</summary>
    private async Task WaitOrLookAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Look, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await _changes.Reader.WaitToReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            foreach (var directory in _watched.Values)
            {
                if (directory.IsPolled)
                {
                    directory.Poll();
                }
            }
        }
    }

    /// <summary>Whether a change counts. A directory that came or went is watched anew first, with those below it.</summary>
    private bool Take(Change change)
    {
        var isRenewed = false;
        if (change.IsEntry)
        {
            foreach (var (path, directory) in _watched)
            {
                if (path == change.Path || path.StartsWith(change.Path + "/", StringComparison.Ordinal))
                {
                    directory.Renew();
                    isRenewed = true;
                }
            }
        }

        return isRenewed || Matters(change);
    }

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
    private string DirectoryOf(string file)
    {
        var relative = Path.GetRelativePath(root, file);
        if (relative.StartsWith("..", StringComparison.Ordinal))
        {
            return Path.GetDirectoryName(file)!;
        }

        var separator = relative.IndexOf(Path.DirectorySeparatorChar, StringComparison.Ordinal);
        return separator < 0 ? root : Path.Combine(root, relative[..separator]);
    }

    private void Add(string? path, bool isEntry) => _changes.Writer.TryWrite(new Change(path, isEntry, Volatile.Read(ref _generation)));

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Change(string? Path, bool IsEntry, int Generation);
}
