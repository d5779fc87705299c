namespace Molt.Runtime.Scheduling;

/// <summary>
/// The thread that notices turns over their limits.
/// <para>
/// Guarantees: while any executor runs a batch, each is checked every <see cref="Tick"/>; a turn over its CPU budget is
/// therefore ended within its limit plus two ticks, whatever the guest does; events that wait behind a turn seen at two ticks
/// are given to another isolate where the worker may have one. It sleeps while the server is idle.
/// </para>
/// </summary>
internal sealed class Watchdog : IDisposable
{
    /// <summary>How often busy executors are checked.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    // Idle ticks before the thread sleeps, so that a server under light load does not wake it for each request.
    private const int Linger = 50;

    private readonly object _gate = new();
    private readonly Thread _thread;
    private IReadOnlyList<Executor> _executors = [];
    private Action _onTick = static () => { };
    private volatile bool _asleep;
    private volatile bool _endsTurns;
    private bool _stopping;

    public Watchdog()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "molt-watchdog", Priority = ThreadPriority.AboveNormal };
    }

    /// <summary>Whether turns end at the next tick, whatever their budget.</summary>
    public bool EndsTurns => _endsTurns;

    /// <summary>Ends every turn that a tick finds from now on.</summary>
    public void EndTurns() => _endsTurns = true;

    /// <summary>Starts watching; <paramref name="onTick"/> runs at each tick too.</summary>
    public void Watch(IReadOnlyList<Executor> executors, Action onTick)
    {
        _executors = executors;
        _onTick = onTick;
        _thread.Start();
    }

    /// <summary>Says that an executor became busy.</summary>
    public void Wake()
    {
        // Pairs with the barrier in Run: either this sees _asleep, or Run sees the executor busy.
        Interlocked.MemoryBarrier();
        if (_asleep)
        {
            lock (_gate)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
    }

    private void Run()
    {
        var idle = 0;
        lock (_gate)
        {
            while (!_stopping)
            {
                if (idle < Linger)
                {
                    Monitor.Wait(_gate, Tick);
                }
                else
                {
                    _asleep = true;
                    Interlocked.MemoryBarrier();
                    if (!AnyBusy())
                    {
                        Monitor.Wait(_gate);
                    }

                    _asleep = false;
                    idle = 0;
                }

                idle = AnyBusy() ? 0 : idle + 1;
                foreach (var executor in _executors)
                {
                    executor.Check()?.Relieve();
                }

                _onTick();
            }
        }
    }

    private bool AnyBusy()
    {
        foreach (var executor in _executors)
        {
            if (executor.IsBusy)
            {
                return true;
            }
        }

        return false;
    }
}
