using System.Diagnostics;
using System.Globalization;

namespace Molt.Runtime.Tests.Hostile;

/// <summary>What a worker makes the host keep or do: bounded like what it does itself.</summary>
public sealed class HostSideTests : RuntimeTest
{
    private const string Waiting = """
        const cell = new Int32Array(new SharedArrayBuffer(4));
        const burn = async () => {
          for (;;) {
            await Atomics.waitAsync(cell, 0, 0, 1).value;
            for (const end = performance.now() + 20; performance.now() < end;);
          }
        };
        """;

    [Fact]
    public async Task Executors_WhenTwoIsolatesAreScheduledAtOnce_RunBoth()
    {
        using var poller = new WaitingPoller();
        var neighbour = await LoadHandlerAsync("return new Response('well')");
        var worker = await LoadHandlerAsync("while (true) {}", new WorkerLimits { Cpu = TimeSpan.FromSeconds(1) });
        Runtime.SetPoller(poller);
        await Soon(poller.Polled);
        for (var round = 0; round < 3; round++)
        {
            var looping = Post(worker);
            Assert.Equal("well", await TextAsync(neighbour));
            Assert.False(looping.Ending.IsCompleted, "The neighbour was not answered before the loop was over.");
            Assert.Equal(EventOutcome.ExceededCpu, (await Soon(looping.Failed)).Outcome);
        }

        Runtime.SetPoller(null);
    }

    [Fact]
    public async Task Tasks_WhenAnEventLoopsInThem_AreChargedToIt()
    {
        var worker = await LoadAsync(Waiting + "export default { fetch: burn }", new WorkerLimits { Cpu = TimeSpan.FromMilliseconds(200) });
        var exchange = new InMemoryExchange();
        Assert.Equal(EventOutcome.ExceededCpu, (await FailureAsync(worker, exchange)).Outcome);
        Assert.InRange(exchange.CpuTime, TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(300));
    }

