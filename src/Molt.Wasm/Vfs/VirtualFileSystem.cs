using Molt.Wasm.Vfs.Bundles;
using Molt.Wasm.Vfs.Devices;
using Molt.Wasm.Vfs.State;
using Molt.Wasm.Vfs.Tmp;

namespace Molt.Wasm.Vfs;

/// <summary>
/// The files one instance sees. It finds the mount of a path (the longest that matches whole components), checks the
/// capability, then asks the mount. It guarantees that no operation reaches a mount without its capability, that handles are
/// bounded in number and end with the file system, and that nothing outside the mounts can be named. One thread at a time.
/// </summary>
public sealed class VirtualFileSystem : IDisposable
{
    private readonly List<VfsMountPoint> _mounts = [];
    private readonly HashSet<VfsHandle> _handles = [];
    private readonly TmpMount? _tmp;
    private readonly DeviceMount _devices;
    private readonly int _maxHandles;
    private readonly IVfsGate? _gate;
    private bool _disposed;

    /// <summary>Makes the file system. Throws <see cref="Contracts.OptionsException"/> when the options are wrong.</summary>
    public VirtualFileSystem(VfsOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Grants = options.Grants;
        _maxHandles = options.MaxHandles;
        _gate = options.Gate;
        ShowsTimes = options.Clock is not null;
        _devices = new DeviceMount(options.StandardInput, options.DeviceBytes);
        _mounts.Add(new VfsMountPoint("/dev", _devices, VfsGrants.None, VfsGrants.None));
        if (options.Bundle is not null)
        {
            _mounts.Add(new VfsMountPoint("/bundle", new BundleMount(options.Bundle), VfsGrants.BundleRead, VfsGrants.None));
        }

        if (options.TmpQuotaBytes > 0)
        {
            _tmp = new TmpMount(options.TmpQuotaBytes, options.TmpMaxEntries, options.Clock);
            _mounts.Add(new VfsMountPoint("/tmp", _tmp, VfsGrants.TmpRead, VfsGrants.TmpWrite));
        }

        if (options.State is not null)
        {
            _mounts.Add(new VfsMountPoint("/state", new StateMount(options.State), VfsGrants.StateRead, VfsGrants.StateWrite));
        }

        _mounts.AddRange(options.Mounts);
        _mounts.Sort(static (left, right) => right.Path.Length - left.Path.Length);
    }

    /// <summary>The capabilities held now. Taking one away stops open handles as well.</summary>
    public VfsGrants Grants { get; set; }

    /// <summary>Whether times of modification are shown; otherwise they are 0. A guest without <c>time.now</c> must not read the clock off a file.</summary>
    public bool ShowsTimes { get; set; }

    /// <summary>Handles that are open.</summary>
    public int OpenHandles => _handles.Count;

    /// <summary>The paths of the mounts, sorted.</summary>
    public IReadOnlyList<string> MountPaths
    {
        get
        {
            var paths = new List<string>();
            foreach (var mount in _mounts)
            {
                paths.Add(mount.Path);
            }

            paths.Sort(StringComparer.Ordinal);
            return paths;
        }
    }

    /// <summary>What was written to <c>/dev/stdout</c>.</summary>
    public ReadOnlyMemory<byte> StandardOutput => _devices.Output;

    /// <summary>What was written to <c>/dev/stderr</c>.</summary>
    public ReadOnlyMemory<byte> StandardError => _devices.Error;

    /// <summary>Opens a file for reading.</summary>
    public VfsFault OpenRead(string path, out VfsHandle? handle) => Open(path, VfsOpenMode.Read, out handle);

    /// <summary>Opens a file for writing, empty; makes it when it is missing.</summary>
    public VfsFault OpenWrite(string path, out VfsHandle? handle) => Open(path, VfsOpenMode.Write | VfsOpenMode.Create | VfsOpenMode.Truncate, out handle);

    /// <summary>Opens a file for writing at its end; makes it when it is missing.</summary>
    public VfsFault OpenAppend(string path, out VfsHandle? handle) => Open(path, VfsOpenMode.Append | VfsOpenMode.Create, out handle);

