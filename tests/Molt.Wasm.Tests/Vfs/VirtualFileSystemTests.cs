using System.Linq;
using System.Text;
using Molt.Contracts;
using Molt.Wasm.Vfs;
using Molt.Wasm.Vfs.Bundles;

namespace Molt.Wasm.Tests.Vfs;

public sealed class VirtualFileSystemTests
{
    private const VfsGrants Everything = VfsGrants.BundleRead | VfsGrants.TmpRead | VfsGrants.TmpWrite | VfsGrants.StateRead | VfsGrants.StateWrite;

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("//")]
    [InlineData("/.")]
    [InlineData("/tmp/..")]
    [InlineData("/tmp/../..")]
    [InlineData("/tmp/../../etc/passwd")]
    [InlineData("tmp/a")]
    [InlineData("./tmp")]
    [InlineData("/tmp/a\0b")]
    public void Path_WhenItBreaksARule_IsInvalid(string path)
    {
        using var files = Files();

        Assert.Equal(VfsError.InvalidPath, files.Stat(path, out _).Error);
        Assert.Equal(VfsError.InvalidPath, files.OpenWrite(path, out _).Error);
    }

    [Fact]
    public void Path_WhenNotUnicode_IsInvalid()
    {
        using var files = Files();

        Assert.Equal(VfsError.InvalidPath, files.Stat("/tmp/\ud800", out _).Error);
        Assert.Equal(VfsError.InvalidPath, files.Stat("/tmp/\udc00\ud800", out _).Error);
    }

    [Fact]
    public void Path_WhenOf4096Bytes_IsAllowedAndOneMoreIsNot()
    {
        using var files = Files();
        var longest = "/tmp" + string.Concat(Enumerable.Repeat("/" + new string('é', 100), 20)) + "/" + new string('x', 71);
        Assert.Equal(4096, Encoding.UTF8.GetByteCount(longest));

        Assert.Equal(VfsError.NotFound, files.Stat(longest, out _).Error);
        Assert.Equal(VfsError.InvalidPath, files.Stat(longest + "x", out _).Error);
        Assert.Equal(VfsError.NotFound, files.Stat("/tmp/" + new string('x', 255), out _).Error);
        Assert.Equal(VfsError.InvalidPath, files.Stat("/tmp/" + new string('x', 256), out _).Error);
        Assert.Equal(VfsError.InvalidPath, files.Stat("/tmp/" + new string('é', 128), out _).Error);
    }

    [Theory]
    [InlineData("/bundle/a/../data.txt")]
    [InlineData("//bundle///data.txt")]
    [InlineData("/bundle/./data.txt")]
    [InlineData("/tmp/../bundle/data.txt")]
    public void Path_WhenNotInItsOneForm_MeansTheSameFile(string path)
    {
        using var files = Files();

        Assert.Equal("hello", ReadAll(files, path));
    }

    [Theory]
    [InlineData("/bundle/data.txt/")]
    [InlineData("/bundle/data.txt/.")]
    [InlineData("/bundle/data.txt/x/..")]
    public void Path_WhenItEndsAsADirectory_DoesNotNameAFile(string path)
    {
        using var files = Files();

        Assert.Equal(VfsError.NotDirectory, files.Stat(path, out _).Error);
        Assert.Equal(VfsError.NotDirectory, files.OpenRead(path, out _).Error);
    }

    [Theory]
    [InlineData("/tmp_private/a", VfsError.NotFound)]
    [InlineData("/bundlex", VfsError.NotFound)]
    [InlineData("/etc/passwd", VfsError.NotFound)]
    [InlineData("/TMP/a", VfsError.NotFound)]
    public void Mount_WhenThePathOnlyStartsLikeIt_IsNotMeant(string path, VfsError error)
    {
        using var files = Files();
        var fault = files.OpenWrite(path, out _);

        Assert.Equal(error, fault.Error);
        Assert.Null(fault.Mount);
        Assert.Contains("no mount covers", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mount_WhenSeveralMatch_IsTheLongest()
    {
        var inner = new VfsOptions { TmpQuotaBytes = 0, Mounts = [new("/bundle/own", new RefusingMount(), VfsGrants.None, VfsGrants.None)], Bundle = Sample() };
        using var files = new VirtualFileSystem(inner);

        Assert.Equal(VfsError.IoError, files.Stat("/bundle/own/x", out _).Error);
        Assert.Equal(VfsError.IoError, files.Stat("/bundle/own", out _).Error);
        Assert.Equal(VfsError.NotFound, files.Stat("/bundle/owner", out _).Error);
        Assert.Equal(["/bundle", "/bundle/own", "/dev"], files.MountPaths);
    }

    [Fact]
    public void Capability_WhenNotGranted_IsNamedWithMountAndHint()
    {
        using var files = Files(VfsGrants.Default);
        var fault = files.OpenWrite("/tmp/a", out _);

        Assert.Equal(VfsError.CapabilityDenied, fault.Error);
        Assert.Equal("VFS010", fault.Code);
        Assert.Equal("fs.tmp.write", fault.Capability);
        Assert.Equal("/tmp", fault.Mount);
        Assert.Contains("\"/tmp/a\" on /tmp needs the capability fs.tmp.write. Add \"fs.tmp.write\"", fault.Message, StringComparison.Ordinal);
        Assert.Equal("fs.tmp.read", files.Stat("/tmp", out _).Capability);
        Assert.Equal("fs.tmp.read", files.OpenRead("/tmp/a", out _).Capability);
        Assert.Equal("hello", ReadAll(files, "/bundle/data.txt"));
    }

    [Fact]
    public void Capability_WhenOnlyForWriting_DoesNotRead()
    {
        using var files = Files(VfsGrants.TmpWrite);
        Assert.True(files.OpenWrite("/tmp/a", out var handle).IsNone);
        Assert.True(handle!.Write("x"u8).IsNone);

        Assert.Equal("fs.tmp.read", files.Open("/tmp/a", VfsOpenMode.Read | VfsOpenMode.Write, out _).Capability);
        Assert.Equal("fs.tmp.read", files.ReadDirectory("/tmp", out _).Capability);
        Assert.Equal("fs.bundle.read", files.Stat("/bundle", out _).Capability);
    }

    [Fact]
    public void Capability_WhenTakenAway_StopsOpenHandles()
    {
        using var files = Files();
        Assert.True(files.OpenWrite("/tmp/a", out var handle).IsNone);
        files.Grants = VfsGrants.Default;

        var fault = handle!.Write("x"u8);

        Assert.Equal("fs.tmp.write", fault.Capability);
        Assert.Equal(VfsError.CapabilityDenied, handle.SetLength(9).Error);
    }

    [Fact]
    public void Bundle_WhenWritten_IsReadOnlyWhateverIsGranted()
    {
        using var files = Files();

        Assert.Equal(VfsError.ReadOnly, files.OpenWrite("/bundle/data.txt", out _).Error);
        Assert.Equal(VfsError.ReadOnly, files.OpenAppend("/bundle/new", out _).Error);
        Assert.Equal(VfsError.ReadOnly, files.Open("/bundle/data.txt", VfsOpenMode.Read | VfsOpenMode.Truncate, out _).Error);
        Assert.Equal(VfsError.ReadOnly, files.CreateDirectory("/bundle/new").Error);
        Assert.Equal(VfsError.ReadOnly, files.Unlink("/bundle/data.txt").Error);
        Assert.Equal(VfsError.ReadOnly, files.RemoveDirectory("/bundle/deep").Error);
        Assert.Equal(VfsError.ReadOnly, files.Rename("/bundle/data.txt", "/bundle/x").Error);
        Assert.Equal(VfsError.ReadOnly, files.Rename("/tmp/a", "/bundle/x").Error);
        Assert.Equal(VfsError.ReadOnly, files.Rename("/bundle/data.txt", "/tmp/a").Error);
    }

    [Fact]
    public void Bundle_WhenLookedAt_IsSortedAndHasNoTimes()
    {
        using var files = Files();
        Assert.True(files.ReadDirectory("/bundle", out var entries).IsNone);
        Assert.True(files.Stat("/bundle/data.txt", out var stat).IsNone);

        Assert.Equal([new("Z.txt", VfsKind.File), new("data.txt", VfsKind.File), new("deep", VfsKind.Directory)], entries);
        Assert.Equal(new VfsStat(VfsKind.File, 5, IsReadOnly: true, 0), stat);
        Assert.Equal(VfsError.NotDirectory, files.ReadDirectory("/bundle/data.txt", out _).Error);
        Assert.Equal(VfsError.NotDirectory, files.Stat("/bundle/data.txt/x", out _).Error);
        Assert.Equal(VfsError.IsDirectory, files.OpenRead("/bundle/deep", out _).Error);
        Assert.True(files.Exists("/bundle/data.txt/x", out var exists).IsNone);
        Assert.False(exists);
    }

    [Fact]
    public void Name_WhenItOnlyLooksLikeAnother_IsAnother()
    {
        using var files = Files();
        Write(files, "/tmp/a", "latin");
        Write(files, "/tmp/\u0430", "cyrillic");
        Write(files, "/tmp/A", "upper");

        Assert.Equal("latin", ReadAll(files, "/tmp/a"));
        Assert.Equal("cyrillic", ReadAll(files, "/tmp/\u0430"));
        Assert.True(files.ReadDirectory("/tmp", out var entries).IsNone);
        Assert.Equal(["A", "a", "\u0430"], entries.Select(static entry => entry.Name), StringComparer.Ordinal);
    }

    [Fact]
    public void Rename_WhenAcrossMounts_IsRefused()
    {
        using var files = Files();
        Write(files, "/tmp/a", "x");

        Assert.Equal(VfsError.CrossMount, files.Rename("/tmp/a", "/dev/a").Error);
        Assert.Equal(VfsError.PermissionDenied, files.Rename("/tmp", "/tmp/b").Error);
        Assert.Equal(VfsError.PermissionDenied, files.RemoveDirectory("/tmp").Error);
        Assert.Equal(VfsError.IsDirectory, files.Unlink("/tmp").Error);
        Assert.Equal(VfsError.AlreadyExists, files.CreateDirectory("/tmp").Error);
    }

    [Fact]
    public void Handles_WhenAllAreTaken_AreRefusedUntilOneIsClosed()
    {
        using var files = new VirtualFileSystem(new VfsOptions { Bundle = Sample(), MaxHandles = 2 });
        Assert.True(files.OpenRead("/bundle/data.txt", out var first).IsNone);
        Assert.True(files.OpenRead("/bundle/data.txt", out _).IsNone);

        Assert.Equal(VfsError.TooManyHandles, files.OpenRead("/bundle/data.txt", out _).Error);
        Assert.True(first!.Close().IsNone);
        Assert.True(files.OpenRead("/bundle/data.txt", out _).IsNone);
        Assert.Equal(VfsError.BadHandle, first.Close().Error);
        Assert.Equal(VfsError.BadHandle, first.Read(new byte[1], out _).Error);
        Assert.Equal(VfsError.BadHandle, first.Stat(out _).Error);
    }

    [Fact]
    public void Dispose_WhenHandlesAreOpen_ClosesThem()
    {
        var files = Files();
        Assert.True(files.OpenRead("/bundle/data.txt", out var handle).IsNone);
        files.Dispose();

        Assert.Equal(0, files.OpenHandles);
        Assert.Equal(VfsError.BadHandle, handle!.Read(new byte[1], out _).Error);
        Assert.Throws<ObjectDisposedException>(() => files.Stat("/bundle", out _));
    }

    [Fact]
    public void Devices_WhenUsed_KeepTheirDirections()
    {
        using var files = new VirtualFileSystem(new VfsOptions { StandardInput = "input"u8.ToArray(), DeviceBytes = 8, Grants = VfsGrants.None });
        Assert.Equal("input", ReadAll(files, "/dev/stdin"));
        Assert.True(files.OpenAppend("/dev/stdout", out var output).IsNone);

        Assert.True(output!.Write("12345678"u8).IsNone);
        Assert.Equal(VfsError.QuotaExceeded, output.Write("9"u8).Error);
        Assert.Equal("12345678", Encoding.UTF8.GetString(files.StandardOutput.Span));
        Assert.Equal(VfsError.PermissionDenied, files.OpenRead("/dev/stdout", out _).Error);
        Assert.Equal(VfsError.PermissionDenied, files.OpenRead("/dev/stderr", out _).Error);
        Assert.Equal(VfsError.PermissionDenied, files.OpenWrite("/dev/stdin", out _).Error);
        Assert.Equal(VfsError.SeekNotSupported, output.Seek(0, SeekOrigin.Begin, out _).Error);
        Assert.Equal(VfsError.PermissionDenied, files.OpenWrite("/dev/null", out _).Error);
        Assert.Equal(VfsError.NotFound, files.OpenRead("/dev/random", out _).Error);
        Assert.Equal(VfsError.PermissionDenied, files.Unlink("/dev/stdout").Error);
        Assert.Equal(VfsError.NotDirectory, files.Stat("/dev/stdout/x", out _).Error);
    }

    [Fact]
    public void Reset_WhenCalled_EmptiesTmpAndDevices()
    {
        using var files = Files();
        Write(files, "/tmp/a", "x");
        Write(files, "/dev/stdout", "out");
        var before = files.StandardOutput;
        files.Reset("next"u8.ToArray());
        Write(files, "/dev/stdout", "new");

        Assert.True(files.ReadDirectory("/tmp", out var entries).IsNone);
        Assert.Empty(entries);
        Assert.Equal(0, files.OpenHandles);
        Assert.Equal("next", ReadAll(files, "/dev/stdin"));
        Assert.Equal("out", Encoding.UTF8.GetString(before.Span));
    }

    [Fact]
    public void Options_WhenWrong_NameEveryFault()
    {
        var options = new VfsOptions
        {
            TmpQuotaBytes = -1,
            TmpMaxEntries = 0,
            MaxHandles = 0,
            DeviceBytes = 1,
            StandardInput = new byte[2],
            Mounts = [new("/tmp", new RefusingMount(), default, default), new("relative", new RefusingMount(), default, default)],
        };

        Assert.Equal(6, Assert.Throws<OptionsException>(() => new VirtualFileSystem(options)).Faults.Count);
    }

    [Fact]
    public void Message_WhenThePathCouldForgeALogLine_ShowsItHarmless()
    {
        using var files = Files();

        Assert.Contains("\"/x?forged\"", files.Stat("/x\nforged", out _).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Grants_WhenParsed_AreThoseNamed()
    {
        Assert.Equal(VfsGrants.TmpRead | VfsGrants.StateWrite, VfsCapabilities.Parse(["fs.tmp.read", "http.fetch", "fs.state.write"]));
        Assert.Equal("fs.bundle.read", VfsCapabilities.IdOf(VfsGrants.Default));
    }

    private static VirtualFileSystem Files(VfsGrants grants = Everything) => new(new VfsOptions { Bundle = Sample(), Grants = grants });

    private static Bundle Sample()
    {
        var builder = new BundleBuilder();
        builder.AddFile("data.txt", "hello"u8);
        builder.AddFile("deep/er/file", "x"u8);
        builder.AddFile("Z.txt", ""u8);
        return builder.Build();
    }

    private static void Write(VirtualFileSystem files, string path, string text)
    {
        files.OpenWrite(path, out var handle).ThrowIfAny();
        handle!.Write(Encoding.UTF8.GetBytes(text)).ThrowIfAny();
        handle.Close().ThrowIfAny();
    }

    private static string ReadAll(VirtualFileSystem files, string path)
    {
        files.OpenRead(path, out var handle).ThrowIfAny();
        var buffer = new byte[100];
        handle!.Read(buffer, out var read).ThrowIfAny();
        handle.Close().ThrowIfAny();
        return Encoding.UTF8.GetString(buffer, 0, read);
    }

    private sealed class RefusingMount : IVfsMount
    {
        public bool IsWritable => false;

        public VfsError Open(string path, VfsOpenMode mode, out IVfsFile? file)
        {
            file = null;
            return VfsError.IoError;
        }

        public VfsError Stat(string path, out VfsStat stat)
        {
            stat = default;
            return VfsError.IoError;
        }

        public VfsError ReadDirectory(string path, out IReadOnlyList<VfsEntry> entries)
        {
            entries = [];
            return VfsError.IoError;
        }

        public VfsError CreateDirectory(string path) => VfsError.IoError;

        public VfsError RemoveFile(string path) => VfsError.IoError;

        public VfsError RemoveDirectory(string path) => VfsError.IoError;

        public VfsError Rename(string from, string to) => VfsError.IoError;
    }
}
