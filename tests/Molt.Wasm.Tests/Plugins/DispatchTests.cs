using System.Buffers;
using Molt.Contracts.Capabilities;
using Molt.Engine;
using Molt.Wasm;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Molt.Wasm.Tests;

/// <summary>The order of the dispatch, and what each of its steps answers.</summary>
public sealed class DispatchTests : IDisposable
{
    private readonly Plugin _plugin = Plugin.Load(TestPlugin.Functions(), TestPlugin.Granting("time.*", "rand.bytes", "console.log"));

    public void Dispose() => _plugin.Dispose();

    [Fact]
    public void Call_WhenInOrder_AnswersTheResult()
    {
        Assert.Equal(new PluginReply(PluginStatus.Ok), _plugin.Call("echo", 42, out byte[] result));
        Assert.Equal([42], result);
    }

    [Theory]
    [InlineData("echoo", "schema://test/number/v1", 42, PluginStatus.FunctionNotFound)]
    [InlineData("echo", null, 42, PluginStatus.SchemaRequired)]
    [InlineData("echo", "schema://test/number/v9", 42, PluginStatus.SchemaNotFound)]
    [InlineData("echo", "schema://test/real/v1", 42, PluginStatus.SchemaMismatch)]
    [InlineData("echo", "schema://test/text/v1", 42, PluginStatus.InvalidPayload)]
    [InlineData("capability", null, 0, PluginStatus.CapabilityDenied)]
    [InlineData("capability", null, 0xC0, PluginStatus.InvalidPayload)]
    public void Call_WhenAStepRefuses_AnswersThatStep(string function, string? schema, byte payload, PluginStatus expected)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(expected, _plugin.Call(function, schema, [payload], output).Status);
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void Call_WhenTheNumberIsUnknown_IsFunctionNotFound() =>
        Assert.Equal(PluginStatus.FunctionNotFound, _plugin.Call(4711u, null, [1], new ArrayBufferWriter<byte>()).Status);

    [Theory]
    [InlineData(1, PluginStatus.InvalidInput)]
    [InlineData(2, PluginStatus.DecodeError)]
    [InlineData(3, PluginStatus.EncodeError)]
    [InlineData(4, PluginStatus.Cancelled)]
    [InlineData(5, PluginStatus.Timeout)]
    [InlineData(6, PluginStatus.CapabilityDenied)]
    [InlineData(7, PluginStatus.InternalError)]
    [InlineData(8, PluginStatus.InternalError)]
    [InlineData(127, PluginStatus.InternalError)]
    public void Call_WhenThePluginAnswersAStatus_HasItsMessage(byte status, PluginStatus expected) =>
        Assert.Equal(new PluginReply(expected, "refused here"), _plugin.Call("status", status, out _));

    [Theory]
    [InlineData("trap", PluginStatus.InternalError, PluginLimit.None)]
    [InlineData("recurse", PluginStatus.InternalError, PluginLimit.Recursion)]
    [InlineData("outside", PluginStatus.InternalError, PluginLimit.None)]
    [InlineData("far", PluginStatus.InternalError, PluginLimit.None)]
    [InlineData("other", PluginStatus.EncodeError, PluginLimit.None)]
    [InlineData("nan", PluginStatus.EncodeError, PluginLimit.None)]
    public void Call_WhenThePluginMisbehaves_FailsAndTheNextCallIsClean(string function, PluginStatus expected, PluginLimit limit)
    {
        var reply = _plugin.Call(function, 1, out byte[] result);
        Assert.Equal((expected, limit), (reply.Status, reply.Limit));
        Assert.Empty(result);
        Assert.Equal(5u + 1 + 42, _plugin.Number("count"));
    }

    [Fact]
    public void Call_WhenItLoops_EndsWithItsTimeAndTheNextCallIsClean()
    {
        using var plugin = Plugin.Load(TestPlugin.Functions(), new PluginOptions { Limits = new PluginLimits { Duration = TimeSpan.FromMilliseconds(100) } });
        var reply = plugin.Call("loop", 0, out _);
        Assert.Equal((PluginStatus.Timeout, PluginLimit.Duration), (reply.Status, reply.Limit));
        Assert.Equal(48u, plugin.Number("count"));
        Assert.Equal(0, plugin.Replacements);
    }

