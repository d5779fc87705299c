using System.Buffers;
using System.Text;

namespace Molt.Runtime.Tests.Events;

public sealed class StreamTests : RuntimeTest
{
    private const string Echo = "export default { fetch(request) { return new Response(request.body) } }";

    [Fact]
    public async Task Echo_WhenChunksCome_SendsEachAsItComes()
    {
        var worker = await LoadAsync(Echo);
        var exchange = Post(worker, new InMemoryExchange(method: "POST", streams: true));
        Assert.Equal(BodyKind.Stream, (await Soon(exchange.Answering)).Kind);
        foreach (var chunk in new[] { "one", "two", "three" })
        {
            await exchange.Request.Writer.WriteAsync(Encoding.UTF8.GetBytes(chunk), TestContext.Current.CancellationToken);
            var read = await Soon(exchange.Response.Reader.ReadAtLeastAsync(chunk.Length, TestContext.Current.CancellationToken).AsTask());
            Assert.Equal(chunk, Encoding.UTF8.GetString(read.Buffer.ToArray()));
            exchange.Response.Reader.AdvanceTo(read.Buffer.End);
        }

        await exchange.Request.Writer.CompleteAsync();
        Assert.Empty(await Soon(exchange.ReadAllAsync()));
        Assert.Null(await Soon(exchange.Ending));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1 << 16)]
    [InlineData((1 << 20) + 7)]
    public async Task Echo_WhenTheBodyIsLarge_KeepsEveryByte(int length)
    {
        var worker = await LoadAsync(Echo);
        var sent = new byte[length];
        new Random(length).NextBytes(sent);
        var exchange = Post(worker, new InMemoryExchange(method: "POST", streams: true));
        var sending = SendAsync(exchange, sent);
        Assert.Equal(sent, await Soon(exchange.ReadAllAsync()));
        await Soon(sending);
    }

    [Fact]
    public async Task Text_WhenTheBodyIsManyChunks_IsAllOfIt()
    {
        var worker = await LoadHandlerAsync("return new Response(String((await request.text()).length))");
        var exchange = new InMemoryExchange(method: "POST", streams: true);
        var sending = SendAsync(exchange, new byte[300_000]);
        Assert.Equal("300000", await TextAsync(worker, exchange));
        await Soon(sending);
    }

    [Fact]
    public async Task Response_WhenTheBodyIsHalfRead_EndsTheExchange()
    {
        var worker = await LoadHandlerAsync("const { value } = await request.body.getReader().read(); return new Response(value)");
        var exchange = new InMemoryExchange(method: "POST", streams: true);
        await exchange.Request.Writer.WriteAsync("first"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal("first", await TextAsync(worker, exchange));
        Assert.Null(await Soon(exchange.Ending));

        // The pipe is the server's again: it may be read without interference.
        await exchange.Request.Writer.WriteAsync("second"u8.ToArray(), TestContext.Current.CancellationToken);
        var rest = await Soon(exchange.Request.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask());
        Assert.Equal("second", Encoding.UTF8.GetString(rest.Buffer.ToArray()));
    }

    [Fact]
    public async Task Response_WhenTheBodyIsBeingRead_EndsTheExchange()
    {
        var worker = await LoadHandlerAsync("request.body.getReader().read().catch(() => {}); return new Response('early')");
        var exchange = new InMemoryExchange(method: "POST", streams: true);
        Assert.Equal("early", await TextAsync(worker, exchange));
        Assert.Null(await Soon(exchange.Ending));
    }

    [Fact]
    public async Task Write_WhenTheClientIsSlow_StopsAskingTheGuest()
    {
        var worker = await LoadHandlerAsync("""
            let pulled = 0;
            return new Response(new ReadableStream({
              type: 'bytes',
              pull(controller) {
                if (++pulled > 100) return controller.close();
                if (pulled === 4) console.log('pulled 4');
                controller.enqueue(new Uint8Array(1000));
                globalThis.pulled = pulled;
              },
            }, { highWaterMark: 0 }))
            """);
        var probe = await LoadHandlerAsync("return new Response()");
        var exchange = Post(worker, new InMemoryExchange(window: 4000));
        await Soon(exchange.Answering);
        await Soon(Observer.Logged("pulled 4"));

        // Whatever the guest would do without being asked it has done once the same executors served others.
        for (var i = 0; i < 20; i++)
        {
            await TextAsync(probe);
        }

        Assert.True(exchange.Response.Reader.TryRead(out var waiting));
        Assert.InRange(waiting.Buffer.Length, 4000, 5000);
        exchange.Response.Reader.AdvanceTo(waiting.Buffer.Start);
        Assert.Equal(100_000, (await Soon(exchange.ReadAllAsync())).Length);
    }

    [Fact]
    public async Task Read_WhenTheGuestDoesNot_StopsTheClient()
    {
        var worker = await LoadHandlerAsync("""
            const reader = request.body.getReader();
            await new Promise(resolve => globalThis.go = resolve);
            let size = 0;
            for (let chunk; !(chunk = await reader.read()).done;) size += chunk.value.length;
            return new Response(String(size))
            """);
        var slow = new InMemoryExchange(method: "POST", streams: true, window: 4000);
        Post(worker, slow);
        await Soon(slow.Opened);
        var sending = SendAsync(slow, new byte[20_000]);
        Assert.False(sending.IsCompleted);
        Assert.False(slow.Answering.IsCompleted);
        slow.Disconnect();
        Assert.Equal(EventOutcome.Disconnected, (await Soon(slow.Failed)).Outcome);
        await slow.Request.Reader.CompleteAsync();
        await Soon(sending);
    }

    [Fact]
    public async Task Stream_WhenItFails_BreaksTheBodyOff()
    {
        var worker = await LoadHandlerAsync("""
            let n = 0;
            return new Response(new ReadableStream({ pull(c) { if (n++) throw new Error('broken'); c.enqueue(new TextEncoder().encode('x')) } }))
            """);
        var exchange = Post(worker);
        Assert.Equal(200, (await Soon(exchange.Answering)).Status);
        Assert.Equal("broken", (await Assert.ThrowsAsync<IOException>(() => Soon(exchange.ReadAllAsync()))).Message);
        Assert.Equal("broken", await Soon(exchange.Ending));
        Assert.Equal("broken", Assert.Single(Observer.Uncaught).Error.Message);
    }

    [Fact]
    public async Task Request_WhenTheClientBreaksOff_IsCancelledAndNoFaultOfTheWorker()
    {
        var worker = await LoadHandlerAsync("await request.text()");
        var exchange = Post(worker, new InMemoryExchange(method: "POST", streams: true));
        await Soon(exchange.Opened);
        await exchange.Request.Writer.CompleteAsync(new IOException("secret of the host"));
        Assert.Equal(new EventFailure(EventOutcome.Disconnected, "The client disconnected."), await Soon(exchange.Failed));
        await Soon(exchange.Ending);
        Assert.Empty(Observer.Failures);
        Assert.Empty(Observer.Uncaught);
    }

    [Fact]
    public async Task Request_WhenItsBodyIsRefused_FailsTheRead()
    {
        var worker = await LoadHandlerAsync("try { await request.text() } catch (e) { return new Response(e.message) }");
        var exchange = Post(worker, new InMemoryExchange(method: "POST", streams: true) { FaultsAreDisconnects = false });
        await Soon(exchange.Opened);
        await exchange.Request.Writer.CompleteAsync(new IOException("secret of the host"));
        Assert.Equal("The connection was closed before the body ended.", (await Soon(exchange.Answering)).Text);
    }

    internal static async Task SendAsync(InMemoryExchange exchange, byte[] body)
    {
        for (var at = 0; at < body.Length; at += 5000)
        {
            var result = await exchange.Request.Writer.WriteAsync(body.AsMemory(at, Math.Min(5000, body.Length - at)));
            if (result.IsCompleted)
            {
                return;
            }
        }

        await exchange.Request.Writer.CompleteAsync();
    }
}
