namespace Molt.Runtime.Tests.Events;

public sealed class LifetimeTests : RuntimeTest
{
    private readonly FakeTime _time = new();

    public LifetimeTests() => Options.Time = _time;

    [Fact]
    public async Task Disconnect_WhenTheHandlerWaits_AbortsTheSignalWithTheReason()
    {
        var worker = await LoadHandlerAsync("""
            request.signal.addEventListener('abort', () => console.log(`${request.signal.reason.name}: ${request.signal.reason.message}`));
            await new Promise(() => {})
            """);
        var exchange = Post(worker);
        await Soon(exchange.Opened);
        exchange.Disconnect();
        var failure = await Soon(exchange.Failed);
        Assert.Equal((EventOutcome.Disconnected, "The client disconnected."), (failure.Outcome, failure.Message));
        await Soon(exchange.Ending);
        Assert.Equal("AbortError: The client disconnected.", Assert.Single(Observer.Lines).Text);
        Assert.Empty(Observer.Failures);
        Assert.Equal(0, worker.OpenEvents);
    }

    [Fact]
    public async Task Disconnect_WhenABodyIsRead_FailsTheRead()
    {
        var worker = await LoadHandlerAsync("try { await request.text() } catch (e) { console.log(e.name + ': ' + e.message) }");
        var exchange = Post(worker, new InMemoryExchange(method: "POST", streams: true));
        await Soon(exchange.Opened);
        exchange.Disconnect();
        await Soon(exchange.Ending);
        Assert.Equal("AbortError: The client disconnected.", Assert.Single(Observer.Lines).Text);
    }

    [Fact]
    public async Task Disconnect_WhenAResponseStreams_CancelsTheStream()
    {
        var worker = await LoadHandlerAsync("""
            return new Response(new ReadableStream({ async pull() { await new Promise(() => {}) }, cancel(reason) { console.log('cancelled: ' + reason.message) } }))
            """);
        var exchange = Post(worker);
        await Soon(exchange.Answering);
        exchange.Disconnect();
        Assert.Equal("The client disconnected.", await Soon(exchange.Ending));
        Assert.Equal("cancelled: The client disconnected.", Assert.Single(Observer.Lines).Text);
        Assert.Equal((1, 1), (exchange.Answers, exchange.Closes));
    }

    [Fact]
    public async Task Disconnect_WhenTheAnswerIsComplete_LeavesWaitUntilAlone()
    {
        var worker = await LoadHandlerAsync("""
            ctx.waitUntil(scheduler.wait(1000).then(() => console.log('done')));
            return new Response('x')
            """);
        var exchange = Post(worker);
        await Soon(exchange.Ending);
        exchange.Disconnect();
        await TextAsync(worker);
        _time.Advance(TimeSpan.FromSeconds(1));
        await Soon(Observer.Logged("done"));
    }

    [Fact]
    public async Task WaitUntil_WhenItEnds_EndsTheEventAfterTheResponse()
    {
        var worker = await LoadHandlerAsync("""
            ctx.waitUntil(new Promise(done => setTimeout(done, 5000)).then(() => console.log('late')));
            return new Response('early')
            """);
        Assert.Equal("early", await TextAsync(worker));
        var draining = Drain(worker);
        Assert.Equal((false, 1), (draining.IsCompleted, worker.OpenEvents));
        _time.Advance(TimeSpan.FromSeconds(5));
        await Soon(draining);
        Assert.Equal("late", Assert.Single(Observer.Lines).Text);
    }

