using System.Runtime.InteropServices;
using Molt.Server.Transport.Interop;

namespace Molt.Server.Transport;

/// <summary>
/// What one wait reported, and what is to be sent after it. Guarantees: each event is taken once, by whichever thread asks
/// first; a thread that is held up in one event leaves the others, and what was put off, to whoever polls next.
/// </summary>
internal sealed unsafe class EventBatch
{
    // The client works on the first answers while the next are made; a wake-up for this many costs little each.
    private const int MostDeferred = 8;

    [ThreadStatic]
    private static EventBatch? t_current;

    private readonly SocketOutput?[] _deferred = new SocketOutput?[MostDeferred];
    private readonly SpinGate _gate = new();
    private readonly EpollEvent[] _events;
    private readonly IEpollTarget?[] _targets;
    private int _count;
    private int _next;
    private int _deferredCount;
    private volatile bool _held;

    public EventBatch(int size)
    {
        _events = GC.AllocateArray<EpollEvent>(size, pinned: true);
        _targets = new IEpollTarget?[size];
    }

    /// <summary>The batch whose events the calling thread handles, or null.</summary>
    public static EventBatch? Current
    {
        get => t_current;
        set => t_current = value;
    }

    /// <summary>Whether the thread that began it has not come back.</summary>
    public bool IsHeld => _held;

    public ReadOnlySpan<EpollEvent> Events => _events;

    public IEpollTarget?[] Targets => _targets;

    public EpollEvent* Pointer => (EpollEvent*)Marshal.UnsafeAddrOfPinnedArrayElement(_events, 0);

    /// <summary>Opens the first <paramref name="count"/> events for taking. Only while the batch is not held.</summary>
    public void Begin(int count)
    {
        _count = count;
        _next = 0;
        _held = true;
    }

    /// <summary>Takes the next event; its target is null when it has none any more.</summary>
    public bool TryTake(out EpollEvent ready, out IEpollTarget? target)
    {
        var index = Interlocked.Increment(ref _next) - 1;
        if (index >= _count)
        {
            ready = default;
            target = null;
            return false;
        }

        ready = _events[index];
        target = _targets[index];
        _targets[index] = null;
        return true;
    }

    /// <summary>Has an output sent by <see cref="SendDeferred"/>. False when no event follows whose answer could go with it.</summary>
    public bool TryDefer(SocketOutput output)
    {
        using (_gate.Enter())
        {
            if (Volatile.Read(ref _next) >= _count || _deferredCount == MostDeferred)
            {
                return false;
            }

            _deferred[_deferredCount++] = output;
            return true;
        }
    }

    /// <summary>Sends what was put off once it is enough, or all that was with <paramref name="any"/>.</summary>
    public void SendDeferred(bool any)
    {
        if (Volatile.Read(ref _deferredCount) < (any ? 1 : MostDeferred))
        {
            return;
        }

        while (TakeDeferred() is { } output)
        {
            output.SendDeferred();
        }
    }

    /// <summary>The thread that began it is done.</summary>
    public void End() => _held = false;

    private SocketOutput? TakeDeferred()
    {
        using (_gate.Enter())
        {
            if (_deferredCount == 0)
            {
                return null;
            }

            ref var last = ref _deferred[--_deferredCount];
            var output = last;
            last = null;
            return output;
        }
    }
}
