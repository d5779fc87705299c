using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Molt.Server.Transport;

namespace Molt.Server.Tests.Transport;

public sealed class HttpTests
{
    private const int Bulk = 10 << 20;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Request_WhenTheConnectionIsKeptAlive_IsAnsweredEachTime()
    {
        await using var server = await HttpServer.StartAsync(HelloAsync);
        using var client = await server.ConnectAsync();
        for (var i = 0; i < 50; i++)
        {
            await client.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200 OK", await client.ReadUntilAsync("\r\n\r\nhello"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Request_WhenPipelined_IsAnsweredInOrder()
    {
        await using var server = await HttpServer.StartAsync(EchoPathAsync);
        using var client = await server.ConnectAsync();
        var requests = new StringBuilder();
        for (var i = 0; i < 500; i++)
        {
            requests.Append(System.Globalization.CultureInfo.InvariantCulture, $"GET /{i} HTTP/1.1\r\nHost: a\r\n\r\n");
        }

        await client.WriteAsync(requests.ToString());
        for (var i = 0; i < 500; i++)
        {
            await client.ReadUntilAsync($"\r\n\r\n/{i}");
        }
    }

    [Fact]
    public async Task Request_WhenItsHeadComesByteByByte_IsAnswered()
    {
        await using var server = await HttpServer.StartAsync(HelloAsync);
        using var client = await server.ConnectAsync();
        foreach (var character in "GET / HTTP/1.1\r\nHost: a\r\nX-Long: 0123456789\r\n\r\n")
        {
            await client.WriteAsync(character.ToString());
        }

        await client.ReadUntilAsync("\r\n\r\nhello");
    }

    [Fact]
    public async Task Request_WhenItsHeadIsLarge_IsAnswered()
    {
        await using var server = await HttpServer.StartAsync(HelloAsync);
        using var client = await server.ConnectAsync();
        await client.WriteAsync($"GET / HTTP/1.1\r\nHost: a\r\nX-Long: {new string('x', 20_000)}\r\n\r\n");

        await client.ReadUntilAsync("\r\n\r\nhello");
    }

    [Theory]
    [InlineData("1.1", false)]
    [InlineData("1.1", true)]
    [InlineData("2.0", false)]
    public async Task Upload_WhenTheHandlerIsSlow_ArrivesWhole(string version, bool chunked)
    {
        var sent = Random(Bulk);
        byte[]? received = null;
        await using var server = await HttpServer.StartAsync(async context =>
        {
            var body = new MemoryStream();
            var buffer = new byte[3000];
            while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is > 0 and var count)
            {
                body.Write(buffer, 0, count);
                await Task.Yield();
            }

            received = body.ToArray();
            await HelloAsync(context);
        });
        using var http = server.CreateClient(Version.Parse(version));
        http.DefaultRequestHeaders.TransferEncodingChunked = chunked;
        using var content = new ByteArrayContent(sent);

        using var response = await http.PostAsync(new Uri("/", UriKind.Relative), content, Stop);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task Download_WhenTheClientIsSlow_ArrivesWhole()
    {
        var sent = Random(Bulk);
        await using var server = await HttpServer.StartAsync(context =>
        {
            context.Response.ContentLength = sent.Length;
            return context.Response.Body.WriteAsync(sent, context.RequestAborted).AsTask();
        });
        using var client = await server.ConnectAsync(receiveBuffer: 8192);
        await client.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await client.ReadUntilAsync("\r\n\r\n");
        var received = new byte[sent.Length];
        for (var at = 0; at < sent.Length;)
        {
            var count = Math.Min(5000, sent.Length - at);
            await client.ReadExactlyAsync(received.AsMemory(at, count));
            at += count;
        }

        Assert.Equal(sent, received);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Download_WhenItStreams_ArrivesWhole(string version)
    {
        var sent = Random(Bulk);
        await using var server = await HttpServer.StartAsync(async context =>
        {
            for (var at = 0; at < sent.Length; at += 40_000)
            {
                var count = Math.Min(40_000, sent.Length - at);
                await context.Response.BodyWriter.WriteAsync(sent.AsMemory(at, count), context.RequestAborted);
            }
        });
        using var http = server.CreateClient(Version.Parse(version));

        Assert.Equal(sent, await http.GetByteArrayAsync(new Uri("/", UriKind.Relative), Stop));
    }

    [Fact]
    public async Task Echo_WhenBothBodiesAreChunked_ReturnsTheBytes()
    {
        await using var server = await HttpServer.StartAsync(EchoBodyAsync);
        using var client = await server.ConnectAsync();
        await client.WriteAsync("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        await client.ReadUntilAsync("\r\n\r\n");
        for (var i = 0; i < 100; i++)
        {
            await client.WriteAsync($"5\r\nab{i:000}\r\n");
            Assert.Equal($"5\r\nab{i:000}\r\n", await client.ReadUntilAsync($"ab{i:000}\r\n"));
        }

        await client.WriteAsync("0\r\n\r\n");
        await client.ReadUntilAsync("0\r\n\r\n");
    }

    [Fact]
    public async Task Http2_WhenHundredStreamsRunAtOnce_AnswersAll()
    {
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = 0;
        await using var server = await HttpServer.StartAsync(async context =>
        {
            if (Interlocked.Increment(ref arrived) == 100)
            {
                all.SetResult();
            }

            await all.Task.WaitAsync(context.RequestAborted);
            await EchoPathAsync(context);
        });
        using var http = server.CreateClient(HttpVersion.Version20);
        var answers = new Task<string>[100];
        for (var i = 0; i < answers.Length; i++)
        {
            answers[i] = http.GetStringAsync(new Uri($"/{i}", UriKind.Relative), Stop);
        }

        var texts = await Task.WhenAll(answers);
        for (var i = 0; i < texts.Length; i++)
        {
            Assert.Equal($"/{i}", texts[i]);
        }
    }

    [Fact]
    public async Task Response_WhenTheClientHalfCloses_IsStillSent()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await HttpServer.StartAsync(async context =>
        {
            go.SetResult();
            await Task.Yield();
            await HelloAsync(context);
        });
        using var client = await server.ConnectAsync();
        await client.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        client.Shutdown(SocketShutdown.Send);
        await go.Task.WaitAsync(Stop);

        Assert.EndsWith("\r\n\r\nhello", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RequestAborted_WhenTheClientLeavesWhileTheHandlerRuns_Fires(bool reset)
    {
        var running = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = new EpollTransportOptions { HalfCloseGrace = TimeSpan.FromMilliseconds(50) };
        await using var server = await HttpServer.StartAsync(
            async context =>
            {
                using var registration = context.RequestAborted.Register(() => aborted.SetResult());
                running.SetResult();
                await aborted.Task;
            },
            options);
        using var client = await server.ConnectAsync();
        await client.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await running.Task.WaitAsync(Stop);
        if (reset)
        {
            client.Reset();
        }
        else
        {
            client.Close();
        }

        await aborted.Task.WaitAsync(Stop);
    }

    [Fact]
    public async Task Upload_WhenTheClientResetsInTheMiddle_FailsTheRead()
    {
        var outcome = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await HttpServer.StartAsync(async context =>
        {
            try
            {
                var buffer = new byte[65536];
                while (await context.Request.Body.ReadAsync(buffer) > 0)
                {
                    started.TrySetResult();
                }
            }
            catch (Exception error)
            {
                outcome.SetResult(error);
                throw;
            }
        });
        using var client = await server.ConnectAsync();
        await client.WriteAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
        await client.WriteAsync(new byte[100_000]);
        await started.Task.WaitAsync(Stop);
        client.Reset();

        // The read finds the reset itself, or Kestrel has aborted the request by then.
        var error = await outcome.Task.WaitAsync(Stop);
        Assert.True(error is IOException or OperationCanceledException, error.ToString());
    }

    [Fact]
    public async Task Download_WhenTheClientResetsInTheMiddle_AbortsTheRequest()
    {
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await HttpServer.StartAsync(async context =>
        {
            using var registration = context.RequestAborted.Register(() => aborted.TrySetResult());
            var chunk = new byte[65536];
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(chunk);
            }
        });
        using var client = await server.ConnectAsync();
        await client.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await client.ReadExactlyAsync(new byte[200_000]);
        client.Reset();

        await aborted.Task.WaitAsync(Stop);
    }

    [Fact]
    public async Task StopAsync_WhenAConnectionIsBusy_LetsItFinishAndRefusesNewOnes()
    {
        var running = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await HttpServer.StartAsync(async context =>
        {
            running.SetResult();
            await go.Task;
            await HelloAsync(context);
        });
        using var client = await server.ConnectAsync();
        await client.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await running.Task.WaitAsync(Stop);

        var stop = server.StopAsync(Stop);
        var refused = await Assert.ThrowsAsync<SocketException>(() => server.ConnectAsync());
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        go.SetResult();

        Assert.EndsWith("\r\n\r\nhello", await client.ReadToEndAsync(), StringComparison.Ordinal);
        await stop;
    }

    private static async Task HelloAsync(HttpContext context)
    {
        context.Response.ContentLength = 5;
        await context.Response.BodyWriter.WriteAsync("hello"u8.ToArray(), context.RequestAborted);
    }

    private static async Task EchoPathAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        context.Response.ContentLength = path.Length;
        await context.Response.WriteAsync(path, context.RequestAborted);
    }

    private static async Task EchoBodyAsync(HttpContext context)
    {
        await context.Response.StartAsync(context.RequestAborted);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        while (true)
        {
            var result = await context.Request.BodyReader.ReadAsync(context.RequestAborted);
            foreach (var memory in result.Buffer)
            {
                context.Response.BodyWriter.Write(memory.Span);
            }

            context.Request.BodyReader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return;
            }

            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }
    }

    private static byte[] Random(int length)
    {
        var bytes = new byte[length];
        new Random(5).NextBytes(bytes);
        return bytes;
    }
}
