using System.Buffers;
using System.Text;
using Molt.Wasm;
using Molt.Wasm.Tests.Vfs;
using Molt.Wasm.Vfs;
using Molt.Wasm.Vfs.State;

namespace Molt.Wasm.Tests;

/// <summary>What becomes of files a call, or init, leaves open.</summary>
public sealed class FilesTests : IDisposable
{
    private const string NotKept = "/state did not keep what the call wrote: IoError: the storage behind /state failed.";

    private readonly TemporaryDirectory _directory = new();
    private readonly DirectoryStateStore _kept;
    private readonly FragileStore _store;
    private readonly Plugin _plugin;

    public FilesTests()
    {
        _kept = new DirectoryStateStore(_directory.In("state"));
        _store = new FragileStore(_kept);
        _plugin = Plugin.Load(
            TestPlugin.Single(WatModules.File("state"), ",\"capabilities\":[\"fs.state.read\",\"fs.state.write\"]"),
            TestPlugin.Granting("fs.*") with { State = _store });
    }

    public void Dispose()
    {
        _plugin.Dispose();
        _kept.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Call_WhenItLeavesAFileOpen_KeepsWhatItWrote()
    {
        Assert.Equal(0u, _plugin.Number("run", 0));
        Assert.Equal("kept", Stored());
    }

    [Fact]
    public void Call_WhenTheStateCannotBeKept_FailsAndNamesTheMount()
    {
        _store.Fails = true;
        Assert.Equal(new PluginReply(PluginStatus.InternalError, NotKept), _plugin.Call("run", 0, out byte[] result));
        Assert.Empty(result);
        Assert.Equal("", Stored());
        _store.Fails = false;
        Assert.Equal(0u, _plugin.Number("run", 0));
        Assert.Equal("kept", Stored());
    }

    [Fact]
    public void Call_WhenItFailsAndTheStateCannotBeKept_NamesTheMount()
    {
        _store.Fails = true;
        Assert.Equal(new PluginReply(PluginStatus.InternalError, NotKept), _plugin.Call("run", 4, out _));
        _store.Fails = false;
        Assert.Equal(PluginStatus.InvalidInput, _plugin.Call("run", 4, out _).Status);
        Assert.Equal("kept", Stored());
    }

    [Fact]
    public void Exit_WhenTheStateCannotBeKept_NamesTheMount()
    {
        _store.Fails = true;
        Assert.Equal(new PluginReply(PluginStatus.InternalError, "The plugin exited with code 3. " + NotKept), _plugin.Call("run", 1, out _));
        _store.Fails = false;
        Assert.Equal(new PluginReply(PluginStatus.InternalError, "The plugin exited with code 3."), _plugin.Call("run", 1, out _));
        Assert.Equal("kept", Stored());
    }

    [Fact]
    public void Call_WhenItTraps_KeepsNothing()
    {
        _store.Fails = true;
        var reply = _plugin.Call("run", 2, out _);
        Assert.Equal(PluginStatus.InternalError, reply.Status);
        Assert.StartsWith("The plugin trapped", reply.Message, StringComparison.Ordinal);
        Assert.Equal("", Stored());
    }

    [Fact]
    public async Task Call_WhenCancelled_KeepsNothing()
    {
        using var leave = new CancellationTokenSource();
        var call = _plugin.CallAsync("run", null, new byte[] { 3 }, new ArrayBufferWriter<byte>(), leave.Token);
        await leave.CancelAsync();
        Assert.Equal(PluginStatus.Cancelled, (await call).Status);
        Assert.Equal("", Stored());
    }

    [Theory]
    [InlineData("")]
    [InlineData("(drop (call $close (i32.const 0)))")]
    public void Load_WhenInitLeavesAFileOpen_RefusesAndNamesIt(string before)
    {
        var thrown = Assert.Throws<PluginLoadException>(() => Load(before, ""));
        Assert.Equal("WSM004", thrown.Code);
        Assert.Contains("init left open /tmp/a. A snapshot cannot keep open files", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WhenInitUsesTheState_DoesNotLetIt()
    {
        var thrown = Assert.Throws<PluginLoadException>(() => Load("", "", directory: 4));
        Assert.Equal("WSM004", thrown.Code);
        Assert.Contains("init returned status 7", thrown.Message, StringComparison.Ordinal);
        Assert.Equal(VfsError.NotFound, _store.Stat("a", out _));
    }

    [Fact]
    public void Load_WhenInitClosesItsFiles_Loads()
    {
        using var plugin = Load("", "(drop (call $close (i32.load (i32.const 512))))");
        Assert.Equal(0, plugin.Replacements);
    }

    /// <summary>A plugin whose init opens a file of /tmp, which is 3, or of /state, which is 4.</summary>
    private Plugin Load(string before, string after, int directory = 3) => Plugin.Load(
        TestPlugin.Single(
            WatModules.Compile($"""
                (module
                  (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
                  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
                  ;;include abi
                  (data (i32.const 64) "a")
                  (func (export "init") (param i32 i32) (result i32)
                    {before}
                    (if (call $open (i32.const {directory}) (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 1) (i64.const -1) (i64.const -1) (i32.const 0) (i32.const 512))
                      (then (return (i32.const 7))))
                    {after}
                    (i32.const 0))
                  (func (export "call") (param i32 i32 i32 i32 i32) (result i32) (i32.const 7))
                  (func (export "poll") (param i32 i32) (result i32) (i32.const 7))
                  (func (export "cancel") (param i32 i32) (result i32) (i32.const 0)))
                """),
            ",\"capabilities\":[\"fs.tmp.read\",\"fs.tmp.write\",\"fs.state.read\",\"fs.state.write\"]"),
        TestPlugin.Granting("fs.*") with { State = _store });

    private string Stored()
    {
        using var files = new VirtualFileSystem(new VfsOptions { State = _kept, Grants = VfsGrants.StateRead });
        files.OpenRead("/state/a", out var handle).ThrowIfAny();
        byte[] bytes = new byte[16];
        handle!.Read(bytes, out int read).ThrowIfAny();
        return Encoding.UTF8.GetString(bytes, 0, read);
    }

    /// <summary>A store whose disk can break.</summary>
    private sealed class FragileStore(IStateStore store) : IStateStore
    {
        public bool Fails { get; set; }

        public VfsError Stat(string path, out VfsStat stat) => store.Stat(path, out stat);

        public VfsError ReadDirectory(string path, out IReadOnlyList<VfsEntry> entries) => store.ReadDirectory(path, out entries);

        public VfsError CreateFile(string path) => store.CreateFile(path);

        public VfsError CreateDirectory(string path) => store.CreateDirectory(path);

        public VfsError RemoveFile(string path) => store.RemoveFile(path);

        public VfsError RemoveDirectory(string path) => store.RemoveDirectory(path);

        public VfsError Rename(string from, string to) => store.Rename(from, to);

        public VfsError OpenRead(string path, out IStateContent? content) => store.OpenRead(path, out content);

        public VfsError Draft(IStateContent? from, out IStateDraft? draft)
        {
            var error = store.Draft(from, out draft);
            draft = draft is null ? null : new FragileDraft(this, draft);
            return error;
        }
    }

    private sealed class FragileDraft(FragileStore store, IStateDraft draft) : IStateDraft
    {
        public VfsError Stat(out VfsStat stat) => draft.Stat(out stat);

        public VfsError Read(long position, Span<byte> buffer, out int read) => draft.Read(position, buffer, out read);

        public VfsError Write(long position, ReadOnlySpan<byte> bytes) => draft.Write(position, bytes);

        public VfsError SetLength(long length) => draft.SetLength(length);

        public VfsError Commit(string path) => store.Fails ? VfsError.IoError : draft.Commit(path);

        public void Dispose() => draft.Dispose();
    }
}
