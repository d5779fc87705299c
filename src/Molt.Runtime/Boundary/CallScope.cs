using Molt.Contracts.Capabilities;

namespace Molt.Runtime.Boundary;

/// <summary>
/// What calls are made for: an event of a worker, or one invocation of a module. It holds the budget they share, and ends those
/// that are open when it ends.
/// </summary>
internal sealed class CallScope
{
    private readonly HashSet<OpenCall> _open = [];
    private readonly long _units;
    private long _used;

    /// <param name="units">The budget, in units of <see cref="OperationTraits.Cost"/>.</param>
    /// <param name="owner">The embedder's own: the event, the invocation.</param>
    public CallScope(long units, object? owner = null)
    {
        _units = units;
        Owner = owner;
    }

    public object? Owner { get; }

    /// <summary>Units that are left.</summary>
    public long Left => Math.Max(0, _units - Volatile.Read(ref _used));

    /// <summary>When everything in it has to be over, as a timestamp of the runtime's clock; null when nothing limits it.</summary>
    public long? Deadline { get; init; }

    /// <summary>Takes units; false when there are not that many left. Used by the caller's thread.</summary>
    public bool TryTake(int cost)
    {
        if (_used + cost > _units)
        {
            return false;
        }

        _used += cost;
        return true;
    }

    /// <summary>Ends every call and stream that is open.</summary>
    public void Cancel(string reason)
    {
        OpenCall[] open;
        lock (_open)
        {
            if (_open.Count == 0)
            {
                return;
            }

            open = [.. _open];
        }

        foreach (var call in open)
        {
            call.End(CapabilityStatus.Cancelled, reason);
            call.Session.Forget(call);
        }
    }

    internal void Add(OpenCall call)
    {
        lock (_open)
        {
            _open.Add(call);
        }
    }

    internal void Remove(OpenCall call)
    {
        lock (_open)
        {
            _open.Remove(call);
        }
    }
}
