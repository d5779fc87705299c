using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Molt.Wasm.Vfs.Host;

/// <summary>The system calls behind <see cref="BeneathDirectory"/>: those .NET has no face for, because it works with path names and follows links.</summary>
internal static unsafe partial class LinuxCalls
{
    public const int AtFdCwd = -100;
    public const int AtEmptyPath = 0x1000;
    public const int AtSymlinkNoFollow = 0x100;
    public const int AtRemoveDir = 0x200;
    public const uint StatxBasic = 0x7ff;

    public const int ReadOnly = 0;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int NonBlocking = 0x800;
    public const int Directory = 0x10000;
    public const int CloseOnExec = 0x80000;
    public const int PathOnly = 0x200000;

    // RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH: the kernel itself refuses to leave.
    public const ulong Beneath = 0x01 | 0x02 | 0x04 | 0x08;

    public const int LockExclusive = 2;
    public const int LockNonBlocking = 4;

    public const int TypeMask = 0xf000;
    public const int TypeDirectory = 0x4000;
    public const int TypeRegular = 0x8000;
    public const int TypeLink = 0xa000;

    private const int OpenAt2Number = 437;

    /// <summary>openat2(2); glibc has no wrapper for it.</summary>
    public static SafeFileHandle OpenAt2(SafeFileHandle directory, string path, int flags, int mode, out int errno)
    {
        var how = new OpenHow { Flags = (uint)(flags | CloseOnExec), Mode = (uint)mode, Resolve = Beneath };
        var result = SystemCall(OpenAt2Number, directory, path, &how, (nuint)sizeof(OpenHow));
        errno = result < 0 ? Marshal.GetLastPInvokeError() : 0;
        return new SafeFileHandle((nint)result, ownsHandle: true);
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long SystemCall(long number, SafeFileHandle directory, string path, OpenHow* how, nuint size);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Statx(SafeFileHandle directory, string path, int flags, uint mask, StatxResult* result);

    [LibraryImport("libc", EntryPoint = "getdents64", SetLastError = true)]
    public static partial nint GetDirectoryEntries(SafeFileHandle directory, byte* buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MakeDirectory(SafeFileHandle directory, string name, int mode);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unlink(SafeFileHandle directory, string name, int flags);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Rename(SafeFileHandle fromDirectory, string from, SafeFileHandle toDirectory, string to);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(SafeFileHandle file, int operation);

    /// <summary>What an errno is to a guest.</summary>
    public static VfsError ToVfsError(int errno) => errno switch
    {
        0 => VfsError.None,
        2 => VfsError.NotFound,
        1 or 13 or 18 or 40 => VfsError.PermissionDenied,
        17 => VfsError.AlreadyExists,
        20 => VfsError.NotDirectory,
        21 => VfsError.IsDirectory,
        22 or 36 => VfsError.InvalidPath,
        28 or 122 => VfsError.QuotaExceeded,
        30 => VfsError.ReadOnly,
        39 => VfsError.NotEmpty,
        _ => VfsError.IoError,
    };

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    /// <summary>struct statx of linux/stat.h, as far as it is read here.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct StatxResult
    {
        [FieldOffset(0x1c)]
        public ushort Mode;

        [FieldOffset(0x28)]
        public ulong Size;

        [FieldOffset(0x70)]
        public long ModifiedSeconds;

        [FieldOffset(0x78)]
        public uint ModifiedNanoseconds;
    }
}
