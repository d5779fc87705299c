using System.Globalization;

namespace Molt.Wasm.Vfs.Bundles;

/// <summary>
/// Reads tar as POSIX.1-2017 (pax, Interchange Format) defines it, and GNU's long names. Every length is checked before memory follows
/// it, and every header's checksum is verified. Extensions that would change content (sparse files, other volumes) are refused.
/// </summary>
internal sealed class TarArchive(Stream archive, BundleBuilder builder)
{
    private const int BlockBytes = 512;
    private const int ExtensionBytes = 64 << 10;

    private readonly byte[] _header = new byte[BlockBytes];
    private string? _path;
    private long? _size;
    private string _shown = "";

    public void Read()
    {
        while (ReadHeader())
        {
            var type = (char)_header[156];
            var size = Octal(124, 12);
            switch (type)
            {
                case 'x':
                    ReadRecords(size);
                    continue;
                case 'g':
                    // Attributes for all entries: none that matter here may be set for all.
                    ReadRecords(size);
                    if (_path is not null || _size is not null)
                    {
                        throw Malformed("a global header sets path or size");
                    }

                    continue;
                case 'L':
                    _path = Text(Extension(size).AsSpan().TrimEnd((byte)0));
                    continue;
            }

            ReadEntry(type, _path ?? HeaderName(), _size ?? size);
            _path = null;
            _size = null;
        }

        if (_path is not null || _size is not null)
        {
            throw Malformed("it ends before the entry that a header announces");
        }
    }

    private void ReadEntry(char type, string name, long size)
    {
        _shown = name;

        // "tar -c ." writes "./" before every name, and "./" itself for the directory it was started in.
        while (name.StartsWith("./", StringComparison.Ordinal))
        {
            name = name[2..];
        }

        switch (type)
        {
            case '0' or '\0' or '7' when !name.EndsWith('/'):
                var node = builder.Admit(name, size);
                node.Fill(BundleBuilder.ReadExactly(archive, size, name));
                Skip((BlockBytes - (size % BlockBytes)) % BlockBytes);
                return;
            case '5' or '\0' or '0':
                if (size != 0)
                {
                    throw Malformed("a directory has content");
                }

                if (name is not ("" or "."))
                {
                    builder.AddDirectory(name);
                }

                return;
            case '1' or '2' or 'K':
                throw BundleBuilder.Refuse(BundleFault.Link, name, "links are not allowed; copy what it leads to");
            case '3' or '4' or '6':
                throw BundleBuilder.Refuse(BundleFault.Special, name, "it is a device or a pipe");
            default:
                throw Malformed($"entries of type '{(char.IsAsciiLetterOrDigit(type) ? type : '?')}' are not supported");
        }
    }

    private bool ReadHeader()
    {
        var read = archive.ReadAtLeast(_header, BlockBytes, throwOnEndOfStream: false);
        if (read == 0 || (read == BlockBytes && !_header.AsSpan().ContainsAnyExcept((byte)0)))
        {
            return false;
        }

        if (read < BlockBytes)
        {
            throw Malformed("it ends within a header");
        }

        // The checksum counts its own field as spaces.
        var sum = 8 * ' ';
        for (var i = 0; i < BlockBytes; i++)
        {
            sum += i is >= 148 and < 156 ? 0 : _header[i];
        }

        return sum == Octal(148, 8) ? true : throw Malformed("a header's checksum is wrong: it is damaged, compressed or no tar archive");
    }

    private string HeaderName()
    {
        var name = Text(Field(0, 100));
        var isUstar = _header.AsSpan(257, 6).SequenceEqual("ustar\0"u8);
        var prefix = isUstar ? Text(Field(345, 155)) : "";
        return prefix.Length == 0 ? name : prefix + "/" + name;
    }

    private ReadOnlySpan<byte> Field(int start, int length)
    {
        var field = _header.AsSpan(start, length);
        var end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }

    private long Octal(int start, int length)
    {
        long value = 0;
        var digits = Field(start, length).Trim((byte)' ');
        foreach (var digit in digits)
        {
            // Base 256 (for 8 GiB and more) sets the first bit; nothing that large is allowed.
            value = digit is >= (byte)'0' and <= (byte)'7' ? (value * 8) + (digit - '0') : throw Malformed("a number in a header is not octal");
        }

        return value;
    }

    private void ReadRecords(long size)
    {
        // "<length> <key>=<value>\n", the length counting the whole record.
        var rest = Extension(size).AsSpan();
        while (!rest.IsEmpty)
        {
            var space = rest.IndexOf((byte)' ');
            if (space is < 1 or > 8
                || !int.TryParse(rest[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length <= space + 1
                || length > rest.Length
                || rest[length - 1] != '\n')
            {
                throw Malformed("a pax record is malformed");
            }

            var record = rest[(space + 1)..(length - 1)];
            rest = rest[length..];
            var equals = record.IndexOf((byte)'=');
            if (equals < 1)
            {
                throw Malformed("a pax record has no key");
            }

            Apply(record[..equals], record[(equals + 1)..]);
        }
    }

    private void Apply(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (key.SequenceEqual("path"u8))
        {
            _path = Text(value);
        }
        else if (key.SequenceEqual("size"u8))
        {
            _size = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : throw Malformed("a pax size is no number");
        }
        else if (key.StartsWith("GNU.sparse."u8))
        {
            throw Malformed("sparse files are not supported");
        }
    }

    private byte[] Extension(long size)
    {
        if (size > ExtensionBytes)
        {
            throw Malformed($"a header extension has more than {ExtensionBytes} bytes");
        }

        var bytes = BundleBuilder.ReadExactly(archive, size, "header extension");
        Skip((BlockBytes - (size % BlockBytes)) % BlockBytes);
        return bytes;
    }

    private void Skip(long count)
    {
        // The last block's padding may be missing at the very end, as some writers leave it.
        Span<byte> padding = stackalloc byte[BlockBytes];
        _ = archive.ReadAtLeast(padding[..(int)count], (int)count, throwOnEndOfStream: false);
    }

    private string Text(ReadOnlySpan<byte> bytes) => VfsPath.TryDecode(bytes, out var text)
        ? text
        : throw BundleBuilder.Refuse(BundleFault.InvalidName, _shown, "the name that follows it is not UTF-8");

    private BundleException Malformed(string reason) => new(
        BundleFault.Malformed,
        _shown.Length == 0 ? $"The tar archive is refused: {reason}." : $"The tar archive is refused at or behind \"{VfsFault.Printable(_shown)}\": {reason}.");
}
