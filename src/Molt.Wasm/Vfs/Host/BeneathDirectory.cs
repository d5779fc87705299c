using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Molt.Wasm.Vfs.Host;

/// <summary>
/// A directory of the host, held open, below which names are resolved. The kernel guarantees (openat2 with RESOLVE_BENEATH,
/// NO_SYMLINKS, NO_MAGICLINKS and NO_XDEV) that no name leads out of it, through a link or into another file system, whoever
/// changes the tree meanwhile. The directory may be moved while it is open. Needs Linux 5.6.
/// </summary>
internal sealed unsafe class BeneathDirectory : IDisposable
{
    private const int OwnerOnlyDirectory = 0x1c0;
    private const int OwnerOnlyFile = 0x180;
    private const int EntryHeaderBytes = 19;

    private readonly SafeFileHandle _root;

    private BeneathDirectory(SafeFileHandle root)
    {
        _root = root;
    }

    /// <summary>Opens a directory of the host by its own path, whose links are followed: the operator chose it.</summary>
    public static BeneathDirectory Open(string hostPath)
    {
        var descriptor = LinuxCalls.Open(hostPath, LinuxCalls.Directory | LinuxCalls.CloseOnExec, 0);
        if (descriptor < 0)
        {
            throw new IOException($"The directory {hostPath} cannot be opened (errno {Marshal.GetLastPInvokeError()}). Check that it exists and may be read.");
        }

        var directory = new BeneathDirectory(new SafeFileHandle(descriptor, ownsHandle: true));
        using var probe = LinuxCalls.OpenAt2(directory._root, ".", LinuxCalls.PathOnly | LinuxCalls.Directory, 0, out var errno);
        if (errno != 0)
        {
            directory.Dispose();
            throw new PlatformNotSupportedException($"openat2 failed (errno {errno}). Serving files of the host needs Linux 5.6 or newer, and a sandbox that allows openat2.");
        }

        return directory;
    }

    /// <summary>Opens a directory below.</summary>
    public VfsError OpenDirectory(string path, out BeneathDirectory? directory)
    {
        var handle = Resolve(path, LinuxCalls.ReadOnly | LinuxCalls.Directory, out var error);
        directory = handle is null ? null : new BeneathDirectory(handle);
        return error;
    }

    /// <summary>Opens an existing regular file for reading.</summary>
    public VfsError OpenFile(string path, out SafeFileHandle? file)
    {
        // NonBlocking: opening a pipe must not wait for its other end.
        file = Resolve(path, LinuxCalls.ReadOnly | LinuxCalls.NonBlocking, out var error);
        if (file is null)
        {
            // A socket or a device without a driver: not a file.
            return error == VfsError.IoError && Stat(path, out _) == VfsError.PermissionDenied ? VfsError.PermissionDenied : error;
        }

        error = Stat(file, out var stat);
        error = error == VfsError.None && stat.IsDirectory ? VfsError.IsDirectory : error;
        if (error != VfsError.None)
        {
            file.Dispose();
            file = null;
        }

        return error;
    }

    /// <summary>Makes a file that is not there, for reading and writing.</summary>
    public VfsError CreateFile(string path, out SafeFileHandle? file)
    {
        file = Resolve(path, LinuxCalls.ReadWrite | LinuxCalls.Create | LinuxCalls.Exclusive, out var error, OwnerOnlyFile);
        return error;
    }

    /// <summary>Looks at a path. What is neither file nor directory is <see cref="VfsError.PermissionDenied"/>.</summary>
    public VfsError Stat(string path, out VfsStat stat)
    {
        stat = default;
        using var handle = Resolve(path, LinuxCalls.PathOnly, out var error);
        return handle is null ? error : Stat(handle, out stat);
    }

    /// <summary>Whether a path is a symbolic link itself.</summary>
    public bool IsLink(string path)
    {
        LinuxCalls.StatxResult result;
        using var parent = Resolve(Parent(path), LinuxCalls.ReadOnly | LinuxCalls.Directory, out _);
        return parent is not null
            && LinuxCalls.Statx(parent, VfsPath.Name(path), LinuxCalls.AtSymlinkNoFollow, LinuxCalls.StatxBasic, &result) == 0
            && (result.Mode & LinuxCalls.TypeMask) == LinuxCalls.TypeLink;
    }

    /// <summary>Looks at an open file.</summary>
    public static VfsError Stat(SafeFileHandle file, out VfsStat stat)
    {
        LinuxCalls.StatxResult result;
        stat = default;
        if (LinuxCalls.Statx(file, "", LinuxCalls.AtEmptyPath, LinuxCalls.StatxBasic, &result) != 0)
        {
            return Last();
        }

        var type = result.Mode & LinuxCalls.TypeMask;
        var modified = (result.ModifiedSeconds * 1_000_000_000) + result.ModifiedNanoseconds;
        stat = type == LinuxCalls.TypeDirectory
            ? new VfsStat(VfsKind.Directory, 0, IsReadOnly: false, modified)
            : new VfsStat(VfsKind.File, (long)result.Size, IsReadOnly: false, modified);
        return type is LinuxCalls.TypeDirectory or LinuxCalls.TypeRegular ? VfsError.None : VfsError.PermissionDenied;
    }

