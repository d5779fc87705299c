using Molt.Contracts.Capabilities;
using Molt.Wasm;
using Molt.Wasm.Tests.Vfs;
using Molt.Wasm.Vfs.State;

namespace Molt.Wasm.Tests;

/// <summary>What the audit hears of a plugin.</summary>
public sealed class AuditTests : IAsyncDisposable
{
    // WASI's ENOTCAPABLE.
    private const uint NotCapable = 76;

    private readonly TestRuntime _host = new();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("now", 0u, "time.now", "wall")]
    [InlineData("random", 6u, "rand.bytes", "fill")]
    public void Import_WhenTheFunctionIsDeterministic_AuditsTheDenial(string function, uint answer, string capability, string operation)
    {
        using var plugin = Plugin.Load(TestPlugin.Functions(deterministic: true), TestPlugin.Granting("time.*", "rand.bytes") with { Runtime = _host.Runtime });
        Assert.Equal(answer, plugin.Number(function));
        Assert.Equal([new Decision("functions", capability, operation, AuditDecision.Denied, "the function is deterministic")], _host.Decisions());
    }

    [Theory]
    [InlineData("now", "time.now", "wall")]
    [InlineData("random", "rand.bytes", "fill")]
    [InlineData("log", "console.log", "write")]
    public void Import_WhenGranted_AuditsTheUse(string function, string capability, string operation)
    {
        using var plugin = Plugin.Load(TestPlugin.Functions(), TestPlugin.Granting("time.*", "rand.bytes", "console.log") with { Runtime = _host.Runtime });
        Assert.Equal(PluginStatus.Ok, plugin.Call(function, 0, out _).Status);
        Assert.Equal([new Decision("functions", capability, operation, AuditDecision.Allowed, null)], _host.Decisions());
    }

    [Theory]
    [InlineData("now", "time.now", "wall")]
    [InlineData("random", "rand.bytes", "fill")]
    [InlineData("log", "console.log", "write")]
    public void Call_WhenTheGrantIsMissing_AuditsTheDenial(string function, string capability, string operation)
    {
        using var plugin = Plugin.Load(TestPlugin.Functions(), TestPlugin.Granting() with { Runtime = _host.Runtime });
        Assert.Equal(PluginStatus.CapabilityDenied, plugin.Call(function, 0, out _).Status);
        Assert.Equal([new Decision("functions", capability, operation, AuditDecision.Denied, "it is not granted")], _host.Decisions());
    }

    [Fact]
    public void Import_WhenInitOrAFunctionDoesNotDeclareIt_AuditsTheDenial()
    {
        byte[] module = WatModules.Compile("""
            (module
              (import "molt" "molt_random_bytes" (func $random (param i32 i32) (result i32)))
              ;;include abi
              (func (export "init") (param i32 i32) (result i32) (i32.ne (call $random (i32.const 512) (i32.const 8)) (i32.const 6)))
              (func (export "call") (param i32 i32 i32 i32) (param $out i32) (result i32)
                (i32.store8 (i32.const 512) (call $random (i32.const 520) (i32.const 8)))
                (call $answer (local.get $out) (i32.const 512) (i32.const 1) (i32.const 0) (i32.const 0))
                (i32.const 0))
              (func (export "poll") (param i32 i32) (result i32) (i32.const 7))
              (func (export "cancel") (param i32 i32) (result i32) (i32.const 0)))
            """);
        const string Manifest = """
            {"abi_version":"0.1","module_name":"silent","module_version":"1.0.0","module":"m.wasm","profile":"wasm_worker",
             "schemas":[{"sir":1,"id":"schema://test/number/v1","type":"uint32"}],"capabilities":["rand.bytes"],
             "exports":[{"function_id":1,"name":"run","input_schemas":["schema://test/number/v1"],"output_schema":"schema://test/number/v1",
             "codec":"msgpack","deterministic":false,"capabilities":[]}]}
            """;
        using var plugin = Plugin.Load(TestPlugin.Package(Manifest, module), TestPlugin.Granting("rand.bytes") with { Runtime = _host.Runtime });
        Assert.Equal(6u, plugin.Number("run"));
        Assert.Equal(
            [
                new Decision("silent", "rand.bytes", "fill", AuditDecision.Denied, "init has no capabilities"),
                new Decision("silent", "rand.bytes", "fill", AuditDecision.Denied, "the function does not declare it"),
            ],
            _host.Decisions());
    }

    [Theory]
    [InlineData("$clock", 0u, "time.now", "wall")]
    [InlineData("$sleep", 0u, "time.now", "wall")]
    [InlineData("$random", 76u, "rand.bytes", "fill")]
    public void Wasi_WhenNotDeclared_AuditsTheDenialInInitAndInTheFunction(string used, uint answer, string capability, string operation)
    {
        using var plugin = Plugin.Load(Wasi(used, declared: ""), TestPlugin.Granting("time.*", "rand.bytes") with { Runtime = _host.Runtime });
        Assert.Equal(answer, plugin.Number("run"));
        Assert.Equal(
            [
                new Decision("wasi", capability, operation, AuditDecision.Denied, "init has no capabilities"),
                new Decision("wasi", capability, operation, AuditDecision.Denied, "the function does not declare it"),
            ],
            _host.Decisions());
    }

    [Theory]
    [InlineData("$clock", "time.now", "wall")]
    [InlineData("$random", "rand.bytes", "fill")]
    public void Wasi_WhenTheFunctionIsDeterministic_AuditsTheDenial(string used, string capability, string operation)
    {
        using var plugin = Plugin.Load(Wasi(used, capability, deterministic: true), TestPlugin.Granting("time.*", "rand.bytes") with { Runtime = _host.Runtime });
        plugin.Number("run");
        Assert.Equal(new Decision("wasi", capability, operation, AuditDecision.Denied, "the function is deterministic"), _host.Decisions()[^1]);
    }

    [Theory]
    [InlineData("$clock", "time.now", "wall")]
    [InlineData("$sleep", "time.now", "wall")]
    [InlineData("$random", "rand.bytes", "fill")]
    public void Wasi_WhenGranted_AuditsTheUse(string used, string capability, string operation)
    {
        using var plugin = Plugin.Load(Wasi(used, capability), TestPlugin.Granting("time.*", "rand.bytes") with { Runtime = _host.Runtime });
        Assert.Equal(0u, plugin.Number("run"));
        Assert.Equal(new Decision("wasi", capability, operation, AuditDecision.Allowed, null), _host.Decisions()[^1]);
    }

    [Fact]
    public void Wasi_WhenThePointerIsOutsideMemory_AuditsNothing()
    {
        using var plugin = Plugin.Load(Wasi("$clock_outside", declared: ""), TestPlugin.Granting() with { Runtime = _host.Runtime });
        Assert.Equal(21u, plugin.Number("run"));
        Assert.Empty(_host.Decisions());
    }

    [Theory]
    [InlineData("$read_file", "fs.tmp.read", "read")]
    [InlineData("$write_file", "fs.tmp.write", "write")]
    public void Files_WhenNotDeclared_AuditsTheDenialInInitAndInTheFunction(string used, string capability, string operation)
    {
        using var plugin = Plugin.Load(Wasi(used, declared: ""), TestPlugin.Granting("fs.*") with { Runtime = _host.Runtime });
        Assert.Equal(NotCapable, plugin.Number("run"));
        Assert.Equal(
            [
                new Decision("wasi", capability, operation, AuditDecision.Denied, "the manifest does not name it"),
                new Decision("wasi", capability, operation, AuditDecision.Denied, "the function does not declare it"),
            ],
            _host.Decisions());
    }

    [Fact]
    public void Files_WhenOnlyTheManifestNamesThem_AreForInitAndNotForTheFunction()
    {
        using var plugin = Plugin.Load(Wasi("$write_file", "fs.tmp.write", ofFunction: ""), TestPlugin.Granting("fs.*") with { Runtime = _host.Runtime });
        Assert.Equal(NotCapable, plugin.Number("run"));
        Assert.Equal(
            [
                new Decision("wasi", "fs.tmp.write", "write", AuditDecision.Allowed, null),
                new Decision("wasi", "fs.tmp.write", "write", AuditDecision.Denied, "the function does not declare it"),
            ],
            _host.Decisions());
    }

    [Fact]
    public void Files_WhenGranted_AuditsTheUse()
    {
        using var plugin = Plugin.Load(Wasi("$write_file", "fs.tmp.write"), TestPlugin.Granting("fs.*") with { Runtime = _host.Runtime });
        Assert.Equal(0u, plugin.Number("run"));
        Assert.Equal(new Decision("wasi", "fs.tmp.write", "write", AuditDecision.Allowed, null), _host.Decisions()[^1]);
    }

    [Fact]
    public void Files_WhenNotGranted_AuditsTheDenialInInitAndOfTheCall()
    {
        using var plugin = Plugin.Load(Wasi("$write_file", "fs.tmp.write"), TestPlugin.Granting() with { Runtime = _host.Runtime });
        Assert.Equal(PluginStatus.CapabilityDenied, plugin.Call("run", 0, out _).Status);
        Assert.Equal(
            [
                new Decision("wasi", "fs.tmp.write", "write", AuditDecision.Denied, "it is not granted"),
                new Decision("wasi", "fs.tmp.write", "", AuditDecision.Denied, "it is not granted"),
            ],
            _host.Decisions());
    }

    [Fact]
    public void Files_WhenInitUsesTheState_AuditsTheDenial()
    {
        using var directory = new TemporaryDirectory();
        using var state = new DirectoryStateStore(directory.In("state"));
        using var plugin = Plugin.Load(Wasi("$write_state", "fs.state.write"), TestPlugin.Granting("fs.*") with { Runtime = _host.Runtime, State = state });
        Assert.Equal([new Decision("wasi", "fs.state.write", "write", AuditDecision.Denied, "init has no /state")], _host.Decisions());
        Assert.Equal(0u, plugin.Number("run"));
    }

    [Fact]
    public void Files_WhenRevoked_AreDeniedToWhatIsOpenAndToLaterCalls()
    {
        Plugin? loaded = null;
        var options = TestPlugin.Granting("fs.*", "console.log") with { Runtime = _host.Runtime, Log = _ => loaded!.Grants.Revoke("fs.tmp.*", "the disk is full") };
        using var plugin = loaded = Plugin.Load(Wasi("$write_twice", "fs.tmp.write\",\"console.log", init: "(nop)"), options);
        Assert.Equal(NotCapable, plugin.Number("run"));
        Assert.Equal(new Decision("wasi", "fs.tmp.write", "write", AuditDecision.Denied, "the disk is full"), _host.Decisions()[^1]);
        Assert.Equal(PluginStatus.CapabilityDenied, plugin.Call("run", 0, out _).Status);
        Assert.Equal(new Decision("wasi", "fs.tmp.write", "", AuditDecision.Denied, "the disk is full"), _host.Decisions()[^1]);
    }

    [Fact]
    public async Task Import_WhenTheAuditSamples_IsHeardOfNowAndThen()
    {
        await using var host = new TestRuntime(sampleEvery: 3);
        using var plugin = Plugin.Load(TestPlugin.Functions(), TestPlugin.Granting("rand.bytes") with { Runtime = host.Runtime });
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(0u, plugin.Number("random"));
        }

        Assert.Equal(2, host.Decisions().Count);
    }

    /// <summary>A plugin whose init and whose function use one of WASI's functions; the function answers with the errno.</summary>
    private static PluginPackage Wasi(string used, string declared, bool deterministic = false, string? ofFunction = null, string? init = null) => TestPlugin.Package(
        $$"""
        {"abi_version":"0.1","module_name":"wasi","module_version":"1.0.0","module":"m.wasm","profile":"wasm_wasi",
         "schemas":[{"sir":1,"id":"schema://test/number/v1","type":"uint32"}],"capabilities":[{{(declared.Length == 0 ? "" : $"\"{declared}\"")}}],
         "exports":[{"function_id":1,"name":"run","input_schemas":["schema://test/number/v1"],"output_schema":"schema://test/number/v1",
         "codec":"msgpack","deterministic":{{(deterministic ? "true" : "false")}}{{(ofFunction is null ? "" : $",\"capabilities\":[{ofFunction}]")}}}]}
        """,
        WatModules.Compile($"""
            (module
              (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
              (import "wasi_snapshot_preview1" "random_get" (func $fill (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
              {(declared.Contains("console.log", StringComparison.Ordinal) ? "(import \"molt\" \"molt_log\" (func $log (param i32 i32 i32)))" : "(func $log (param i32 i32 i32))")}
              ;;include abi
              (data (i32.const 64) "a")
              (data (i32.const 256) "\40\00\00\00\01\00\00\00")
              ;; 3 is /tmp and 4 /state. Making a file for writing, which is closed again, and opening one to read.
              (func $make (param $directory i32) (result i32)
                (call $path_open (local.get $directory) (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 1) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 520)))
              (func $write_file (result i32) (local $errno i32)
                (local.set $errno (call $make (i32.const 3)))
                (if (i32.eqz (local.get $errno)) (then (drop (call $fd_close (i32.load (i32.const 520))))))
                (local.get $errno))
              (func $write_state (result i32) (call $make (i32.const 4)))
              (func $write (result i32) (call $fd_write (i32.load (i32.const 520)) (i32.const 256) (i32.const 1) (i32.const 528)))
              (func $write_twice (result i32)
                (if (call $make (i32.const 3)) (then (return (i32.const 1))))
                (if (call $write) (then (return (i32.const 2))))
                (call $log (i32.const 1) (i32.const 64) (i32.const 1))
                (call $write))
              (func $read_file (result i32)
                (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 520)))
              ;; At 600 a subscription to the monotonic clock, a microsecond from now.
              (data (i32.const 616) "\01\00\00\00\00\00\00\00\e8\03")
              (func $clock (result i32) (call $time (i32.const 0) (i64.const 0) (i32.const 520)))
              (func $clock_outside (result i32) (call $time (i32.const 0) (i64.const 0) (i32.const -1)))
              (func $random (result i32) (call $fill (i32.const 520) (i32.const 8)))
              (func $sleep (result i32) (call $poll (i32.const 600) (i32.const 700) (i32.const 1) (i32.const 800)))
              (func (export "init") (param i32 i32) (result i32) {init ?? $"(drop (call {used}))"} (i32.const 0))
              (func (export "call") (param i32 i32 i32 i32) (param $out i32) (result i32)
                (i32.store8 (i32.const 512) (call {used}))
                (call $answer (local.get $out) (i32.const 512) (i32.const 1) (i32.const 0) (i32.const 0))
                (i32.const 0))
              (func (export "poll") (param i32 i32) (result i32) (i32.const 7))
              (func (export "cancel") (param i32 i32) (result i32) (i32.const 0)))
            """));
}
