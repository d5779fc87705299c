using Molt.Contracts.Capabilities;
using Molt.Wasm;

namespace Molt.Wasm.Tests;

/// <summary>What the audit hears of a plugin.</summary>
public sealed class AuditTests : IAsyncDisposable
{
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
    private static PluginPackage Wasi(string used, string declared, bool deterministic = false) => TestPlugin.Package(
        $$"""
        {"abi_version":"0.1","module_name":"wasi","module_version":"1.0.0","module":"m.wasm","profile":"wasm_wasi",
         "schemas":[{"sir":1,"id":"schema://test/number/v1","type":"uint32"}],"capabilities":[{{(declared.Length == 0 ? "" : $"\"{declared}\"")}}],
         "exports":[{"function_id":1,"name":"run","input_schemas":["schema://test/number/v1"],"output_schema":"schema://test/number/v1",
         "codec":"msgpack","deterministic":{{(deterministic ? "true" : "false")}}}]}
        """,
        WatModules.Compile($"""
            (module
              (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
              (import "wasi_snapshot_preview1" "random_get" (func $fill (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
              ;;include abi
              ;; At 600 a subscription to the monotonic clock, a microsecond from now.
              (data (i32.const 616) "\01\00\00\00\00\00\00\00\e8\03")
              (func $clock (result i32) (call $time (i32.const 0) (i64.const 0) (i32.const 520)))
              (func $clock_outside (result i32) (call $time (i32.const 0) (i64.const 0) (i32.const -1)))
              (func $random (result i32) (call $fill (i32.const 520) (i32.const 8)))
              (func $sleep (result i32) (call $poll (i32.const 600) (i32.const 700) (i32.const 1) (i32.const 800)))
              (func (export "init") (param i32 i32) (result i32) (drop (call {used})) (i32.const 0))
              (func (export "call") (param i32 i32 i32 i32) (param $out i32) (result i32)
                (i32.store8 (i32.const 512) (call {used}))
                (call $answer (local.get $out) (i32.const 512) (i32.const 1) (i32.const 0) (i32.const 0))
                (i32.const 0))
              (func (export "poll") (param i32 i32) (result i32) (i32.const 7))
              (func (export "cancel") (param i32 i32) (result i32) (i32.const 0)))
            """));
}