    [Fact]
    public async Task Tasks_WhenTheyLoopWithoutAnEvent_CostTheIsolate()
    {
        var source = Waiting + """
            let started = false;
            export default { fetch() {
              const answer = new Response(started ? 'the same' : 'a new one');
              if (!started) { started = true; burn() }
              return answer
            } }
            """;
        var worker = await LoadAsync(source, new WorkerLimits { Cpu = TimeSpan.FromMilliseconds(200) });
        Assert.Equal("a new one", await TextAsync(worker));
        var started = Stopwatch.GetTimestamp();
        while (await TextAsync(worker) == "the same")
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, "Nothing stops it.");
        }
    }

    [Fact]
    public async Task Timers_WhenClearedBehindOneThatIsSet_AreForgotten()
    {
        var worker = await LoadHandlerAsync("""
            setTimeout(() => {}, 1e6);
            for (let i = 0; i < 1e5; i++) clearTimeout(setTimeout(() => {}, 2e6));
            return new Response('done')
            """);
        await TextAsync(worker);
        await KeepsNothingAsync(() => TextAsync(worker));
    }

    [Fact]
    public async Task Tasks_WhenTheirTimeIsFarAway_ShareATimer()
    {
        var worker = await LoadHandlerAsync("""
            const cell = new Int32Array(new SharedArrayBuffer(4));
            for (let i = 0; i < 5e4; i++) Atomics.waitAsync(cell, 0, 0, 1e9);
            return new Response('done')
            """);
        await KeepsNothingAsync(() => TextAsync(worker));
    }

    [Fact]
    public async Task Tasks_WhenTheirTimesDiffer_RunInTheirOrder()
    {
        var worker = await LoadHandlerAsync("""
            const cell = new Int32Array(new SharedArrayBuffer(4));
            const order = [];
            const wait = ms => Atomics.waitAsync(cell, 0, 0, ms).value.then(() => order.push(ms));
            wait(1e9);
            await Promise.all([wait(60), wait(5), wait(30)]);
            return new Response(order.join())
            """);
        Assert.Equal("5,30,60", await TextAsync(worker));
    }

    [Fact]
    public async Task Imports_WhenOneModuleHasManyNames_AreNotRemembered()
    {
        var worker = await LoadAsync(
            """
            export default { async fetch() {
              for (let i = 1; i < 4000; i += 4) await import('./'.repeat(i) + 'other.js');
              return new Response('done')
            } }
            """,
            null,
            Script("other.js", "export const x = 1"));
        await KeepsNothingAsync(() => TextAsync(worker));
    }

    [Fact]
    public async Task Import_WhenItsNameIsALongText_IsRefusedBeforeItIsCopied()
    {
        var worker = await LoadHandlerAsync("""
            const long = 'x'.repeat(8193);
            const fails = [() => import(long), () => import('./x', { with: { type: long } })];
            const errors = [];
            for (const fail of fails) await fail().catch(e => errors.push(`${e.name}: ${e.message}`));
            return new Response(errors.join('\n'))
            """);
        Assert.Equal(
            "TypeError: The specifier of an import is too long\nTypeError: The specifier of an import is too long",
            await TextAsync(worker));
    }

    [Fact]
    public async Task Fetch_WhenItsBodiesPassTheMemoryLimit_RejectsUntilOthersEnded()
    {
        var outbound = new FakeOutbound();
        Options.Outbound = outbound;
        var worker = await LoadHandlerAsync(
            """
            const body = new Uint8Array(4 << 20), text = 'x'.repeat(10 << 20);
            const send = body => fetch('http://other.test/', { method: 'POST', body }).then(r => r.text());
            const first = [send(text), send(body), send(text)];
            const refused = await send(text).catch(e => `${e.name}: ${e.message}`);
            await Promise.all(first);
            return new Response(refused + ' ' + await send(text))
            """,
            new WorkerLimits { MemoryBytes = 32 << 20 });
        var exchange = Post(worker);
        foreach (var length in (int[])[10 << 20, 4 << 20, 10 << 20, 10 << 20])
        {
            using var call = await Soon(outbound.NextAsync(TestContext.Current.CancellationToken).AsTask());
            Assert.Equal(length, call.Request.Body!.Value.Length);
            call.Respond("answer");
        }

        Assert.Equal(
            "RangeError: The requests that have not ended hold as much as the worker's memory limit of 32 MiB. Wait for some of them first. answer",
            (await Soon(exchange.Answering)).Text);
    }

    [Fact]
    public async Task Fetch_WhenItsHeadersPassTheMemoryLimit_Rejects()
    {
        Options.Outbound = new FakeOutbound();
        var worker = await LoadHandlerAsync(
            """
            const headers = { a: 'x'.repeat(1 << 20) };
            for (let i = 0; ; i++) {
              const sent = fetch('http://other.test/', { headers });
              const error = await Promise.race([sent, Promise.resolve()]).catch(e => e.name);
              if (error !== undefined) return new Response(i + ' ' + error)
            }
            """,
            new WorkerLimits { MemoryBytes = 16 << 20 });
        Assert.Equal("7 RangeError", await TextAsync(worker));
    }

    [Fact]
    public async Task Fetch_WhenItsUploadsPassTheMemoryLimit_FailsTheirStreams()
    {
        Options.Outbound = new FakeOutbound();
        var worker = await LoadHandlerAsync(
            """
            const chunk = new Uint8Array(65_536);
            const upload = () => fetch('http://other.test/', { method: 'POST', body: new ReadableStream({ pull(c) { c.enqueue(chunk) } }) });
            const errors = [];
            for (let i = 0; i < 300; i++) upload().catch(e => errors.push(e.message));
            while (errors.length === 0) await scheduler.wait(1);
            return new Response(errors[0])
            """,
            new WorkerLimits { MemoryBytes = 16 << 20 });
        Assert.Equal(
            "The requests that have not ended hold as much as the worker's memory limit of 16 MiB. Wait for some of them first.",
            await TextAsync(worker));
    }

    [Fact]
    public async Task Isolates_WhenTakenOutOfUseWithEventsOpen_AreBounded()
    {
        Options.Executors = 1;
        var worker = await LoadHandlerAsync(
            """
            if (request.url.endsWith('/loop')) while (true) {}
            await scheduler.wait(1e6)
            """,
            new WorkerLimits { Cpu = TimeSpan.FromMilliseconds(50) });
        var held = new InMemoryExchange[3];
        for (var i = 0; i < held.Length; i++)
        {
            held[i] = Post(worker);
            await Soon(held[i].Opened);
            Assert.Equal(EventOutcome.ExceededCpu, (await FailureAsync(worker, new InMemoryExchange("http://w.test/loop"))).Outcome);
        }

        var ended = await Soon(held[0].Failed);
        Assert.Equal(
            (EventOutcome.Cancelled, "The event's isolate was taken out of use and made room for others before the event was over."),
            (ended.Outcome, ended.Message));
        Assert.False(held[2].Ending.IsCompleted);
        Runtime.ShutDown();
        await Soon(held[2].Ending);
    }

    [Fact]
    public async Task Stream_WhenItBreaksWithALongText_IsClosedWithItsLength()
    {
        var worker = await LoadHandlerAsync("""
            return new Response(new ReadableStream({ pull(c) { c.error('x'.repeat(20_000)) } }))
            """);
        Assert.Equal("(a line of 20000 characters)", await Soon(Post(worker).Ending));
    }

    [Fact]
    public async Task Stream_WhenAChunkIsLarge_CrossesInParts()
    {
        const int Length = (1 << 20) + 5;
        var worker = await LoadHandlerAsync($$"""
            const chunk = Uint8Array.from({ length: {{Length.ToString(CultureInfo.InvariantCulture)}} }, (_, i) => i * 7);
            return new Response(new ReadableStream({ start(c) { c.enqueue(chunk.subarray(1)); c.close() } }))
            """);
        var exchange = Post(worker);
        await Soon(exchange.Answering);
        var first = await exchange.Response.Reader.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal(64 << 10, first.Buffer.Length);
        exchange.Response.Reader.AdvanceTo(first.Buffer.Start);
        var all = await Soon(exchange.ReadAllAsync());
        Assert.Equal(Length - 1, all.Length);
        Assert.All(all, (value, i) => Assert.Equal((byte)((i + 1) * 7), value));
    }

    [Fact]
    public async Task Formats_WhenTheyAreGarbage_AreCollectedBeforeTheLimit()
    {
        var worker = await LoadHandlerAsync(
            "for (let i = 0; i < 2000; i++) new Intl.DateTimeFormat('en', { dateStyle: 'full' }).format(i); return new Response('done')",
            new WorkerLimits { MemoryBytes = 32 << 20 });
        Assert.Equal("done", await TextAsync(worker));
    }

    [Fact]
    public async Task Formats_WhenTheyLoadLocaleData_FitASmallLimit()
    {
        var worker = await LoadHandlerAsync(
            """
            const date = new Intl.DateTimeFormat('ja', { dateStyle: 'full', timeZone: 'Asia/Tokyo' }).format(0);
            new Intl.Collator('zh').compare('a', 'b');
            [...new Intl.Segmenter('th', { granularity: 'word' }).segment('กข')];
            return new Response(date + ' ' + (5).toLocaleString('de', { style: 'currency', currency: 'EUR' }))
            """,
            new WorkerLimits { MemoryBytes = 16 << 20 });
        Assert.Equal("1970年1月1日木曜日 5,00 €", await TextAsync(worker));
    }

    /// <summary>Asserts that managed memory is afterwards what it was before, give or take what tests themselves leave.</summary>
    private static async Task KeepsNothingAsync(Func<Task> action)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await action();
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 2 << 20);
    }
}
