namespace Molt.Wasm.Instances;

/// <summary>The lanes of a plugin: each is used by one thread at a time, and there are as many as threads ever used it at once.</summary>
internal sealed class PluginPool(PluginProgram program) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Stack<PluginLane> _free = new();
    private readonly List<PluginLane> _all = [];
    private bool _disposed;

    public int Lanes
    {
        get
        {
            lock (_gate)
            {
                return _all.Count;
            }
        }
    }

    public long Replacements
    {
        get
        {
            lock (_gate)
            {
                long sum = 0;
                foreach (var lane in _all)
                {
                    sum += lane.Replacements;
                }

                return sum;
            }
        }
    }

    public PluginLane Rent()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(Plugin));
            if (_free.TryPop(out var lane))
            {
                return lane;
            }
        }

        var made = new PluginLane(program);
        lock (_gate)
        {
            if (!_disposed)
            {
                _all.Add(made);
                return made;
            }
        }

        made.Dispose();
        throw new ObjectDisposedException(nameof(Plugin));
    }

    public void Return(PluginLane lane)
    {
        lock (_gate)
        {
            if (!_disposed && !lane.IsCondemned)
            {
                _free.Push(lane);
                return;
            }

            _all.Remove(lane);
        }

        lane.Dispose();
    }

    /// <summary>Bytes of all lanes that are free now.</summary>
    public long MemoryInUse()
    {
        PluginLane[] lanes;
        lock (_gate)
        {
            lanes = [.. _free];
        }

        long sum = 0;
        foreach (var lane in lanes)
        {
            sum += lane.MemoryInUse();
        }

        return sum;
    }

    /// <summary>Disposes the lanes that are free; those in use go when they come back.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            while (_free.TryPop(out var lane))
            {
                lane.Dispose();
            }
        }
    }
}
