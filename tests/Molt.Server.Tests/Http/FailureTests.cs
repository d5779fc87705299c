using Molt.Runtime;

namespace Molt.Server.Tests.Http;

/// <summary>What clients see of failures, and what they do not.</summary>
[Collection(HttpCollection.Name)]
public sealed class FailureTests(GuestSnapshot snapshot)
{
    [Theory]
    [InlineData("export default { fetch() { throw new Error('secret'); } };", 500, "The worker threw an exception.\n", EventOutcome.Exception)]
    [InlineData("export default { async fetch() { throw new Error('secret'); } };", 500, "The worker threw an exception.\n", EventOutcome.Exception)]
    [InlineData("export default { fetch: () => 'secret' };", 500, "The worker threw an exception.\n", EventOutcome.Exception)]
    [InlineData("export default { scheduled() {} };", 500, "The worker has no fetch handler.\n", EventOutcome.NoHandler)]
    [InlineData("export default { fetch() { while (true); } };", 503, "The worker exceeded its CPU time limit.\n", EventOutcome.ExceededCpu)]
    [InlineData("export default { fetch() { const a = []; while (true) a.push(new Array(1000).fill(1.5)); } };", 503, "The worker exceeded its memory limit.\n", EventOutcome.ExceededMemory)]
    [InlineData("export default { fetch: () => new Promise(() => {}) };", 500, "The worker's code had hung and would never generate a response.\n", EventOutcome.Hung)]
    public async Task Failure_WhenTheWorkerFails_IsAPageWithoutDetails(string source, int status, string body, EventOutcome outcome)
    {
        var limits = new WorkerLimits { Cpu = TimeSpan.FromMilliseconds(outcome == EventOutcome.ExceededCpu ? 100 : 10_000), MemoryBytes = 32 << 20 };
        await using var gateway = await Gateway.StartAsync(snapshot, source, limits: limits);

        var response = await gateway.GetAsync();

        Assert.Equal(status, response.Status);
        Assert.Equal(body, response.Body);
        Assert.Equal("text/plain; charset=utf-8", response.Value("Content-Type"));
        Assert.Equal("no-store", response.Value("Cache-Control"));
        Assert.Equal(outcome, Assert.Single(gateway.Failures).Outcome);
    }

    [Theory]
    [InlineData("new Response('x', { headers: { 'x-bad': 'a\\x01b', 'x-good': '1' } })", "x-bad", "U+0001")]
    [InlineData("new Response('x', { headers: { 'x-bad': '\\x1b[0m' } })", "x-bad", "U+001B")]
    [InlineData("new Response('x', { status: 302, statusText: 'Elsewhere', headers: { Location: '/\\x1f' } })", "location", "U+001F")]
    [InlineData("new Response(null, { headers: { 'content-type': 'a/b\\x7f' } })", "content-type", "U+007F")]
    [InlineData("new Response(new ReadableStream({ async pull() { await scheduler.wait(60000) } }), { headers: { a: '\\x02' } })", "a", "U+0002")]
    public async Task Failure_WhenAResponseHeaderHasAControlCharacter_IsAnsweredAtOnceAndNamed(string response, string header, string character)
    {
        await using var gateway = await Gateway.StartAsync(
            snapshot, $"export default {{ fetch(r) {{ return r.url.endsWith('/fine') ? new Response('fine', {{ headers: {{ tab: 'a\\tb' }} }}) : {response}; }} }};");
        using var connection = await gateway.ConnectAsync();

        await connection.WriteAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        var failed = await connection.ReadResponseAsync();
        await connection.WriteAsync("GET /fine HTTP/1.1\r\nHost: h\r\n\r\n");
        var fine = await connection.ReadResponseAsync();

        Assert.Equal((500, "The worker threw an exception.\n"), (failed.Status, failed.Body));
        Assert.Null(failed.Value("x-good"));
        Assert.Null(failed.Value("location"));
        Assert.Equal("text/plain; charset=utf-8", failed.Value("content-type"));
        Assert.Equal((200, "fine", "a\tb"), (fine.Status, fine.Body, fine.Value("tab")));
        var failure = Assert.Single(gateway.Failures);
        Assert.Equal(
            (EventOutcome.Exception, $"The value of the response header \"{header}\" has the control character {character}, which HTTP cannot send."),
            (failure.Outcome, failure.Message));
    }

    [Fact]
    public async Task Failure_WhenOneEventLoops_LeavesTheOthersAnswered()
    {
        await using var gateway = await Gateway.StartAsync(
            snapshot,
            "export default { fetch(request) { while (request.url.endsWith('/loop')); return new Response('fine'); } };",
            limits: new WorkerLimits { Cpu = TimeSpan.FromMilliseconds(300) });

        var looping = gateway.GetAsync("/loop");
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("fine", (await gateway.GetAsync()).Body);
        }

