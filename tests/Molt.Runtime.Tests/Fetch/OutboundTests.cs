using System.IO.Pipelines;
using System.Text;

namespace Molt.Runtime.Tests.Fetch;

public sealed class OutboundTests : RuntimeTest
{
    private readonly FakeOutbound _outbound = new();

    public OutboundTests() => Options.Outbound = _outbound;

    [Fact]
    public async Task Fetch_WhenCalled_CrossesWithItsHeadAndBody()
    {
        var worker = await LoadHandlerAsync("""
            const r = await fetch('http://origin.test/a?b#c', { method: 'POST', body: 'grüße', redirect: 'manual', headers: { 'X-One': '1', accept: 'text/plain' } });
            return Response.json([r.status, r.statusText, r.ok, r.url, [...r.headers], await r.text()])
            """);
        var exchange = Post(worker);
        var call = await NextAsync();
        Assert.Equal(("POST", "http://origin.test/a?b", RedirectMode.Manual), (call.Request.Method, call.Request.Url.AbsoluteUri, call.Request.Redirect));
        Assert.Equal("grüße", Encoding.UTF8.GetString(call.Request.Body!.Value.Span));
        Assert.Contains(new("x-one", "1"), call.Request.Headers);
        Assert.Contains(new("content-type", "text/plain;charset=UTF-8"), call.Request.Headers);
        call.Respond("answer", 201);
        Assert.Equal(
            """[201,"Fine",true,"http://origin.test/a?b",[["set-cookie","b=2"],["set-cookie","c=3"],["x-a","1"]],"answer"]""",
            (await Soon(exchange.Answering)).Text);
        await Soon(exchange.Ending);
        await Soon(Drain(worker));
        Assert.True(call.IsReleased);
    }

    [Theory]
    [InlineData("", "{}", "molt;hops=1")]
    [InlineData("cdn-loop: molt;hops=3", "{}", "molt;hops=4")]
    [InlineData("cdn-loop: other, molt;hops=15", "request", "other, molt;hops=16")]
    [InlineData("cdn-loop: molt;hops=-9", "{}", "molt;hops=1")]
    [InlineData("cdn-loop: molt;hops=3", "{ headers: { 'cdn-loop': 'molt;hops=0, x' } }", "x, molt;hops=4")]
    public async Task Fetch_WhenCalled_CountsHowOftenTheRequestCameThrough(string header, string init, string expected)
    {
        var worker = await LoadHandlerAsync($"return fetch('http://origin.test/', {init})");
        var exchange = Post(worker, new InMemoryExchange("http://a.test/", "GET", header));
        var call = await NextAsync();
        call.Respond("answer", 200);
        await Soon(exchange.Ending);
        Assert.Contains(new("cdn-loop", expected), call.Request.Headers);
    }

    [Fact]
    public async Task Fetch_WhenTheWorkerCallsItself_ComesToAnEnd()
    {
        var worker = await LoadHandlerAsync("try { await fetch('http://origin.test/') } catch (e) { return new Response(e.message) }");
        Assert.Equal(
            "This request came from a worker's fetch() 16 times over: the worker calls itself.",
            await TextAsync(worker, new InMemoryExchange("http://a.test/", "GET", "cdn-loop: molt;hops=16")));
    }

    [Fact]
    public async Task Fetch_WhenItFails_RejectsWithTheMessage()
    {
        var worker = await LoadHandlerAsync("try { await fetch('http://o.test/') } catch (e) { return new Response(e.name + ': ' + e.message) }");
        var exchange = Post(worker);
        (await NextAsync()).Fail(new OutboundFetchException("No such place."));
        Assert.Equal("TypeError: No such place.", (await Soon(exchange.Answering)).Text);
        exchange = Post(worker);
        (await NextAsync()).Fail(new IOException("secret of the host"));
        Assert.Equal("TypeError: Network connection lost.", (await Soon(exchange.Answering)).Text);
    }

