using System.Net;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Molt.Server.Transport.Interop;

namespace Molt.Server.Transport;

/// <summary>
/// A listening socket and the endpoints behind it: HTTP/1.1, and HTTP/2 with prior knowledge once that has been bound.
/// <para>
/// Guarantees: a connection goes to exactly one endpoint; a connection that has not said what it speaks costs its socket
/// and no thread, and goes to HTTP/1.1 after <see cref="EpollTransportOptions.DetectionTimeout"/>. When the process or
/// the system is out of descriptors, accepting pauses instead of spinning.
/// </para>
/// </summary>
internal sealed unsafe class EpollListener : IEpollTarget, IDisposable
{
    // The other connections have their turn after that many.
    private const int MaxAcceptBurst = 64;

    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly EpollTransport _transport;
    private readonly FileDescriptor _socket;
    private readonly Lock _gate = new();
    private readonly HashSet<EpollConnection> _undecided = [];
    private readonly ITimer _sweep;
    private readonly ITimer _resume;
    private readonly bool _anyAddress;
    private volatile AcceptQueue? _http2;
    private bool _closed;

    private EpollListener(EpollTransport transport, FileDescriptor socket, IPEndPoint requested, IPEndPoint bound)
    {
        _transport = transport;
        _socket = socket;
        _anyAddress = bound.Address.Equals(IPAddress.Any) || bound.Address.Equals(IPAddress.IPv6Any);
        Requested = requested;
        EndPoint = bound;
        Http1 = new AcceptQueue(this, bound);
        _resume = transport.Time.CreateTimer(
            static state => ((EpollListener)state!).Resume(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _sweep = transport.Time.CreateTimer(
            static state => ((EpollListener)state!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public ulong EpollKey { get; set; }

    /// <summary>The object it was bound with.</summary>
    public IPEndPoint Requested { get; }

    /// <summary>The address it listens on.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>The endpoint of everything that is not HTTP/2.</summary>
    public AcceptQueue Http1 { get; }

    /// <summary>Listens on an address.</summary>
    /// <exception cref="AddressInUseException">Another socket listens on it.</exception>
    public static EpollListener Bind(EpollTransport transport, IPEndPoint endPoint)
    {
        var inet6 = endPoint.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        var descriptor = Libc.Socket(
            inet6 ? Libc.AddressFamilyInet6 : Libc.AddressFamilyInet,
            Libc.SocketStream | Libc.NonBlocking | Libc.CloseOnExec,
            0);
        if (descriptor < 0)
        {
            throw Failure(Marshal.GetLastPInvokeError(), "open a socket");
        }

        var socket = new FileDescriptor(descriptor);
        try
        {
            if (inet6)
            {
                var only = endPoint.Address.Equals(IPAddress.IPv6Any) ? 0 : 1;
                _ = Libc.SetSocketOption(descriptor, Libc.LevelIPv6, Libc.OptionIPv6Only, only);
            }

            // Accepted sockets inherit both.
            _ = Libc.SetSocketOption(descriptor, Libc.LevelSocket, Libc.OptionReuseAddress, 1);
            _ = Libc.SetSocketOption(descriptor, Libc.LevelTcp, Libc.OptionNoDelay, 1);

            var address = stackalloc byte[SocketAddressCodec.MaxLength];
            var length = SocketAddressCodec.Encode(endPoint, new Span<byte>(address, SocketAddressCodec.MaxLength));
            if (Libc.Bind(socket, address, (uint)length) < 0 || Libc.Listen(socket, transport.Options.Backlog) < 0)
            {
                var code = Marshal.GetLastPInvokeError();
                throw Failure(code, $"listen on {endPoint}");
            }

            var bound = LocalAddress(descriptor) ?? throw Failure(Marshal.GetLastPInvokeError(), "learn the address of a socket");
            return new EpollListener(transport, socket, endPoint, bound);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Begins to accept.</summary>
    public void Start() => _transport.Add(this, _socket.Raw, EpollEvent.In);

    /// <summary>Adds the HTTP/2 endpoint; connections accepted from now on are told apart.</summary>
    public AcceptQueue BindHttp2(PriorKnowledgeEndPoint endPoint)
    {
        lock (_gate)
        {
            if (_closed || _http2 is not null)
            {
                throw new InvalidOperationException("The HTTP/2 side of the port is already bound, or the port is closed.");
            }

            return _http2 = new AcceptQueue(this, endPoint);
        }
    }

    public void OnEvents(uint events)
    {
        var address = stackalloc byte[SocketAddressCodec.MaxLength];
        for (var i = 0; i < MaxAcceptBurst; i++)
        {
            int descriptor;
            var code = 0;
            var length = (uint)SocketAddressCodec.MaxLength;
            lock (_gate)
            {
                if (_closed)
                {
                    return;
                }

                descriptor = Libc.Accept(_socket.Raw, address, &length, Libc.NonBlocking | Libc.CloseOnExec);
                if (descriptor < 0)
                {
                    code = Marshal.GetLastPInvokeError();
                }
            }

            if (descriptor >= 0)
            {
                var remote = SocketAddressCodec.Decode(new ReadOnlySpan<byte>(address, (int)length));
                Admit(descriptor, remote);
                continue;
            }

            switch (code)
            {
                case Errno.Again:
                    return;
                case Errno.TooManyFiles or Errno.TooManyFilesInSystem or Errno.NoBuffers or Errno.OutOfMemory:
                    Pause(code);
                    return;
            }

            // Anything else is about a connection that died in the queue.
        }
    }

    public void OnFault(Exception error) => _transport.LogAcceptFault(EndPoint, error);

    /// <summary>The connection's first bytes have said what it speaks.</summary>
    public void OnDetected(EpollConnection connection, DetectedProtocol protocol)
    {
        lock (_gate)
        {
            _undecided.Remove(connection);
        }

        switch (protocol)
        {
            case DetectedProtocol.Gone:
                connection.CloseGracefully();
                break;
            case DetectedProtocol.Http2 when _http2 is { } http2:
                http2.Enqueue(connection);
                break;
            default:
                Http1.Enqueue(connection);
                break;
        }
    }

    /// <summary>Stops accepting. Connections that Kestrel has live on; those that said nothing yet are closed.</summary>
    public void Dispose()
    {
        EpollConnection[] undecided;
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            _transport.Remove(this);
            _socket.Dispose();
            undecided = [.. _undecided];
            _undecided.Clear();
        }

        _transport.Forget(this);
        _sweep.Dispose();
        _resume.Dispose();
        foreach (var connection in undecided)
        {
            if (connection.EndDetection())
            {
                connection.CloseGracefully();
            }
        }

        Http1.Complete();
        _http2?.Complete();
    }

    private static IPEndPoint? LocalAddress(int descriptor)
    {
        var address = stackalloc byte[SocketAddressCodec.MaxLength];
        var length = (uint)SocketAddressCodec.MaxLength;
        return Libc.GetSocketName(descriptor, address, &length) < 0
            ? null
            : SocketAddressCodec.Decode(new ReadOnlySpan<byte>(address, (int)length));
    }

    private static Exception Failure(int code, string what)
    {
        var message = $"Failed to {what}: {Marshal.GetPInvokeErrorMessage(code)}.";
        return code == Errno.AddressInUse ? new AddressInUseException(message) : new IOException(message);
    }

    private void Admit(int descriptor, IPEndPoint? remote)
    {
        var detect = _http2 is not null;
        var local = _anyAddress ? LocalAddress(descriptor) : EndPoint;
        var connection = new EpollConnection(_transport, descriptor, detect ? this : null, local, remote);
        if (detect)
        {
            lock (_gate)
            {
                if (_undecided.Count == 0)
                {
                    _sweep.Change(_transport.Options.DetectionTimeout, Timeout.InfiniteTimeSpan);
                }

                _undecided.Add(connection);
            }
        }

        _transport.Add(connection, descriptor, EpollTransport.ConnectionEvents);
        if (!detect)
        {
            Http1.Enqueue(connection);
        }
    }

    /// <summary>Takes connections that stayed silent for HTTP/1.1.</summary>
    private void Sweep()
    {
        var timeout = _transport.Options.DetectionTimeout;
        var next = timeout;
        List<EpollConnection>? silent = null;
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            foreach (var connection in _undecided)
            {
                var left = timeout - _transport.Time.GetElapsedTime(connection.AcceptedAt);
                if (left <= TimeSpan.Zero)
                {
                    (silent ??= []).Add(connection);
                }
                else if (left < next)
                {
                    next = left;
                }
            }

            foreach (var connection in silent ?? [])
            {
                _undecided.Remove(connection);
            }

            if (_undecided.Count > 0)
            {
                _sweep.Change(next, Timeout.InfiniteTimeSpan);
            }
        }

        foreach (var connection in silent ?? [])
        {
            if (connection.EndDetection())
            {
                Http1.Enqueue(connection);
            }
        }
    }

    private void Pause(int code)
    {
        _transport.LogAcceptPause(EndPoint, Marshal.GetPInvokeErrorMessage(code), AcceptPause.TotalMilliseconds);
        lock (_gate)
        {
            if (!_closed)
            {
                _transport.Modify(this, _socket.Raw, 0);
                _resume.Change(AcceptPause, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void Resume()
    {
        lock (_gate)
        {
            if (!_closed)
            {
                _transport.Modify(this, _socket.Raw, EpollEvent.In);
            }
        }
    }
}
