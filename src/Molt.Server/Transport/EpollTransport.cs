using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Molt.Runtime;
using Molt.Server.Transport.Interop;

namespace Molt.Server.Transport;

/// <summary>
/// Kestrel's sockets, driven by the threads that run guests.
/// <para>
/// A thread that has nothing to run polls: it receives, has Kestrel parse, and returns to run what that made runnable;
/// the answers are sent by the thread that writes them. In the steady state a request changes no thread.
/// </para>
/// <para>
/// Guarantees: whichever thread polls, the events of one connection are handled in order; all that runs inside
/// <see cref="Poll"/> is Kestrel's code and the application's synchronous part, which must not block. Should that part be
/// held up, the next thread to poll handles the events it has not begun. Nothing moves while nobody polls. Take it away
/// from its threads before disposing of it.
/// </para>
/// </summary>
public sealed unsafe partial class EpollTransport : IConnectionListenerFactory, IConnectionListenerFactorySelector, IExecutorPoller, IDisposable
{
    /// <summary>What is reported of a connection, once, when it changes.</summary>
    internal const uint ConnectionEvents = EpollEvent.In | EpollEvent.Out | EpollEvent.PeerFinished | EpollEvent.EdgeTriggered;

    private const int BatchSize = 256;

    // No target has this key: indexes are far below.
    private const ulong WakeKey = ulong.MaxValue;

    private readonly ILogger<EpollTransport> _logger;
    private readonly FileDescriptor _epoll;
    private readonly FileDescriptor _wake;
    private readonly EpollTargets _targets = new();
    private readonly Lock _gate = new();
    private readonly List<EpollListener> _listeners = [];
    // About what a sleep and a wake-up cost.
    private static readonly long SpinTicks = Stopwatch.Frequency / 20_000;

    private EventBatch _batch = new(BatchSize);
    private bool _underLoad;
    private int _woken;

    public EpollTransport(EpollTransportOptions options, TimeProvider time, ILogger<EpollTransport> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(logger);
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            throw new PlatformNotSupportedException("The transport needs Linux on x86-64.");
        }

        Options = options;
        Time = time;
        _logger = logger;
        _epoll = new FileDescriptor(Check(Libc.EpollCreate(Libc.CloseOnExec), "epoll_create1"));
        _wake = new FileDescriptor(Check(Libc.EventDescriptor(0, Libc.CloseOnExec | Libc.NonBlocking), "eventfd"));

