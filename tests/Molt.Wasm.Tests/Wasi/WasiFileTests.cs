using System.Text;
using Molt.Wasm.Vfs;
using Molt.Wasm.Wasi;

namespace Molt.Wasm.Tests.Wasi;

public sealed class WasiFileTests
{
    private const int Create = 1;
    private const int OpenDirectory = 2;
    private const int Exclusive = 4;
    private const int Truncate = 8;
    private const int Append = 1;
    private const long ReadRight = 2;

    [Fact]
    public void Preopens_WhenListed_AreTheMountsFromThree()
    {
        using var guest = new WasiGuest();

        Assert.Equal(WasiErrno.Success, guest.Call("fd_prestat_get", 3, 100));
        Assert.Equal((0u, 7u), (guest.U32(100), guest.U32(104)));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_prestat_dir_name", 3, 200, 7));
        Assert.Equal("/bundle", guest.Text(200, 7));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_prestat_dir_name", 4, 200, 100));
        Assert.Equal("/tmp", guest.Text(200, 4));
        Assert.Equal(WasiErrno.NameTooLong, guest.Call("fd_prestat_dir_name", 4, 200, 3));
        Assert.Equal(WasiErrno.BadFileDescriptor, guest.Call("fd_prestat_get", 5, 100));
        Assert.Equal(WasiErrno.BadFileDescriptor, guest.Call("fd_prestat_get", 1, 100));
    }

    [Fact]
    public void Descriptor_WhenLookedAt_HasTheLayoutOfFdstat()
    {
        using var guest = new WasiGuest();
        guest.Memory.AsSpan(100, 24).Fill(0xff);
        Assert.Equal(WasiErrno.Success, guest.Open(WasiGuest.Tmp, "a", Create, out var fd, ReadRight | 64, Append));
        Assert.Equal(5u, fd);
        Assert.Equal(WasiErrno.Success, guest.Call("fd_fdstat_get", fd, 100));

        Assert.Equal("0400010000000000" + "4200000000000000" + "0000000000000000", Convert.ToHexString(guest.Memory.AsSpan(100, 24)));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_fdstat_get", 3, 100));
        Assert.Equal(3, guest.Memory[100]);
        Assert.Equal(WasiErrno.Success, guest.Call("fd_fdstat_get", 1, 100));
        Assert.Equal(0, guest.Memory[100]);
        Assert.Equal(0u, guest.U32(108) & ((1 << 2) | (1 << 5)));
    }

    [Fact]
    public void File_WhenLookedAt_HasTheLayoutOfFilestat()
    {
        using var guest = new WasiGuest();
        guest.Memory.AsSpan(100, 64).Fill(0xff);
        Assert.Equal(WasiErrno.Success, guest.Call("path_filestat_get", 3, 1, 2048, guest.Put(2048, "dir/../data.txt"), 100));

        Assert.Equal(1UL, guest.U64(100));
        Assert.Equal(4UL, guest.U64(116));
        Assert.Equal((1UL, 5UL, 0UL, 0UL, 0UL), (guest.U64(124), guest.U64(132), guest.U64(140), guest.U64(148), guest.U64(156)));
        var inode = guest.U64(108);
        Assert.Equal(WasiErrno.Success, guest.Open(3, "data.txt", 0, out var fd));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_filestat_get", fd, 100));
        Assert.Equal(inode, guest.U64(108));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_filestat_get", 3, 100));
        Assert.Equal(3UL, guest.U64(116));
    }

