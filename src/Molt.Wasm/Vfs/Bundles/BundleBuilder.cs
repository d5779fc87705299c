using System.Text;

namespace Molt.Wasm.Vfs.Bundles;

/// <summary>
/// Puts a bundle together and refuses what does not belong: every reader of archives and directories goes through here.
/// Paths are relative, with <c>/</c> between components.
/// </summary>
public sealed class BundleBuilder
{
    // A reader trusts a length only up to here; beyond, memory follows the bytes that are really there.
    internal const int TrustedBytes = 1 << 20;

    private const int PrefixBytes = 8;
    private const long LargestEntry = 1L << 30;

    private readonly BundleLimits _limits;
    private readonly BundleNode _root = BundleNode.Directory();
    private long _bytes;
    private int _entries;

    /// <summary>Starts an empty bundle.</summary>
    public BundleBuilder(BundleLimits? limits = null)
    {
        _limits = limits ?? new BundleLimits();
    }

    /// <summary>Adds a file; the bytes are copied. Throws <see cref="BundleException"/>.</summary>
    public void AddFile(string path, ReadOnlySpan<byte> content) => Admit(path, content.Length).Fill(content.ToArray());

    /// <summary>Adds a directory, which other paths may imply already. Throws <see cref="BundleException"/>.</summary>
    public void AddDirectory(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var parts = Split(path.EndsWith('/') ? path[..^1] : path, path);
        var parent = ParentOf(parts, path);
        if (parent.Children!.TryGetValue(parts[^1], out var existing))
        {
            if (!existing.IsDirectory || existing.IsExplicit)
            {
                throw Refuse(BundleFault.Duplicate, path, existing.IsDirectory ? "it is there twice" : "it is a file and a directory");
            }

            existing.IsExplicit = true;
            return;
        }

        Attach(parent, parts[^1], BundleNode.Directory(), path).IsExplicit = true;
    }

    /// <summary>The bundle. The builder must not be used afterwards.</summary>
    public Bundle Build() => new(_root, BundleHash.Of(_root), _entries, _bytes);

    /// <summary>Adds a file by its length, before its bytes are read.</summary>
    internal BundleNode Admit(string path, long length)
    {
        ArgumentNullException.ThrowIfNull(path);
        var parts = Split(path, path);
        if (length < 0 || length > Math.Min(_limits.EntryBytes, LargestEntry))
        {
            throw Refuse(BundleFault.EntryTooLarge, path, $"it has {length} bytes; a file may have {_limits.EntryBytes}");
        }

        if (length > _limits.TotalBytes - _bytes)
        {
            throw Refuse(BundleFault.TooLarge, path, $"with it the bundle has more than {_limits.TotalBytes} bytes");
        }

        var parent = ParentOf(parts, path);
        if (parent.Children!.TryGetValue(parts[^1], out var existing))
        {
            throw Refuse(BundleFault.Duplicate, path, existing.IsDirectory ? "it is a file and a directory" : "it is there twice");
        }

        var node = Attach(parent, parts[^1], BundleNode.File(default), path);
        _bytes += length;
        return node;
    }

    /// <summary>Reads exactly <paramref name="length"/> bytes, without believing the length before they are there.</summary>
    internal static byte[] ReadExactly(Stream source, long length, string path)
    {
        var buffer = new byte[Math.Min(length, TrustedBytes)];
        var filled = 0;
        while (filled < length)
        {
            if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, (int)Math.Min(length, buffer.Length * 2L));
            }

            var read = source.Read(buffer, filled, buffer.Length - filled);
            if (read == 0)
            {
                throw Refuse(BundleFault.Malformed, path, $"it ends after {filled} of {length} bytes");
            }

            filled += read;
        }

        return buffer;
    }

    internal static BundleException Refuse(BundleFault fault, string path, string reason) =>
        new(fault, $"The bundle entry \"{VfsFault.Printable(path)}\" is refused ({fault}): {reason}.");

    private string[] Split(string path, string shown)
    {
        if (path.Length > _limits.PathBytes)
        {
            throw Refuse(BundleFault.PathTooLong, shown, $"its path is longer than {_limits.PathBytes} bytes");
        }

        foreach (var unit in path)
        {
            if (char.IsControl(unit) || unit == '\\')
            {
                throw Refuse(BundleFault.InvalidName, shown, unit == '\\' ? "a backslash separates nothing here; use /" : $"it contains the control character U+{(int)unit:X4}");
            }
        }

        if (path.StartsWith('/') || (path.Length > 1 && path[1] == ':' && char.IsAsciiLetter(path[0])))
        {
            throw Refuse(BundleFault.Absolute, shown, "paths in a bundle are relative");
        }

        var parts = path.Split('/');
        foreach (var part in parts)
        {
            if (part is "" or "." or "..")
            {
                throw Refuse(part == ".." ? BundleFault.Escape : BundleFault.InvalidName, shown, part == ".." ? "it leads upwards" : "a component is empty or \".\"");
            }
        }

        CheckBytes(parts, path, shown);
        return parts;
    }

    private void CheckBytes(string[] parts, string path, string shown)
    {
        for (var i = 0; i < path.Length; i++)
        {
            if (char.IsSurrogate(path[i]) && (i + 1 == path.Length || !char.IsSurrogatePair(path[i], path[++i])))
            {
                throw Refuse(BundleFault.InvalidName, shown, "it is not Unicode text");
            }
        }

        if (Encoding.UTF8.GetByteCount(path) + PrefixBytes > Math.Min(_limits.PathBytes, VfsPath.MaxBytes))
        {
            throw Refuse(BundleFault.PathTooLong, shown, $"its path is longer than {_limits.PathBytes} bytes with /bundle/ before it");
        }

        foreach (var part in parts)
        {
            if (Encoding.UTF8.GetByteCount(part) > VfsPath.MaxComponentBytes)
            {
                throw Refuse(BundleFault.PathTooLong, shown, $"a component is longer than {VfsPath.MaxComponentBytes} bytes");
            }
        }
    }

    private BundleNode ParentOf(string[] parts, string path)
    {
        var node = _root;
        for (var i = 0; i < parts.Length - 1; i++)
        {
            if (!node.Children!.TryGetValue(parts[i], out var next))
            {
                next = Attach(node, parts[i], BundleNode.Directory(), path);
            }
            else if (!next.IsDirectory)
            {
                throw Refuse(BundleFault.Duplicate, path, $"\"{VfsFault.Printable(parts[i])}\" is a file and a directory");
            }

            node = next;
        }

        return node;
    }

    private BundleNode Attach(BundleNode parent, string name, BundleNode child, string path)
    {
        if (_entries >= _limits.Entries)
        {
            throw Refuse(BundleFault.TooManyEntries, path, $"a bundle may have {_limits.Entries} files and directories");
        }

        if (parent.TryAdd(name, child) is { } other)
        {
            throw Refuse(BundleFault.Duplicate, path, $"\"{VfsFault.Printable(name)}\" and \"{VfsFault.Printable(other)}\" differ only by case or Unicode normalisation, and would be one file elsewhere");
        }

        _entries++;
        return child;
    }
}
