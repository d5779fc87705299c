using System.Security.Cryptography;
using System.Text;
using Molt.Contracts.Capabilities;
using Molt.Engine;
using Molt.Wasm.Binary;

namespace Molt.Wasm.Instances;

/// <summary>The functions of module <c>molt</c> (docs/reference/wasm-abi.md). Each checks what the guest gave before it does anything.</summary>
internal static class MoltImports
{
    private const byte I32 = WasmFunctionType.I32;
    private const int LongestRandom = 64 << 10;

    public static readonly IReadOnlyList<HostImport> All =
    [
        Import("molt_call", 5, [I32], "*", static (ref JsCall call) => call.Return(Calls(call).Call(
            call.Int32(0), call.Int32(1), (uint)call.Int32(2), (uint)call.Int32(3), (uint)call.Int32(4)))),
        Import("molt_poll", 2, [I32], "*", static (ref JsCall call) => call.Return(Calls(call).Poll(call.Int32(0), (uint)call.Int32(1)))),
        Import("molt_cancel", 2, [I32], "*", static (ref JsCall call) => call.Return(Calls(call).Cancel(call.Int32(0), call.Int32(1)))),
        Import("molt_stream_open", 5, [I32], "*", static (ref JsCall call) => call.Return(Calls(call).OpenStream(
            call.Int32(0), call.Int32(1), (uint)call.Int32(2), (uint)call.Int32(3), (uint)call.Int32(4)))),
        Import("molt_stream_read", 2, [I32], "*", static (ref JsCall call) => call.Return(Calls(call).Read(call.Int32(0), (uint)call.Int32(1)))),
        Import("molt_stream_write", 3, [I32], "*", static (ref JsCall call) => call.Return(Calls(call).Write(
            call.Int32(0), (uint)call.Int32(1), (uint)call.Int32(2)))),
        Import("molt_stream_close", 2, [I32], "*", static (ref JsCall call) => call.Return(Calls(call).CloseStream(call.Int32(0), call.Int32(1)))),
        Import("molt_log", 3, [], "console.log", Log),
        Import("molt_now_ms", 0, [WasmFunctionType.F64], "time.now", Now),
        Import("molt_random_bytes", 2, [I32], "rand.bytes", RandomBytes),
        Import("molt_limit", 1, [WasmFunctionType.I64], null, Limit),
    ];

    private static HostImport Import(string name, int parameters, byte[] results, string? capability, JsHostCallback callback)
    {
        var types = new byte[parameters];
        Array.Fill(types, I32);
        return new HostImport(ImportTable.Molt, name, new WasmFunctionType(types, results), capability, callback);
    }

    private static PluginInstance Instance(in JsCall call) => ((PluginLane)call.Isolate.Tag!).Current;

    private static CapabilityCalls Calls(in JsCall call) => Instance(call).Capabilities;

    private static void Log(ref JsCall call)
    {
        var instance = Instance(call);
        if (!instance.MayOrDeny(OwnCapability.ConsoleLog) || !instance.TryRead((uint)call.Int32(1), (uint)call.Int32(2), out var text))
        {
            return;
        }

        instance.Program.Audit.Allowed(OwnCapability.ConsoleLog);
        int room = Math.Min(text.Length, instance.TakeLog(text.Length));
        if (room > 0)
        {
            instance.Program.Options.Log?.Invoke(new PluginLogLine(instance.Program.Manifest.ModuleName, Math.Clamp(call.Int32(0), 0, 4), Encoding.UTF8.GetString(text[..room])));
        }
    }

    private static void Now(ref JsCall call)
    {
        var instance = Instance(call);

        // A clock that may not be seen stands still at the epoch, as it does for everything that has to be deterministic.
        if (!instance.MayOrDeny(OwnCapability.TimeNow))
        {
            call.Return(0.0);
            return;
        }

        instance.Program.Audit.Allowed(OwnCapability.TimeNow);
        call.Return((double)instance.Program.Options.Time.GetUtcNow().ToUnixTimeMilliseconds());
    }

    private static void RandomBytes(ref JsCall call)
    {
        var instance = Instance(call);
        uint length = (uint)call.Int32(1);
        if (!instance.MayOrDeny(OwnCapability.RandBytes))
        {
            call.Return((int)CapabilityStatus.Denied);
        }
        else if (length > LongestRandom || !instance.TryRead((uint)call.Int32(0), length, out var bytes))
        {
            call.Return((int)CapabilityStatus.InvalidInput);
        }
        else
        {
            instance.Program.Audit.Allowed(OwnCapability.RandBytes);
            RandomNumberGenerator.Fill(bytes);
            call.Return(0);
        }
    }

    private static void Limit(ref JsCall call)
    {
        var instance = Instance(call);
        var limits = instance.Program.Limits;
        call.Return(JsArg.BigInt(call.Int32(0) switch
        {
            0 => limits.MemoryBytes,
            1 => (long)instance.TimeLeft.TotalMilliseconds,
            2 => limits.OutputBytes,
            3 => instance.Capabilities.Left,
            4 => limits.OperationBytes,
            _ => -1,
        }));
    }
}

/// <summary>Capabilities of the runtime that imports stand for directly.</summary>
internal enum OwnCapability
{
    ConsoleLog,
    TimeNow,
    RandBytes,
}
