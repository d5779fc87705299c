using System.Text;
using Molt.Wasm;

namespace Molt.Wasm.Tests;

/// <summary>Manifests and modules that are not what they should be.</summary>
public sealed class PackageTests
{
    private const string Good = """
        {"abi_version":"0.1","module_name":"m","module_version":"1","module":"m.wasm","profile":"wasm_worker",
         "schemas":[{"sir":1,"id":"schema://t/n/v1","type":"uint32"}],"capabilities":["time.now"],
         "exports":[{"function_id":1,"name":"run","input_schemas":["schema://t/n/v1"],"output_schema":"schema://t/n/v1","codec":"msgpack","deterministic":true}]}
        """;

    [Theory]
    [InlineData("\"0.1\"", "\"0.2\"", "abi_version", "This host speaks ABI \"0.1\"")]
    [InlineData("\"profile\"", "\"profil\"", "profil", "Did you mean \"profile\"?")]
    [InlineData("wasm_worker", "wasm_workr", "profile", "is none of wasm_browser")]
    [InlineData("\"m.wasm\"", "\"../m.wasm\"", "module", "without \"..\"")]
    [InlineData("\"m.wasm\"", "\"/etc/passwd\"", "module", "beside the manifest")]
    [InlineData("\"msgpack\"", "\"cbor\"", "exports[0].codec", "\"msgpack\", not \"cbor\"")]
    [InlineData("\"deterministic\":true", "\"deterministic\":1", "exports[0].deterministic", "true or false")]
    [InlineData("\"function_id\":1", "\"function_id\":-1", "exports[0].function_id", "0 to 4294967295")]
    [InlineData("\"output_schema\":\"schema://t/n/v1\"", "\"output_schema\":\"schema://t/n/v2\"", "exports[0].output_schema", "Did you mean \"schema://t/n/v1\"?")]
    [InlineData("\"input_schemas\":[\"schema://t/n/v1\"]", "\"input_schemas\":[]", "exports[0].input_schemas", "at least one entry")]
    [InlineData("\"type\":\"uint32\"", "\"type\":\"uint33\"", "schemas[0].type", "uint33")]
    [InlineData("[\"time.now\"]", "[\"time.now\",\"time.now\"]", "capabilities[1]", "there twice")]
    [InlineData("\"deterministic\":true", "\"deterministic\":true,\"capabilities\":[\"rand.bytes\"]", "exports[0].capabilities", "not among the capabilities")]
    [InlineData("\"exports\":", "\"http\":{\"function\":\"runn\"},\"exports\":", "http.function", "Did you mean \"run\"?")]
    [InlineData("\"exports\":", "\"http\":{\"function\":\"run\"},\"exports\":", "http.function", "schema://molt/http_request/v1")]
    [InlineData("\"exports\":", "\"reset\":\"sometimes\",\"exports\":", "reset", "call, request, never")]
    public void Read_WhenTheManifestIsWrong_SaysWhereAndWhat(string good, string bad, string path, string message)
    {
        var thrown = Assert.Throws<PluginLoadException>(() => TestPlugin.Package(Good.Replace(good, bad, StringComparison.Ordinal), []));
        Assert.Equal("WSM001", thrown.Code);
        Assert.Contains(thrown.Faults, fault => fault.Path.StartsWith(path, StringComparison.Ordinal) && fault.Message.Contains(message, StringComparison.Ordinal));
    }

    [Fact]
    public void Read_WhenManyThingsAreWrong_NamesThemAll()
    {
        var thrown = Assert.Throws<PluginLoadException>(() => TestPlugin.Package("""{"abi_version":"9","schemas":[7],"exports":[{}],"nonsense":1}""", []));
        Assert.True(thrown.Faults.Count >= 9, thrown.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"module\":\"a\",\"module\":\"b\"}")]
    [InlineData("{\"exports\":[")]
    public void Read_WhenTheManifestIsNoObject_Refuses(string text) =>
        Assert.Equal("WSM001", Assert.Throws<PluginLoadException>(() => TestPlugin.Package(text, [])).Code);

