namespace Molt.Wasm.Instances;

/// <summary>
/// The lanes of a plugin. There are as many as threads ever used it at once.
/// <para>
/// Guarantees: one thread at a time uses a lane, and none waits for one: a pending call that goes on does so when its lane is free, or
/// after whoever uses it; a lane lives until its last pending call ended.
/// </para>
/// </summary>
internal sealed class PluginPool(PluginProgram program) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<PluginLane> _free = [];
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
            if (_free.Count > 0)
            {
                var lane = _free[^1];
                _free.RemoveAt(_free.Count - 1);
                return lane;
            }
        }

        var made = new PluginLane(program, this);
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
        bool resumes;
        lock (_gate)
        {
            resumes = !lane.IsCondemned && lane.Resuming.Count > 0;
            if (!resumes && !lane.IsCondemned && (!_disposed || lane.Waiting.Count > 0))
            {
                _free.Add(lane);
                return;
            }

            if (!resumes)
            {
                _all.Remove(lane);
            }
        }

        if (resumes)
        {
            Schedule(lane);
        }
        else
        {
            lane.Dispose();
            End();
        }
    }

    /// <summary>A pending call has something to do. Any thread.</summary>
    public void Resume(PluginLane lane, PendingPluginCall call)
    {
        lock (_gate)
        {
            lane.Resuming.Enqueue(call);
            if (!_free.Remove(lane))
            {
                return;
            }
        }

        Schedule(lane);
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

    /// <summary>Disposes the lanes that nobody uses and no call is pending in; the others go when that is so.</summary>
    public void Dispose()
    {
        List<PluginLane> unused;
        lock (_gate)
        {
            _disposed = true;
            unused = _free.FindAll(lane => lane.Waiting.Count == 0);
            _free.RemoveAll(unused.Contains);
            _all.RemoveAll(unused.Contains);
        }

        foreach (var lane in unused)
        {
            lane.Dispose();
        }

        End();
    }

    /// <summary>The state that instances begin with goes with the last that could begin.</summary>
    private void End()
    {
        lock (_gate)
        {
            if (!_disposed || _all.Count > 0)
            {
                return;
            }
        }

        program.Frozen?.Image.Dispose();
    }

    private void Schedule(PluginLane lane) =>
        ThreadPool.UnsafeQueueUserWorkItem(static work => work.Pool.Run(work.Lane), (Pool: this, Lane: lane), preferLocal: false);

    private void Run(PluginLane lane)
    {
        while (!lane.IsCondemned && Next(lane) is { } call)
        {
            call.Run();
        }

        Return(lane);
    }

    private PendingPluginCall? Next(PluginLane lane)
    {
        lock (_gate)
        {
            return lane.Resuming.TryDequeue(out var call) ? call : null;
        }
    }
}
