using System.Diagnostics;

namespace Molt.Runtime.Tests.Hostile;

/// <summary>Programs that exhaust what they can: each ends as it must, and nobody else notices.</summary>
public sealed class HostileTests : RuntimeTest
{
    private static readonly WorkerLimits Limits = new()
    {
        Cpu = TimeSpan.FromMilliseconds(200),
        MemoryBytes = 32L << 20,
    };

    // Growth is to be stopped by what it grows, however slow the machine is.
    private static readonly WorkerLimits Patient = Limits with { Cpu = TimeSpan.FromSeconds(2) };

    public static TheoryData<string> LoopNames => Names(HostilePrograms.Loops);

    public static TheoryData<string> GrowthNames => Names(HostilePrograms.Growth);

    public static TheoryData<string> CaughtNames => Names(HostilePrograms.Caught);

    [Theory]
    [MemberData(nameof(LoopNames))]
    public Task Loop_WhenItNeverReturns_EndsAlone(string name) => EndsAloneAsync(Find(HostilePrograms.Loops, name), Limits);

    [Theory]
    [MemberData(nameof(GrowthNames))]
    public Task Growth_WhenItPassesTheLimit_EndsAlone(string name) => EndsAloneAsync(Find(HostilePrograms.Growth, name), Patient);

    [Theory]
    [MemberData(nameof(CaughtNames))]
    public async Task Error_WhenTheGuestCatchesIt_IsItsOwn(string name)
    {
        var answer = await EndsAloneAsync(Find(HostilePrograms.Caught, name), Patient);
        if (answer is not null)
        {
            Assert.Equal("RangeError", answer.Text);
        }
    }

    private async Task<Answer?> EndsAloneAsync(HostileProgram program, WorkerLimits limits)
    {
        var neighbour = await LoadHandlerAsync("return new Response('well')");
        var worker = await LoadAsync(new WorkerDefinition
        {
            Name = "hostile",
            MainModule = "main.js",
            Modules = [new WorkerModule("main.js", WorkerModuleKind.EcmaScript, program.Bytes), .. HostileProgram.Modules],
            Limits = limits,
        });
        Assert.Equal("pong", await TextAsync(worker, new InMemoryExchange("http://w.test/ping")));

        var exchange = Post(worker);
        var started = Stopwatch.GetTimestamp();
        while (!exchange.Ending.IsCompleted)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, "Nothing stops it.");
            Assert.Equal("well", await TextAsync(neighbour));
            await Task.WhenAny(exchange.Ending, Soon(Post(neighbour).Ending));
        }

        Assert.Equal((1, 1), (exchange.Answers, exchange.Closes));
        var outcome = exchange.Failed.IsCompletedSuccessfully ? (await exchange.Failed).Outcome : EventOutcome.Ok;
        Assert.Contains(outcome, program.Outcomes);
        Assert.InRange(exchange.CpuTime, TimeSpan.Zero, limits.Cpu + TimeSpan.FromMilliseconds(100));

        Assert.Equal("well", await TextAsync(neighbour));
        Assert.Equal("pong", await TextAsync(worker, new InMemoryExchange("http://w.test/ping")));
        await Soon(Drain(worker));
        Assert.InRange(exchange.CpuTime, TimeSpan.Zero, limits.Cpu + TimeSpan.FromMilliseconds(100));
        return outcome == EventOutcome.Ok ? await exchange.Answering : null;
    }

    private static HostileProgram Find(HostileProgram[] programs, string name) => Array.Find(programs, program => program.Name == name)!;

    private static TheoryData<string> Names(HostileProgram[] programs)
    {
        var names = new TheoryData<string>();
        foreach (var program in programs)
        {
            names.Add(program.Name);
        }

        return names;
    }
}
