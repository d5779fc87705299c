using System.Buffers;
using System.IO.Pipelines;
using Molt.Runtime;

namespace Molt.Server.Tests.Http;

/// <summary>What a client sees of a worker's response.</summary>
[Collection(HttpCollection.Name)]
public sealed class ResponseTests(GuestSnapshot snapshot)
{
    [Fact]
    public async Task Text_WhenReturned_HasItsLengthInUtf8()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, "export default { fetch: () => new Response('h\\u00e9 \\u{1f98b}') };");

        var response = await gateway.GetAsync();

        Assert.Equal("8", response.Value("Content-Length"));
        Assert.Equal("text/plain;charset=UTF-8", response.Value("Content-Type"));
        Assert.Equal("h\u00c3\u00a9 \u00f0\u009f\u00a6\u008b", response.Body);
    }

    [Fact]
    public async Task Cookies_WhenSeveral_StaySeparateFields()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, """
            export default {
              fetch() {
                const response = new Response("x");
                response.headers.append("set-cookie", "a=1; Path=/");
                response.headers.append("set-cookie", "b=2, c");
                response.headers.append("x-list", "1");
                response.headers.append("x-list", "2");
                return response;
              },
            };
            """);

        var response = await gateway.GetAsync();

        Assert.Equal(["a=1; Path=/", "b=2, c"], response.Values("Set-Cookie"), StringComparer.Ordinal);
        Assert.Equal(["1", "2"], response.Values("X-List"), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("{ status: 201 }", "HTTP/1.1 201 Created")]
    [InlineData("{ status: 404, statusText: 'Nowhere' }", "HTTP/1.1 404 Nowhere")]
    [InlineData("{ status: 599 }", "HTTP/1.1 599 ")]
    public async Task Status_WhenGiven_IsSentWithItsText(string init, string statusLine)
    {
        await using var gateway = await Gateway.StartAsync(snapshot, $"export default {{ fetch: () => new Response('x', {init}) }};");

        Assert.Equal(statusLine, (await gateway.GetAsync()).StatusLine);
    }

    [Theory]
    [InlineData("new Response('hello')", "5")]
    [InlineData("new Response(new Uint8Array(7))", "7")]
    [InlineData("new Response(null, { headers: { 'content-length': '42' } })", "42")]
    public async Task Head_WhenAsked_SendsTheLengthAndNoBody(string response, string length)
    {
        await using var gateway = await Gateway.StartAsync(snapshot, $"export default {{ fetch: () => {response} }};");
        using var connection = await gateway.ConnectAsync();

        await connection.WriteAsync("HEAD / HTTP/1.1\r\nHost: test\r\n\r\nHEAD / HTTP/1.1\r\nHost: test\r\n\r\n");
        var first = await connection.ReadResponseAsync(head: true);
        var second = await connection.ReadResponseAsync(head: true);

        Assert.Equal(length, first.Value("Content-Length"));
        Assert.Equal("HTTP/1.1 200 OK", second.StatusLine);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    public async Task Response_WhenItsStatusHasNoBody_HasNoLength(int status)
    {
        await using var gateway = await Gateway.StartAsync(snapshot, $"export default {{ fetch: () => new Response(null, {{ status: {status} }}) }};");
        using var connection = await gateway.ConnectAsync();

        await connection.WriteAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\nGET / HTTP/1.1\r\nHost: test\r\n\r\n");
        var first = await connection.ReadResponseAsync();
        var second = await connection.ReadResponseAsync();

        Assert.Equal(status, first.Status);
        Assert.Null(first.Value("Content-Length"));
        Assert.Null(first.Value("Transfer-Encoding"));
        Assert.Equal(status, second.Status);
    }

    [Fact]
    public async Task Stream_WhenReturned_IsChunkedAndComesAsItIsMade()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, """
            let released = false;
            const encoder = new TextEncoder();
            export default {
              async fetch(request, env, ctx) {
                if (request.url.endsWith("/release")) {
                  released = true;
                  return new Response("released");
                }
                const { readable, writable } = new TransformStream();
                const writer = writable.getWriter();
                ctx.waitUntil((async () => {
                  await writer.write(encoder.encode("first"));
                  for (let i = 0; i < 1000 && !released; i++) {
                    await scheduler.wait(5);
                  }
                  await writer.write(encoder.encode("second"));
                  await writer.close();
                })());
                return new Response(readable);
              },
            };
            """, limits: new() { Isolates = 1 });
        using var connection = await gateway.ConnectAsync();

        await connection.WriteAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        var received = "";
        while (!received.Contains("first", StringComparison.Ordinal))
        {
            received += await connection.ReadSomeAsync();
        }

        Assert.Contains("Transfer-Encoding: chunked", received, StringComparison.Ordinal);
        Assert.DoesNotContain("second", received, StringComparison.Ordinal);
        Assert.Equal("released", (await gateway.GetAsync("/release")).Body);
        while (!received.EndsWith("0\r\n\r\n", StringComparison.Ordinal))
        {
            var some = await connection.ReadSomeAsync();
            Assert.False(some.Length == 0, "The connection was closed before the body ended.");
            received += some;
        }

        Assert.EndsWith("5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n", received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_WhenTheClientStopsReading_StopsTheWorker()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, """
            let pulled = 0;
            export default {
              fetch(request) {
                if (request.url.endsWith("/pulled")) {
                  return new Response(String(pulled));
                }
                return new Response(new ReadableStream({
                  pull(controller) {
                    pulled += 65536;
                    controller.enqueue(new Uint8Array(65536));
                  },
                }));
              },
            };
            """, limits: new() { Isolates = 1 });
        using var connection = await gateway.ConnectAsync();

        await connection.WriteAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        await connection.ReadSomeAsync();
        long before;
        long after = -1;
        do
        {
            before = after;
            after = long.Parse((await gateway.GetAsync("/pulled")).Body, System.Globalization.CultureInfo.InvariantCulture);
        }
        while (before != after);
        connection.Reset();

        Assert.InRange(after, 65536, 32 << 20);
    }

    [Fact]
    public async Task Stream_WhenItBreaks_IsNotCompleted()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, """
            export default {
              fetch() {
                let count = 0;
                return new Response(new ReadableStream({
                  pull(controller) {
                    if (count++ === 0) {
                      controller.enqueue(new TextEncoder().encode("start"));
                    } else {
                      controller.error(new Error("secret"));
                    }
                  },
                }));
              },
            };
            """);
        using var connection = await gateway.ConnectAsync();

        await connection.WriteAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        var received = await connection.ReadToEndAsync();

        Assert.DoesNotContain("0\r\n\r\n", received, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConnectionFields_WhenForgedByTheWorker_AreNotSent()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, """
            export default {
              fetch() {
                return new Response("hello", {
                  headers: {
                    "connection": "close", "keep-alive": "timeout=1", "transfer-encoding": "chunked", "upgrade": "h2c",
                    "te": "trailers", "trailer": "x", "proxy-connection": "close", "content-length": "3", "x-kept": "yes",
                  },
                });
              },
            };
            """);
        using var connection = await gateway.ConnectAsync();

        await connection.WriteAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\nGET / HTTP/1.1\r\nHost: test\r\n\r\n");
        var first = await connection.ReadResponseAsync();
        var second = await connection.ReadResponseAsync();

        foreach (var name in new[] { "Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade", "TE", "Trailer", "Proxy-Connection" })
        {
            Assert.Null(first.Value(name));
        }

        Assert.Equal("yes", first.Value("X-Kept"));
        Assert.Equal("5", first.Value("Content-Length"));
        Assert.Equal("hello", first.Body);
        Assert.Equal("hello", second.Body);
    }

    [Theory]
    [InlineData("new Headers({ 'x-a': 'b\\r\\nx-forged: 1' })")]
    [InlineData("new Headers({ 'x-a\\r\\nx-forged': '1' })")]
    [InlineData("new Response('x', { statusText: 'OK\\r\\nx-forged: 1' })")]
    public async Task LineBreaks_WhenPutIntoFields_AreRefused(string expression)
    {
        await using var gateway = await Gateway.StartAsync(snapshot, $$"""
            export default {
              fetch() {
                try {
                  return new Response("taken", { headers: {{expression}} });
                } catch (error) {
                  return new Response(error.name);
                }
              },
            };
            """);

        var response = await gateway.GetAsync();

        Assert.Equal("TypeError", response.Body);
        Assert.Null(response.Value("X-Forged"));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(9)]
    public async Task Stream_WhenTheWorkerDeclaresItsLength_IsSentAsItIs(int declared)
    {
        await using var gateway = await Gateway.StartAsync(snapshot, $$"""
            export default {
              fetch() {
                const body = new Response("hello").body.pipeThrough(new TransformStream());
                return new Response(body, { headers: { "content-length": "{{declared}}", "x-kept": "yes" } });
              },
            };
            """);
        using var connection = await gateway.ConnectAsync();

        await connection.WriteAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\nHEAD / HTTP/1.1\r\nHost: test\r\n\r\n");
        var got = await connection.ReadResponseAsync();
        var head = await connection.ReadResponseAsync(head: true);

        Assert.Equal("hello", got.Body);
        Assert.Null(got.Value("Content-Length"));
        Assert.Equal("yes", got.Value("X-Kept"));
        Assert.Equal($"{declared}", head.Value("Content-Length"));
    }

    [Fact]
    public async Task Stream_WhenOfFixedLength_IsSentWithIt()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, """
            export default {
              fetch() {
                const { readable, writable } = new FixedLengthStream(5);
                new Response("hello").body.pipeTo(writable);
                return new Response(readable, { headers: { "content-length": "7" } });
              },
            };
            """);

        var response = await gateway.GetAsync();

        Assert.Equal("5", response.Value("Content-Length"));
        Assert.Equal("hello", response.Body);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(9)]
    public async Task Stream_WhenItsLengthIsALie_NeverReachesIntoTheNextResponse(int declared)
    {
        // What is passed on from elsewhere is sent with the length it came with.
        await using var gateway = await Gateway.StartAsync(
            snapshot, "export default { fetch: () => fetch('http://origin.test/') };", outbound: new LyingOrigin(declared));
        using var connection = await gateway.ConnectAsync();

        await connection.WriteAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\nGET / HTTP/1.1\r\nHost: test\r\n\r\n");
        var received = await connection.ReadToEndAsync();

        var bodies = received.Split("\r\n\r\n");
        Assert.InRange(bodies.Length, 1, 2);
        Assert.DoesNotContain("HTTP/1.1 ", bodies[^1][Math.Min(1, bodies[^1].Length)..], StringComparison.Ordinal);
    }

    /// <summary>An origin that answers with five bytes and says another number.</summary>
    private sealed class LyingOrigin(int declared) : IOutboundFetch
    {
        public ValueTask<OutboundResponse> SendAsync(OutboundRequest request, CancellationToken cancellationToken) => ValueTask.FromResult(new OutboundResponse
        {
            Status = 200,
            Url = request.Url.ToString(),
            Headers = [new("Content-Length", $"{declared}")],
            Body = PipeReader.Create(new ReadOnlySequence<byte>("hello"u8.ToArray())),
        });
    }
}
