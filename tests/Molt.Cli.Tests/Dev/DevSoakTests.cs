using System.Globalization;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Molt.Cli.Tests.Dev;

/// <summary>Ten thousand requests of the real command, with clients that leave and files that change meanwhile.</summary>
public sealed class DevSoakTests
{
    private const int Visitors = 16;
    private const int Visits = 625;
    private const int Reloads = 10;

    private const string Worker = """
        export default {
          async fetch(request) {
            const { pathname } = new URL(request.url);
            if (pathname === "/echo") return new Response(request.body);
            if (pathname === "/count") return new Response(String((await request.arrayBuffer()).byteLength));
            if (pathname === "/stream") {
              let left = 32;
              return new Response(new ReadableStream({
                async pull(controller) {
                  await scheduler.wait(0);
                  controller.enqueue(new Uint8Array(4096));
                  if (--left === 0) controller.close();
                },
              }));
            }
            if (pathname === "/slow") await scheduler.wait(20, { signal: request.signal });
            return new Response("VERSION");
          },
        };
        """;

    private readonly byte[] _upload = new byte[100_000];
    private int _answered;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dev_WhenClientsLeaveAndFilesChange_LosesNoAnswerAndLogsNoFault()
    {
        using var project = new TemporaryProject(("wrangler.jsonc", """{ "name": "worker", "main": "index.js" }"""), ("index.js", Version(0)));
        await using var molt = MoltProcess.Start(project.Root, "dev", "--port", "0", "--log-level", "warn");
        var address = await molt.ReadyAsync();
        using var client = new HttpClient { BaseAddress = address };

        var visitors = Enumerable.Range(0, Visitors).Select(number => VisitAsync(client, new Random(number))).ToArray();
        for (var version = 1; version <= Reloads; version++)
        {
            project.Write("index.js", Version(version));
            await molt.LineAsync("reloaded in ");
        }

        await Task.WhenAll(visitors);
        Assert.Equal($"v{Reloads}", await client.GetStringAsync("/", Token));
        molt.Signal(PosixSignal.SIGTERM);
        Assert.Equal(0, await molt.ExitAsync());
        Assert.InRange(_answered, Visitors * Visits / 2, Visitors * Visits);
        Assert.All(
            molt.Seen.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => Assert.Matches("^(ready http://|reloaded in |stopping)", line));
    }

    private static string Version(int number) => Worker.Replace("VERSION", string.Create(CultureInfo.InvariantCulture, $"v{number}"), StringComparison.Ordinal);

    private async Task VisitAsync(HttpClient client, Random random)
    {
        for (var visit = 0; visit < Visits; visit++)
        {
            switch (random.Next(10))
            {
                case < 5:
                    Assert.Matches("^v[0-9]+$", await client.GetStringAsync(random.Next(20) == 0 ? "/slow" : "/", Token));
                    break;
                case 5:
                    Assert.Equal("100000", await PostAsync(client, "/count"));
                    break;
                case 6:
                    Assert.Equal(_upload.Length, (await PostAsync(client, "/echo")).Length);
                    break;
                case 7:
                    Assert.Equal(32 * 4096, (await client.GetByteArrayAsync("/stream", Token)).Length);
                    break;
                default:
                    await LeaveAsync(client.BaseAddress!, random);
                    continue;
            }

            Interlocked.Increment(ref _answered);
        }
    }

    private async Task<string> PostAsync(HttpClient client, string path)
    {
        using var content = new ByteArrayContent(_upload);
        using var response = await client.PostAsync(path, content, Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync(Token);
    }

    /// <summary>Goes away in the middle of a head, of a body, of an answer, or before it came.</summary>
    private static async Task LeaveAsync(Uri address, Random random)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, address.Port, Token);
        var request = random.Next(4) switch
        {
            0 => "GET / HTTP/1.1\r\nHost: a\r\nX-Un",
            1 => "POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nonly this",
            2 => "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n",
            _ => "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n",
        };
        await socket.SendAsync(Encoding.ASCII.GetBytes(request), Token);
        if (request.StartsWith("GET /stream", StringComparison.Ordinal))
        {
            Assert.NotEqual(0, await socket.ReceiveAsync(new byte[random.Next(1, 20_000)], Token));
        }

        // One half resets the connection, the other closes it.
        socket.LingerState = new LingerOption(random.Next(2) == 0, 0);
    }
}
