using System.Diagnostics;
using System.Text;

namespace Molt.Runtime.Tests.Workers;

/// <summary>Events of every kind at random, clients that leave at random, and a worker that is replaced at random.</summary>
public sealed class SoakTests : RuntimeTest
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(5);

    private const string Source = """
        export default { async fetch(request, env, ctx) {
          switch (new URL(request.url).pathname) {
            case '/text': return new Response('text');
            case '/wait': await scheduler.wait(3); return new Response('waited');
            case '/echo': return new Response(request.body);
            case '/read': return new Response(String((await request.arrayBuffer()).byteLength));
            case '/stream': {
              let n = 0;
              return new Response(new ReadableStream({ type: 'bytes', async pull(c) {
                if (n++ % 3 === 0) await scheduler.wait(1);
                if (n > 20) c.close(); else c.enqueue(new Uint8Array(3000));
              } }))
            }
            case '/later': ctx.waitUntil(scheduler.wait(2)); return new Response('early');
            case '/throw': throw new Error('no');
            case '/hang': await new Promise(done => request.signal.addEventListener('abort', done)); return new Response();
            case '/loop': while (true) {}
            default: throw new Error('unexpected');
          }
        } }
        """;

    private static readonly string[] Paths = ["text", "text", "text", "wait", "echo", "read", "stream", "later", "throw", "hang", "loop"];

    [Fact]
    public async Task Events_WhenEverythingHappensAtOnce_AreAnsweredOrFailedExactlyOnce()
    {
        var random = new Random(20_261_121);
        var definition = Define(Source, new WorkerLimits { Cpu = TimeSpan.FromMilliseconds(20) });
        var worker = await LoadAsync(definition);
        var draining = new List<Task>();
        var posted = new List<InMemoryExchange>();
        var clients = new List<Task>();
        var started = Stopwatch.GetTimestamp();
        var loops = 0;
        while (Stopwatch.GetElapsedTime(started) < Duration && posted.Count < 20_000)
        {
            if (random.Next(400) == 0)
            {
                var successor = await LoadAsync(definition);
                draining.Add(Drain(worker));
                worker = successor;
            }

            var path = Paths[random.Next(Paths.Length)];
            if (path == "loop" && loops++ % 20 != 0)
            {
                path = "text";
            }

            var streams = path is "echo" or "read";
            var exchange = new InMemoryExchange($"http://w.test/{path}", streams ? "POST" : "GET", streams: streams, window: 4000);
            posted.Add(exchange);
            var leaves = path == "hang" || random.Next(10) == 0;
            Post(worker, exchange);
            clients.Add(ActAsync(exchange, streams, leaves, random.Next(4)));
            if (posted.Count % 50 == 0)
            {
                await Soon(posted[^random.Next(1, 40)].Ending);
            }
        }

        draining.Add(Drain(worker));
        await Soon(Task.WhenAll(clients));
        await Soon(Task.WhenAll(draining));
        Assert.All(posted, exchange => Assert.Equal((1, 1), (exchange.Answers, exchange.Closes)));
        Assert.True(posted.Count > 100, $"Only {posted.Count} events.");
    }

    /// <summary>What one client does: sends, reads, and perhaps leaves in between.</summary>
    private static async Task ActAsync(InMemoryExchange exchange, bool streams, bool leaves, int turns)
    {
        await Task.Yield();
        var sending = streams ? Events.StreamTests.SendAsync(exchange, new byte[12_000]) : Task.CompletedTask;
        if (leaves)
        {
            for (var i = 0; i < turns; i++)
            {
                await Task.Yield();
            }

            exchange.Disconnect();
        }

        var reading = ReadAsync(exchange);
        await Soon(exchange.Ending);
        await Soon(reading);
        await exchange.Request.Reader.CompleteAsync();
        await Soon(sending);
    }

    private static async Task ReadAsync(InMemoryExchange exchange)
    {
        try
        {
            await exchange.ReadAllAsync();
        }
        catch (IOException)
        {
            // The body broke off: the client left, or the event met its limit.
        }
    }
}
