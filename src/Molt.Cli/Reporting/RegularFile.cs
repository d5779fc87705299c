using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Molt.Cli.Reporting;

/// <summary>Reads files that may be anything by now: opening never waits for a pipe's writer, and neither pipes nor devices are read.</summary>
internal static unsafe partial class RegularFile
{
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int LongestPath = 4096;

    /// <summary>The whole file. Throws <see cref="IOException"/> when it cannot be opened, is a directory or a pipe, or is longer than <paramref name="limit"/> bytes.</summary>
    public static byte[] Read(string path, int limit)
    {
        using var file = new SafeFileHandle(Open(path, NonBlocking | CloseOnExec, mode: 0), ownsHandle: true);
        if (file.IsInvalid)
        {
            throw new IOException(Marshal.GetLastPInvokeErrorMessage());
        }

        try
        {
            // A device and a file of /proc have no length: nothing of them is read.
            var length = RandomAccess.GetLength(file);
            if (length > limit)
            {
                throw new IOException($"It has more than {limit} bytes.");
            }

            var content = new byte[length];
            var read = 0;
            while (read < content.Length && RandomAccess.Read(file, content.AsSpan(read), read) is > 0 and var count)
            {
                read += count;
            }

            return read == content.Length ? content : content[..read];
        }
        catch (Exception e) when (e is NotSupportedException or UnauthorizedAccessException)
        {
            throw new IOException("It is not a regular file.", e);
        }
    }

    /// <summary>The path with all links followed; null when it leads nowhere.</summary>
    public static string? RealPath(string path)
    {
        var buffer = stackalloc byte[LongestPath + 1];
        return RealPath(path, buffer) is null ? null : Marshal.PtrToStringUTF8((nint)buffer);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    private static partial byte* RealPath(string path, byte* resolved);
}
