namespace Molt.Runtime.Tests.Workers;

public sealed class IsolateTests : RuntimeTest
{
    private const string Count = """
        globalThis.served = 0;
        export default { async fetch(request) {
          const { pathname } = new URL(request.url);
          served++;
          if (pathname === '/loop') { console.log('looping'); while (true) {} }
          if (pathname === '/spin') { for (let i = 0; i < 3e6; i++) Math.sqrt(i) }
          if (pathname === '/wait') await scheduler.wait(30);
          return new Response(String(served))
        } }
        """;

    [Fact]
    public async Task Events_WhenTheirIsolateIsCondemned_AreAnsweredByANewOne()
    {
        Options.Executors = 1;
        var worker = await LoadAsync(Count, new WorkerLimits { Cpu = TimeSpan.FromMilliseconds(50) });
        Assert.Equal("1", await TextAsync(worker));
        var looping = Post(worker, new InMemoryExchange("http://w.test/loop"));
        await Soon(Observer.Logged("looping"));
        var waiting = PostFive(worker);
        Assert.Equal(EventOutcome.ExceededCpu, (await Soon(looping.Failed)).Outcome);
        await AreTheFirstServedAsync(waiting);
    }

    [Fact]
    public async Task Events_WhenTheirIsolateIsCondemnedWhileDraining_AreAnsweredToo()
    {
        Options.Executors = 1;
        var worker = await LoadAsync(Count, new WorkerLimits { Cpu = TimeSpan.FromMilliseconds(50) });
        var looping = Post(worker, new InMemoryExchange("http://w.test/loop"));
        await Soon(Observer.Logged("looping"));
        var waiting = Post(worker);
        var draining = Drain(worker);
        Assert.Equal(EventOutcome.ExceededCpu, (await Soon(looping.Failed)).Outcome);
        Assert.Equal("1", (await Soon(waiting.Answering)).Text);
        await Soon(draining);
    }

    [Fact]
    public async Task Events_WhenOpenInACondemnedIsolate_Finish()
    {
        Options.Executors = 1;
        var worker = await LoadAsync(Count, new WorkerLimits { Cpu = TimeSpan.FromMilliseconds(50) });
        var waiting = Post(worker, new InMemoryExchange("http://w.test/wait"));
        await Soon(waiting.Opened);
        Assert.Equal(EventOutcome.ExceededCpu, (await FailureAsync(worker, new InMemoryExchange("http://w.test/loop"))).Outcome);
        Assert.Equal("2", (await Soon(waiting.Answering)).Text);
        Assert.Equal("1", await TextAsync(worker));
    }

    [Fact]
    public async Task Events_WhenOneHoldsTheirIsolateUp_AreAnsweredByAnother()
    {
        var worker = await LoadAsync(Count, new WorkerLimits { Cpu = TimeSpan.FromSeconds(15) });
        Assert.Equal("1", await TextAsync(worker));
        var looping = Post(worker, new InMemoryExchange("http://w.test/loop"));
        await Soon(Observer.Logged("looping"));
        var waiting = PostFive(worker);
        await AreTheFirstServedAsync(waiting);

        Assert.Equal("6", await TextAsync(worker));
        Assert.Equal((false, 2), (looping.Ending.IsCompleted, worker.Isolates));
        Runtime.ShutDown();
        await Soon(looping.Ending);
    }

    [Fact]
    public async Task Events_WhenOneHoldsUpTheOnlyIsolateTheyMayHave_Wait()
    {
        var worker = await LoadAsync(Count, new WorkerLimits { Cpu = TimeSpan.FromMilliseconds(300), Isolates = 1 });
        var looping = Post(worker, new InMemoryExchange("http://w.test/loop"));
        await Soon(Observer.Logged("looping"));
        var waiting = Post(worker);
        Assert.Equal("1", (await Soon(waiting.Answering)).Text);
        Assert.Equal(EventOutcome.ExceededCpu, (await Soon(looping.Failed)).Outcome);
    }

    [Fact]
    public async Task Isolates_WhenTurnsAreSlowAndAnExecutorIsIdle_Grow()
    {
        var worker = await LoadAsync(Count);
        await SaturateAsync(worker, () => worker.Isolates == 2);
        Assert.Equal(2, worker.Isolates);
    }

    [Fact]
    public async Task Isolates_WhenTheWorkerMayHaveOne_DoNotGrow()
    {
        var worker = await LoadAsync(Count, new WorkerLimits { Isolates = 1 });
        await SaturateAsync(worker, () => worker.Isolates > 1, rounds: 15);
        Assert.Equal(1, worker.Isolates);
    }

    [Fact]
    public async Task Isolates_WhenIdle_Shrink()
    {
        var time = new FakeTime();
        Options.Time = time;
        var worker = await LoadAsync(Count);
        await SaturateAsync(worker, () => worker.Isolates == 2);
        Assert.Equal(2, worker.Isolates);
        await TextAsync(worker);
        time.Advance(TimeSpan.FromSeconds(30));
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(1, worker.Isolates);
        Assert.NotEmpty(await TextAsync(worker));
    }

    private static InMemoryExchange[] PostFive(Worker worker) => [Post(worker), Post(worker), Post(worker), Post(worker), Post(worker)];

    /// <summary>Asserts that an isolate without a past answered the exchanges in their order.</summary>
    private static async Task AreTheFirstServedAsync(InMemoryExchange[] exchanges)
    {
        for (var i = 0; i < exchanges.Length; i++)
        {
            Assert.Equal((i + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), (await Soon(exchanges[i].Answering)).Text);
        }
    }

    private static async Task SaturateAsync(Worker worker, Func<bool> enough, int rounds = 100)
    {
        for (var round = 0; round < rounds && !enough(); round++)
        {
            var posted = new Task[24];
            for (var i = 0; i < posted.Length; i++)
            {
                posted[i] = Post(worker, new InMemoryExchange("http://w.test/spin")).Ending;
            }

            await Soon(Task.WhenAll(posted));
        }
    }
}
