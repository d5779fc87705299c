using System.Runtime.InteropServices;
using Molt.Server.Transport.Interop;

namespace Molt.Server.Transport;

/// <summary>
/// What one wait reported. Guarantees: each event is taken once, by whichever thread asks first; a thread that is held up
/// in one event leaves the others to whoever polls next.
/// </summary>
internal sealed unsafe class EventBatch
{
    private readonly EpollEvent[] _events;
    private readonly IEpollTarget?[] _targets;
    private int _count;
    private int _next;
    private volatile bool _held;

    public EventBatch(int size)
    {
        _events = GC.AllocateArray<EpollEvent>(size, pinned: true);
        _targets = new IEpollTarget?[size];
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

    /// <summary>The thread that began it is done.</summary>
    public void End() => _held = false;
}