    /// <summary>The names in a directory, as the host has them; null for a name that is not UTF-8.</summary>
    public VfsError Names(string path, out List<string?> names)
    {
        names = [];
        var handle = Resolve(path, LinuxCalls.ReadOnly | LinuxCalls.Directory, out var error);
        if (handle is null)
        {
            return error;
        }

        using (handle)
        {
            var buffer = stackalloc byte[16 << 10];
            while (true)
            {
                var length = LinuxCalls.GetDirectoryEntries(handle, buffer, 16 << 10);
                if (length <= 0)
                {
                    return length == 0 ? VfsError.None : Last();
                }

                // linux_dirent64: u64 inode, i64 offset, u16 length, u8 type, name and NUL.
                for (nint at = 0; at < length; at += *(ushort*)(buffer + at + 16))
                {
                    var bytes = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(buffer + at + EntryHeaderBytes);
                    if (!bytes.SequenceEqual("."u8) && !bytes.SequenceEqual(".."u8))
                    {
                        names.Add(VfsPath.TryDecode(bytes, out var name) ? name : null);
                    }
                }
            }
        }
    }

    /// <summary>Makes a directory, durably.</summary>
    public VfsError CreateDirectory(string path) =>
        InParent(path, static (parent, name) => LinuxCalls.MakeDirectory(parent, name, OwnerOnlyDirectory));

    /// <summary>Removes a file, durably. A link is removed itself.</summary>
    public VfsError RemoveFile(string path) => InParent(path, static (parent, name) => LinuxCalls.Unlink(parent, name, 0));

    /// <summary>Removes an empty directory, durably.</summary>
    public VfsError RemoveDirectory(string path) => InParent(path, static (parent, name) => LinuxCalls.Unlink(parent, name, LinuxCalls.AtRemoveDir));

    /// <summary>Renames into another directory of the same file system, durably on both sides.</summary>
    public VfsError Rename(string from, BeneathDirectory target, string to)
    {
        using var source = Resolve(Parent(from), LinuxCalls.ReadOnly | LinuxCalls.Directory, out var error);
        if (source is null)
        {
            return error;
        }

        using var destination = target.Resolve(Parent(to), LinuxCalls.ReadOnly | LinuxCalls.Directory, out error);
        if (destination is null)
        {
            return error;
        }

        if (LinuxCalls.Rename(source, VfsPath.Name(from), destination, VfsPath.Name(to)) != 0)
        {
            // POSIX lets a full directory answer either way.
            var last = Last();
            return last == VfsError.AlreadyExists ? VfsError.NotEmpty : last;
        }

        return LinuxCalls.Sync(destination) == 0 && LinuxCalls.Sync(source) == 0 ? VfsError.None : Last();
    }

    /// <summary>Makes the directory's own entries durable.</summary>
    public VfsError Sync(string path)
    {
        using var handle = Resolve(path.Length == 0 ? "." : path, LinuxCalls.ReadOnly | LinuxCalls.Directory, out var error);
        return handle is null ? error : LinuxCalls.Sync(handle) == 0 ? VfsError.None : Last();
    }

    /// <summary>Takes a lock on a file of the directory; false when another process has it.</summary>
    public static bool TryLock(SafeFileHandle file) => LinuxCalls.Lock(file, LinuxCalls.LockExclusive | LinuxCalls.LockNonBlocking) == 0;

    public void Dispose() => _root.Dispose();

    private static string Parent(string path) => VfsPath.Parent(path) is { Length: > 0 } parent ? parent : ".";

    private static VfsError Last() => LinuxCalls.ToVfsError(Marshal.GetLastPInvokeError());

    private SafeFileHandle? Resolve(string path, int flags, out VfsError error, int mode = 0)
    {
        const int retries = 16;
        for (var attempt = 0; ; attempt++)
        {
            var handle = LinuxCalls.OpenAt2(_root, path.Length == 0 ? "." : path, flags, mode, out var errno);
            if (errno == 0)
            {
                error = VfsError.None;
                return handle;
            }

            handle.Dispose();

            // EAGAIN: the tree was renamed about while the kernel walked it, and it could not be sure; EINTR: a signal came.
            if (errno is not (11 or 4) || attempt == retries)
            {
                error = LinuxCalls.ToVfsError(errno);
                return null;
            }
        }
    }

    private VfsError InParent(string path, Func<SafeFileHandle, string, int> call)
    {
        using var parent = Resolve(Parent(path), LinuxCalls.ReadOnly | LinuxCalls.Directory, out var error);
        if (parent is null)
        {
            return error;
        }

        return call(parent, VfsPath.Name(path)) == 0 && LinuxCalls.Sync(parent) == 0 ? VfsError.None : Last();
    }
}
