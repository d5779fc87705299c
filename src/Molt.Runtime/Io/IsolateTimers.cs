using System.Diagnostics.CodeAnalysis;

namespace Molt.Runtime.Io;

/// <summary>
/// The timers of one isolate over one <see cref="TimeProvider"/> timer.
/// <para>
/// Guarantees: a timer never fires early; timers that are due fire in order of their deadlines, and those with equal
/// deadlines in the order they were set; what is kept is in proportion to the timers that are set. Used by one executor at a
/// time; <c>due</c> is called on any thread.
/// </para>
/// </summary>
internal sealed class IsolateTimers : IDisposable
{
    // As many dropped timers may wait in the queue for their turn before it is worth making a new one.
    private const int MostDropped = 1024;

    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly PriorityQueue<Entry, (long Due, long Order)> _queue = new();
    private readonly Dictionary<int, Entry> _byId = [];
    private long _order;
    private int _dropped;
    private long _armedFor = long.MaxValue;

    public IsolateTimers(TimeProvider time, Action due)
    {
        _time = time;
        _timer = time.CreateTimer(static state => ((Action)state!)(), due, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many timers are set.</summary>
    public int Count => _byId.Count;

    /// <summary>Sets a timer. A repeating one is set again from its deadline each time it fired.</summary>
    public void Start(int id, WorkerEvent owner, TimeSpan delay, bool repeat)
    {
        var entry = new Entry(id, owner, Math.Max(TimeSpan.TicksPerMillisecond, delay.Ticks), repeat);
        _byId[id] = entry;
        owner.Timers++;
        Enqueue(entry, Now + Math.Max(0, delay.Ticks));
        Arm();
    }

    /// <summary>Drops a timer; an unknown id is ignored.</summary>
    public void Clear(int id)
    {
        if (_byId.Remove(id, out var entry))
        {
            entry.Owner.Timers--;
            entry.Dropped = true;
            _dropped++;
            if (_dropped > MostDropped && _dropped > _byId.Count)
            {
                Compact();
            }
        }
    }

    /// <summary>Drops every timer of an event that ended.</summary>
    public void ClearAll(WorkerEvent owner)
    {
        if (owner.Timers == 0)
        {
            return;
        }

        List<int>? ids = null;
        foreach (var (id, entry) in _byId)
        {
            if (ReferenceEquals(entry.Owner, owner))
            {
                (ids ??= []).Add(id);
            }
        }

        foreach (var id in ids ?? [])
        {
            Clear(id);
        }
    }

    /// <summary>Takes the next timer that is due, or returns false and arms for the next one.</summary>
    public bool TryTakeDue(out int id, out WorkerEvent? owner)
    {
        var now = Now;
        while (TryPeek(out var entry, out var key) && key.Due <= now)
        {
            _queue.Dequeue();
            if (entry.Repeat)
            {
                Enqueue(entry, Math.Max(now, key.Due + entry.Period));
            }
            else
            {
                _byId.Remove(entry.Id);
                entry.Owner.Timers--;
            }

            id = entry.Id;
            owner = entry.Owner;
            return true;
        }

        _armedFor = long.MaxValue;
        Arm();
        id = 0;
        owner = null;
        return false;
    }

    public void Dispose() => _timer.Dispose();

    private long Now => _time.GetElapsedTime(0, _time.GetTimestamp()).Ticks;

    private void Enqueue(Entry entry, long due) => _queue.Enqueue(entry, (due, _order++));

    private void Arm()
    {
        if (TryPeek(out _, out var key) && key.Due < _armedFor)
        {
            _armedFor = key.Due;

            // Timers count in whole milliseconds: round up, so that nothing is early.
            var ms = Math.Max(0, (key.Due - Now + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond);
            _timer.Change(TimeSpan.FromMilliseconds(ms), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The first timer that was not dropped.</summary>
    private bool TryPeek([NotNullWhen(true)] out Entry? entry, out (long Due, long Order) key)
    {
        while (_queue.TryPeek(out entry, out key))
        {
            if (!entry.Dropped)
            {
                return true;
            }

            _queue.Dequeue();
            _dropped--;
        }

        return false;
    }

    private void Compact()
    {
        var kept = new List<(Entry, (long, long))>(_byId.Count);
        foreach (var (entry, key) in _queue.UnorderedItems)
        {
            if (!entry.Dropped)
            {
                kept.Add((entry, key));
            }
        }

        _queue.Clear();
        _queue.EnqueueRange(kept);
        _queue.TrimExcess();
        _dropped = 0;
    }

    private sealed class Entry(int id, WorkerEvent owner, long period, bool repeat)
    {
        public int Id { get; } = id;

        public WorkerEvent Owner { get; } = owner;

        public long Period { get; } = period;

        public bool Repeat { get; } = repeat;

        public bool Dropped { get; set; }
    }
}
