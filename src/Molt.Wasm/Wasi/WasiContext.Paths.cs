using Molt.Wasm.Vfs;

namespace Molt.Wasm.Wasi;

/// <summary>Functions on paths, each relative to a directory that is open. No path leaves that directory: there is no way up or around.</summary>
public sealed partial class WasiContext
{
    public WasiErrno PathCreateDirectory(uint fd, uint pathPointer, uint pathLength)
    {
        var errno = Resolve(fd, WasiRights.PathCreateDirectory, pathPointer, pathLength, out var path, out _);
        return errno != WasiErrno.Success ? errno : ToErrno(_files.CreateDirectory(path));
    }

    public WasiErrno PathFilestatGet(uint fd, uint lookup, uint pathPointer, uint pathLength, uint resultPointer)
    {
        var errno = Resolve(fd, WasiRights.PathStat, pathPointer, pathLength, out var path, out _);
        if (errno != WasiErrno.Success)
        {
            return errno;
        }

        var fault = _files.Stat(path, out var stat);
        return !fault.IsNone ? ToErrno(fault) : WriteStat(resultPointer, Normal(path), stat);
    }

    /// <summary>Opens a file or a directory. Rights asked for beyond what the directory passes on are left out.</summary>
    public WasiErrno PathOpen(
        uint fd, uint lookup, uint pathPointer, uint pathLength, uint openFlags, ulong rights, ulong inheriting, uint flags, uint resultPointer)
    {
        var open = (WasiOpen)openFlags;
        var needed = WasiRights.PathOpen
            | ((open & WasiOpen.Create) != WasiOpen.None ? WasiRights.PathCreateFile : WasiRights.None)
            | ((open & WasiOpen.Truncate) != WasiOpen.None ? WasiRights.PathSetSize : WasiRights.None);
        var errno = Resolve(fd, needed, pathPointer, pathLength, out var path, out var directory);
        if (errno != WasiErrno.Success)
        {
            return errno;
        }

        if ((openFlags & ~(uint)WasiOpen.All) != 0 || (flags & ~(uint)WasiFlags.All) != 0)
        {
            return WasiErrno.Invalid;
        }

        if (!TrySlice(resultPointer, sizeof(uint), out _))
        {
            return WasiErrno.Fault;
        }

        if (_descriptors.Count >= MaxDescriptors)
        {
            return WasiErrno.TooManyFiles;
        }

        var granted = (WasiRights)rights & directory!.Inheriting;
        var passedOn = (WasiRights)inheriting & directory.Inheriting;
        errno = (open & WasiOpen.Directory) != WasiOpen.None
            ? OpenDirectory(path, open, granted, passedOn, out var opened)
            : OpenFile(path, open, granted, passedOn, (WasiFlags)flags, out opened);
        return errno != WasiErrno.Success ? errno : WriteUInt32(resultPointer, Add(opened!));
    }

    /// <summary>There are no links: what exists is not one.</summary>
    public WasiErrno PathReadlink(uint fd, uint pathPointer, uint pathLength, uint buffer, uint length, uint resultPointer)
    {
        var errno = Resolve(fd, WasiRights.PathReadLink, pathPointer, pathLength, out var path, out _);
        if (errno != WasiErrno.Success)
        {
            return errno;
        }

        var fault = _files.Stat(path, out _);
        return fault.IsNone ? WasiErrno.Invalid : ToErrno(fault);
    }

    public WasiErrno PathRemoveDirectory(uint fd, uint pathPointer, uint pathLength)
    {
        var errno = Resolve(fd, WasiRights.PathRemoveDirectory, pathPointer, pathLength, out var path, out _);
        return errno != WasiErrno.Success ? errno : ToErrno(_files.RemoveDirectory(path));
    }

    public WasiErrno PathRename(uint fd, uint pathPointer, uint pathLength, uint toFd, uint toPointer, uint toLength)
    {
        var errno = Resolve(fd, WasiRights.PathRenameSource, pathPointer, pathLength, out var from, out _);
        if (errno != WasiErrno.Success)
        {
            return errno;
        }

        errno = Resolve(toFd, WasiRights.PathRenameTarget, toPointer, toLength, out var to, out _);
        return errno != WasiErrno.Success ? errno : ToErrno(_files.Rename(from, to));
    }

