using Molt.Wasm.Vfs;
using Molt.Wasm.Vfs.State;

namespace Molt.Wasm.Tests.Vfs;

public sealed class StateMountTests : WritableMountKit
{
    private const VfsGrants Both = VfsGrants.StateRead | VfsGrants.StateWrite;

    private readonly TemporaryDirectory _directory = new();
    private DirectoryStateStore? _store;

    protected override string Root => "/state";

    private DirectoryStateStore Store => _store ??= new DirectoryStateStore(_directory.In("s"), Quota, MaxEntries);

    protected override VfsOptions Options(VfsGrants grants) => new() { Grants = grants, State = Store };

    public override void Dispose()
    {
        base.Dispose();
        _store?.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Write_WhenNotYetClosed_IsNotSeenByOtherInstances()
    {
        using var other = new VirtualFileSystem(Options(Both));
        Write("a", "old");
        Files.OpenWrite(At("a"), out var handle).ThrowIfAny();
        handle!.Write("new"u8).ThrowIfAny();

        Assert.Equal("old", ReadFrom(other, "/state/a"));
        handle.Close().ThrowIfAny();
        Assert.Equal("new", ReadFrom(other, "/state/a"));
    }

    [Fact]
    public void Write_WhenTheInstanceIsStopped_LeavesTheOldContentAndNoDraft()
    {
        Write("a", "old");
        Files.OpenAppend(At("a"), out var handle).ThrowIfAny();
        handle!.Write(" and synced"u8).ThrowIfAny();
        handle.Sync().ThrowIfAny();
        handle.Write(" and not"u8).ThrowIfAny();
        Files.CloseAll(keep: false).ThrowIfAny();

        Assert.Equal("old and synced", Read("a"));
        Assert.Empty(Directory.GetFileSystemEntries(_directory.In("s/drafts")));
        Assert.Equal(14, Store.UsedBytes);
    }

    [Fact]
    public void Store_WhenOpenedAgain_HasTheContentAndNoLeftovers()
    {
        Write("a", "kept");
        Files.CreateDirectory(At("d")).ThrowIfAny();
        base.Dispose();
        _store!.Dispose();
        File.WriteAllText(_directory.In("s/drafts/7"), "half");
        using var again = new DirectoryStateStore(_directory.In("s"), 4, 2);
        using var files = new VirtualFileSystem(new VfsOptions { Grants = Both, State = again });

        Assert.Equal("kept", ReadFrom(files, "/state/a"));
        Assert.Empty(Directory.GetFileSystemEntries(_directory.In("s/drafts")));
        Assert.Equal(4, again.UsedBytes);
        Assert.Equal(VfsError.QuotaExceeded, files.CreateDirectory("/state/more").Error);
        Assert.Equal(VfsError.QuotaExceeded, files.OpenAppend("/state/a", out var handle) is { IsNone: true } ? handle!.Write("x"u8).Error : VfsError.None);
    }

    [Fact]
    public void Store_WhenInUse_IsRefused()
    {
        _ = Store;

        Assert.Contains("is in use", Assert.Throws<IOException>(() => new DirectoryStateStore(_directory.In("s"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Link_WhenPlantedInTheDirectory_IsNeitherFollowedNorListed()
    {
        _ = Store;
        var inside = _directory.In("s/files");
        File.WriteAllText(_directory.In("secret"), "secret");
        File.CreateSymbolicLink(inside + "/file", _directory.In("secret"));
        File.CreateSymbolicLink(inside + "/directory", _directory.Path);
        File.CreateSymbolicLink(inside + "/relative", "../../secret");
        File.CreateSymbolicLink(inside + "/self", ".");

        foreach (var path in new[] { "file", "directory", "directory/secret", "relative", "self", "self/file" })
        {
            Assert.Equal(VfsError.PermissionDenied, Files.OpenRead(At(path), out _).Error);
            Assert.Equal(VfsError.PermissionDenied, Files.OpenWrite(At(path), out _).Error);
            Assert.Equal(VfsError.PermissionDenied, Files.Stat(At(path), out _).Error);
            Assert.Equal(VfsError.PermissionDenied, Files.Rename(At(path), At("x")).Error);
        }

        Assert.Equal(VfsError.PermissionDenied, Files.CreateDirectory(At("directory/new")).Error);
        Assert.Empty(Names(""));
        Assert.Equal("secret", File.ReadAllText(_directory.In("secret")));
    }

    private static string ReadFrom(VirtualFileSystem files, string path)
    {
        files.OpenRead(path, out var handle).ThrowIfAny();
        var buffer = new byte[100];
        handle!.Read(buffer, out var read).ThrowIfAny();
        handle.Close().ThrowIfAny();
        return System.Text.Encoding.UTF8.GetString(buffer, 0, read);
    }
}
