namespace Molt.Runtime.Tests.Workers;

/// <summary>The end of a runtime whose events do not end by themselves.</summary>
public sealed class ShutdownTests : RuntimeTest
{
    [Fact]
    public async Task Dispose_WhenAnEventLoops_EndsItAtTheDeadline()
    {
        Options.Executors = 1;
        Options.DrainTimeout = TimeSpan.FromMilliseconds(50);
        var worker = await LoadHandlerAsync("if (request.url.endsWith('loop')) { console.log('looping'); while (true) {} } return new Response('x')");
        var looping = Post(worker, new InMemoryExchange("http://w.test/loop"));
        await Soon(Observer.Logged("looping"));
        var waiting = new[] { Post(worker, new InMemoryExchange("http://w.test/loop")), Post(worker) };
        await Soon(Runtime.DisposeAsync().AsTask());
        Assert.Equal(EventOutcome.Cancelled, (await Soon(looping.Failed)).Outcome);
        Assert.Equal(EventOutcome.Cancelled, (await Soon(waiting[0].Failed)).Outcome);
        Assert.Equal(EventOutcome.Cancelled, (await Soon(waiting[1].Failed)).Outcome);
        await Soon(Task.WhenAll(looping.Ending, waiting[0].Ending, waiting[1].Ending));
        Assert.False(worker.TryPost(new InMemoryExchange()));
    }

    [Theory]
    [InlineData("ctx.waitUntil(scheduler.wait(25000)); return new Response('x')")]
    [InlineData("return new Response(new ReadableStream({ async pull() { await scheduler.wait(25000) } }))")]
    [InlineData("await scheduler.wait(25000); return new Response('x')")]
    public async Task Dispose_WhenAnEventWaits_EndsItAtTheDeadline(string body)
    {
        var time = new FakeTime();
        Options.Time = time;
        Options.DrainTimeout = TimeSpan.FromSeconds(5);
        var worker = await LoadHandlerAsync(body);
        var exchange = Post(worker);
        await Soon(time.WhenArmed(TimeSpan.FromSeconds(25)));
        var disposing = Runtime.DisposeAsync().AsTask();
        await Soon(time.WhenArmed(TimeSpan.FromSeconds(5)));
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.False(disposing.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        await Soon(disposing);
        await Soon(exchange.Ending);
        Assert.Equal(0, worker.OpenEvents);
    }

    [Fact]
    public async Task Dispose_WhenEventsEndInTime_WaitsForThem()
    {
        var time = new FakeTime();
        Options.Time = time;
        var worker = await LoadHandlerAsync("await scheduler.wait(2000); return new Response('x')");
        var exchange = Post(worker);
        await Soon(time.WhenArmed(TimeSpan.FromSeconds(2)));
        var disposing = Runtime.DisposeAsync().AsTask();
        time.Advance(TimeSpan.FromSeconds(2));
        await Soon(disposing);
        Assert.Equal("x", (await Soon(exchange.Answering)).Text);
    }

    [Fact]
    public async Task Load_WhenTheRuntimeWasShutDown_Fails()
    {
        Runtime.ShutDown();
        await Assert.ThrowsAsync<WorkerStartException>(() => LoadHandlerAsync("return new Response('x')"));
    }
}
