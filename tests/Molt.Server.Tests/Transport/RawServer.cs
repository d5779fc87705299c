using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Molt.Server.Transport;

namespace Molt.Server.Tests.Transport;

/// <summary>The transport without Kestrel: the test is the server.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly EpollTransport _transport;
    private readonly PollingThread _polling;

    private RawServer(EpollTransport transport, IConnectionListener http1, IConnectionListener? http2)
    {
        _transport = transport;
        _polling = new PollingThread(transport);
        Http1 = http1;
        Http2 = http2;
    }

    public IConnectionListener Http1 { get; }

    public IConnectionListener? Http2 { get; }

    public IPEndPoint Address => (IPEndPoint)Http1.EndPoint;

    public static async Task<RawServer> StartAsync(EpollTransportOptions? options = null, bool http2 = false)
    {
        var transport = new EpollTransport(
            options ?? new EpollTransportOptions(), TimeProvider.System, NullLogger<EpollTransport>.Instance);
        var endPoint = new IPEndPoint(IPAddress.Loopback, 0);
        var first = await transport.BindAsync(endPoint, TestContext.Current.CancellationToken);
        var second = http2
            ? await transport.BindAsync(new PriorKnowledgeEndPoint(endPoint), TestContext.Current.CancellationToken)
            : null;
        return new RawServer(transport, first, second);
    }

    /// <summary>A client and the server's side of it.</summary>
    public async Task<(Socket Client, ConnectionContext Connection)> ConnectAsync()
    {
        var client = await ConnectClientAsync();
        var connection = await Http1.AcceptAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(connection);
        return (client, connection);
    }

    /// <summary>A client that nobody accepted yet.</summary>
    public async Task<Socket> ConnectClientAsync()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(Address, TestContext.Current.CancellationToken);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await Http1.DisposeAsync();
        if (Http2 is not null)
        {
            await Http2.DisposeAsync();
        }

        // A test goes on where its last read was completed: on the thread that polls.
        await Task.Yield();
        _polling.Dispose();
        _transport.Dispose();
    }
}