    /// <summary>Opens a file.</summary>
    public VfsFault Open(string path, VfsOpenMode mode, out VfsHandle? handle)
    {
        handle = null;
        if ((mode & VfsOpenMode.Append) != VfsOpenMode.None)
        {
            mode |= VfsOpenMode.Write;
        }

        var changes = (mode & (VfsOpenMode.Write | VfsOpenMode.Create | VfsOpenMode.Truncate)) != VfsOpenMode.None;
        var fault = Resolve(path, changes ? Need.Change : Need.Look, out var place);
        if (fault.IsNone && changes && (mode & VfsOpenMode.Read) != VfsOpenMode.None)
        {
            fault = Check(place, Need.Look);
        }

        if (!fault.IsNone)
        {
            return fault;
        }

        if (place.NamesDirectory)
        {
            // Only a directory can be meant by "name/", and directories are not opened.
            var looked = place.Mount.Stat(place.Rest, out var found);
            return place.Fault(looked != VfsError.None ? looked : found.IsDirectory ? VfsError.IsDirectory : VfsError.NotDirectory);
        }

        if (_handles.Count >= _maxHandles)
        {
            return place.Fault(VfsError.TooManyHandles);
        }

        var error = place.Mount.Open(place.Rest, mode, out var file);
        if (error != VfsError.None)
        {
            return place.Fault(error);
        }

        handle = new VfsHandle(this, file!, place.Point, place.Path, mode);
        _handles.Add(handle);
        return VfsFault.None;
    }

    /// <summary>Looks at a path.</summary>
    public VfsFault Stat(string path, out VfsStat stat)
    {
        stat = default;
        var fault = Resolve(path, Need.Look, out var place);
        if (!fault.IsNone)
        {
            return fault;
        }

        var error = place.Mount.Stat(place.Rest, out stat);
        if (error == VfsError.None && place.NamesDirectory && !stat.IsDirectory)
        {
            error = VfsError.NotDirectory;
        }

        stat = Shown(stat);
        return place.Fault(error);
    }

    /// <summary>Whether a path exists. A fault is one of the path or of capabilities, never <see cref="VfsError.NotFound"/>.</summary>
    public VfsFault Exists(string path, out bool exists)
    {
        var fault = Stat(path, out _);
        exists = fault.IsNone;
        return fault.Error is VfsError.NotFound or VfsError.NotDirectory ? VfsFault.None : fault;
    }

    /// <summary>Lists a directory.</summary>
    public VfsFault ReadDirectory(string path, out IReadOnlyList<VfsEntry> entries)
    {
        entries = [];
        var fault = Resolve(path, Need.Look, out var place);
        return fault.IsNone ? place.Fault(place.Mount.ReadDirectory(place.Rest, out entries)) : fault;
    }

    /// <summary>Makes a directory; its parent must exist.</summary>
    public VfsFault CreateDirectory(string path)
    {
        var fault = Resolve(path, Need.Change, out var place);
        if (!fault.IsNone)
        {
            return fault;
        }

        return place.Fault(place.Rest.Length == 0 ? VfsError.AlreadyExists : place.Mount.CreateDirectory(place.Rest));
    }

    /// <summary>Removes a file.</summary>
    public VfsFault Unlink(string path)
    {
        var fault = Resolve(path, Need.Change, out var place);
        if (!fault.IsNone)
        {
            return fault;
        }

        if (place.NamesDirectory)
        {
            var looked = place.Mount.Stat(place.Rest, out var found);
            return place.Fault(looked != VfsError.None ? looked : found.IsDirectory ? VfsError.IsDirectory : VfsError.NotDirectory);
        }

        return place.Fault(place.Rest.Length == 0 ? VfsError.IsDirectory : place.Mount.RemoveFile(place.Rest));
    }

    /// <summary>Removes an empty directory.</summary>
    public VfsFault RemoveDirectory(string path)
    {
        var fault = Resolve(path, Need.Change, out var place);
        if (!fault.IsNone)
        {
            return fault;
        }

        return place.Fault(place.Rest.Length == 0 ? VfsError.PermissionDenied : place.Mount.RemoveDirectory(place.Rest));
    }