    [Fact]
    public void Call_WhenPendingForEver_EndsWithItsTime()
    {
        using var plugin = Plugin.Load(
            TestPlugin.Functions(),
            TestPlugin.Granting("acme.*") with { Limits = new PluginLimits { Duration = TimeSpan.FromMilliseconds(100) }, Capabilities = [Greeter(null), Missing()] });
        var reply = plugin.Call("pending", 0, out _);
        Assert.Equal((PluginStatus.Timeout, PluginLimit.Duration), (reply.Status, reply.Limit));
        Assert.Equal(48u, plugin.Number("count"));
    }

    [Fact]
    public void Call_WhenItsMemoryGrows_ReplacesTheInstance()
    {
        Assert.Equal(3u, _plugin.Number("grow", 2));
        Assert.Equal(1, _plugin.Replacements);
        Assert.Equal(2u, _plugin.Number("grow", 1));
        Assert.Equal(2, _plugin.Replacements);
        Assert.Equal(48u, _plugin.Number("count"));
    }

    [Fact]
    public void Call_WhenGrowingPastTheLimit_FailsInTheGuest()
    {
        using var plugin = Plugin.Load(TestPlugin.Functions(), new PluginOptions { Limits = new PluginLimits { MemoryBytes = 2 << 16 } });
        Assert.Equal(1u, plugin.Number("grow", 100));
        Assert.Equal(2u, plugin.Number("grow", 1));
    }

    [Fact]
    public void Call_WhenThePayloadIsLarge_FindsAPlaceForItAndIsClean()
    {
        byte[] payload = new byte[40_003];
        payload[0] = 0xDA;
        payload[1] = 40_000 >> 8;
        payload[2] = 40_000 & 0xFF;
        payload.AsSpan(3).Fill((byte)'x');
        var output = new ArrayBufferWriter<byte>();
        for (int i = 0; i < 3; i++)
        {
            output.Clear();

            // The echo answers what the payload is, which is no uint32.
            Assert.Equal(PluginStatus.EncodeError, _plugin.Call("echo", "schema://test/text/v1", payload, output).Status);
            Assert.Equal(48u, _plugin.Number("count"));
        }
    }

    [Fact]
    public void Call_WhenTheSchemaIsOlderAndCompatible_IsTakenAsTheNewerOne()
    {
        using var plugin = Plugin.Load(TestPlugin.Functions(compat: "backward"));
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(PluginStatus.Ok, plugin.Call("count", "schema://test/number/v1", [1], output).Status);
        Assert.Equal(PluginStatus.SchemaMismatch, _plugin.Call("count", "schema://test/number/v2", [1], output).Status);
    }

    [Fact]
    public void Time_WhenGrantedAndDeclared_IsSeen()
    {
        Assert.True(_plugin.Number("now") > 1_700_000_000u);
        Assert.Equal(0u, _plugin.Number("random"));
        Assert.Equal(1u, _plugin.Number("random_outside"));
    }

    [Fact]
    public void Time_WhenTheFunctionIsDeterministic_StandsStill()
    {
        using var plugin = Plugin.Load(TestPlugin.Functions(deterministic: true), TestPlugin.Granting("time.*", "rand.bytes"));
        Assert.Equal(0u, plugin.Number("now"));
        Assert.Equal(6u, plugin.Number("random"));
    }

    [Fact]
    public void Log_WhenGranted_ReachesTheHostAndStaysInMemory()
    {
        var lines = new List<PluginLogLine>();
        using var plugin = Plugin.Load(TestPlugin.Functions(), TestPlugin.Granting("console.log") with { Log = lines.Add });
        Assert.Equal(0u, plugin.Number("log"));
        Assert.Equal([new PluginLogLine("functions", 1, "refused here")], lines);
    }

    [Fact]
    public void Capability_WhenGranted_AnswersAtOnce()
    {
        using var plugin = Plugin.Load(
            TestPlugin.Functions(),
            TestPlugin.Granting("acme.*") with { Limits = new PluginLimits { Operations = 100 }, Capabilities = [Greeter(null), Missing()] });
        Assert.Equal((uint)'A', plugin.Number("capability", 0));
        Assert.Equal(100u, plugin.Number("operations"));
    }

