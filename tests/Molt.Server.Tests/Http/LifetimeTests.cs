using System.Net.Sockets;
using Molt.Runtime;

namespace Molt.Server.Tests.Http;

/// <summary>Replacing workers, stopping, and clients that leave.</summary>
[Collection(HttpCollection.Name)]
public sealed class LifetimeTests(GuestSnapshot snapshot)
{
    // Answers after a while, and says on its console when a request has come and when it was aborted.
    private const string Slow = """
        export default {
          async fetch(request) {
            request.signal.addEventListener("abort", () => console.log(`aborted ${request.signal.reason?.message ?? request.signal.reason}`));
            console.log("started");
            await scheduler.wait(request.url.endsWith("/never") ? 3600000 : 300);
            return new Response("done");
          },
        };
        """;

    [Fact]
    public async Task Worker_WhenReplacedUnderLoad_LosesNoRequest()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, Version(0));
        using var stop = new CancellationTokenSource();
        var clients = new List<Task<int>>();
        for (var i = 0; i < 8; i++)
        {
            clients.Add(AskAsync(gateway, stop.Token));
        }

        var drained = new List<Task>();
        for (var version = 1; version <= 20; version++)
        {
            var previous = gateway.Server.SetWorker(await gateway.LoadAsync(Version(version)));
            drained.Add(previous!.DrainAsync(TestContext.Current.CancellationToken));
            Assert.Equal($"version {version}", (await gateway.GetAsync()).Body);
        }

        await stop.CancelAsync();
        foreach (var client in clients)
        {
            Assert.True(await client > 0);
        }

        await Task.WhenAll(drained);
        Assert.Empty(gateway.Failures);
    }

    [Fact]
    public async Task Worker_WhenReplaced_FinishesWhatItBegan()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, Slow);

        var response = gateway.GetAsync();
        await gateway.WaitForLogAsync("started");
        var previous = gateway.Server.SetWorker(await gateway.LoadAsync(Version(2)));
        var drained = previous!.DrainAsync(TestContext.Current.CancellationToken);

        Assert.Equal("version 2", (await gateway.GetAsync()).Body);
        Assert.Equal("done", (await response).Body);
        await drained;
    }

    [Theory]
    [InlineData("GET /a HTTP/1.1\r\nHost: test\r\n\r\n", "GET ")]
    [InlineData("POST /b HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello", "POST hello")]
    [InlineData("POST /c HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "POST hello")]
    public async Task FirstWorker_WhenARequestWaitsForIt_AnswersIt(string request, string body)
    {
        var time = new WaitNotice();
        await using var gateway = await Gateway.StartAsync(snapshot, source: null, options => options.FirstWorkerWait = WaitNotice.Wait, time: time);

        var response = gateway.SendAsync(request);
        await time.Waiting;
        gateway.Server.SetWorker(await gateway.LoadAsync("export default { fetch: async request => new Response(`${request.method} ${await request.text()}`) };"));

        Assert.Equal(body, (await response).Body);
    }

    [Fact]
    public async Task FirstWorker_WhenItDoesNotStart_TheFailureAnswers()
    {
        var time = new WaitNotice();
        await using var gateway = await Gateway.StartAsync(snapshot, source: null, options => options.FirstWorkerWait = WaitNotice.Wait, time: time);

        var response = gateway.GetAsync();
        await time.Waiting;
        gateway.Server.SetFailure(new EventFailure(EventOutcome.StartupFailed, "Broken."));

        Assert.Equal(500, (await response).Status);
        Assert.Equal(500, (await gateway.GetAsync()).Status);
    }

    [Fact]
    public async Task FirstWorker_WhenItTakesTooLong_IsNotWaitedFor()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, source: null, options => options.FirstWorkerWait = TimeSpan.FromMilliseconds(1));

        Assert.Equal(500, (await gateway.GetAsync()).Status);
    }

    [Fact]
    public async Task FirstWorker_WhenTheServerStopsBefore_IsNotWaitedFor()
    {
        var time = new WaitNotice();
        await using var gateway = await Gateway.StartAsync(snapshot, source: null, options => options.FirstWorkerWait = WaitNotice.Wait, time: time);

        var response = gateway.GetAsync();
        await time.Waiting;
        await gateway.StopAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(503, (await response).Status);
    }

    [Fact]
    public async Task Stop_WhenRequestsAreInFlight_AnswersThemAndTakesNoMore()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, Slow);

        var response = gateway.GetAsync();
        await gateway.WaitForLogAsync("started");
        await gateway.StopAsync(TimeSpan.FromSeconds(10));

        Assert.Equal("done", (await response).Body);
        await Assert.ThrowsAnyAsync<SocketException>(gateway.ConnectAsync);
    }

    [Fact]
    public async Task Stop_WhenTheTimeIsUp_ClosesWhatIsLeft()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, Slow);
        using var connection = await gateway.ConnectAsync();

        await connection.WriteAsync("GET /never HTTP/1.1\r\nHost: test\r\n\r\n");
        await gateway.WaitForLogAsync("started");
        await gateway.StopAsync(TimeSpan.FromMilliseconds(100));

        Assert.DoesNotContain("done", await connection.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_WhenItLeaves_AbortsTheRequestsSignal()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, Slow);
        using var connection = await gateway.ConnectAsync();

        await connection.WriteAsync("GET /never HTTP/1.1\r\nHost: test\r\n\r\n");
        await gateway.WaitForLogAsync("started");
        connection.Reset();

        await gateway.WaitForLogAsync("aborted The client disconnected.");
        await gateway.StopAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(499, Assert.Single(gateway.Exchanges).Status);
    }

    [Fact]
    public async Task Client_WhenItLeavesInMidUpload_FailsTheWorkersRead()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, """
            export default {
              async fetch(request) {
                const reader = request.body.getReader();
                await reader.read();
                console.log("reading");
                try {
                  while (!(await reader.read()).done);
                } catch (error) {
                  console.log("failed");
                }
                return new Response("late");
              },
            };
            """);
        using var connection = await gateway.ConnectAsync();

        await connection.WriteAsync("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\nhello");
        await gateway.WaitForLogAsync("reading");
        connection.Reset();

        await gateway.WaitForLogAsync("failed");
    }

    [Fact]
    public async Task Client_WhenItLeavesInMidDownload_CancelsTheWorkersStream()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, """
            export default {
              fetch() {
                return new Response(new ReadableStream({
                  pull(controller) { controller.enqueue(new Uint8Array(65536)); },
                  cancel() { console.log("cancelled"); },
                }));
              },
            };
            """);
        using var connection = await gateway.ConnectAsync();

        await connection.WriteAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        await connection.ReadSomeAsync();
        connection.Reset();

        await gateway.WaitForLogAsync("cancelled");
    }

    [Fact]
    public async Task Clients_WhenTheyLeaveAtRandom_LeaveNothingBehind()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, """
            export default {
              async fetch(request) {
                const body = await request.text();
                if (body.length % 3 === 0) {
                  await scheduler.wait(body.length % 7);
                }
                return new Response(body.length % 2 === 0 ? body : new Blob([body]).stream());
              },
            };
            """);
        var random = new Random(20);
        var clients = new List<Task>();
        for (var i = 0; i < 300; i++)
        {
            clients.Add(VisitAsync(random.Next(1, 60_000), random.Next(4)));
            if (clients.Count >= 16)
            {
                await clients[^16];
            }
        }

        await Task.WhenAll(clients);
        Assert.Equal("abc", (await gateway.SendAsync("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\nabc")).Body);

        async Task VisitAsync(int length, int manner)
        {
            using var connection = await gateway.ConnectAsync();
            var body = new string('x', length);
            var request = $"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n{body}";
            if (manner == 0)
            {
                await connection.WriteAsync(request[..(request.Length / 2)]);
                connection.Reset();
                return;
            }

            await connection.WriteAsync(request);
            if (manner == 1)
            {
                connection.Reset();
                return;
            }

            Assert.Equal(body, (await connection.ReadResponseAsync()).Body);
        }
    }

    private static string Version(int version) => $$"""
        export default {
          async fetch() {
            if (Math.random() < 0.5) {
              await scheduler.wait(1);
            }
            return new Response("version {{version}}");
          },
        };
        """;

    private static async Task<int> AskAsync(Gateway gateway, CancellationToken stop)
    {
        using var connection = await gateway.ConnectAsync();
        var count = 0;
        while (!stop.IsCancellationRequested)
        {
            await connection.WriteAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
            var response = await connection.ReadResponseAsync();
            Assert.Equal(200, response.Status);
            count++;
        }

        return count;
    }

    /// <summary>The system's time, which says when a request begins to wait for the first worker.</summary>
    private sealed class WaitNotice : TimeProvider
    {
        public static readonly TimeSpan Wait = TimeSpan.FromSeconds(27);

        private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Waiting => _waiting.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == Wait)
            {
                _waiting.TrySetResult();
            }

            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