        Assert.Equal(503, (await looping).Status);
    }

    [Fact]
    public async Task Failure_WhenAWorkerKnownAsFastLoops_AnotherIsAnsweredMeanwhile()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, source: null);
        var fast = await gateway.LoadAsync(
            "export default { fetch(r) { while (r.url.endsWith('loop')); return new Response('fast'); } };",
            new WorkerLimits { Cpu = TimeSpan.FromSeconds(4) });
        var other = await gateway.LoadAsync("export default { fetch() { return new Response('other'); } };");
        gateway.Server.SetWorker(fast);
        using var connection = await gateway.ConnectAsync();
        for (var i = 0; i < 200; i++)
        {
            // By then its events are run by the thread that receives them.
            await connection.WriteAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
            Assert.Equal("fast", (await connection.ReadResponseAsync()).Body);
        }

        await connection.WriteAsync("GET /loop HTTP/1.1\r\nHost: h\r\n\r\n");
        var looping = connection.ReadResponseAsync();
        while (fast.OpenEvents == 0)
        {
            await Task.Yield();
        }

        gateway.Server.SetWorker(other);
        Assert.Equal("other", (await gateway.GetAsync()).Body);
        Assert.False(looping.IsCompleted);
        Assert.Equal(503, (await looping).Status);
    }

    [Fact]
    public async Task Server_WhenNoWorkerIsLoaded_SaysSo()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, source: null);

        var response = await gateway.GetAsync();

        Assert.Equal(500, response.Status);
        Assert.Equal("The worker could not be started.\n", response.Body);
    }

    [Fact]
    public async Task Failure_WhenSet_ReplacesTheWorkerUntilTheNext()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, "export default { fetch: () => new Response('fine') };", options => options.FailurePage = new Page());

        var worker = gateway.Server.SetFailure(new EventFailure(EventOutcome.StartupFailed, "Broken."));
        var broken = await gateway.SendAsync("GET / HTTP/1.1\r\nHost: test\r\nAccept: text/x-test\r\n\r\n");
        gateway.Server.SetWorker(worker!);
        var mended = await gateway.GetAsync();

        Assert.Equal("StartupFailed Broken. 500 text/x-test", broken.Body);
        Assert.Equal("fine", mended.Body);
    }

    [Theory]
    [InlineData("GET /a?b HTTP/1.1\r\nHost: test\r\nX-A: 1\r\n\r\n", "GET /a?b 1 ")]
    [InlineData("POST /c HTTP/1.1\r\nHost: test\r\nX-A: 2\r\nContent-Length: 5\r\n\r\nhello", "POST /c 2 hello")]
    public async Task Origin_WhenTheWorkerPassesThrough_Answers(string request, string body)
    {
        await using var origin = new Origin();
        await using var gateway = await Gateway.StartAsync(
            snapshot,
            "export default { async fetch(request, env, ctx) { ctx.passThroughOnException(); await request.text(); throw new Error('secret'); } };",
            options => options.Origin = new Uri("http://origin.test:81/"),
            outbound: origin);

        var response = await gateway.SendAsync(request);

        Assert.Equal(203, response.Status);
        Assert.Equal("origin.test:81", response.Value("X-Origin"));
        Assert.Equal(body, response.Body);
    }

    [Fact]
    public async Task Failure_WhenTheWorkerPassesThroughWithoutAnOrigin_IsThePage()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, "export default { fetch(request, env, ctx) { ctx.passThroughOnException(); throw new Error('secret'); } };");

        Assert.Equal(500, (await gateway.GetAsync()).Status);
    }

    private sealed class Page : IFailurePage
    {
        public FailureContent Render(EventFailure failure, int status, string accept) =>
            new("text/plain", System.Text.Encoding.UTF8.GetBytes($"{failure.Outcome} {failure.Message} {status} {accept}"));
    }

    /// <summary>An origin that answers with what it was sent.</summary>
    private sealed class Origin : IOutboundFetch, IAsyncDisposable
    {
        public ValueTask<OutboundResponse> SendAsync(OutboundRequest request, CancellationToken cancellationToken)
        {
            var field = "";
            foreach (var (name, value) in request.Headers)
            {
                field = name.Equals("X-A", StringComparison.OrdinalIgnoreCase) ? value : field;
            }

            var text = $"{request.Method} {request.Url.PathAndQuery} {field} {System.Text.Encoding.UTF8.GetString((request.Body ?? default).Span)}";
            var body = System.IO.Pipelines.PipeReader.Create(new System.Buffers.ReadOnlySequence<byte>(System.Text.Encoding.UTF8.GetBytes(text)));
            return ValueTask.FromResult(new OutboundResponse
            {
                Status = 203,
                Url = request.Url.ToString(),
                Headers = [new("X-Origin", request.Url.Authority), new("Transfer-Encoding", "chunked")],
                Body = body,
            });
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
