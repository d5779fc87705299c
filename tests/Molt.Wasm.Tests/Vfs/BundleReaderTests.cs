using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Molt.Wasm.Vfs.Bundles;

namespace Molt.Wasm.Tests.Vfs;

public sealed class BundleReaderTests
{
    private static readonly (string Path, string Text)[] Sample =
        [("data.txt", "hello"), ("deep/er/\u00e9.txt", "x"), ("empty", ""), ("long/" + new string('n', 200), "name")];

    [Fact]
    public void Bundle_WhenReadFromDirectoryTarOrZip_HasOneHash()
    {
        using var directory = new TemporaryDirectory();
        var builder = new BundleBuilder();
        foreach (var (path, text) in Sample)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(directory.In(path))!);
            File.WriteAllText(directory.In(path), text);
            builder.AddFile(path, Encoding.UTF8.GetBytes(text));
        }

        var expected = builder.Build();
        Assert.Equal(expected.Hash, BundleReader.FromDirectory(directory.Path).Hash);
        Assert.Equal(expected.Hash, BundleReader.FromTar(Tar(TarEntryFormat.Pax, Sample)).Hash);
        Assert.Equal(expected.Hash, BundleReader.FromTar(Tar(TarEntryFormat.Gnu, Sample)).Hash);
        Assert.Equal(expected.Hash, BundleReader.FromZip(Zip(Sample)).Hash);
        Assert.Equal(7, expected.Entries);
    }

    [Fact]
    public void Tar_WhenMadeOfADirectory_MayHaveItsDotsAndDirectories()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory.In("in/sub"));
        File.WriteAllText(directory.In("in/sub/a"), "x");
        using (var tar = System.Diagnostics.Process.Start("tar", ["-C", directory.In("in"), "-cf", directory.In("a.tar"), "."]))
        {
            tar.WaitForExit();
        }

        using var file = File.OpenRead(directory.In("a.tar"));
        Assert.Equal(BundleReader.FromDirectory(directory.In("in")).Hash, BundleReader.FromTar(file).Hash);
    }

    [Theory]
    [InlineData(TarEntryType.SymbolicLink, BundleFault.Link)]
    [InlineData(TarEntryType.HardLink, BundleFault.Link)]
    [InlineData(TarEntryType.Fifo, BundleFault.Special)]
    [InlineData(TarEntryType.CharacterDevice, BundleFault.Special)]
    [InlineData(TarEntryType.BlockDevice, BundleFault.Special)]
    public void Tar_WhenAnEntryIsNoFile_IsRefused(TarEntryType type, BundleFault fault)
    {
        var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, leaveOpen: true))
        {
            var entry = new PaxTarEntry(type, "a");
            if (fault == BundleFault.Link)
            {
                entry.LinkName = "/etc/passwd";
            }

            writer.WriteEntry(entry);
        }

        Refused(fault, () => BundleReader.FromTar(Rewound(archive)));
    }

    [Theory]
    [InlineData("../a", BundleFault.Escape)]
    [InlineData("./../a", BundleFault.Escape)]
    [InlineData("/a", BundleFault.Absolute)]
    [InlineData("C:/a", BundleFault.Absolute)]
    [InlineData("a\\b", BundleFault.InvalidName)]
    public void Archive_WhenAPathIsHostile_IsRefused(string path, BundleFault fault)
    {
        Refused(fault, () => BundleReader.FromTar(Tar(TarEntryFormat.Pax, (path, "x"))));
        Refused(fault, () => BundleReader.FromTar(Tar(TarEntryFormat.Ustar, (path, "x"))));
        if (!path.StartsWith("./", StringComparison.Ordinal))
        {
            Refused(fault, () => BundleReader.FromZip(Zip((path, "x"))));
        }
    }

    [Fact]
    public void Archive_WhenAPathIsThereTwice_IsRefused()
    {
        Refused(BundleFault.Duplicate, () => BundleReader.FromTar(Tar(TarEntryFormat.Pax, ("a", "1"), ("./a", "2"))));
        Refused(BundleFault.Duplicate, () => BundleReader.FromZip(Zip(("a", "1"), ("A", "2"))));
    }

    [Fact]
    public void Archive_WhenBeyondAQuota_IsRefused()
    {
        var limits = new BundleLimits { EntryBytes = 4, TotalBytes = 6, Entries = 2 };

        Refused(BundleFault.EntryTooLarge, () => BundleReader.FromTar(Tar(TarEntryFormat.Pax, ("a", "12345")), limits));
        Refused(BundleFault.EntryTooLarge, () => BundleReader.FromZip(Zip(("a", "12345")), limits));
        Refused(BundleFault.TooLarge, () => BundleReader.FromTar(Tar(TarEntryFormat.Pax, ("a", "1234"), ("b", "123")), limits));
        Refused(BundleFault.TooLarge, () => BundleReader.FromZip(Zip(("a", "1234"), ("b", "123")), limits));
        Refused(BundleFault.TooManyEntries, () => BundleReader.FromTar(Tar(TarEntryFormat.Pax, ("a/b/c", "1")), limits));
        Refused(BundleFault.TooManyEntries, () => BundleReader.FromZip(Zip(("a", ""), ("b", ""), ("c", "")), limits));
    }

    [Fact]
    public void Tar_WhenItDeclaresMoreThanThereIs_IsRefusedWithoutBelievingIt()
    {
        var bytes = Tar(TarEntryFormat.Ustar, ("a", "x")).ToArray();
        Encoding.ASCII.GetBytes("00400000000").CopyTo(bytes, 124);
        Checksum(bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Refused(BundleFault.Malformed, () => BundleReader.FromTar(new MemoryStream(bytes)));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4 << 20, "64 MiB were declared; what was allocated must follow what is there.");
    }

    [Fact]
    public void Tar_WhenDamaged_IsRefused()
    {
        var bytes = Tar(TarEntryFormat.Pax, ("a", "x")).ToArray();

        Refused(BundleFault.Malformed, () => BundleReader.FromTar(new MemoryStream(bytes, 0, 300)));
        Refused(BundleFault.Malformed, () => BundleReader.FromTar(new MemoryStream(new byte[] { 0x1f, 0x8b, 8 })));
        bytes[0] ^= 1;
        Refused(BundleFault.Malformed, () => BundleReader.FromTar(new MemoryStream(bytes)));
        Refused(BundleFault.Malformed, () => BundleReader.FromZip(new MemoryStream(bytes)));
    }

    [Fact]
    public void Archive_WhenBytesAreChangedAtRandom_IsReadOrRefused()
    {
        var random = new Random(1);
        foreach (var isTar in new[] { true, false })
        {
            var original = (isTar ? Tar(TarEntryFormat.Pax, Sample) : Zip(Sample)).ToArray();
            for (var i = 0; i < 3000; i++)
            {
                var bytes = (byte[])original.Clone();
                for (var change = random.Next(1, 4); change > 0; change--)
                {
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                }

                var archive = new MemoryStream(bytes, 0, random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length);
                var error = Record.Exception(() => isTar ? BundleReader.FromTar(archive) : BundleReader.FromZip(archive));
                Assert.True(error is null or BundleException, $"round {i}: {error}");
            }
        }
    }

    [Fact]
    public void Zip_WhenAnEntryIsALink_IsRefused()
    {
        Refused(BundleFault.Link, () => BundleReader.FromZip(Zip(0xa1ff, ("a", "/etc/passwd"))));
        Refused(BundleFault.Special, () => BundleReader.FromZip(Zip(0x21ff, ("a", ""))));
        Refused(BundleFault.Malformed, () => BundleReader.FromZip(Zip(0x41ff, ("a/", "content"))));
        Assert.Equal(1, BundleReader.FromZip(Zip(0x81ff, ("a", "x"))).Entries);
    }

    [Fact]
    public void Directory_WhenItHoldsALink_IsRefused()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory.In("sub"));
        File.CreateSymbolicLink(directory.In("sub/link"), "/etc/passwd");
        Refused(BundleFault.Link, () => BundleReader.FromDirectory(directory.Path));
        File.Delete(directory.In("sub/link"));
        Directory.CreateSymbolicLink(directory.In("sub/link"), "/etc");

        var error = Refused(BundleFault.Link, () => BundleReader.FromDirectory(directory.Path));
        Assert.Equal("VFS020", error.Code);
        Assert.Contains("\"sub/link\"", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(directory.Path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Directory_WhenItHoldsAPipe_IsRefusedWithoutWaiting()
    {
        using var directory = new TemporaryDirectory();
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [directory.In("pipe")]))
        {
            mkfifo.WaitForExit();
        }

        Refused(BundleFault.Special, () => BundleReader.FromDirectory(directory.Path));
    }

    [Fact]
    public void Directory_WhenNamesDifferByCase_IsRefused()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.In("a"), "");
        File.WriteAllText(directory.In("A"), "");

        Refused(BundleFault.Duplicate, () => BundleReader.FromDirectory(directory.Path));
    }

    private static BundleException Refused(BundleFault fault, Func<Bundle> read)
    {
        var error = Assert.Throws<BundleException>(read);
        Assert.True(fault == error.Fault, $"{fault} was expected: {error.Message}");
        return error;
    }

    private static MemoryStream Tar(TarEntryFormat format, params (string Path, string Text)[] entries)
    {
        var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, format, leaveOpen: true))
        {
            foreach (var (path, text) in entries)
            {
                TarEntry entry = format switch
                {
                    TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, path),
                    TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, path),
                    _ => new PaxTarEntry(TarEntryType.RegularFile, path),
                };
                entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text));
                writer.WriteEntry(entry);
            }
        }

        return Rewound(archive);
    }

    private static MemoryStream Zip(params (string Path, string Text)[] entries) => Zip(0, entries);

    private static MemoryStream Zip(int mode, params (string Path, string Text)[] entries)
    {
        var archive = new MemoryStream();
        using (var zip = new ZipArchive(archive, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (path, text) in entries)
            {
                var entry = zip.CreateEntry(path);
                entry.ExternalAttributes = mode << 16;
                using var content = entry.Open();
                content.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return Rewound(archive);
    }

    private static void Checksum(byte[] header)
    {
        header.AsSpan(148, 8).Fill((byte)' ');
        var sum = 0;
        for (var i = 0; i < 512; i++)
        {
            sum += header[i];
        }

        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header, 148);
    }

    private static MemoryStream Rewound(MemoryStream stream)
    {
        stream.Position = 0;
        return stream;
    }
}