    /// <summary>Renames a file or a directory within its mount.</summary>
    public VfsFault Rename(string from, string to)
    {
        var fault = Resolve(from, Need.Change, out var source);
        if (!fault.IsNone)
        {
            return fault;
        }

        fault = Resolve(to, Need.Change, out var target);
        if (!fault.IsNone)
        {
            return fault;
        }

        if (!ReferenceEquals(source.Point, target.Point))
        {
            return source.Fault(VfsError.CrossMount);
        }

        if (source.Rest.Length == 0 || target.Rest.Length == 0)
        {
            return (source.Rest.Length == 0 ? source : target).Fault(VfsError.PermissionDenied);
        }

        if (source.NamesDirectory || target.NamesDirectory)
        {
            var looked = source.Mount.Stat(source.Rest, out var found);
            if (looked != VfsError.None || !found.IsDirectory)
            {
                return source.Fault(looked != VfsError.None ? looked : VfsError.NotDirectory);
            }
        }

        if (source.Rest != target.Rest && VfsPath.IsWithin(target.Rest, source.Rest))
        {
            // Below itself: an error of its own only if the source is there and a directory.
            var looked = source.Mount.Stat(source.Rest, out var found);
            return source.Fault(looked != VfsError.None ? looked : found.IsDirectory ? VfsError.InvalidPath : VfsError.NotDirectory);
        }

        return source.Fault(source.Mount.Rename(source.Rest, target.Rest));
    }

    /// <summary>Ends every handle. When <paramref name="keep"/> is false, what was not synced on a durable mount is dropped.</summary>
    /// <returns>The first fault met; all handles are closed in any case.</returns>
    public VfsFault CloseAll(bool keep)
    {
        var first = VfsFault.None;
        foreach (var handle in new List<VfsHandle>(_handles))
        {
            var fault = handle.Close(keep);
            first = first.IsNone ? fault : first;
        }

        return first;
    }

    /// <summary>Empties <c>/tmp</c> and the output devices, and puts new standard input in place: between requests, when nothing is open.</summary>
    public void Reset(ReadOnlyMemory<byte> standardInput = default)
    {
        CloseAll(keep: false);
        ResetContent(standardInput);
    }

    /// <summary>Drops what was not synced and ends every handle.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            CloseAll(keep: false);
        }
    }

    /// <summary>As <see cref="Reset"/>, for a caller that knows that only devices are open.</summary>
    internal void ResetContent(ReadOnlyMemory<byte> standardInput)
    {
        _tmp?.Clear();
        _devices.Reset(standardInput);
    }

    internal void Forget(VfsHandle handle) => _handles.Remove(handle);

    /// <summary>The id of the first capability that is needed and may not be used now; null when all may.</summary>
    internal string? Missing(VfsGrants needed)
    {
        for (var left = (int)needed; left != 0; left &= left - 1)
        {
            var grant = (VfsGrants)(left & -left);
            if (!(_gate?.TryUse(grant) ?? (Grants & grant) != VfsGrants.None))
            {
                return VfsCapabilities.IdOf(grant);
            }
        }

        return null;
    }

    internal VfsStat Shown(VfsStat stat) => ShowsTimes ? stat : stat with { ModifiedNanoseconds = 0 };

    private VfsFault Resolve(string path, Need need, out Place place)
    {
        ArgumentNullException.ThrowIfNull(path);
        ObjectDisposedException.ThrowIf(_disposed, this);
        place = default;
        if (!VfsPath.TryNormalise(path, out var normal, out var directory))
        {
            return new VfsFault(VfsError.InvalidPath, path);
        }

        foreach (var point in _mounts)
        {
            if (VfsPath.IsWithin(normal, point.Path))
            {
                place = new Place(point, normal, normal.Length == point.Path.Length ? "" : normal[(point.Path.Length + 1)..], directory);
                return Check(place, need);
            }
        }

        return new VfsFault(VfsError.NotFound, path);
    }

    private VfsFault Check(in Place place, Need need)
    {
        if (need == Need.Change && !place.Mount.IsWritable)
        {
            return place.Fault(VfsError.ReadOnly);
        }

        return Missing(need == Need.Change ? place.Point.Write : place.Point.Read) is { } missing
            ? place.Fault(VfsError.CapabilityDenied) with { Capability = missing }
            : VfsFault.None;
    }

    private enum Need
    {
        Look,
        Change,
    }

    private readonly record struct Place(VfsMountPoint Point, string Path, string Rest, bool NamesDirectory)
    {
        public IVfsMount Mount => Point.Mount;

        public VfsFault Fault(VfsError error) => error == VfsError.None ? default : new VfsFault(error, Path, Point.Path);
    }
}
