using System.Buffers;
using System.Globalization;
using System.Text;
using Molt.Contracts.Capabilities;
using Molt.Wasm;

namespace Molt.Wasm.Tests;

/// <summary>Packages made of a module and a manifest that a test writes.</summary>
internal static class TestPlugin
{
    private const string Schemas = """
        [{"sir":1,"id":"schema://test/number/v1","type":"uint32"},
         {"sir":1,"id":"schema://test/text/v1","type":"string"},
         {"sir":1,"id":"schema://test/number/v2","type":{"kind":"uint64"}},
         {"sir":1,"id":"schema://test/real/v1","type":"float64"}]
        """;

    private static readonly string[] Names =
        ["echo", "count", "trap", "status", "grow", "loop", "recurse", "outside", "far", "other", "nan", "now", "random", "random_outside",
         "log", "capability", "pending", "config", "dirty", "sum", "operations", "capability_outside"];

    /// <summary>The module functions.wat with all its functions.</summary>
    public static PluginPackage Functions(string? reset = null, string? toml = null, bool deterministic = false, string compat = "exact")
    {
        var exports = new StringBuilder();
        for (int i = 0; i < Names.Length; i++)
        {
            string inputs = Names[i] == "echo"
                ? "\"schema://test/number/v1\",\"schema://test/text/v1\""
                : Names[i] == "count" && compat == "backward" ? "\"schema://test/number/v2\"" : "\"schema://test/number/v1\"";
            string output = Names[i] is "nan" or "other" ? "schema://test/real/v1" : "schema://test/number/v1";
            string own = Names[i] is "capability" or "pending" or "capability_outside" ? "[\"acme.greeter\",\"acme.missing\"]" : Names[i] switch
            {
                "now" => "[\"time.now\"]",
                "random" or "random_outside" => "[\"rand.bytes\"]",
                "log" => "[\"console.log\"]",
                _ => "[]",
            };
            exports.Append(i == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $$"""
                {"function_id":{{i}},"name":"{{Names[i]}}","input_schemas":[{{inputs}}],"output_schema":"{{output}}","codec":"msgpack",
                 "deterministic":{{(deterministic ? "true" : "false")}},"schema_compat":"{{compat}}","capabilities":{{own}}}
                """);
        }

        string manifest = $$"""
            {"abi_version":"0.1","module_name":"functions","module_version":"1.0.0","module":"m.wasm","profile":"wasm_worker",
             "schemas":{{Schemas}},"capabilities":["acme.greeter","acme.missing","time.now","rand.bytes","console.log"],
             "exports":[{{exports}}]{{(reset is null ? "" : $",\"reset\":\"{reset}\"")}}}
            """;
        return Package(manifest, WatModules.File("functions"), toml);
    }

    /// <summary>A module with one function "run" from uint32 to uint32.</summary>
    public static PluginPackage Single(byte[] module, string extra = "", string profile = "wasm_worker") => Package(
        $$"""
        {"abi_version":"0.1","module_name":"single","module_version":"1.0.0","module":"m.wasm","profile":"{{profile}}",
         "schemas":{{Schemas}},"exports":[{"function_id":1,"name":"run","input_schemas":["schema://test/number/v1"],
         "output_schema":"schema://test/number/v1","codec":"msgpack","deterministic":true}]{{extra}}}
        """,
        module);

    /// <summary>The module streams.wat, whose functions call acme.greeter and stream from and to acme.feed.</summary>
    public static PluginPackage Streams()
    {
        var exports = new StringBuilder();
        string[] names = ["greet", "watch", "sum", "leave", "idle", "late", "silent", "held"];
        for (int i = 0; i < names.Length; i++)
        {
            exports.Append(i == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $$"""
                {"function_id":{{i}},"name":"{{names[i]}}","input_schemas":["schema://test/number/v1"],"output_schema":"schema://test/{{(i == 0 ? "text" : "number")}}/v1",
                 "codec":"msgpack","deterministic":false,"capabilities":["acme.{{(i == 0 ? "greeter" : "feed")}}"]}
                """);
        }

        return Package(
            $$"""
            {"abi_version":"0.1","module_name":"streams","module_version":"1.0.0","module":"m.wasm","profile":"wasm_worker",
             "schemas":{{Schemas}},"capabilities":["acme.greeter","acme.feed"],"exports":[{{exports}}]}
            """,
            WatModules.File("streams"));
    }

    public static PluginPackage Package(string manifest, byte[] module, string? toml = null, byte[]? snapshot = null) =>
        PluginPackage.Read(PluginManifest.FileName, name => name switch
        {
            PluginManifest.FileName => Encoding.UTF8.GetBytes(manifest),
            "m.wasm" => module,
            PluginPackage.CapabilitiesFileName => toml is null ? null : Encoding.UTF8.GetBytes(toml),
            PluginPackage.SnapshotFileName => snapshot,
            _ => null,
        });

    /// <summary>Everything the module asks for, granted.</summary>
    public static PluginOptions Granting(params string[] allow) => new() { Grants = new CapabilityGrants { Allow = allow } };

    /// <summary>Calls a function with a byte that is a uint32.</summary>
    public static PluginReply Call(this Plugin plugin, string function, byte input, out byte[] result)
    {
        var output = new ArrayBufferWriter<byte>();
        var reply = plugin.Call(function, function == "echo" ? "schema://test/number/v1" : null, [input], output);
        result = output.WrittenSpan.ToArray();
        return reply;
    }

    /// <summary>The uint32 a function answers.</summary>
    public static uint Number(this Plugin plugin, string function, byte input = 0)
    {
        var reply = plugin.Call(function, input, out byte[] result);
        Assert.Equal(new PluginReply(PluginStatus.Ok), reply);
        return result is [0xCE, ..] ? System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(result.AsSpan(1)) : result[0];
    }
}
