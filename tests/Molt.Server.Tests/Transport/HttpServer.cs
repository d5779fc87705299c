using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Molt.Server.Transport;

namespace Molt.Server.Tests.Transport;

/// <summary>Kestrel on the transport, one port with HTTP/1.1 and HTTP/2, in front of a handler.</summary>
internal sealed class HttpServer : IAsyncDisposable
{
    private readonly EpollTransport _transport;
    private readonly PollingThread _polling;
    private readonly KestrelServer _kestrel;

    private HttpServer(EpollTransport transport, KestrelServer kestrel)
    {
        _transport = transport;
        _kestrel = kestrel;
        _polling = new PollingThread(transport);
    }

    public int Port { get; private set; }

    public static async Task<HttpServer> StartAsync(RequestDelegate handler, EpollTransportOptions? transportOptions = null)
    {
        var transport = new EpollTransport(
            transportOptions ?? new EpollTransportOptions(), TimeProvider.System, NullLogger<EpollTransport>.Instance);
        var options = new KestrelServerOptions
        {
            ApplicationServices = new ServiceCollection().BuildServiceProvider(),
            AddServerHeader = false,
        };
        options.Limits.MaxRequestBodySize = null;
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;

        var endPoint = new IPEndPoint(IPAddress.Loopback, 0);
        ListenOptions? bound = null;
        options.Listen(endPoint, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            bound = listen;
        });
        options.Listen(new PriorKnowledgeEndPoint(endPoint), static listen => listen.Protocols = HttpProtocols.Http2);

        var kestrel = new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance);
        var server = new HttpServer(transport, kestrel);
        await kestrel.StartAsync(new Application(handler), TestContext.Current.CancellationToken);
        server.Port = ((IPEndPoint)bound!.EndPoint).Port;
        return server;
    }

    public async Task<Socket> ConnectAsync(int receiveBuffer = 0)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer > 0)
        {
            client.ReceiveBufferSize = receiveBuffer;
        }

        await client.ConnectAsync(IPAddress.Loopback, Port, TestContext.Current.CancellationToken);
        return client;
    }

    public HttpClient CreateClient(Version version) => new(new SocketsHttpHandler { EnableMultipleHttp2Connections = false })
    {
        BaseAddress = new Uri($"http://127.0.0.1:{Port}/"),
        DefaultRequestVersion = version,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    /// <summary>Stops accepting and lets connections finish.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _kestrel.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _kestrel.StopAsync(now.Token);
        _kestrel.Dispose();

        // A test goes on where its last await ended: perhaps on the thread that polls.
        await Task.Yield();
        _polling.Dispose();
        _transport.Dispose();
    }

    private sealed class Application(RequestDelegate handler) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => handler(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}

/// <summary>What a test does with a plain socket.</summary>
internal static class SocketExtensions
{
    public static async Task WriteAsync(this Socket socket, string text) =>
        await socket.WriteAsync(Encoding.ASCII.GetBytes(text));

    public static async Task WriteAsync(this Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await socket.SendAsync(bytes, TestContext.Current.CancellationToken)..];
        }
    }

    /// <summary>Reads until what was read ends with <paramref name="end"/>.</summary>
    public static async Task<string> ReadUntilAsync(this Socket socket, string end)
    {
        var text = new StringBuilder();
        var buffer = new byte[1];
        while (!text.ToString().EndsWith(end, StringComparison.Ordinal))
        {
            var count = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
            Assert.Equal(1, count);
            text.Append((char)buffer[0]);
        }

        return text.ToString();
    }

    public static async Task ReadExactlyAsync(this Socket socket, Memory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var count = await socket.ReceiveAsync(bytes, TestContext.Current.CancellationToken);
            Assert.NotEqual(0, count);
            bytes = bytes[count..];
        }
    }

    /// <summary>Reads to the end of the stream.</summary>
    public static async Task<string> ReadToEndAsync(this Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var count)
        {
            text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        return text.ToString();
    }

    /// <summary>Closes with a reset.</summary>
    public static void Reset(this Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }
}