    [Theory]
    [InlineData("(module (memory (export \"memory\") 1))", "must export the function \"molt_alloc\"")]
    [InlineData("(module)", "no memory of its own")]
    [InlineData("(module (import \"env\" \"memory\" (memory 1)))", "brings its own memory")]
    [InlineData("(module (memory 1) (memory 1))", "exactly one memory")]
    [InlineData("(module (memory 1 2 shared))", "neither shared nor 64 bits")]
    [InlineData("(module (memory i64 1))", "neither shared nor 64 bits")]
    [InlineData("(module (memory 1) (global (export \"molt:g0\") i32 (i32.const 0)))", "a name that is the host's")]
    [InlineData("(module (memory (export \"memory\") 1) (global (mut funcref) (ref.null func)))", "vector or a reference")]
    [InlineData("(module (memory (export \"memory\") 60000))", "starts with 60000 pages")]
    [InlineData("(module (import \"env\" \"f\" (func)) (memory (export \"memory\") 1))", "a plugin imports from \"molt\"")]
    [InlineData("(module (import \"molt\" \"molt_lgo\" (func (param i32 i32 i32))) (memory (export \"memory\") 1))", "Did you mean \"molt_log\"?")]
    [InlineData("(module (import \"molt\" \"molt_log\" (func (param i64))) (memory (export \"memory\") 1))", "(i32, i32, i32) -> ()")]
    [InlineData("(module (import \"molt\" \"molt_log\" (func (param i32 i32 i32))) (memory (export \"memory\") 1))", "needs \"console.log\"")]
    [InlineData("(module (import \"molt\" \"molt_call\" (func (param i32 i32 i32 i32 i32) (result i32))) (memory (export \"memory\") 1))", "declares no capability")]
    public void Load_WhenTheModuleIsWrong_SaysWhat(string text, string message)
    {
        var thrown = Assert.Throws<PluginLoadException>(() => Plugin.Load(TestPlugin.Single(WatModules.Compile(text))));
        Assert.Equal("WSM001", thrown.Code);
        Assert.Contains(message, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WhenWasiIsImportedByABrowserPlugin_Refuses()
    {
        byte[] module = WatModules.Compile("(module (import \"wasi_snapshot_preview1\" \"sched_yield\" (func (result i32))) (memory (export \"memory\") 1))");
        Assert.Contains("wasm_browser has no WASI", Assert.Throws<PluginLoadException>(() => Plugin.Load(TestPlugin.Single(module, profile: "wasm_browser"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WhenInitFails_SaysSo()
    {
        string text = File("(i32.const 3)");
        var thrown = Assert.Throws<PluginLoadException>(() => Plugin.Load(TestPlugin.Single(WatModules.Compile(text))));
        Assert.Equal("WSM004", thrown.Code);
        Assert.Contains("status 3", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(unreachable)")]
    [InlineData("(loop $l (br $l)) (i32.const 0)")]
    public void Load_WhenInitTrapsOrLoops_SaysSo(string body) =>
        Assert.Equal(
            "WSM004",
            Assert.Throws<PluginLoadException>(() => Plugin.Load(TestPlugin.Single(WatModules.Compile(File(body))), new PluginOptions { Limits = new PluginLimits { Duration = TimeSpan.FromMilliseconds(100) } })).Code);

    [Theory]
    [InlineData("0")]
    [InlineData("-16")]
    [InlineData("65535")]
    public void Load_WhenAllocAnswersNonsense_Refuses(string place)
    {
        string text = File("(i32.const 0)").Replace(";;include abi", $"""
            (memory (export "memory") 1)
            (func (export "molt_alloc") (param i32) (result i32) (i32.const {place}))
            (func (export "molt_free") (param i32 i32))
            """, StringComparison.Ordinal);
        Assert.Equal("WSM004", Assert.Throws<PluginLoadException>(() => Plugin.Load(TestPlugin.Single(WatModules.Compile(text)))).Code);
    }

    [Fact]
    public void Load_WhenTheModuleIsTruncatedOrDamaged_RefusesOrRunsWithinItsLimits()
    {
        byte[] module = WatModules.File("large");
        for (int length = 0; length < module.Length; length++)
        {
            Assert.Equal("WSM001", Assert.Throws<PluginLoadException>(() => Plugin.Load(TestPlugin.Single(module[..length]))).Code);
        }

        var options = new PluginOptions { Limits = new PluginLimits { Duration = TimeSpan.FromMilliseconds(50) } };
        for (int i = 8; i < module.Length; i++)
        {
            byte[] damaged = [.. module];
            damaged[i] ^= 0x41;
            try
            {
                using var plugin = Plugin.Load(TestPlugin.Single(damaged), options);
                plugin.Call("run", 1, out _);
            }
            catch (PluginLoadException exception)
            {
                Assert.StartsWith("WSM00", exception.Code, StringComparison.Ordinal);
            }
        }
    }

    private static string File(string init) => $"""
        (module
          ;;include abi
          (func (export "init") (param i32 i32) (result i32) {init})
          (func (export "call") (param i32 i32 i32 i32 i32) (result i32) (i32.const 0))
          (func (export "poll") (param i32 i32) (result i32) (i32.const 7))
          (func (export "cancel") (param i32 i32) (result i32) (i32.const 0)))
        """;
}
