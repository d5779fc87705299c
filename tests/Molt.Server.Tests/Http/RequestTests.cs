using System.Text;

namespace Molt.Server.Tests.Http;

/// <summary>What a worker sees of a request.</summary>
[Collection(HttpCollection.Name)]
public sealed class RequestTests(GuestSnapshot snapshot)
{
    private const string EchoHead = """
        export default {
          fetch(request) {
            return Response.json({ method: request.method, url: request.url, headers: [...request.headers] });
          },
        };
        """;

    private const string EchoBody = """
        export default {
          async fetch(request) {
            const text = await request.text();
            return new Response(`${request.body !== null} ${text.length} ${text.slice(0, 40)}`);
          },
        };
        """;

    private const string Stream = "export default { fetch: (request) => new Response(request.body) };";

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("PROPFIND")]
    public async Task Method_WhenSent_ReachesTheWorker(string method)
    {
        await using var gateway = await Gateway.StartAsync(snapshot, EchoHead);

        var response = await gateway.SendAsync($"{method} / HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n");

        Assert.Equal("HTTP/1.1 200 OK", response.StatusLine);
        Assert.StartsWith($$"""{"method":"{{method}}","url":"http://test/",""", response.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/a%20b/%C3%A9?x=1&y=%26", "http://example.test:8080/a%20b/%C3%A9?x=1&y=%26")]
    [InlineData("/a//b;c", "http://example.test:8080/a//b;c")]
    [InlineData("http://other.test/x?y", "http://other.test/x?y")]
    [InlineData("http://other.test:81/x", "http://other.test:81/x")]
    public async Task Url_WhenSent_IsThatOfTheTargetAndTheHost(string target, string url)
    {
        await using var gateway = await Gateway.StartAsync(snapshot, "export default { fetch: (request) => new Response(request.url) };");

        // In the absolute form the target's own host counts.
        var response = await gateway.SendAsync($"GET {target} HTTP/1.1\r\nHost: example.test:8080\r\n\r\n");

        Assert.Equal(url, response.Body);
    }

    [Theory]
    [InlineData("return new Response(await request.text())", 400, "")]
    [InlineData("return new Response(await request.text().catch(e => e.message))", 200, "The request body is malformed.")]
    public async Task Body_WhenItsChunksAreMalformed_IsTheClientsFault(string handler, int status, string body)
    {
        await using var gateway = await Gateway.StartAsync(snapshot, $"export default {{ async fetch(request) {{ {handler} }} }};");

        var response = await gateway.SendAsync("POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n");

        Assert.Equal(status, response.Status);
        Assert.Equal(body, response.Body);
    }

    [Fact]
    public async Task Headers_WhenDuplicated_AreJoinedInOrder()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, "export default { fetch: (request) => new Response(request.headers.get('x-a')) };");

        var response = await gateway.SendAsync("GET / HTTP/1.1\r\nHost: test\r\nX-A: 1\r\nx-b: 3\r\nx-a: 2\r\n\r\n");

        Assert.Equal("1, 2", response.Body);
    }

    [Fact]
    public async Task Headers_WhenLatin1_KeepTheirBytesBothWays()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, """
            export default {
              fetch(request) {
                const value = request.headers.get("x-name");
                return new Response(String(value === "caf\u00e9 \u00ff"), { headers: { "x-name": value } });
              },
            };
            """);

        var response = await gateway.SendAsync("GET / HTTP/1.1\r\nHost: test\r\nX-Name: caf\u00e9 \u00ff\r\n\r\n");

        Assert.Equal("true", response.Body);
        Assert.Equal("caf\u00e9 \u00ff", response.Value("X-Name"));
    }

    [Theory]
    [InlineData("Content-Length: 0\r\n\r\n", "false 0 ")]
    [InlineData("Content-Length: 5\r\n\r\nhello", "true 5 hello")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n", "true 12 hello, world")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "true 0 ")]
    public async Task Body_WhenSent_IsReadWhole(string rest, string expected)
    {
        await using var gateway = await Gateway.StartAsync(snapshot, EchoBody);

        var response = await gateway.SendAsync("POST / HTTP/1.1\r\nHost: test\r\n" + rest);

        Assert.Equal(expected, response.Body);
    }

    [Theory]
    [InlineData("await request.text(); return new Response('x')", 413, "")]
    [InlineData("return new Response(await request.text().then(t => t, e => e.name + ': ' + e.message))", 200, "Error: The request body is larger than the limit of 1000 bytes.")]
    [InlineData("try { await request.text() } catch {} throw new Error('other')", 500, "The worker threw an exception.\n")]
    public async Task Body_WhenChunkedBeyondTheLimit_SaysSo(string handler, int status, string body)
    {
        await using var gateway = await Gateway.StartAsync(
            snapshot, $"export default {{ async fetch(request) {{ {handler} }} }};", options => options.MaxRequestBodyBytes = 1000);

        var response = await gateway.SendAsync(
            $"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n{new string('a', 2000)}\r\n0\r\n\r\n");

        Assert.Equal((status, body), (response.Status, response.Body));
    }

    [Theory]
    [InlineData(65_535)]
    [InlineData(65_537)]
    [InlineData(3_000_000)]
    public async Task Body_WhenLong_ComesBackAsItWas(int length)
    {
        await using var gateway = await Gateway.StartAsync(snapshot, Stream);
        var body = new StringBuilder(length);
        for (var i = 0; i < length; i++)
        {
            body.Append((char)(i % 251));
        }

        using var connection = await gateway.ConnectAsync();
        var reading = connection.ReadResponseAsync();
        await connection.WriteAsync($"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n{body}");
        var response = await reading;

        Assert.True(response.Complete);
        Assert.True(response.Body == body.ToString(), $"The body of {response.Body.Length} bytes differs.");
    }

    [Fact]
    public async Task Body_WhenTheClientWaitsForContinue_IsAskedFor()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, EchoBody);
        using var connection = await gateway.ConnectAsync();

        await connection.WriteAsync("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        var interim = await connection.ReadResponseAsync();
        await connection.WriteAsync("hello");
        var response = await connection.ReadResponseAsync();

        Assert.Equal("HTTP/1.1 100 Continue", interim.StatusLine);
        Assert.Equal("true 5 hello", response.Body);
    }

    [Fact]
    public async Task Body_WhenTheWorkerDoesNotReadIt_LeavesTheConnectionUsable()
    {
        await using var gateway = await Gateway.StartAsync(snapshot, "export default { fetch: (request) => new Response(new URL(request.url).pathname) };");
        using var connection = await gateway.ConnectAsync();

        await connection.WriteAsync($"POST /1 HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n{new string('x', 100_000)}GET /2 HTTP/1.1\r\nHost: test\r\n\r\n");

        Assert.Equal("/1", (await connection.ReadResponseAsync()).Body);
        Assert.Equal("/2", (await connection.ReadResponseAsync()).Body);
    }
}
