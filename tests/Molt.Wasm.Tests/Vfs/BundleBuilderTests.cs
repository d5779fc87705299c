using System.Linq;
using System.Text;
using Molt.Wasm.Vfs;
using Molt.Wasm.Vfs.Bundles;

namespace Molt.Wasm.Tests.Vfs;

public sealed class BundleBuilderTests
{
    [Theory]
    [InlineData("../a", BundleFault.Escape)]
    [InlineData("a/../../b", BundleFault.Escape)]
    [InlineData("a/..", BundleFault.Escape)]
    [InlineData("..", BundleFault.Escape)]
    [InlineData("/etc/passwd", BundleFault.Absolute)]
    [InlineData("C:/windows", BundleFault.Absolute)]
    [InlineData("c:file", BundleFault.Absolute)]
    [InlineData("..\\a", BundleFault.InvalidName)]
    [InlineData("\\\\server\\share", BundleFault.InvalidName)]
    [InlineData("a\0b", BundleFault.InvalidName)]
    [InlineData("a\nb", BundleFault.InvalidName)]
    [InlineData("a\u0085b", BundleFault.InvalidName)]
    [InlineData("", BundleFault.InvalidName)]
    [InlineData("a//b", BundleFault.InvalidName)]
    [InlineData("a/./b", BundleFault.InvalidName)]
    [InlineData("a/", BundleFault.InvalidName)]
    public void Path_WhenHostile_IsRefused(string path, BundleFault fault)
    {
        var builder = new BundleBuilder();

        Assert.Equal(fault, Assert.Throws<BundleException>(() => builder.AddFile(path, default)).Fault);
        Assert.Equal(0, builder.Build().Entries);
    }

    [Fact]
    public void Path_WhenNotUnicode_IsRefused()
    {
        var builder = new BundleBuilder();

        Assert.Equal(BundleFault.InvalidName, Assert.Throws<BundleException>(() => builder.AddFile("a\ud800", default)).Fault);
        Assert.Equal(BundleFault.InvalidName, Assert.Throws<BundleException>(() => builder.AddFile("\udc00\ud800", default)).Fault);
    }

    [Theory]
    [InlineData("a.txt", "a.txt")]
    [InlineData("readme.md", "README.md")]
    [InlineData("dir/x", "DIR/y")]
    [InlineData("\u00e9", "e\u0301")]
    [InlineData("\u00c9", "e\u0301")]
    [InlineData("\u212b", "\u00e5")]
    [InlineData("\u212a", "k")]
    [InlineData("\u1e69", "s\u0307\u0323")]
    [InlineData("\uac01", "\u1100\u1161\u11a8")]
    [InlineData("stra\u00dfe", "STRASSE")]
    [InlineData("\u03c2", "\u03a3")]
    [InlineData("\U00010428", "\U00010400")]
    public void Path_WhenAnotherFileSystemWouldTakeItForTheFirst_IsADuplicate(string first, string second)
    {
        var builder = new BundleBuilder();
        builder.AddFile(first, default);

        Assert.Equal(BundleFault.Duplicate, Assert.Throws<BundleException>(() => builder.AddFile(second, default)).Fault);
    }

    [Theory]
    [InlineData("a", "\u0430")]
    [InlineData("fi", "\ufb01")]
    [InlineData("1", "\u0661")]
    [InlineData("a", "\u0101")]
    [InlineData("paypal", "p\u0430yp\u0430l")]
    public void Path_WhenItOnlyLooksLikeTheFirst_IsAnother(string first, string second)
    {
        var builder = new BundleBuilder();
        builder.AddFile(first, default);
        builder.AddFile(second, default);

        Assert.Equal(2, builder.Build().Entries);
    }

    [Fact]
    public void Path_WhenFileAndDirectory_IsADuplicate()
    {
        var builder = new BundleBuilder();
        builder.AddFile("a", default);
        builder.AddFile("d/x", default);
        builder.AddDirectory("d/");

        Assert.Equal(BundleFault.Duplicate, Assert.Throws<BundleException>(() => builder.AddFile("a/b", default)).Fault);
        Assert.Equal(BundleFault.Duplicate, Assert.Throws<BundleException>(() => builder.AddFile("d", default)).Fault);
        Assert.Equal(BundleFault.Duplicate, Assert.Throws<BundleException>(() => builder.AddDirectory("a")).Fault);
        Assert.Equal(BundleFault.Duplicate, Assert.Throws<BundleException>(() => builder.AddDirectory("d")).Fault);
    }

