using Molt.Wasm.Vfs;

namespace Molt.Wasm.Tests.Vfs;

public sealed class TmpMountTests : WritableMountKit
{
    protected override string Root => "/tmp";

    protected override VfsOptions Options(VfsGrants grants) => new() { Grants = grants, TmpQuotaBytes = Quota, TmpMaxEntries = MaxEntries };

    [Fact]
    public void Quota_WhenAFileIsRemovedButOpen_StillCountsIt()
    {
        Files.OpenWrite(At("a"), out var handle).ThrowIfAny();
        handle!.Write(new byte[Quota]).ThrowIfAny();
        Files.Unlink(At("a")).ThrowIfAny();
        Files.OpenWrite(At("b"), out var other).ThrowIfAny();

        Assert.Equal(VfsError.QuotaExceeded, other!.Write("x"u8).Error);
        handle.Close().ThrowIfAny();
        Assert.True(other.Write("x"u8).IsNone);
    }

    [Fact]
    public void Times_WhenTheGuestHasAClock_AreShown()
    {
        using var files = new VirtualFileSystem(new VfsOptions { Grants = VfsGrants.TmpRead | VfsGrants.TmpWrite, Clock = new FixedClock() });
        files.OpenWrite("/tmp/a", out _).ThrowIfAny();
        files.Stat("/tmp/a", out var stat).ThrowIfAny();

        Assert.Equal(1_000_000_500, stat.ModifiedNanoseconds);
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(10_000_005);
    }
}
