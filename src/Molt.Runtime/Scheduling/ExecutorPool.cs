using System.Diagnostics;

namespace Molt.Runtime.Scheduling;

/// <summary>
/// The threads that run guests and, in between, poll for I/O: leaders and followers.
/// <para>
/// Guarantees: an isolate is run by at most one executor at a time (it is handed out once per <see cref="Schedule"/> and
/// schedules itself again only at the end of a batch); isolates that have work are run in the order they were scheduled;
/// at most one executor leads, that is, waits for I/O. A guest that loops holds one executor until its limit ends it:
/// another takes over at once when the isolate's turns are known to be slow, and within two watchdog ticks when they are not.
/// </para>
/// <para>
/// The thread that polls runs what it made runnable; events of isolates whose turns are short it runs on the spot. Another
/// is woken only when that pays: a wake-up costs more than a short turn.
/// </para>
/// </summary>
internal sealed class ExecutorPool : IDisposable
{
    // V8 takes its stack limit from the thread that enters; the rest is room for .NET frames and native callbacks.
    private const int StackBytes = 8 << 20;

    // Turns longer than this are worth a wake-up of another thread for what would wait behind them.
    private static readonly long SlowTurn = Stopwatch.Frequency / 2000;

    private readonly object _gate = new();
    private readonly Queue<IExecutorWork> _runnable = new();
    private readonly Thread[] _threads;
    private readonly List<Executor> _inside = [];
    private IExecutorPoller? _poller;
    private IExecutorPoller? _polled;
    private Executor? _leader;
    private int _idle;

    // Of those, the ones that were pulsed and do not have the gate yet.
    private int _woken;

    private long _takes;
    private long _takesAtTick;
    private bool _stopping;

    public ExecutorPool(int count, Watchdog watchdog)
    {
        var executors = new Executor[count];
        _threads = new Thread[count];
        for (var i = 0; i < count; i++)
        {
            executors[i] = new Executor(this, watchdog);
            _threads[i] = new Thread(executors[i].Run, StackBytes) { IsBackground = true, Name = $"molt-executor-{i}" };
        }

        watchdog.Watch(executors, KeepPolling);
        foreach (var thread in _threads)
        {
            thread.Start();
        }
    }

    /// <summary>How many executors there are.</summary>
    public int Count => _threads.Length;

    /// <summary>Whether an executor has nothing to do, now that the caller's isolate has.</summary>
    public bool HasIdle
    {
        get
        {
            lock (_gate)
            {
                var polling = _leader is { } leader && !leader.IsCurrentThread ? 1 : 0;
                return _idle + polling > _runnable.Count;
            }
        }
    }

    /// <summary>
    /// Gives executors something to poll while they have no isolate to run; null takes it away. Nobody polls the previous
    /// poller when this returns, save a caller that does so itself.
    /// </summary>
    public void SetPoller(IExecutorPoller? poller)
    {
        lock (_gate)
        {
            var previous = _poller;
            _poller = poller;
            previous?.Wake();
            WakeAll();
            while (previous is not null && _inside.Exists(static executor => !executor.IsCurrentThread))
            {
                Monitor.Wait(_gate);

                // The pulse may have been meant for an executor.
                WakeAll();
            }
        }
    }

    /// <summary>Queues work, usually an isolate, for one batch.</summary>
    /// <param name="work">The work.</param>
    /// <param name="returning">The caller is an executor on its way back to <see cref="Take"/>.</param>
    public void Schedule(IExecutorWork work, bool returning = false)
    {
        lock (_gate)
        {
            _runnable.Enqueue(work);
            if ((returning || _leader is { IsCurrentThread: true }) && _runnable.Count == 1)
            {
                // The thread that polls takes it as soon as it has handled its I/O, and so does one that is done.
                return;
            }

            if (!TryWakeOne())
            {
                _polled?.Wake();
            }
        }
    }

    /// <summary>The next work to run; polls or blocks while there is none. Null when the pool stops.</summary>
    public IExecutorWork? Take(Executor executor)
    {
        lock (_gate)
        {
            _takes++;
            while (true)
            {
                if (_runnable.TryDequeue(out var work))
                {
                    if (_leader is null && _poller is not null && work.RecentTurn > SlowTurn)
                    {
                        TryWakeOne();
                    }

                    return work;
                }

                if (_stopping)
                {
                    return null;
                }

                if (_poller is { } poller && _leader is null)
                {
                    _leader = executor;
                    _polled = poller;
                    _inside.Add(executor);
                    Monitor.Exit(_gate);
                    try
                    {
                        executor.Poll(poller);
                    }
                    finally
                    {
                        Monitor.Enter(_gate);
                        _inside.Remove(executor);
                        if (_leader == executor)
                        {
                            _leader = null;
                            _polled = null;
                        }

                        if (!ReferenceEquals(_poller, poller))
                        {
                            WakeAll();
                        }
                    }
                }
                else
                {
                    _idle++;
                    Monitor.Wait(_gate);
                    _idle--;
                    _woken--;
                }
            }
        }
    }

    /// <summary>Lets executors finish what is queued, then joins them.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            _polled?.Wake();
            WakeAll();
        }

        foreach (var thread in _threads)
        {
            thread.Join();
        }
    }

    /// <summary>Called at each watchdog tick: when a guest holds up who would poll, an idle executor takes over.</summary>
    private void KeepPolling()
    {
        lock (_gate)
        {
            if (_leader is { IsHeldUp: true } && _idle > 0)
            {
                _leader = null;
                _polled = null;
                TryWakeOne();
            }
            else if (_poller is not null && _leader is null && _takes == _takesAtTick)
            {
                TryWakeOne();
            }

            _takesAtTick = _takes;
        }
    }

    /// <summary>Wakes an idle thread that was not woken yet; false when there is none. Under the gate.</summary>
    private bool TryWakeOne()
    {
        if (_idle == _woken)
        {
            return false;
        }

        _woken++;
        Monitor.Pulse(_gate);
        return true;
    }

    private void WakeAll()
    {
        _woken = _idle;
        Monitor.PulseAll(_gate);
    }
}