    [Fact]
    public void File_WhenWrittenAndRead_MovesThroughVectors()
    {
        using var guest = new WasiGuest();
        Assert.Equal(WasiErrno.Success, guest.Open(WasiGuest.Tmp, "a", Create | Truncate, out var fd));
        guest.Put(4096, "hello world");
        Assert.Equal(WasiErrno.Success, guest.Call("fd_write", fd, 1024, guest.Vectors((4096, 5), (9000, 0), (4101, 6)), 16));
        Assert.Equal(11u, guest.U32(16));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_seek", fd, -5, 1, 16));
        Assert.Equal(6UL, guest.U64(16));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_read", fd, 1024, guest.Vectors((5000, 2), (5100, 100)), 16));
        Assert.Equal((5u, "wo", "rld"), (guest.U32(16), guest.Text(5000, 2), guest.Text(5100, 3)));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_pwrite", fd, 1024, guest.Vectors((4096, 4)), 20, 16));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_pread", fd, 1024, guest.Vectors((5000, 100)), 9, 16));
        Assert.Equal((15u, "ld\0\0\0\0\0\0\0\0\0hell"), (guest.U32(16), guest.Text(5000, 15)));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_tell", fd, 16));
        Assert.Equal(11UL, guest.U64(16));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_filestat_set_size", fd, 3));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_allocate", fd, 0, 2));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_seek", fd, 0, 2, 16));
        Assert.Equal(3UL, guest.U64(16));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_allocate", fd, 8, 8));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_seek", fd, 0, 2, 16));
        Assert.Equal(16UL, guest.U64(16));
        Assert.Equal(WasiErrno.Invalid, guest.Call("fd_seek", fd, -17, 2, 16));
        Assert.Equal(WasiErrno.Invalid, guest.Call("fd_seek", fd, 0, 3, 16));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_advise", fd, 0, 0, 5));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_sync", fd));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_datasync", fd));
    }

    [Fact]
    public void Flags_WhenAppendIsSetLater_WritesGoToTheEnd()
    {
        using var guest = new WasiGuest();
        guest.Open(WasiGuest.Tmp, "a", Create, out var fd);
        guest.Write(fd, "12");
        guest.Call("fd_seek", fd, 0, 0, 16);
        Assert.Equal(WasiErrno.Success, guest.Call("fd_fdstat_set_flags", fd, Append));
        guest.Write(fd, "34");
        Assert.Equal(WasiErrno.Success, guest.Call("fd_seek", fd, 0, 0, 16));

        guest.Read(fd, out var text);
        Assert.Equal("1234", text);
        Assert.Equal(WasiErrno.Invalid, guest.Call("fd_fdstat_set_flags", fd, 32));
    }

    [Fact]
    public void Rights_WhenNotAskedForOrGivenUp_AreMissed()
    {
        using var guest = new WasiGuest();
        Assert.Equal(WasiErrno.Success, guest.Open(3, "data.txt", 0, out var fd, ReadRight));
        Assert.Equal(WasiErrno.NotCapable, guest.Write(fd, "x"));
        Assert.Equal(WasiErrno.NotCapable, guest.Call("fd_seek", fd, 0, 0, 16));
        Assert.Equal(WasiErrno.NotCapable, guest.Call("fd_fdstat_set_rights", fd, ReadRight | 4, 0));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_fdstat_set_rights", fd, 0, 0));
        Assert.Equal(WasiErrno.NotCapable, guest.Read(fd, out _));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_fdstat_set_rights", 3, 1 << 13, ReadRight));
        Assert.Equal(WasiErrno.NotCapable, guest.Call("path_create_directory", 3, 2048, guest.Put(2048, "x")));
        Assert.Equal(WasiErrno.NotCapable, guest.Open(3, "new", Create, out _));
        Assert.Equal(WasiErrno.Success, guest.Open(3, "data.txt", 0, out fd, -1));
        Assert.Equal(WasiErrno.NotCapable, guest.Call("fd_tell", fd, 16));
        Assert.Equal(WasiErrno.Success, guest.Read(fd, out var text));
        Assert.Equal("hello", text);
    }

    [Theory]
    [InlineData("../tmp/a")]
    [InlineData("dir/../../bundle/data.txt")]
    [InlineData("..")]
    [InlineData("/bundle/data.txt")]
    [InlineData("dir/../../../../etc/passwd")]
    public void Path_WhenItLeavesItsDirectory_IsNotCapable(string path)
    {
        using var guest = new WasiGuest();
        var length = guest.Put(2048, path);

        Assert.Equal(WasiErrno.NotCapable, guest.Open(3, path, 0, out _));
        Assert.Equal(WasiErrno.NotCapable, guest.Call("path_filestat_get", 3, 0, 2048, length, 100));
        Assert.Equal(WasiErrno.NotCapable, guest.Call("path_unlink_file", 3, 2048, length));
        Assert.Equal(WasiErrno.NotCapable, guest.Call("path_rename", 4, 2048, length, 4, 2048, length));
    }

    [Fact]
    public void Path_WhenBelowAnOpenedDirectory_CannotClimbOutOfIt()
    {
        using var guest = new WasiGuest();
        Assert.Equal(WasiErrno.Success, guest.Open(3, "dir", OpenDirectory, out var directory));

        Assert.Equal(WasiErrno.Success, guest.Open(directory, "inner.txt", 0, out _));
        Assert.Equal(WasiErrno.NotCapable, guest.Open(directory, "../data.txt", 0, out _));
        Assert.Equal(WasiErrno.Success, guest.Open(directory, ".", OpenDirectory, out _));
        Assert.Equal(WasiErrno.NotDirectory, guest.Open(directory, "inner.txt", OpenDirectory, out _));
        Assert.Equal(WasiErrno.NotDirectory, guest.Open(directory, "inner.txt/", 0, out _));
        Assert.Equal(WasiErrno.IsDirectory, guest.Call("fd_read", directory, 1024, 0, 16));
        Assert.Equal(WasiErrno.NotDirectory, guest.Open(1, "x", 0, out _));
    }

    [Fact]
    public void Path_WhenMalformed_HasItsErrno()
    {
        using var guest = new WasiGuest();
        Encoding.Latin1.GetBytes("\u00ff\u00fe").CopyTo(guest.Memory, 3000);

        Assert.Equal(WasiErrno.IllegalSequence, guest.Call("path_create_directory", 4, 3000, 2));
        Assert.Equal(WasiErrno.NoEntry, guest.Call("path_create_directory", 4, 3000, 0));
        Assert.Equal(WasiErrno.NameTooLong, guest.Call("path_create_directory", 4, 3000, 4097));
        Assert.Equal(WasiErrno.NameTooLong, guest.Call("path_create_directory", 4, 2048, guest.Put(2048, new string('x', 256))));
        Assert.Equal(WasiErrno.Invalid, guest.Call("path_create_directory", 4, 2048, guest.Put(2048, "a\0b")));
    }

    [Fact]
    public void Open_WhenFlagsSaySo_CreatesTruncatesOrInsists()
    {
        using var guest = new WasiGuest();

        Assert.Equal(WasiErrno.NoEntry, guest.Open(4, "a", 0, out _));
        Assert.Equal(WasiErrno.Success, guest.Open(4, "a", Create | Exclusive, out var fd));
        Assert.Equal(WasiErrno.Exists, guest.Open(4, "a", Create | Exclusive, out _));
        guest.Write(fd, "text");
        Assert.Equal(WasiErrno.Success, guest.Open(4, "a", Truncate, out fd));
        guest.Read(fd, out var text);
        Assert.Equal("", text);
        Assert.Equal(WasiErrno.ReadOnlyFileSystem, guest.Open(3, "data.txt", Truncate, out _));
        Assert.Equal(WasiErrno.ReadOnlyFileSystem, guest.Open(3, "new", Create, out _));
        Assert.Equal(WasiErrno.ReadOnlyFileSystem, guest.Open(3, "data.txt", 0, out _, -1));
        Assert.Equal(WasiErrno.IsDirectory, guest.Open(4, ".", Create, out _));
        Assert.Equal(WasiErrno.Invalid, guest.Open(4, "b", 16, out _));
    }

    [Fact]
    public void Paths_WhenChanged_FollowPosix()
    {
        using var guest = new WasiGuest();
        var a = guest.Put(2048, "a");
        guest.Put(2100, "b");

        Assert.Equal(WasiErrno.Success, guest.Call("path_create_directory", 4, 2048, a));
        Assert.Equal(WasiErrno.Exists, guest.Call("path_create_directory", 4, 2048, a));
        Assert.Equal(WasiErrno.IsDirectory, guest.Call("path_unlink_file", 4, 2048, a));
        guest.Open(4, "a/f", Create, out _);
        guest.Put(2048, "a");
        Assert.Equal(WasiErrno.NotEmpty, guest.Call("path_remove_directory", 4, 2048, a));
        Assert.Equal(WasiErrno.Success, guest.Call("path_rename", 4, 2048, a, 4, 2100, 1));
        Assert.Equal(WasiErrno.Success, guest.Call("path_unlink_file", 4, 2200, guest.Put(2200, "b/f")));
        Assert.Equal(WasiErrno.Success, guest.Call("path_remove_directory", 4, 2100, 1));
        Assert.Equal(WasiErrno.NoEntry, guest.Call("path_remove_directory", 4, 2100, 1));
        Assert.Equal(WasiErrno.ReadOnlyFileSystem, guest.Call("path_rename", 3, 2200, guest.Put(2200, "data.txt"), 4, 2100, 1));
        Assert.Equal(WasiErrno.Invalid, guest.Call("path_readlink", 3, 2200, guest.Put(2200, "data.txt"), 100, 10, 16));
        Assert.Equal(WasiErrno.NoEntry, guest.Call("path_readlink", 3, 2100, 1, 100, 10, 16));
        Assert.Equal(WasiErrno.NotSupported, guest.Call("path_symlink", 2100, 1, 4, 2100, 1));
        Assert.Equal(WasiErrno.NotSupported, guest.Call("path_link", 3, 0, 2100, 1, 4, 2100, 1));
    }

    [Fact]
    public void Listing_WhenReadInSmallPieces_HasEveryEntryOnce()
    {
        using var guest = new WasiGuest();
        for (var i = 0; i < 30; i++)
        {
            guest.Open(4, $"file{i:00}", Create, out var made);
            guest.Call("fd_close", made);
        }

        var names = new List<string>();
        ulong cookie = 0;
        while (true)
        {
            Assert.Equal(WasiErrno.Success, guest.Call("fd_readdir", 4, 8192, 100, (long)cookie, 16));
            var used = guest.U32(16);
            for (var at = 8192u; at + 24 <= 8192 + used;)
            {
                var length = guest.U32(at + 16);
                if (at + 24 + length > 8192 + used)
                {
                    break;
                }

                names.Add(guest.Text(at + 24, length));
                Assert.Equal(names.Count <= 2 ? 3 : 4, guest.Memory[at + 20]);
                cookie = guest.U64(at);
                at += 24 + length;
            }

            if (used < 100)
            {
                break;
            }
        }

        Assert.Equal(32, names.Count);
        Assert.Equal([".", "..", "file00", "file01"], names[..4]);
        Assert.Equal("file29", names[31]);
        Assert.Equal(WasiErrno.NotDirectory, guest.Call("fd_readdir", 1, 8192, 100, 0, 16));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_readdir", 4, 8192, 100, -1, 16));
        Assert.Equal(0u, guest.U32(16));
    }

    [Fact]
    public void Descriptors_WhenClosedAndRenumbered_AreReused()
    {
        using var guest = new WasiGuest();
        guest.Open(3, "data.txt", 0, out var first);
        guest.Open(3, "dir/inner.txt", 0, out var second);
        Assert.Equal(["/bundle/data.txt", "/bundle/dir/inner.txt"], guest.Context.OpenPaths);

        Assert.Equal(WasiErrno.Success, guest.Call("fd_renumber", second, first));
        Assert.Equal(WasiErrno.BadFileDescriptor, guest.Call("fd_close", second));
        guest.Read(first, out var text);
        Assert.Equal("inner", text);
        Assert.Equal(WasiErrno.Success, guest.Call("fd_close", first));
        Assert.Equal(WasiErrno.BadFileDescriptor, guest.Call("fd_renumber", first, 1));
        guest.Open(3, "data.txt", 0, out var again);
        Assert.Equal(first, again);
        Assert.Equal(WasiErrno.Success, guest.Call("fd_close", 0));
        guest.Open(3, "data.txt", 0, out again);
        Assert.Equal(0u, again);
    }

    [Fact]
    public void Descriptors_WhenTooMany_AreRefused()
    {
        using var guest = new WasiGuest();
        var last = WasiErrno.Success;
        for (var i = 0; i < 600 && last == WasiErrno.Success; i++)
        {
            last = guest.Open(3, "data.txt", 0, out _);
        }

        Assert.Equal(WasiErrno.TooManyFiles, last);
        last = WasiErrno.Success;
        for (var i = 0; i < 600 && last == WasiErrno.Success; i++)
        {
            last = guest.Open(3, "dir", OpenDirectory, out _);
        }

        Assert.Equal(WasiErrno.TooManyFiles, last);
        guest.Context.EndCall().ThrowIfAny();
        Assert.Empty(guest.Context.OpenPaths);
        Assert.Equal(WasiErrno.Success, guest.Open(3, "data.txt", 0, out var fd));
        Assert.Equal(5u, fd);
    }

    [Fact]
    public void Streams_WhenUsed_ReadOnceAndCollect()
    {
        using var guest = new WasiGuest(input: "line");

        guest.Read(0, out var text);
        Assert.Equal("line", text);
        guest.Read(0, out text);
        Assert.Equal("", text);
        guest.Write(1, "out");
        guest.Write(2, "err");
        Assert.Equal("out", Encoding.UTF8.GetString(guest.Files.StandardOutput.Span));
        Assert.Equal("err", Encoding.UTF8.GetString(guest.Files.StandardError.Span));
        Assert.Equal(WasiErrno.NotCapable, guest.Read(1, out _));
        Assert.Equal(WasiErrno.NotCapable, guest.Write(0, "x"));
        Assert.Equal(WasiErrno.SeekOnPipe, guest.Call("fd_seek", 1, 0, 1, 16));
        Assert.Equal(WasiErrno.SeekOnPipe, guest.Call("fd_pwrite", 1, 1024, guest.Vectors((4096, 1)), 0, 16));
    }

    [Fact]
    public void Times_WhenTheGuestHasNoClock_AreHidden()
    {
        var files = new VirtualFileSystem(new VfsOptions { Grants = VfsGrants.TmpRead | VfsGrants.TmpWrite, Clock = TimeProvider.System });
        using var context = new WasiContext(new WasiOptions(), files);
        files.OpenWrite("/tmp/a", out _).ThrowIfAny();
        files.Stat("/tmp/a", out var hidden).ThrowIfAny();
        context.Grants = WasiGrants.Time;
        files.Stat("/tmp/a", out var shown).ThrowIfAny();

        Assert.Equal(0, hidden.ModifiedNanoseconds);
        Assert.NotEqual(0, shown.ModifiedNanoseconds);
    }

    [Fact]
    public void Call_WhenItEnds_LeavesDescriptorsAsAtTheStart()
    {
        using var guest = new WasiGuest(input: "one");
        guest.Call("fd_close", 1);
        guest.Call("fd_fdstat_set_rights", 3, 0, 0);
        guest.Open(WasiGuest.Tmp, "a", Create, out _);
        guest.Write(2, "error");
        guest.Context.EndCall().ThrowIfAny();
        Assert.Equal(WasiErrno.Success, guest.Open(3, "data.txt", 0, out _));
        Assert.Equal(WasiErrno.Success, guest.Write(1, "open again"));
        guest.Context.Reset("two"u8.ToArray());

        Assert.Empty(guest.Context.OpenPaths);
        Assert.Equal(0, guest.Files.StandardError.Length);
        Assert.Equal(WasiErrno.NoEntry, guest.Open(WasiGuest.Tmp, "a", 0, out _));
        guest.Read(0, out var text);
        Assert.Equal("two", text);
    }

    [Fact]
    public void Capability_WhenMissing_IsNotCapable()
    {
        using var guest = new WasiGuest(grants: VfsGrants.None);

        Assert.Equal(WasiErrno.NotCapable, guest.Open(3, "data.txt", 0, out _));
        Assert.Equal(WasiErrno.NotCapable, guest.Open(4, "a", Create, out _));
        Assert.Equal(WasiErrno.NotCapable, guest.Call("fd_readdir", 4, 8192, 100, 0, 16));
        Assert.Equal(WasiErrno.Success, guest.Write(1, "always"));
    }
}
