using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Molt.Server.Transport.Interop;

namespace Molt.Server.Transport;

/// <summary>
/// One accepted connection.
/// <para>
/// Guarantees: the descriptor is closed under both gates and every system call on it is made under one of them, so none
/// reaches a descriptor that was closed or reused; what is written is sent before a graceful close, while an abort resets
/// the connection at once. <see cref="ConnectionClosed"/> fires on the thread pool when the client is gone: on a reset, on
/// a failed send, or <see cref="EpollTransportOptions.HalfCloseGrace"/> after it stopped sending while an answer is due.
/// </para>
/// </summary>
internal sealed class EpollConnection : ConnectionContext,
    IDuplexPipe,
    IEpollTarget,
    IConnectionIdFeature,
    IConnectionTransportFeature,
    IConnectionItemsFeature,
    IConnectionLifetimeFeature,
    IConnectionEndPointFeature,
    IMemoryPoolFeature,
    IThreadPoolWorkItem
{
    private const int FeatureCount = 12;

    private static long s_lastId;

    private readonly EpollTransport _transport;
    private readonly FileDescriptor _socket;
    private readonly SocketInput _input;
    private readonly SocketOutput _output;
    private readonly CancellationTokenSource _closed = new();
    private readonly long _number = Interlocked.Increment(ref s_lastId);
    private EpollListener? _detector;
    private ITimer? _grace;
    private IDictionary<object, object?>? _items;
    private string? _id;
    private int _announced;

    public EpollConnection(EpollTransport transport, int socket, EpollListener? detector, EndPoint? local, EndPoint? remote)
    {
        _transport = transport;
        _socket = new FileDescriptor(socket);
        _detector = detector;
        _input = new SocketInput(this, transport.Buffers, socket, detector is not null);
        _output = new SocketOutput(this, transport.Buffers, socket);
        AcceptedAt = transport.Time.GetTimestamp();
        LocalEndPoint = local;
        RemoteEndPoint = remote;
        ConnectionClosed = _closed.Token;
        Transport = this;

        var features = new FeatureCollection(FeatureCount);
        features.Set<IConnectionIdFeature>(this);
        features.Set<IConnectionTransportFeature>(this);
        features.Set<IConnectionItemsFeature>(this);
        features.Set<IConnectionLifetimeFeature>(this);
        features.Set<IConnectionEndPointFeature>(this);
        features.Set<IMemoryPoolFeature>(this);
        Features = features;
    }

    /// <summary>When it was accepted, as a timestamp of the transport's clock.</summary>
    public long AcceptedAt { get; }

    public ulong EpollKey { get; set; }

    public override string ConnectionId
    {
        get => _id ??= _number.ToString("x8", CultureInfo.InvariantCulture);
        set => _id = value;
    }

    public override IFeatureCollection Features { get; }

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new ConnectionItems();
        set => _items = value;
    }

    public override IDuplexPipe Transport { get; set; }

    public override CancellationToken ConnectionClosed { get; set; }

    public override EndPoint? LocalEndPoint { get; set; }

    public override EndPoint? RemoteEndPoint { get; set; }

    public MemoryPool<byte> MemoryPool => _transport.Buffers;

    PipeReader IDuplexPipe.Input => _input;

    PipeWriter IDuplexPipe.Output => _output;

    public void OnEvents(uint events)
    {
        if (_detector is { } detector)
        {
            if (_input.TryDetect(events, out var protocol))
            {
                if (protocol == DetectedProtocol.Undecided)
                {
                    return;
                }

                detector.OnDetected(this, protocol);
            }

            // The rest of the events is for whoever has the connection now.
            _detector = null;
        }

        const uint Failed = EpollEvent.HangUp | EpollEvent.Error;
        if ((events & (EpollEvent.In | EpollEvent.PeerFinished | Failed)) != 0)
        {
            _input.OnReadable(events);
        }

        if ((events & (EpollEvent.Out | Failed)) != 0)
        {
            _output.OnWritable();
        }
    }

    public void OnFault(Exception error)
    {
        _transport.LogConnectionFault(ConnectionId, error);
        Abort(new ConnectionAbortedException("Handling the connection's I/O failed.", error));
    }

    /// <summary>Ends the detection of the protocol undecided. False when it had ended already.</summary>
    public bool EndDetection() => _input.EndDetection();

    /// <summary>Has the kernel report the socket again if it is ready.</summary>
    public void Rearm() => _transport.Rearm(this, _socket.Raw);

    /// <summary>The client is gone: nothing can be sent to it, and no one waits for an answer.</summary>
    public void OnPeerGone()
    {
        _output.Fail();
        AnnounceClosed();
    }

    /// <summary>The client will send no more, and what it sent has not all been read.</summary>
    public void OnPeerFinished()
    {
        if (_grace is not null)
        {
            return;
        }

        var timer = _transport.Time.CreateTimer(
            static state => ((EpollConnection)state!).OnPeerGone(), this, _transport.Options.HalfCloseGrace, Timeout.InfiniteTimeSpan);
        using (_input.Gate.Enter())
        {
            if (!_socket.IsClosed)
            {
                _grace = timer;
                return;
            }
        }

        timer.Dispose();
    }

    /// <param name="abortReason">What readers get; null, which Kestrel passes once the client is gone, closes without a reset.</param>
    public override void Abort(ConnectionAbortedException? abortReason)
    {
        Close(abortReason ?? new ConnectionAbortedException("The client is gone."), reset: abortReason is not null);
        AnnounceClosed();
    }

    public override async ValueTask DisposeAsync()
    {
        _input.Complete();
        _output.Complete();
        try
        {
            await _output.DrainAsync().WaitAsync(_transport.Options.DrainTimeout, _transport.Time);
            CloseGracefully();
        }
        catch (TimeoutException)
        {
            Abort(new ConnectionAbortedException("The client did not take the rest of the output in time."));
        }

        await base.DisposeAsync();
    }

    /// <summary>Closes a connection that nobody uses yet, or any more.</summary>
    public void CloseGracefully()
    {
        Close(new ConnectionAbortedException("The connection was closed."), reset: false);
        AnnounceClosed();
    }

    void IThreadPoolWorkItem.Execute() => _closed.Cancel();

    private unsafe void Close(ConnectionAbortedException reason, bool reset)
    {
        bool flushWaits;
        using (_input.Gate.Enter())
        {
            using (_output.Gate.Enter())
            {
                if (_socket.IsClosed)
                {
                    return;
                }

                _transport.Remove(this);
                if (reset)
                {
                    var linger = stackalloc int[2] { 1, 0 };
                    _ = Libc.SetSocketOption(_socket.Raw, Libc.LevelSocket, Libc.OptionLinger, linger, 2 * sizeof(int));
                }
                else
                {
                    _ = Libc.Shutdown(_socket.Raw, Libc.ShutdownWrite);
                    _input.DiscardUnread();
                }

                _socket.Dispose();
                _input.MarkClosed(reason);
                flushWaits = _output.MarkFailed();
                _grace?.Dispose();
            }
        }

        _input.FailPending(reason);
        _output.FinishFailure(flushWaits);
    }

    private void AnnounceClosed()
    {
        if (Interlocked.Exchange(ref _announced, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }
}