    public WasiErrno PathUnlinkFile(uint fd, uint pathPointer, uint pathLength)
    {
        var errno = Resolve(fd, WasiRights.PathUnlink, pathPointer, pathLength, out var path, out _);
        return errno != WasiErrno.Success ? errno : ToErrno(_files.Unlink(path));
    }

    /// <summary>Links are not made: they are what lets one path mean another.</summary>
    public static WasiErrno PathLink() => WasiErrno.NotSupported;

    private static string Normal(string path) => VfsPath.TryNormalise(path, out var normal, out _) ? normal : path;

    private WasiErrno OpenDirectory(string path, WasiOpen open, WasiRights rights, WasiRights inheriting, out WasiDescriptor? opened)
    {
        opened = null;
        if ((open & (WasiOpen.Create | WasiOpen.Truncate)) != WasiOpen.None)
        {
            return WasiErrno.Invalid;
        }

        var fault = _files.Stat(path, out var stat);
        if (!fault.IsNone || !stat.IsDirectory)
        {
            return fault.IsNone ? WasiErrno.NotDirectory : ToErrno(fault);
        }

        opened = WasiDescriptor.OfDirectory(Normal(path), rights, inheriting);
        return WasiErrno.Success;
    }

    private WasiErrno OpenFile(string path, WasiOpen open, WasiRights rights, WasiRights inheriting, WasiFlags flags, out WasiDescriptor? opened)
    {
        opened = null;
        var truncates = (open & WasiOpen.Truncate) != WasiOpen.None;
        var mode = ((rights & (WasiRights.Read | WasiRights.ReadDirectory)) != WasiRights.None ? VfsOpenMode.Read : VfsOpenMode.None)
            | ((rights & WasiRights.Write) != WasiRights.None || truncates ? VfsOpenMode.Write : VfsOpenMode.None)
            | ((flags & WasiFlags.Append) != WasiFlags.None && (rights & WasiRights.Write) != WasiRights.None ? VfsOpenMode.Append : VfsOpenMode.None)
            | ((open & WasiOpen.Create) != WasiOpen.None ? VfsOpenMode.Create : VfsOpenMode.None)
            | ((open & WasiOpen.Exclusive) != WasiOpen.None ? VfsOpenMode.Exclusive : VfsOpenMode.None)
            | (truncates ? VfsOpenMode.Truncate : VfsOpenMode.None);
        var fault = _files.Open(path, mode, out var handle);
        if (fault.Error == VfsError.IsDirectory && (mode & ~(VfsOpenMode.Read | VfsOpenMode.Exclusive)) == VfsOpenMode.None)
        {
            return OpenDirectory(path, WasiOpen.Directory, rights, inheriting, out opened);
        }

        if (fault.IsNone)
        {
            opened = WasiDescriptor.OfFile(handle!, rights, flags);
        }

        return ToErrno(fault);
    }

    // The lowest number that is free, as POSIX has it.
    private uint Add(WasiDescriptor descriptor)
    {
        uint number = 0;
        _hasChanges = true;
        while (!_descriptors.TryAdd(number, descriptor))
        {
            number++;
        }

        return number;
    }

    private WasiErrno Resolve(uint fd, WasiRights rights, uint pointer, uint length, out string path, out WasiDescriptor? directory)
    {
        path = "";
        if (!_descriptors.TryGetValue(fd, out directory))
        {
            return WasiErrno.BadFileDescriptor;
        }

        if (!directory.IsDirectory)
        {
            return WasiErrno.NotDirectory;
        }

        if ((directory.Rights & rights) != rights)
        {
            return WasiErrno.NotCapable;
        }

        if (!TrySlice(pointer, length, out var bytes))
        {
            return WasiErrno.Fault;
        }

        if (length > VfsPath.MaxBytes)
        {
            return WasiErrno.NameTooLong;
        }

        if (length == 0)
        {
            return WasiErrno.NoEntry;
        }

        if (!VfsPath.TryDecode(bytes, out var relative))
        {
            return WasiErrno.IllegalSequence;
        }

        return VfsPath.TryJoin(directory.Path, relative, out path) ? WasiErrno.Success : WasiErrno.NotCapable;
    }
}
