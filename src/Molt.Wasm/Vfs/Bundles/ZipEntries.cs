using System.IO.Compression;

namespace Molt.Wasm.Vfs.Bundles;

/// <summary>
/// Reads zip archives. The directory at the end of the archive counts; declared sizes are checked first, then the bytes that
/// really come out, so that neither a false size nor a small archive of much content passes the quotas.
/// </summary>
internal static class ZipEntries
{
    private const int TypeShift = 16;
    private const int TypeMask = 0xf000;
    private const int Directory = 0x4000;
    private const int Regular = 0x8000;
    private const int Link = 0xa000;

    public static void Read(Stream archive, BundleBuilder builder)
    {
        try
        {
            using var zip = new ZipArchive(archive, ZipArchiveMode.Read, leaveOpen: true);
            foreach (var entry in zip.Entries)
            {
                Add(entry, builder);
            }
        }
        catch (Exception error) when (error is InvalidDataException or NotSupportedException or EndOfStreamException or ArgumentException or IOException or OverflowException)
        {
            throw new BundleException(BundleFault.Malformed, "The zip archive is refused: it is damaged, or uses a feature that is not supported.", error);
        }
    }

    private static void Add(ZipArchiveEntry entry, BundleBuilder builder)
    {
        var path = entry.FullName;
        if (path.Contains('\ufffd', StringComparison.Ordinal))
        {
            throw BundleBuilder.Refuse(BundleFault.InvalidName, path, "its name is not UTF-8");
        }

        var type = (entry.ExternalAttributes >> TypeShift) & TypeMask;
        switch (type)
        {
            case Link:
                throw BundleBuilder.Refuse(BundleFault.Link, path, "links are not allowed; copy what it leads to");
            case 0 or Regular or Directory:
                break;
            default:
                throw BundleBuilder.Refuse(BundleFault.Special, path, "it is a device, a pipe or a socket");
        }

        if (entry.IsEncrypted)
        {
            throw BundleBuilder.Refuse(BundleFault.Malformed, path, "encrypted entries are not supported");
        }

        if (path.EndsWith('/') || type == Directory)
        {
            if (entry.Length != 0)
            {
                throw BundleBuilder.Refuse(BundleFault.Malformed, path, "a directory has content");
            }

            builder.AddDirectory(path);
            return;
        }

        var node = builder.Admit(path, entry.Length);
        using var content = entry.Open();
        node.Fill(BundleBuilder.ReadExactly(content, entry.Length, path));
        if (content.ReadByte() >= 0)
        {
            throw BundleBuilder.Refuse(BundleFault.Malformed, path, "it has more bytes than it declares");
        }
    }
}
