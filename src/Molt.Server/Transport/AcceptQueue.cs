using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Molt.Server.Transport;

/// <summary>The connections of one endpoint that Kestrel has yet to take.</summary>
internal sealed class AcceptQueue : IConnectionListener
{
    private readonly EpollListener _listener;

    // A connection is handed to Kestrel's accept loop on the thread that polls: the loop only registers and queues it.
    private readonly Channel<EpollConnection> _connections = Channel.CreateUnbounded<EpollConnection>(
        new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });

    public AcceptQueue(EpollListener listener, EndPoint endPoint)
    {
        _listener = listener;
        EndPoint = endPoint;
    }

    public EndPoint EndPoint { get; }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _connections.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_connections.Reader.TryRead(out var connection))
            {
                return connection;
            }
        }

        return null;
    }

    /// <summary>Stops accepting on the whole port. Connections that live are not touched.</summary>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _listener.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        while (_connections.Reader.TryRead(out var connection))
        {
            connection.CloseGracefully();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Hands a connection to Kestrel, or closes it when the endpoint is gone.</summary>
    public void Enqueue(EpollConnection connection)
    {
        if (!_connections.Writer.TryWrite(connection))
        {
            connection.CloseGracefully();
        }
    }

    /// <summary>Nothing more comes; what is queued is still taken.</summary>
    public void Complete() => _connections.Writer.TryComplete();
}