    [Fact]
    public async Task Fetch_WhenTheCapabilityHasADefect_IsReportedAndTheIsolateLives()
    {
        FaultsAreExpected = true;
        var worker = await LoadHandlerAsync("globalThis.n = (globalThis.n ?? 0) + 1; try { await fetch('http://o.test/') } catch (e) { return new Response(n + e.message) }");
        var exchange = Post(worker);
        (await NextAsync()).Fail(new InvalidOperationException("defect"));
        Assert.Equal("1Network connection lost.", (await Soon(exchange.Answering)).Text);
        exchange = Post(worker);
        (await NextAsync()).Fail(new IOException());
        Assert.Equal("2Network connection lost.", (await Soon(exchange.Answering)).Text);
        Assert.Equal("defect", Assert.Single(Observer.Faults).Message);
    }

    [Fact]
    public async Task Response_WhenItStreams_IsReadAsItComes()
    {
        var worker = await LoadHandlerAsync("return fetch('http://o.test/')");
        var exchange = Post(worker);
        var body = new Pipe();
        (await NextAsync()).Respond(stream: body.Reader);
        Assert.Equal(BodyKind.Stream, (await Soon(exchange.Answering)).Kind);
        foreach (var chunk in new[] { "one", "two" })
        {
            await body.Writer.WriteAsync(Encoding.UTF8.GetBytes(chunk), TestContext.Current.CancellationToken);
            var read = await Soon(exchange.Response.Reader.ReadAtLeastAsync(3, TestContext.Current.CancellationToken).AsTask());
            Assert.Equal(chunk, Encoding.UTF8.GetString(read.Buffer.FirstSpan));
            exchange.Response.Reader.AdvanceTo(read.Buffer.End);
        }

        await body.Writer.CompleteAsync();
        Assert.Empty(await Soon(exchange.ReadAllAsync()));
    }

    [Fact]
    public async Task Upload_WhenItStreams_ArrivesAsItIsWritten()
    {
        var worker = await LoadHandlerAsync("const r = await fetch('http://o.test/', { method: 'PUT', body: request.body }); return new Response(String(r.status))");
        var exchange = Post(worker, new InMemoryExchange(method: "POST", streams: true));
        var call = await NextAsync();
        var sent = new byte[200_000];
        new Random(1).NextBytes(sent);
        var sending = Events.StreamTests.SendAsync(exchange, sent);
        using var received = new MemoryStream();
        await Soon(call.Request.BodyStream!.CopyToAsync(received, TestContext.Current.CancellationToken));
        Assert.Equal(sent, received.ToArray());
        call.Respond(status: 204);
        Assert.Equal("204", (await Soon(exchange.Answering)).Text);
        await Soon(sending);
    }

    [Fact]
    public async Task Upload_WhenTheReceiverIsSlow_StopsAskingTheGuest()
    {
        var worker = await LoadHandlerAsync("""
            let pulled = 0;
            const body = new ReadableStream({ pull(c) { pulled++; c.enqueue(new Uint8Array(16384)) } }, { highWaterMark: 0 });
            const sent = fetch('http://o.test/', { method: 'PUT', body }).catch(() => {});
            await scheduler.wait(50);
            const before = pulled;
            await scheduler.wait(50);
            return new Response(String(before === pulled && pulled <= 6))
            """);
        Assert.Equal("true", await TextAsync(worker));
        var call = await NextAsync();
        Assert.True(call.Cancelled.IsCancellationRequested);
    }

    [Fact]
    public async Task Abort_WhenTheGuestAsks_CancelsTheRequest()
    {
        var worker = await LoadHandlerAsync("""
            const c = new AbortController();
            const pending = fetch('http://o.test/', { signal: c.signal });
            setTimeout(() => c.abort(new Error('enough')), 1);
            try { await pending } catch (e) { return new Response(e.message) }
            """);
        var exchange = Post(worker);
        var call = await NextAsync();
        Assert.Equal("enough", (await Soon(exchange.Answering)).Text);
        await Soon(exchange.Ending);
        Assert.True(call.Cancelled.IsCancellationRequested);
    }

