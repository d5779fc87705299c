using System.Linq;
using System.Text;
using Molt.Wasm.Vfs;

namespace Molt.Wasm.Tests.Vfs;

/// <summary>
/// What every mount that can be written must do. A backend passes when a class that derives from this does.
/// </summary>
public abstract class WritableMountKit : IDisposable
{
    private const VfsGrants Everything = VfsGrants.TmpRead | VfsGrants.TmpWrite | VfsGrants.StateRead | VfsGrants.StateWrite;

    /// <summary>Bytes of content the mount is made for.</summary>
    protected const int Quota = 256 << 10;

    /// <summary>Entries the mount is made for.</summary>
    protected const int MaxEntries = 64;

    private VirtualFileSystem? _files;

    /// <summary>Where the mount is, such as /tmp.</summary>
    protected abstract string Root { get; }

    protected VirtualFileSystem Files => _files ??= new VirtualFileSystem(Options(Everything));

    protected abstract VfsOptions Options(VfsGrants grants);

    public virtual void Dispose()
    {
        _files?.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void File_WhenWritten_IsReadBack()
    {
        Write("a", "hello");

        Assert.Equal("hello", Read("a"));
        Assert.Equal(new VfsStat(VfsKind.File, 5, IsReadOnly: false, 0), Stat("a"));
        Assert.Equal(VfsError.NotFound, Files.OpenRead(At("b"), out _).Error);
        Assert.Equal(VfsError.NotFound, Files.OpenWrite(At("no/b"), out _).Error);
        Assert.Equal(VfsError.NotDirectory, Files.OpenWrite(At("a/b"), out _).Error);
    }

    [Fact]
    public void File_WhenOpenedForWriting_IsEmptiedAndAppendingKeeps()
    {
        Write("a", "hello");
        Write("a", "he");
        Files.OpenAppend(At("a"), out var handle).ThrowIfAny();
        handle!.Seek(0, SeekOrigin.Begin, out _).ThrowIfAny();
        handle.Write("llo"u8).ThrowIfAny();

        Assert.Equal(5, handle.Position);
        handle.Close().ThrowIfAny();
        Assert.Equal("hello", Read("a"));
    }

    [Fact]
    public void File_WhenWrittenBehindItsEnd_HasZerosBetween()
    {
        Files.OpenWrite(At("a"), out var handle).ThrowIfAny();
        handle!.WriteAt(70_000, "x"u8).ThrowIfAny();
        handle.SetLength(70_003).ThrowIfAny();
        handle.SetLength(69_999).ThrowIfAny();
        handle.SetLength(70_002).ThrowIfAny();
        handle.Close().ThrowIfAny();
        Files.OpenRead(At("a"), out handle).ThrowIfAny();
        var content = new byte[80_000];
        handle!.Read(content, out var read).ThrowIfAny();

        Assert.Equal(70_002, read);
        Assert.Equal(-1, content.AsSpan().IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void Position_WhenMoved_CountsFromTheThreePlaces()
    {
        Write("a", "0123456789");
        Files.OpenRead(At("a"), out var handle).ThrowIfAny();
        var one = new byte[1];
        handle!.Seek(-3, SeekOrigin.End, out var position).ThrowIfAny();
        handle.Read(one, out _).ThrowIfAny();

        Assert.Equal(7, position);
        Assert.Equal((byte)'7', one[0]);
        handle.Seek(-2, SeekOrigin.Current, out position).ThrowIfAny();
        Assert.Equal(6, position);
        Assert.Equal(VfsError.InvalidPosition, handle.Seek(-1, SeekOrigin.Begin, out _).Error);
        Assert.Equal(VfsError.InvalidPosition, handle.Seek(long.MaxValue, SeekOrigin.End, out _).Error);
        handle.Seek(1000, SeekOrigin.Begin, out _).ThrowIfAny();
        handle.Read(one, out var read).ThrowIfAny();
        Assert.Equal(0, read);
        Assert.Equal(VfsError.PermissionDenied, handle.Write("x"u8).Error);
    }

    [Fact]
    public void File_WhenOpenTwice_IsOneFile()
    {
        Files.OpenWrite(At("a"), out var writer).ThrowIfAny();
        Files.OpenRead(At("a"), out var reader).ThrowIfAny();
        writer!.Write("hello"u8).ThrowIfAny();
        var buffer = new byte[9];
        reader!.Read(buffer, out var read).ThrowIfAny();

        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, read));
        Assert.Equal(5, Stat("a").Size);
        writer.Sync().ThrowIfAny();
        writer.Write("!"u8).ThrowIfAny();
        reader.ReadAt(5, buffer, out read).ThrowIfAny();
        Assert.Equal(1, read);
        writer.Close().ThrowIfAny();
        Assert.Equal("hello!", Read("a"));
    }

    [Fact]
    public void File_WhenExclusive_MustBeNew()
    {
        const VfsOpenMode mode = VfsOpenMode.Write | VfsOpenMode.Create | VfsOpenMode.Exclusive;
        Assert.True(Files.Open(At("a"), mode, out var handle).IsNone);
        Assert.Equal(VfsError.AlreadyExists, Files.Open(At("a"), mode, out _).Error);
        handle!.Close().ThrowIfAny();
        Assert.Equal(VfsError.AlreadyExists, Files.Open(At("a"), mode, out _).Error);
        Make("d");
        Assert.Equal(VfsError.AlreadyExists, Files.Open(At("d"), mode, out _).Error);
        Assert.Equal(VfsError.IsDirectory, Files.OpenWrite(At("d"), out _).Error);
    }

    [Fact]
    public void File_WhenRemovedWhileOpen_LivesOnInItsHandles()
    {
        Write("a", "old");
        Files.Open(At("a"), VfsOpenMode.Read | VfsOpenMode.Write, out var handle).ThrowIfAny();
        Files.Unlink(At("a")).ThrowIfAny();
        handle!.WriteAt(3, "er"u8).ThrowIfAny();
        var buffer = new byte[9];
        handle.Read(buffer, out var read).ThrowIfAny();

        Assert.Equal("older", Encoding.UTF8.GetString(buffer, 0, read));
        Assert.Equal(VfsError.NotFound, Files.Stat(At("a"), out _).Error);
        Write("a", "new");
        handle.Close().ThrowIfAny();
        Assert.Equal("new", Read("a"));
    }

    [Fact]
    public void Directory_WhenMadeAndRemoved_FollowsTheRules()
    {
        Make("d");
        Make("d/e");
        Write("d/f", "x");

        Assert.Equal(VfsError.AlreadyExists, Files.CreateDirectory(At("d")).Error);
        Assert.Equal(VfsError.AlreadyExists, Files.CreateDirectory(At("d/f")).Error);
        Assert.Equal(VfsError.NotFound, Files.CreateDirectory(At("x/y")).Error);
        Assert.Equal(VfsError.NotDirectory, Files.CreateDirectory(At("d/f/y")).Error);
        Assert.Equal(VfsError.NotEmpty, Files.RemoveDirectory(At("d")).Error);
        Assert.Equal(VfsError.NotDirectory, Files.RemoveDirectory(At("d/f")).Error);
        Assert.Equal(VfsError.IsDirectory, Files.Unlink(At("d/e")).Error);
        Assert.Equal(VfsError.NotFound, Files.Unlink(At("d/x")).Error);
        Assert.Equal(["e", "f"], Names("d"), StringComparer.Ordinal);
        Files.RemoveDirectory(At("d/e/")).ThrowIfAny();
        Files.Unlink(At("d/f")).ThrowIfAny();
        Files.RemoveDirectory(At("d")).ThrowIfAny();
        Assert.Empty(Names(""));
    }

    [Fact]
    public void Rename_WhenOverSomething_FollowsPosix()
    {
        Write("a", "a");
        Write("b", "b");
        Make("full");
        Write("full/x", "x");
        Make("empty");
        Make("other");

        Assert.Equal(VfsError.NotFound, Files.Rename(At("none"), At("a")).Error);
        Assert.Equal(VfsError.NotFound, Files.Rename(At("a"), At("none/a")).Error);
        Assert.Equal(VfsError.NotDirectory, Files.Rename(At("a"), At("b/a")).Error);
        Assert.Equal(VfsError.IsDirectory, Files.Rename(At("a"), At("empty")).Error);
        Assert.Equal(VfsError.NotDirectory, Files.Rename(At("empty"), At("a")).Error);
        Assert.Equal(VfsError.NotEmpty, Files.Rename(At("empty"), At("full")).Error);
        Assert.Equal(VfsError.InvalidPath, Files.Rename(At("full"), At("full/inside")).Error);
        Assert.Equal(VfsError.NotDirectory, Files.Rename(At("a/"), At("c")).Error);
        Files.Rename(At("a"), At("b")).ThrowIfAny();
        Files.Rename(At("b"), At("b")).ThrowIfAny();
        Files.Rename(At("full"), At("empty")).ThrowIfAny();
        Assert.Equal("a", Read("b"));
        Assert.Equal("x", Read("empty/x"));
        Assert.Equal(["b", "empty", "other"], Names(""), StringComparer.Ordinal);
    }

    [Fact]
    public void Rename_WhenTheFileIsBeingWritten_TakesTheWritesAlong()
    {
        Make("d");
        Files.OpenWrite(At("d/a"), out var handle).ThrowIfAny();
        handle!.Write("one "u8).ThrowIfAny();
        Files.Rename(At("d"), At("e")).ThrowIfAny();
        handle.Write("two"u8).ThrowIfAny();
        handle.Close().ThrowIfAny();

        Assert.Equal("one two", Read("e/a"));
        Assert.Equal(["e"], Names(""), StringComparer.Ordinal);
    }

    [Fact]
    public void Quota_WhenReached_RefusesOneMoreByteAndFreesWhatIsRemoved()
    {
        Files.OpenWrite(At("a"), out var handle).ThrowIfAny();
        handle!.Write(new byte[Quota]).ThrowIfAny();

        Assert.Equal(VfsError.QuotaExceeded, handle.Write("x"u8).Error);
        Assert.Equal(VfsError.QuotaExceeded, handle.SetLength(Quota + 1).Error);
        Assert.Equal(VfsError.QuotaExceeded, handle.WriteAt(long.MaxValue - 1, "x"u8).Error);
        Assert.Equal(Quota, Stat("a").Size);
        handle.Close().ThrowIfAny();
        Files.Unlink(At("a")).ThrowIfAny();
        Write("b", "x");
        Assert.Equal("x", Read("b"));
    }

    [Fact]
    public void Entries_WhenAllAreUsed_AreRefusedUntilOneIsRemoved()
    {
        for (var i = 0; i < MaxEntries; i++)
        {
            Make($"d{i}");
        }

        Assert.Equal(VfsError.QuotaExceeded, Files.CreateDirectory(At("more")).Error);
        Assert.Equal(VfsError.QuotaExceeded, Files.OpenWrite(At("more"), out _).Error);
        Assert.Equal(VfsError.AlreadyExists, Files.CreateDirectory(At("d0")).Error);
        Files.Rename(At("d0"), At("d1")).ThrowIfAny();
        Make("more");
        Assert.Equal(VfsError.QuotaExceeded, Files.CreateDirectory(At("again")).Error);
    }

    [Fact]
    public void Tree_WhenRenamedDeeper_NeverHoldsWhatNoPathCanName()
    {
        // 16 components of 200 bytes: below itself twice would be longer than any path.
        var deep = string.Join('/', Enumerable.Range(0, 16).Select(static _ => new string('x', 200)));
        var parts = deep.Split('/');
        for (var i = 1; i <= parts.Length; i++)
        {
            Make(string.Join('/', parts[..i]));
            Make(string.Join('/', parts[..i]).Replace('x', 'y'));
        }

        Assert.Equal(VfsError.InvalidPath, Files.Rename(At(parts[0]), At(deep.Replace('x', 'y') + "/z")).Error);
        Assert.Equal(VfsKind.Directory, Stat(deep).Kind);
    }

    [Fact]
    public void Stopped_WhenHandlesAreOpen_LeavesNoneAndTheMountUsable()
    {
        Files.OpenWrite(At("a"), out var handle).ThrowIfAny();
        handle!.Write("x"u8).ThrowIfAny();
        Files.CloseAll(keep: false).ThrowIfAny();

        Assert.Equal(0, Files.OpenHandles);
        Write("a", "again");
        Assert.Equal("again", Read("a"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Operations_WhenRandom_AgreeWithTheModel(int seed)
    {
        var random = new Random(seed);
        var model = new FileModel();
        for (var step = 0; step < 400; step++)
        {
            var (from, to) = (RandomPath(random), RandomPath(random));
            var text = new string((char)('a' + random.Next(26)), random.Next(40));
            var choice = random.Next(6);
            var expected = choice switch
            {
                0 or 1 => model.Write(from, text, append: choice == 1),
                2 => model.Make(from),
                3 => model.Unlink(from),
                4 => model.RemoveDirectory(from),
                _ => model.Rename(from, to),
            };
            var actual = choice switch
            {
                0 or 1 => TryWrite(from, text, append: choice == 1),
                2 => Files.CreateDirectory(At(from)).Error,
                3 => Files.Unlink(At(from)).Error,
                4 => Files.RemoveDirectory(At(from)).Error,
                _ => Files.Rename(At(from), At(to)).Error,
            };
            Assert.True(expected == actual, $"seed {seed}, step {step}, operation {choice} on {from} and {to}: {expected} is right, {actual} came.");
        }

        var found = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        Collect("", found);
        Assert.Equal(model.Content, found);
    }

    protected string At(string name) => name.Length == 0 ? Root : Root + "/" + name;

    protected void Write(string name, string text) => Assert.Equal(VfsError.None, TryWrite(name, text, append: false));

    protected string Read(string name)
    {
        Files.OpenRead(At(name), out var handle).ThrowIfAny();
        handle!.Stat(out var stat).ThrowIfAny();
        var buffer = new byte[stat.Size];
        handle.Read(buffer, out var read).ThrowIfAny();
        handle.Close().ThrowIfAny();
        return Encoding.UTF8.GetString(buffer, 0, read);
    }

    protected IEnumerable<string> Names(string name)
    {
        Files.ReadDirectory(At(name), out var entries).ThrowIfAny();
        return entries.Select(static entry => entry.Name);
    }

    private static string RandomPath(Random random) =>
        string.Join('/', Enumerable.Range(0, random.Next(1, 4)).Select(_ => "abc"[random.Next(3)].ToString()));

    private VfsError TryWrite(string name, string text, bool append)
    {
        var fault = append ? Files.OpenAppend(At(name), out var handle) : Files.OpenWrite(At(name), out handle);
        if (fault.IsNone)
        {
            handle!.Write(Encoding.UTF8.GetBytes(text)).ThrowIfAny();
            handle.Close().ThrowIfAny();
        }

        return fault.Error;
    }

    private void Make(string name) => Files.CreateDirectory(At(name)).ThrowIfAny();

    private VfsStat Stat(string name)
    {
        Files.Stat(At(name), out var stat).ThrowIfAny();
        return stat;
    }

    private void Collect(string directory, SortedDictionary<string, string?> found)
    {
        Files.ReadDirectory(At(directory), out var entries).ThrowIfAny();
        foreach (var entry in entries)
        {
            var path = directory.Length == 0 ? entry.Name : directory + "/" + entry.Name;
            found.Add(path, entry.Kind == VfsKind.Directory ? null : Read(path));
            if (entry.Kind == VfsKind.Directory)
            {
                Collect(path, found);
            }
        }
    }
}
