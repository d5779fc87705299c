using System.Buffers;
using System.Text;
using Greetings;
using Molt.Contracts.Capabilities;
using Molt.Contracts.Schemas;
using Molt.Wasm;

namespace Molt.Wasm.Tests;

/// <summary>Capabilities of a host application, as a module calls them and streams with them.</summary>
public sealed class StreamTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly Schema Number = Schema.Parse("""{"sir":1,"id":"schema://acme/number/v1","type":"uint32"}"""u8);

    private readonly TestRuntime _host = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _release = new();
    private readonly TaskCompletionSource<string?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _release.Dispose();
    }

    [Fact]
    public void Call_WhenTheCapabilityIsTyped_AnswersItsRecord()
    {
        using var plugin = Load("acme.*");
        Assert.Equal(new PluginReply(PluginStatus.Ok), plugin.Call("greet", 0, out byte[] result));
        Assert.Equal("\u00aaHello Ada!", Encoding.Latin1.GetString(result));
        Assert.Equal([new Decision("streams", "acme.greeter", "greet", AuditDecision.Allowed, null)], _host.Decisions());
    }

    [Fact]
    public void Call_WhenTheTypedCapabilityIsNotGranted_IsDeniedAndAudited()
    {
        using var plugin = Load("acme.feed");
        Assert.Equal(PluginStatus.CapabilityDenied, plugin.Call("greet", 0, out byte[] result).Status);
        Assert.Empty(result);
        Assert.Equal([new Decision("streams", "acme.greeter", "", AuditDecision.Denied, "it is not granted")], _host.Decisions());
    }

    [Fact]
    public void Read_WhenItemsAreThere_TakesThemToTheEnd()
    {
        _gate.SetResult();
        using var plugin = Load("acme.*");
        Assert.Equal(1u + 2 + 3 + 4 + 5, plugin.Number("watch", 5));
        Assert.Equal([new Decision("streams", "acme.feed", "watch", AuditDecision.Allowed, null)], _host.Decisions());
    }

    [Fact]
    public async Task Read_WhenTheNextItemIsNotThere_IsPolledUntilItIs()
    {
        using var plugin = Load("acme.*");
        var output = new ArrayBufferWriter<byte>();
        var call = plugin.CallAsync("watch", null, new byte[] { 3 }, output, TestContext.Current.CancellationToken);
        Assert.False(call.IsCompleted);
        _gate.SetResult();
        Assert.Equal(new PluginReply(PluginStatus.Ok), await Soon(call));
        Assert.Equal([1 + 2 + 3], output.WrittenSpan.ToArray());
    }

    [Fact]
    public async Task Yield_WhenAStreamIsOpenAndNothingIsPending_IsPolledAgain()
    {
        using var plugin = Load("acme.*");
        var output = new ArrayBufferWriter<byte>();
        var call = plugin.CallAsync("idle", null, new byte[] { 3 }, output, TestContext.Current.CancellationToken);
        _gate.SetResult();
        Assert.Equal(new PluginReply(PluginStatus.Ok), await Soon(call));
        Assert.Equal([1 + 2 + 3], output.WrittenSpan.ToArray());
    }

    [Fact]
    public async Task Yield_WhenTheOpenStreamIsIdle_IsPolledOnceItHasAnItem()
    {
        using var plugin = Load("acme.*");
        var output = new ArrayBufferWriter<byte>();
        var call = plugin.CallAsync("late", null, new byte[] { 1 }, output, TestContext.Current.CancellationToken);

        // A stream that stays idle for a tenth of a second, meanwhile.
        Assert.Equal(1u, plugin.Number("silent"));
        Assert.False(call.IsCompleted);
        _gate.SetResult();
        Assert.Equal(new PluginReply(PluginStatus.Ok), await Soon(call));
        Assert.Equal([1], output.WrittenSpan.ToArray());
    }

    [Fact]
    public void Yield_WhenTheOpenStreamIsIdle_IsPolledOnceItTimesOut()
    {
        using var plugin = Load("acme.*");
        Assert.Equal(1u, plugin.Number("silent"));
    }

    [Fact]
    public async Task Yield_WhenTheOpenStreamIsIdle_IsPolledOnceItIsRevoked()
    {
        using var plugin = Load("acme.*");
        var output = new ArrayBufferWriter<byte>();
        var call = plugin.CallAsync("late", null, new byte[] { 1 }, output, TestContext.Current.CancellationToken);
        Assert.False(call.IsCompleted);
        plugin.Grants.Revoke("acme.feed", "the feed is closed");
        Assert.Equal(new PluginReply(PluginStatus.Ok), await Soon(call));
        Assert.Equal([1], output.WrittenSpan.ToArray());
    }

    [Fact]
    public async Task Dispose_WhenACallIsPending_LetsItEnd()
    {
        using var plugin = Load("acme.*");
        var output = new ArrayBufferWriter<byte>();
        var call = plugin.CallAsync("watch", null, new byte[] { 3 }, output, TestContext.Current.CancellationToken);
        plugin.Dispose();
        Assert.Throws<ObjectDisposedException>(() => plugin.Call("watch", 3, out _));
        Assert.False(call.IsCompleted);
        _gate.SetResult();
        Assert.Equal(new PluginReply(PluginStatus.Ok), await Soon(call));
        Assert.Equal([1 + 2 + 3], output.WrittenSpan.ToArray());
        Assert.Equal(0, plugin.Isolates);
    }

    [Fact]
    public async Task Call_WhenAnotherHoldsTheIsolate_GoesOnAfterItAndHoldsNoThreadMeanwhile()
    {
        using var plugin = Load("acme.*");
        var calls = new List<Task<PluginReply>>();
        for (int i = 0; i < 60; i++)
        {
            calls.Add(plugin.CallAsync("watch", null, new byte[] { 1 }, new ArrayBufferWriter<byte>(), TestContext.Current.CancellationToken).AsTask());
        }

        var holder = new Thread(() => plugin.Call("held", 1, out _));
        holder.Start();
        await Soon(_entered.Task);
        Assert.Equal(1, plugin.Isolates);
        _gate.SetResult();

        // Threads of the pool are to be had, although all the calls have something to do: each of these waits its turn behind what came before it.
        for (int i = 0; i < 10; i++)
        {
            await Soon(Task.Factory.StartNew(static () => { }, TestContext.Current.CancellationToken, TaskCreationOptions.PreferFairness, TaskScheduler.Default));
        }

        Assert.All(calls, call => Assert.False(call.IsCompleted));
        _release.Set();
        foreach (var reply in await Task.WhenAll(calls).WaitAsync(Patience, TestContext.Current.CancellationToken))
        {
            Assert.Equal(new PluginReply(PluginStatus.Ok), reply);
        }

        holder.Join();
    }

    [Fact]
    public async Task Read_WhenRevokedInMidStream_IsCancelledWithTheReason()
    {
        using var plugin = Load("acme.*");
        var output = new ArrayBufferWriter<byte>();
        var call = plugin.CallAsync("watch", null, new byte[] { 3 }, output, TestContext.Current.CancellationToken);
        plugin.Grants.Revoke("acme.feed", "the feed is closed");
        Assert.Equal(new PluginReply(PluginStatus.Cancelled, "the feed is closed"), await Soon(call));
        Assert.Equal("the feed is closed", await _ended.Task.WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.Equal(0, output.WrittenCount);
        Assert.Equal(PluginStatus.CapabilityDenied, plugin.Call("watch", 3, out _).Status);
        Assert.Equal(new Decision("streams", "acme.feed", "", AuditDecision.Denied, "the feed is closed"), _host.Decisions()[^1]);
    }

    [Fact]
    public async Task Write_WhenTheOtherSideIsSlow_WaitsForRoomAndLosesNothing()
    {
        using var plugin = Load("acme.*");
        var output = new ArrayBufferWriter<byte>();
        var call = plugin.CallAsync("sum", null, new byte[] { 20 }, output, TestContext.Current.CancellationToken);
        Assert.False(call.IsCompleted);
        _gate.SetResult();
        Assert.Equal(new PluginReply(PluginStatus.Ok), await Soon(call));
        Assert.Equal([20 * 5], output.WrittenSpan.ToArray());
    }

    [Fact]
    public async Task Close_WhenThereIsMoreToRead_TellsTheOtherSideWhy()
    {
        using var plugin = Load("acme.*");

        // The status of closing it twice: there is no such stream any more.
        Assert.Equal(1u, plugin.Number("leave", 3));
        Assert.Equal("user", await _ended.Task.WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    private static Task Soon(Task task) => task.WaitAsync(Patience, TestContext.Current.CancellationToken);

    private static Task<PluginReply> Soon(ValueTask<PluginReply> call) => call.AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);

    private Plugin Load(string grant)
    {
        var feed = Capability.Declare("acme.feed", "1.0.0")
            .Stream("watch", CapabilityStreams.Out, Number, null, Number, (context, input, pipe) => WatchAsync(context, input[0], pipe))
            .Stream("sum", CapabilityStreams.In, Number, Number, Number, (_, _, pipe) => SumAsync(pipe))
            .Stream("late", CapabilityStreams.Out, Number, null, Number, (context, _, pipe) => LateAsync(context, pipe))
            .Stream("silent", CapabilityStreams.Out, Number, null, Number, (context, _, pipe) => LateAsync(context, pipe), new OperationTraits { Timeout = TimeSpan.FromMilliseconds(100) })
            .Stream("held", CapabilityStreams.Out, Number, null, Number, (_, _, _) => Hold())
            .Build();
        return Plugin.Load(TestPlugin.Streams(), TestPlugin.Granting(grant) with { Runtime = _host.Runtime, Capabilities = [Greeter.Capability, feed] });
    }

    /// <summary>Holds the thread of the call, and with it the isolate.</summary>
    private ValueTask Hold()
    {
        _entered.SetResult();
        _release.Wait(Patience);
        return ValueTask.CompletedTask;
    }

    /// <summary>One item once the gate is open.</summary>
    private async ValueTask LateAsync(CapabilityContext context, CapabilityPipe pipe)
    {
        await _gate.Task.WaitAsync(context.Cancellation);
        await pipe.WriteAsync(new byte[] { 1 });
    }

    /// <summary>The numbers from 1 on; those after the first once the gate is open.</summary>
    private async ValueTask WatchAsync(CapabilityContext context, byte count, CapabilityPipe pipe)
    {
        try
        {
            for (byte i = 1; i <= count; i++)
            {
                await pipe.WriteAsync(new[] { i });
                await _gate.Task.WaitAsync(context.Cancellation);
            }
        }
        finally
        {
            _ended.TrySetResult(context.CancellationReason);
        }
    }

    private async ValueTask SumAsync(CapabilityPipe pipe)
    {
        await _gate.Task;
        byte sum = 0;
        while (await pipe.ReadAsync() is { } item)
        {
            sum += item.Span[0];
        }

        await pipe.WriteAsync(new[] { sum });
    }
}
