using Molt.Server.Transport.Interop;

namespace Molt.Server.Transport;

/// <summary>
/// The targets registered with an epoll instance, by number.
/// <para>
/// Guarantees: an event reaches the target it was meant for or none. The kernel reuses file descriptors at once, and events
/// fetched before a close may name a closed one; keys carry a generation, so those find nothing.
/// </para>
/// </summary>
internal sealed class EpollTargets
{
    private readonly SpinGate _gate = new();
    private Entry[] _entries = new Entry[64];
    private int _used;
    private int _free = -1;

    /// <summary>Adds a target and gives it its key.</summary>
    public void Add(IEpollTarget target)
    {
        using (_gate.Enter())
        {
            int index;
            if (_free >= 0)
            {
                index = _free;
                _free = _entries[index].NextFree;
            }
            else
            {
                if (_used == _entries.Length)
                {
                    Array.Resize(ref _entries, _used * 2);
                }

                index = _used++;
            }

            ref var entry = ref _entries[index];
            entry.Target = target;
            target.EpollKey = ((ulong)entry.Generation << 32) | (uint)index;
        }
    }

    /// <summary>Takes a target out; its key finds nothing from now on.</summary>
    public void Remove(IEpollTarget target)
    {
        using (_gate.Enter())
        {
            var index = (int)(uint)target.EpollKey;
            ref var entry = ref _entries[index];
            if (!ReferenceEquals(entry.Target, target))
            {
                return;
            }

            entry.Target = null;
            entry.Generation++;
            entry.NextFree = _free;
            _free = index;
        }
    }

    /// <summary>Looks up the targets of a batch of events; null where there is none any more.</summary>
    public void Find(ReadOnlySpan<EpollEvent> events, Span<IEpollTarget?> targets)
    {
        using (_gate.Enter())
        {
            for (var i = 0; i < events.Length; i++)
            {
                var key = events[i].Data;
                var index = (uint)key;
                targets[i] = index < (uint)_entries.Length && _entries[index].Generation == (uint)(key >> 32)
                    ? _entries[index].Target
                    : null;
            }
        }
    }

    private struct Entry
    {
        public IEpollTarget? Target;
        public uint Generation;
        public int NextFree;
    }
}