    [Fact]
    public void Path_WhenOf4096BytesWithItsMount_IsTheLongest()
    {
        var longest = string.Concat(Enumerable.Repeat(new string('é', 100) + "/", 20)) + new string('x', 68);
        Assert.Equal(4096, Encoding.UTF8.GetByteCount("/bundle/" + longest));
        var builder = new BundleBuilder();
        builder.AddFile(longest, "end"u8);
        using var files = new VirtualFileSystem(new VfsOptions { Bundle = builder.Build() });

        Assert.True(files.OpenRead("/bundle/" + longest, out _).IsNone);
        Assert.Equal(BundleFault.PathTooLong, Assert.Throws<BundleException>(() => new BundleBuilder().AddFile(longest + "x", default)).Fault);
        Assert.Equal(BundleFault.PathTooLong, Assert.Throws<BundleException>(() => new BundleBuilder().AddFile(new string('a', 5000), default)).Fault);
        Assert.Equal(BundleFault.PathTooLong, Assert.Throws<BundleException>(() => new BundleBuilder().AddFile(new string('a', 256), default)).Fault);
    }

    [Fact]
    public void Entries_WhenOneMoreThan100000_AreRefused()
    {
        var builder = new BundleBuilder();
        for (var i = 0; i < 99_999; i++)
        {
            builder.AddFile($"d/{i}", default);
        }

        Assert.Equal(BundleFault.TooManyEntries, Assert.Throws<BundleException>(() => builder.AddFile("one-more", default)).Fault);
        Assert.Equal(100_000, builder.Build().Entries);
    }

    [Fact]
    public void Directories_WhenOnlyImplied_CountAsEntries()
    {
        var builder = new BundleBuilder(new BundleLimits { Entries = 10 });
        builder.AddFile("a/b/c/d/e/f/g/h/i/j", default);

        Assert.Equal(10, builder.Build().Entries);
        Assert.Equal(BundleFault.TooManyEntries, Assert.Throws<BundleException>(() => builder.AddDirectory("z")).Fault);
    }

    [Fact]
    public void Bytes_WhenOneMoreThanTheQuota_AreRefused()
    {
        var builder = new BundleBuilder(new BundleLimits { EntryBytes = 10, TotalBytes = 15 });
        builder.AddFile("a", new byte[10]);

        Assert.Equal(BundleFault.EntryTooLarge, Assert.Throws<BundleException>(() => builder.AddFile("b", new byte[11])).Fault);
        Assert.Equal(BundleFault.TooLarge, Assert.Throws<BundleException>(() => builder.AddFile("b", new byte[6])).Fault);
        builder.AddFile("b", new byte[5]);
        Assert.Equal(15, builder.Build().TotalBytes);
    }

    [Fact]
    public void Tree_WhenAsDeepAsPathsGo_IsHashedAndServed()
    {
        var deep = string.Join('/', Enumerable.Repeat("a", 2044));
        var builder = new BundleBuilder();
        builder.AddFile(deep, "x"u8);
        var bundle = builder.Build();
        using var files = new VirtualFileSystem(new VfsOptions { Bundle = bundle });

        Assert.Equal(2044, bundle.Entries);
        Assert.True(files.Stat("/bundle/" + deep, out var stat).IsNone);
        Assert.Equal(1, stat.Size);
    }

    [Fact]
    public void Hash_WhenTheContentIsTheSame_IsTheSame()
    {
        var first = new BundleBuilder();
        first.AddFile("b/c", "2"u8);
        first.AddFile("a", "1"u8);
        var second = new BundleBuilder();
        second.AddDirectory("b");
        second.AddFile("a", "1"u8);
        second.AddFile("b/c", "2"u8);

        Assert.Equal(first.Build().Hash, second.Build().Hash);
    }

    [Fact]
    public void Hash_WhenAnythingDiffers_Differs()
    {
        var hashes = new HashSet<string>(StringComparer.Ordinal)
        {
            Of(("a", "1")), Of(("a", "2")), Of(("b", "1")), Of(("a/b", "1")), Of(("a", "1"), ("b", "")), Of(), Of(("a", "")), Of(("ab", "1")), Of(("a", "b1")),
        };

        Assert.Equal(9, hashes.Count);
        Assert.All(hashes, static hash => Assert.Equal(64, hash.Length));
    }

    [Fact]
    public void Hash_WhenComputedByTheDocument_IsTheSame()
    {
        var file = Sha("molt-bundle 1 file\0hello"u8);
        byte[] directory = [.. "molt-bundle 1 directory\0f"u8, 5, 0, 0, 0, .. "a.txt"u8, .. file];

        Assert.Equal(Convert.ToHexStringLower(Sha(directory)), Of(("a.txt", "hello")));
    }

    private static byte[] Sha(ReadOnlySpan<byte> bytes) => System.Security.Cryptography.SHA256.HashData(bytes);

    private static string Of(params (string Path, string Text)[] entries)
    {
        var builder = new BundleBuilder();
        foreach (var (path, text) in entries)
        {
            builder.AddFile(path, Encoding.UTF8.GetBytes(text));
        }

        return builder.Build().Hash;
    }
}