        // Each write to the eventfd is an edge of its own, so it is never read.
        Control(Libc.ControlAdd, _wake.Raw, EpollEvent.In | EpollEvent.EdgeTriggered, WakeKey);
    }

    internal EpollTransportOptions Options { get; }

    internal TimeProvider Time { get; }

    internal BufferPool Buffers { get; } = new();

    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint or PriorKnowledgeEndPoint;

    /// <summary>
    /// Listens on an <see cref="IPEndPoint"/>, or adds the HTTP/2 side to one that is bound
    /// (<see cref="PriorKnowledgeEndPoint"/>).
    /// </summary>
    /// <exception cref="AddressInUseException">Another socket listens on the address.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        switch (endpoint)
        {
            case IPEndPoint address:
                var listener = EpollListener.Bind(this, address);
                lock (_gate)
                {
                    _listeners.Add(listener);
                }

                listener.Start();
                return ValueTask.FromResult<IConnectionListener>(listener.Http1);

            case PriorKnowledgeEndPoint http2:
                return ValueTask.FromResult<IConnectionListener>(ListenerOf(http2.Shared).BindHttp2(http2));

            default:
                throw new NotSupportedException($"The transport cannot listen on {endpoint}.");
        }
    }

    public void Poll(int timeoutMilliseconds)
    {
        var batch = _batch;
        if (batch.IsHeld)
        {
            Handle(batch);
            _batch = batch = new EventBatch(BatchSize);

            // What that made runnable waits for this thread to return.
            timeoutMilliseconds = 0;
        }

        var count = Await(batch, timeoutMilliseconds);
        _targets.Find(batch.Events[..count], batch.Targets);
        batch.Begin(count);
        Handle(batch);
        batch.End();
    }

    public void Wake()
    {
        if (Interlocked.Exchange(ref _woken, 1) == 0)
        {
            try
            {
                var one = 1UL;
                _ = Libc.Write(_wake, &one, sizeof(ulong));
            }
            catch (ObjectDisposedException)
            {
                // Nobody polls any more.
            }
        }
    }

    /// <summary>Stops listening. Connections belong to whoever accepted them.</summary>
    public void Dispose()
    {
        EpollListener[] listeners;
        lock (_gate)
        {
            listeners = [.. _listeners];
        }

        foreach (var listener in listeners)
        {
            listener.Dispose();
        }

        _epoll.Dispose();
        _wake.Dispose();
    }

    /// <summary>Reports the events of a descriptor to a target from now on.</summary>
    internal void Add(IEpollTarget target, int descriptor, uint events)
    {
        _targets.Add(target);
        Control(Libc.ControlAdd, descriptor, events, target.EpollKey);
    }

    /// <summary>Reports nothing more to a target. Its descriptor leaves the epoll instance when it is closed.</summary>
    internal void Remove(IEpollTarget target) => _targets.Remove(target);

    /// <summary>Changes what is reported; what is ready already is reported anew.</summary>
    internal void Modify(IEpollTarget target, int descriptor, uint events) =>
        Control(Libc.ControlModify, descriptor, events, target.EpollKey);

    /// <summary>Has a connection that is ready reported at the next poll.</summary>
    internal void Rearm(EpollConnection connection, int descriptor) => Modify(connection, descriptor, ConnectionEvents);

    internal void Forget(EpollListener listener)
    {
        lock (_gate)
        {
            _listeners.Remove(listener);
        }
    }

    /// <summary>
    /// Waits for events. Under load the next ones come within microseconds: looking again for that long costs less than
    /// sleeping and being woken, and keeps the scheduler from running the client on this core in between. A wait that took
    /// longer puts an end to it, so an idle server sleeps.
    /// </summary>
    private int Await(EventBatch batch, int timeoutMilliseconds)
    {
        var started = Stopwatch.GetTimestamp();
        if (_underLoad && timeoutMilliseconds != 0)
        {
            do
            {
                var ready = Wait(batch, 0);
                if (ready > 0)
                {
                    return ready;
                }
            }
            while (Stopwatch.GetTimestamp() - started < SpinTicks);
        }

        var count = Wait(batch, timeoutMilliseconds);
        _underLoad = Stopwatch.GetTimestamp() - started < 2 * SpinTicks;
        return count;
    }

    private int Wait(EventBatch batch, int timeoutMilliseconds)
    {
        try
        {
            var count = Libc.EpollWait(_epoll, batch.Pointer, BatchSize, timeoutMilliseconds);
            if (count >= 0)
            {
                return count;
            }
        }
        catch (ObjectDisposedException)
        {
            // A thread that was about to poll when the transport was taken away from it.
            return 0;
        }

        return Marshal.GetLastPInvokeError() == Errno.Interrupted ? 0 : throw Failure("epoll_wait");
    }

    private static IOException Failure(string call) =>
        new($"{call} failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");

    private static int Check(int result, string call) => result >= 0 ? result : throw Failure(call);

    private void Handle(EventBatch batch)
    {
        while (batch.TryTake(out var ready, out var target))
        {
            if (target is not null)
            {
                Dispatch(target, ready.Events);
            }
            else if (ready.Data == WakeKey)
            {
                Volatile.Write(ref _woken, 0);
            }
        }
    }

    private static void Dispatch(IEpollTarget target, uint events)
    {
        try
        {
            target.OnEvents(events);
        }
#pragma warning disable CA1031 // One connection's fault must not end the thread that serves them all.
        catch (Exception error)
#pragma warning restore CA1031
        {
            target.OnFault(error);
        }
    }

    private EpollListener ListenerOf(IPEndPoint requested)
    {
        lock (_gate)
        {
            foreach (var listener in _listeners)
            {
                if (ReferenceEquals(listener.Requested, requested))
                {
                    return listener;
                }
            }
        }

        throw new InvalidOperationException("Bind the HTTP/1.1 side of the port first.");
    }

    private void Control(int operation, int descriptor, uint events, ulong key)
    {
        var value = new EpollEvent { Events = events, Data = key };
        if (Libc.EpollControl(_epoll, operation, descriptor, &value) < 0)
        {
            throw Failure("epoll_ctl");
        }
    }
}
