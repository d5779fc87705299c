using System.Buffers;
using Molt.Contracts.Capabilities;
using Molt.Contracts.Schemas;
using Molt.Wasm;

namespace Molt.Wasm.Tests;

/// <summary>Modules that use the ABI against their host.</summary>
public sealed class HostileTests
{
    private static readonly Schema Number = Schema.Parse("""{"sir":1,"id":"schema://acme/number/v1","type":"uint32"}"""u8);

    [Fact]
    public void Allocate_WhenItCallsACapabilityAgain_EndsInATrapAndLeavesThePluginUsable()
    {
        using var plugin = Load("""
            (func $alloc (export "molt_alloc") (param $length i32) (result i32)
              (if (i32.load8_u (i32.const 600)) (then (drop (call $molt_call (i32.const 0) (i32.const 0) (i32.const 512) (i32.const 1) (i32.const 520)))))
              (global.set $heap (i32.add (global.get $heap) (i32.const 8192)))
              (global.get $heap))
            """, """
            (i32.store8 (i32.const 600) (i32.load8_u (local.get $ptr)))
            (drop (call $molt_call (i32.const 0) (i32.const 0) (i32.const 512) (i32.const 1) (i32.const 520)))
            """);
        Assert.Equal(new PluginReply(PluginStatus.InternalError, "The plugin's calls are nested too deeply.", PluginLimit.Recursion), plugin.Call("run", 1, out _));
        Assert.Equal(0u, plugin.Number("run", 0));
    }

    private static Plugin Load(string alloc, string call) => Plugin.Load(
        TestPlugin.Package(
            """
            {"abi_version":"0.1","module_name":"hostile","module_version":"1.0.0","module":"m.wasm","profile":"wasm_worker",
             "schemas":[{"sir":1,"id":"schema://test/number/v1","type":"uint32"}],"capabilities":["acme.counter"],
             "exports":[{"function_id":1,"name":"run","input_schemas":["schema://test/number/v1"],"output_schema":"schema://test/number/v1",
             "codec":"msgpack","deterministic":false}]}
            """,
            WatModules.Compile($"""
                (module
                  (import "molt" "molt_call" (func $molt_call (param i32 i32 i32 i32 i32) (result i32)))
                  (memory (export "memory") 2)
                  (global $heap (mut i32) (i32.const 0))
                  {alloc}
                  (func (export "molt_free") (param i32 i32))
                  (func (export "init") (param i32 i32) (result i32) (i32.const 0))
                  (func (export "call") (param i32 i32) (param $ptr i32) (param i32) (param $out i32) (result i32)
                    {call}
                    (i32.store (local.get $out) (i32.const 700))
                    (i32.store offset=4 (local.get $out) (i32.const 1))
                    (i32.const 0))
                  (func (export "poll") (param i32 i32) (result i32) (i32.const 7))
                  (func (export "cancel") (param i32 i32) (result i32) (i32.const 0)))
                """)),
        TestPlugin.Granting("acme.*") with { Capabilities = [Capability.Declare("acme.counter", "1.0.0").Operation("next", Number, Number, static (_, _, output) => output.Write<byte>([1])).Build()] });
}