    [Fact]
    public async Task Capability_WhenPending_IsPolledUntilItAnswers()
    {
        var gate = new TaskCompletionSource();
        using var plugin = Plugin.Load(TestPlugin.Functions(), TestPlugin.Granting("acme.*") with { Capabilities = [Greeter(gate.Task), Missing()] });
        var output = new ArrayBufferWriter<byte>();
        var call = plugin.CallAsync("capability", null, new byte[] { 0 }, output, TestContext.Current.CancellationToken);
        Assert.False(call.IsCompleted);
        Assert.Equal(48u, plugin.Number("count"));
        gate.SetResult();
        Assert.Equal(new PluginReply(PluginStatus.Ok), await call);
        Assert.Equal([(byte)'A'], output.WrittenSpan.ToArray());
        Assert.Equal(48u, plugin.Number("count"));
    }

    [Fact]
    public async Task Capability_WhenTheCallerLeaves_CallIsCancelled()
    {
        using var leave = new CancellationTokenSource();
        using var plugin = Plugin.Load(TestPlugin.Functions(), TestPlugin.Granting("acme.*") with { Capabilities = [Greeter(new TaskCompletionSource().Task), Missing()] });
        var call = plugin.CallAsync("capability", null, new byte[] { 0 }, new ArrayBufferWriter<byte>(), leave.Token);
        await leave.CancelAsync();
        Assert.Equal(PluginStatus.Cancelled, (await call).Status);
        Assert.Equal(48u, plugin.Number("count"));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(127)]
    public void Capability_WhenItsNumberIsForged_IsInvalidInput(byte number)
    {
        using var plugin = Plugin.Load(TestPlugin.Functions(), TestPlugin.Granting("acme.*", "time.*") with { Capabilities = [Greeter(null), Missing()] });
        var reply = plugin.Call("capability", number, out _);

        // 2 is time.now, which the function does not declare; 127 is nothing at all.
        Assert.Equal(number == 2 ? PluginStatus.CapabilityDenied : PluginStatus.InvalidInput, reply.Status);
    }

    [Fact]
    public void Capability_WhenItsPlaceForTheResultIsOutside_IsInvalidInput()
    {
        using var plugin = Plugin.Load(TestPlugin.Functions(), TestPlugin.Granting("acme.*") with { Capabilities = [Greeter(null), Missing()] });
        Assert.Equal(1u, plugin.Number("capability_outside"));
    }

    [Fact]
    public void Capability_WhenRevoked_IsDeniedBeforeTheCall()
    {
        using var plugin = Plugin.Load(TestPlugin.Functions(), TestPlugin.Granting("acme.*") with { Capabilities = [Greeter(null), Missing()] });
        Assert.Equal((uint)'A', plugin.Number("capability", 0));
        plugin.Grants.Revoke("acme.greeter", "no more greetings");
        Assert.Equal(PluginStatus.CapabilityDenied, plugin.Call("capability", 0, out _).Status);
    }

    [Fact]
    public void Dispose_WhenAllCallsEnded_LeavesNothingNative()
    {
        long isolates = JsEngine.LiveIsolates;
        using (var plugin = Plugin.Load(TestPlugin.Functions()))
        {
            plugin.Number("count");
            Assert.Equal(isolates + 1, JsEngine.LiveIsolates);
        }

        Assert.Equal(isolates, JsEngine.LiveIsolates);
    }

    private static Capability Greeter(Task? gate) => Make("acme.greeter", gate);

    private static Capability Missing() => Make("acme.missing", null);

    private static Capability Make(string id, Task? gate)
    {
        var text = Contracts.Schemas.Schema.Parse("""{"sir":1,"id":"schema://acme/text/v1","type":"string"}"""u8);
        var builder = Capability.Declare(id, "1.0.0");
        return gate is null
            ? builder.Operation("greet", text, text, (_, input, output) => output.Write(input), new OperationTraits { Determinism = CapabilityDeterminism.Strict }).Build()
            : builder.Pending("greet", text, text, (_, input, output) => Later(gate, input.ToArray(), output)).Build();
    }

    private static async ValueTask Later(Task gate, byte[] input, IBufferWriter<byte> output)
    {
        await gate;
        output.Write(input);
    }
}
