using Molt.Runtime;

namespace Molt.Server.Tests.Http;

/// <summary>Connections: their reuse, their limits, and what is refused on them.</summary>
[Collection(HttpCollection.Name)]
public sealed class ConnectionTests(GuestSnapshot snapshot)
{
    private const string Path = """
        export default {
          async fetch(request) {
            return new Response(`${new URL(request.url).pathname} ${(await request.text()).length}`);
          },
        };
        """;

    public static TheoryData<string, string> Malformed() => new()
    {
        { "two lengths that differ", "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!" },
        { "a list of lengths", "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5, 5\r\n\r\nhello" },
        { "a length that is no number", "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5x\r\n\r\nhello" },
        { "chunks that are not last", "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" },
        { "an unknown coding", "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" },
        { "a space before the colon", "GET / HTTP/1.1\r\nHost: test\r\nContent-Length : 5\r\n\r\nhello" },
        { "a folded field", "GET / HTTP/1.1\r\nHost: test\r\nX-A: 1\r\n 2\r\n\r\n" },
        { "a zero byte in a field", "GET / HTTP/1.1\r\nHost: test\r\nX-A: 1\0002\r\n\r\n" },
        { "a line feed in a field", "GET / HTTP/1.1\r\nHost: test\r\nX-A: 1\rX-B: 2\r\n\r\n" },
        { "no host", "GET / HTTP/1.1\r\nX-A: 1\r\n\r\n" },
        { "two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" },
        { "a host that is no host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n" },
        { "an unknown version", "GET / HTTP/3.7\r\nHost: test\r\n\r\n" },
        { "no request at all", "\u0016\u0003\u0001\u0002 hello\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task Request_WhenMalformed_IsRefusedAndEndsTheConnection(string fault, string request)
    {
        await using var gateway = await Gateway.StartAsync(snapshot, Path);
        using var connection = await gateway.ConnectAsync();

        await connection.WriteAsync(request + "GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n");
        var received = await connection.ReadToEndAsync();

        Assert.True(received.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal) || received.StartsWith("HTTP/1.1 505 ", StringComparison.Ordinal), $"{fault}: {received}");
        Assert.DoesNotContain("/smuggled", received, StringComparison.Ordinal);
        Assert.Empty(gateway.Exchanges);
    }

    [Fact]
    public async Task Request_WhenItHasALengthAndChunks_TakesTheChunksAndEndsTheConnection()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, Path);
        using var connection = await gateway.ConnectAsync();

        await connection.WriteAsync(
            "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n");
        var received = await connection.ReadToEndAsync();

        // RFC 9112, section 6.3: the coding overrides the length, and the connection is closed after the response.
        Assert.EndsWith("\r\n\r\n/ 3", received, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5\r\nhelloX\r\n0\r\n\r\n")]
    [InlineData("zz\r\nhello\r\n0\r\n\r\n")]
    [InlineData("-5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("fffffffffffffffff\r\nhello\r\n0\r\n\r\n")]
    public async Task Chunk_WhenMalformed_EndsTheConnection(string body)
    {
        await using var gateway = await Gateway.StartAsync(snapshot, Path);
        using var connection = await gateway.ConnectAsync();

        await connection.WriteAsync($"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n{body}GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n");
        var received = await connection.ReadToEndAsync();

        Assert.DoesNotContain("/smuggled", received, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 200", received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_WhenKept_ServesOneRequestAfterTheOther()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, Path);
        using var connection = await gateway.ConnectAsync();

        for (var i = 0; i < 50; i++)
        {
            await connection.WriteAsync($"POST /{i} HTTP/1.1\r\nHost: test\r\nContent-Length: {i}\r\n\r\n{new string('x', i)}");
            Assert.Equal($"/{i} {i}", (await connection.ReadResponseAsync()).Body);
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\nHost: test\r\n\r\n")]
    public async Task Connection_WhenTheClientWantsItClosed_IsClosed(string request)
    {
        await using var gateway = await Gateway.StartAsync(snapshot, Path);
        using var connection = await gateway.ConnectAsync();

        await connection.WriteAsync(request);
        var received = await connection.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", received, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n/ 0", received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_WhenPipelined_AreAnsweredInOrder()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, """
            export default {
              async fetch(request) {
                const path = new URL(request.url).pathname;
                if (path === "/0") {
                  await scheduler.wait(50);
                }
                return new Response(path);
              },
            };
            """);
        using var connection = await gateway.ConnectAsync();

        var requests = "";
        for (var i = 0; i < 100; i++)
        {
            requests += $"GET /{i} HTTP/1.1\r\nHost: test\r\n\r\n";
        }

        await connection.WriteAsync(requests);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal($"/{i}", (await connection.ReadResponseAsync()).Body);
        }
    }

    [Fact]
    public async Task RequestLine_WhenTooLong_IsAnswered414()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, Path);

        Assert.Equal(200, (await gateway.GetAsync("/" + new string('x', 16_000))).Status);
        Assert.Equal(414, (await gateway.GetAsync("/" + new string('x', 17_000))).Status);
    }

    [Fact]
    public async Task Headers_WhenTooLong_AreAnswered431()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, Path);

        Assert.Equal(200, (await SendWithHeaderAsync(gateway, 120_000)).Status);
        Assert.Equal(431, (await SendWithHeaderAsync(gateway, 140_000)).Status);
    }

    [Fact]
    public async Task Headers_WhenTooMany_AreAnswered431()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, Path, options => options.MaxRequestHeaderCount = 10);

        var fields = "";
        for (var i = 0; i < 10; i++)
        {
            fields += $"X-{i}: 1\r\n";
        }

        Assert.Equal(431, (await gateway.SendAsync($"GET / HTTP/1.1\r\nHost: test\r\n{fields}\r\n")).Status);
    }

    [Theory]
    [InlineData(10, 200)]
    [InlineData(11, 413)]
    [InlineData(1000, 413)]
    public async Task Body_WhenItsLengthIsOverTheLimit_IsAnswered413(int length, int status)
    {
        await using var gateway = await Gateway.StartAsync(snapshot, Path, options =>
        {
            options.MaxRequestBodyBytes = 10;
            options.BufferedRequestBodyBytes = 100;
        });

        var response = await gateway.SendAsync($"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n{new string('x', length)}");

        Assert.Equal(status, response.Status);
    }

    [Fact]
    public async Task Body_WhenItsChunksAreOverTheLimit_FailsTheWorkersRead()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, """
            export default {
              async fetch(request) {
                try {
                  return new Response(await request.text());
                } catch (error) {
                  return new Response("refused", { status: 413 });
                }
              },
            };
            """, options => options.MaxRequestBodyBytes = 10);

        var response = await gateway.SendAsync("POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n8\r\n12345678\r\n0\r\n\r\n");

        Assert.Equal(413, response.Status);
    }

    [Fact]
    public async Task Exchange_WhenItEnds_IsSummedUp()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, "export default { fetch: () => new Response('x', { status: 418 }) };");

        await gateway.GetAsync("/tea?pot");
        await gateway.StopAsync(TimeSpan.FromSeconds(5));

        var exchange = Assert.Single(gateway.Exchanges);
        Assert.Equal(("GET", "/tea?pot", 418), (exchange.Method, exchange.Path, exchange.Status));
        Assert.InRange(exchange.CpuTime, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(1));
    }

    private static Task<RawResponse> SendWithHeaderAsync(Gateway gateway, int length) =>
        gateway.SendAsync($"GET / HTTP/1.1\r\nHost: test\r\nX-A: {new string('x', length)}\r\n\r\n");
}