    [Fact]
    public async Task WaitUntil_WhenItTakesTooLong_IsCancelled()
    {
        var worker = await LoadHandlerAsync("""
            ctx.waitUntil((async () => { for (;;) await scheduler.wait(1000) })());
            return new Response('early')
            """);
        await TextAsync(worker);
        await Soon(_time.WhenArmed(TimeSpan.FromSeconds(30)));
        var draining = Drain(worker);
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(draining.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await Soon(draining);
        Assert.Empty(Observer.Failures);
    }

    [Fact]
    public async Task WaitUntil_WhenItRejects_IsReportedOnce()
    {
        var worker = await LoadHandlerAsync("ctx.waitUntil(Promise.reject(new Error('later'))); return new Response('x')");
        await TextAsync(worker);
        await Soon(Drain(worker));
        var (where, error) = Assert.Single(Observer.Uncaught);
        Assert.Equal(("waitUntil", "later"), (where, error.Message));
    }

    [Theory]
    [InlineData("await new Promise(() => {})")]
    [InlineData("return new Promise(() => {})")]
    [InlineData("await new Blob([]).stream().getReader().closed; await new Promise(() => {})")]
    public async Task Hung_WhenNothingCanHappenAnyMore_FailsAfterTheGrace(string body)
    {
        var worker = await LoadHandlerAsync(body);
        var exchange = Post(worker);
        await Soon(_time.WhenArmed(QuiescenceCheck.Grace));
        Assert.False(exchange.Failed.IsCompleted);
        _time.Advance(QuiescenceCheck.Grace);
        Assert.Equal(EventOutcome.Hung, (await Soon(exchange.Failed)).Outcome);
        Assert.Null(await Soon(exchange.Ending));
        await Soon(Drain(worker));
    }

    [Fact]
    public async Task Hung_WhenATimerIsSet_IsNotSaid()
    {
        var worker = await LoadHandlerAsync("await scheduler.wait(60000); return new Response('slow')");
        var exchange = Post(worker);
        await Soon(_time.WhenArmed(TimeSpan.FromSeconds(60)));
        _time.Advance(TimeSpan.FromSeconds(59));
        await Soon(exchange.Opened);
        Assert.False(exchange.Failed.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("slow", (await Soon(exchange.Answering)).Text);
    }

    [Fact]
    public async Task Hung_WhenAStreamIsNeverFed_BreaksItOff()
    {
        var worker = await LoadHandlerAsync("return new Response(new ReadableStream({}))");
        var exchange = Post(worker);
        await Soon(exchange.Answering);
        await Soon(_time.WhenArmed(QuiescenceCheck.Grace));
        _time.Advance(QuiescenceCheck.Grace);
        Assert.Contains("hung", await Soon(exchange.Ending), StringComparison.Ordinal);
        await Soon(Drain(worker));
    }

    [Fact]
    public async Task Events_WhenTheyInterleave_KeepTheirOwnStorage()
    {
        var worker = await LoadAsync("""
            import { AsyncLocalStorage } from 'node:async_hooks';
            const storage = new AsyncLocalStorage();
            export default { fetch(request) { return storage.run(request.url, async () => {
              const seen = [];
              for (let i = 0; i < 3; i++) { await scheduler.wait(10); seen.push(storage.getStore()) }
              return new Response(new Set(seen).size + ' ' + seen[0])
            }) } }
            """);
        var first = Post(worker, new InMemoryExchange("http://a.test/"));
        var second = Post(worker, new InMemoryExchange("http://b.test/"));
        await Soon(Task.WhenAll(first.Opened, second.Opened));
        for (var i = 0; i < 3; i++)
        {
            await Soon(_time.WhenArmed(TimeSpan.FromMilliseconds(10)));
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        Assert.Equal("1 http://a.test/", (await Soon(first.Answering)).Text);
        Assert.Equal("1 http://b.test/", (await Soon(second.Answering)).Text);
    }

    [Fact]
    public async Task Timers_WhenSet_FireInOrderAndNeverAfterClear()
    {
        var worker = await LoadHandlerAsync("""
            if (request.url.endsWith('probe')) return new Response();
            const out = [];
            setTimeout(() => out.push('b1'), 20);
            setTimeout(x => out.push(x), 20, 'b2');
            setTimeout(() => out.push('a'), 10);
            const cleared = setTimeout(() => out.push('never'), 15);
            clearTimeout(cleared);
            let n = 0;
            const every = setInterval(() => { out.push('i' + n); if (++n === 3) clearInterval(every) }, 8);
            setTimeout(() => clearTimeout(later), 25);
            const later = setTimeout(() => out.push('never'), 30);
            queueMicrotask(() => out.push('micro'));
            await new Promise(done => setTimeout(done, 40));
            return new Response(out.join())
            """);
        var exchange = Post(worker);
        await Soon(exchange.Opened);
        for (var i = 0; i < 40; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));

            // Answered behind the timers that became due.
            await TextAsync(worker, new InMemoryExchange("http://w.test/probe"));
        }

        Assert.Equal("micro,i0,a,i1,b1,b2,i2", (await Soon(exchange.Answering)).Text);
    }

    [Fact]
    public async Task Timer_WhenItThrows_IsReportedAndTheEventGoesOn()
    {
        var worker = await LoadHandlerAsync("""
            setTimeout(() => { throw new Error('in timer') }, 1);
            await new Promise(done => setTimeout(done, 2));
            return new Response('ok')
            """);
        var exchange = Post(worker);
        await Soon(exchange.Opened);
        _time.Advance(TimeSpan.FromMilliseconds(2));
        Assert.Equal("ok", (await Soon(exchange.Answering)).Text);
        Assert.Equal(("timer", "in timer"), (Observer.Uncaught[0].Where, Observer.Uncaught[0].Error.Message));
    }

    [Fact]
    public async Task Timers_WhenTheEventEnds_AreDropped()
    {
        var worker = await LoadHandlerAsync("setInterval(() => console.log('tick'), 10); return new Response('x')");
        await TextAsync(worker);
        _time.Advance(TimeSpan.FromSeconds(1));
        await TextAsync(worker);
        Assert.Empty(Observer.Lines);
    }

    [Fact]
    public async Task Drain_WhenEventsAreOpen_WaitsForThemAndTakesNoMore()
    {
        var worker = await LoadHandlerAsync("await scheduler.wait(50); return new Response('finished')");
        var exchange = Post(worker);
        await Soon(exchange.Opened);
        var draining = Drain(worker);
        Assert.False(worker.TryPost(new InMemoryExchange()));
        Assert.False(draining.IsCompleted);
        await Soon(_time.WhenArmed(TimeSpan.FromMilliseconds(50)));
        _time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal("finished", (await Soon(exchange.Answering)).Text);
        await Soon(draining);
        Assert.Equal(0, worker.Isolates);
    }

    [Fact]
    public async Task Test_WhenAnExportHasOne_RunsIt()
    {
        var worker = await LoadAsync("""
            export default { async test(controller, env, ctx) { await null } };
            export const bad = { test() { throw new Error('no') } };
            export const none = {};
            """);
        var token = TestContext.Current.CancellationToken;
        Assert.True((await worker.TestAsync("default", token)).Passed);
        var bad = await worker.TestAsync("bad", token);
        Assert.Equal((false, "Error: no"), (bad.Passed, bad.Failure!.Message));
        Assert.False((await worker.TestAsync("none", token)).Passed);
    }

    [Fact]
    public async Task Test_WhenWorkWasGivenToWaitUntil_IsOverWithIt()
    {
        var worker = await LoadAsync("""
            export default { test(controller, env, ctx) { ctx.waitUntil((async () => { const late = scheduler.wait(5000); console.log('waits'); await late; throw new Error('late') })()) } };
            """);
        var test = worker.TestAsync("default", TestContext.Current.CancellationToken).AsTask();
        await Soon(Observer.Logged("waits"));
        Assert.False(test.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.True((await Soon(test)).Passed);
        Assert.Equal("late", Assert.Single(Observer.Uncaught).Error.Message);
        Assert.Equal(0, worker.OpenEvents);
    }
}
