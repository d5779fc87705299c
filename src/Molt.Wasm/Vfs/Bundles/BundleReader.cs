using Microsoft.Win32.SafeHandles;
using Molt.Wasm.Vfs.Host;

namespace Molt.Wasm.Vfs.Bundles;

/// <summary>Reads a bundle from where it is kept. All three throw <see cref="BundleException"/> and give the same bundle for the same content.</summary>
public static class BundleReader
{
    /// <summary>Reads a directory of the host. Links are refused, not followed.</summary>
    public static Bundle FromDirectory(string directory, BundleLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        var builder = new BundleBuilder(limits);
        using var root = BeneathDirectory.Open(directory);
        var open = new Stack<string>();
        open.Push("");
        while (open.TryPop(out var current))
        {
            Check(root.Names(current, out var names), current);
            foreach (var name in names)
            {
                var path = name is null
                    ? throw BundleBuilder.Refuse(BundleFault.InvalidName, current + "/?", "a name is not UTF-8")
                    : current.Length == 0 ? name : current + "/" + name;
                if (AddEntry(builder, root, path))
                {
                    open.Push(path);
                }
            }
        }

        return builder.Build();
    }

    /// <summary>Reads a tar archive: ustar, pax, and GNU's long names. Not compressed.</summary>
    public static Bundle FromTar(Stream archive, BundleLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(archive);
        var builder = new BundleBuilder(limits);
        new TarArchive(archive, builder).Read();
        return builder.Build();
    }

    /// <summary>Reads a zip archive; the stream must be seekable.</summary>
    public static Bundle FromZip(Stream archive, BundleLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(archive);
        var builder = new BundleBuilder(limits);
        ZipEntries.Read(archive, builder);
        return builder.Build();
    }

    // True for a directory, whose entries come next.
    private static bool AddEntry(BundleBuilder builder, BeneathDirectory root, string path)
    {
        var error = root.OpenFile(path, out var file);
        if (error == VfsError.IsDirectory)
        {
            builder.AddDirectory(path);
            return true;
        }

        if (file is null)
        {
            throw error == VfsError.PermissionDenied
                ? Denied(root, path)
                : BundleBuilder.Refuse(BundleFault.Malformed, path, $"it cannot be read ({error})");
        }

        using (file)
        {
            Check(BeneathDirectory.Stat(file, out var stat), path);
            builder.Admit(path, stat.Size).Fill(ReadAll(file, stat.Size, path));
        }

        return false;
    }

    private static BundleException Denied(BeneathDirectory root, string path) => root.IsLink(path)
        ? BundleBuilder.Refuse(BundleFault.Link, path, "links are not allowed; copy what it leads to")
        : BundleBuilder.Refuse(BundleFault.Special, path, "it is a device, a pipe, a socket, on another file system, or may not be read");

    private static byte[] ReadAll(SafeFileHandle file, long length, string path)
    {
        var bytes = new byte[length];
        for (var done = 0; done < bytes.Length;)
        {
            var read = RandomAccess.Read(file, bytes.AsSpan(done), done);
            if (read == 0)
            {
                throw BundleBuilder.Refuse(BundleFault.Malformed, path, "it became shorter while it was read");
            }

            done += read;
        }

        return bytes;
    }

    private static void Check(VfsError error, string path)
    {
        if (error != VfsError.None)
        {
            throw BundleBuilder.Refuse(BundleFault.Malformed, path.Length == 0 ? "." : path, $"it cannot be read ({error})");
        }
    }
}