    [Fact]
    public async Task Disconnect_WhenARequestIsOut_CancelsIt()
    {
        var worker = await LoadHandlerAsync("return fetch('http://o.test/')");
        var exchange = Post(worker);
        var call = await NextAsync();
        exchange.Disconnect();
        Assert.Equal(EventOutcome.Disconnected, (await Soon(exchange.Failed)).Outcome);
        await Soon(Drain(worker));
        Assert.True(call.Cancelled.IsCancellationRequested);
    }

    [Fact]
    public async Task Cancel_WhenTheGuestDropsABody_GivesTheConnectionBack()
    {
        var worker = await LoadHandlerAsync("""
            const r = await fetch('http://o.test/');
            await r.body.cancel();
            console.log('cancelled');
            await fetch('http://o.test/second');
            return new Response('done')
            """);
        var exchange = Post(worker);
        var first = await NextAsync();
        first.Respond(stream: new Pipe().Reader);
        await Soon(Observer.Logged("cancelled"));
        var second = await NextAsync();
        Assert.True(first.IsReleased);
        second.Respond("x");
        Assert.Equal("done", (await Soon(exchange.Answering)).Text);
    }

    [Fact]
    public async Task Connections_WhenManyAreAskedFor_OpenSixAtOnceInOrder()
    {
        var worker = await LoadHandlerAsync("""
            const all = await Promise.all(Array.from({ length: 9 }, (_, i) => fetch('http://o.test/' + i).then(r => r.text())));
            return new Response(all.join())
            """);
        var exchange = Post(worker);
        var open = new Queue<OutboundCall>();
        for (var i = 0; i < 6; i++)
        {
            open.Enqueue(await NextAsync());
        }

        Assert.Equal(6, _outbound.Count);
        for (var i = 0; i < 9; i++)
        {
            var call = open.Dequeue();
            Assert.Equal($"http://o.test/{i}", call.Request.Url.AbsoluteUri);
            call.Respond($"r{i}");
            if (i < 3)
            {
                open.Enqueue(await NextAsync());
                Assert.Equal(7 + i, _outbound.Count);
            }
        }

        Assert.Equal("r0,r1,r2,r3,r4,r5,r6,r7,r8", (await Soon(exchange.Answering)).Text);
    }

    [Fact]
    public async Task Subrequests_WhenTheLimitIsReached_AreRefused()
    {
        var worker = await LoadHandlerAsync(
            """
            const out = [];
            for (let i = 0; i < 4; i++) try { out.push((await fetch('http://o.test/' + i)).status) } catch (e) { out.push(e.message) }
            return new Response(out.join())
            """,
            new WorkerLimits { Subrequests = 3 });
        var exchange = Post(worker);
        (await NextAsync()).Respond("x");
        var second = await NextAsync();
        Assert.True(second.Request.TakeSubrequest());
        Assert.False(second.Request.TakeSubrequest());
        second.Respond("x");
        Assert.Equal("200,200,Too many subrequests.,Too many subrequests.", (await Soon(exchange.Answering)).Text);
    }

    [Fact]
    public async Task Answer_WhenTheEventIsOver_IsReleased()
    {
        var worker = await LoadHandlerAsync("fetch('http://o.test/').catch(() => {}); return new Response('early')");
        Assert.Equal("early", await TextAsync(worker));
        var call = await NextAsync();
        call.Respond("late");
        await Soon(Drain(worker));
        Assert.Equal(0, worker.OpenEvents);
    }

    [Fact]
    public async Task Global_WhenNoNetworkIsGiven_SaysSo()
    {
        Options.Outbound = new NoOutboundFetch();
        var worker = await LoadHandlerAsync("try { await fetch('http://o.test/') } catch (e) { return new Response(e.message) }");
        Assert.StartsWith("This worker is not permitted to access the internet", await TextAsync(worker), StringComparison.Ordinal);
    }

    private Task<OutboundCall> NextAsync() => Soon(_outbound.NextAsync(TestContext.Current.CancellationToken).AsTask());
}
