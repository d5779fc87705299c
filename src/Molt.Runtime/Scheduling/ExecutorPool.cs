using System.Diagnostics;

namespace Molt.Runtime.Scheduling;

/// <summary>
/// The threads that run guests and, in between, poll for I/O: leaders and followers.
/// <para>
/// Guarantees: an isolate is run by at most one executor at a time (it is handed out once per <see cref="Schedule"/> and
/// schedules itself again only at the end of a batch); isolates that have work are run in the order they were scheduled;
/// at most one executor polls. A guest that loops holds one executor until its limit ends it: another takes over polling
/// at once when the isolate's turns are known to be slow, and within a watchdog tick when they are not.
/// </para>
/// <para>
/// The thread that polls runs what it made runnable. Another is woken only when that pays: a wake-up costs more than a
/// short turn.
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
    private IExecutorPoller? _poller;
    private IExecutorPoller? _polled;
    private Thread? _polling;
    private int _idle;
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
                var polling = _polling is not null && _polling != Thread.CurrentThread ? 1 : 0;
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
            Monitor.PulseAll(_gate);
            while (previous is not null && ReferenceEquals(_polled, previous) && _polling != Thread.CurrentThread)
            {
                Monitor.Wait(_gate);

                // The pulse may have been meant for an executor.
                Monitor.Pulse(_gate);
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
            if ((returning || _polling == Thread.CurrentThread) && _runnable.Count == 1)
            {
                // The thread that polls takes it as soon as it has handled its I/O, and so does one that is done.
                return;
            }

            if (_idle > 0)
            {
                Monitor.Pulse(_gate);
            }
            else
            {
                _polled?.Wake();
            }
        }
    }

    /// <summary>The next work to run; polls or blocks while there is none. Null when the pool stops.</summary>
    public IExecutorWork? Take()
    {
        lock (_gate)
        {
            _takes++;
            while (true)
            {
                if (_runnable.TryDequeue(out var work))
                {
                    if (_idle > 0 && _polling is null && _poller is not null && work.RecentTurn > SlowTurn)
                    {
                        Monitor.Pulse(_gate);
                    }

                    return work;
                }

                if (_stopping)
                {
                    return null;
                }

                if (_poller is { } poller && _polling is null)
                {
                    _polling = Thread.CurrentThread;
                    _polled = poller;
                    Monitor.Exit(_gate);
                    try
                    {
                        poller.Poll(-1);
                    }
                    finally
                    {
                        Monitor.Enter(_gate);
                        _polling = null;
                        _polled = null;
                        if (!ReferenceEquals(_poller, poller))
                        {
                            Monitor.PulseAll(_gate);
                        }
                    }
                }
                else
                {
                    _idle++;
                    Monitor.Wait(_gate);
                    _idle--;
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
            Monitor.PulseAll(_gate);
        }

        foreach (var thread in _threads)
        {
            thread.Join();
        }
    }

    /// <summary>Called at each watchdog tick: when no executor came back since the last one, an idle one takes over polling.</summary>
    private void KeepPolling()
    {
        lock (_gate)
        {
            if (_poller is not null && _polling is null && _idle > 0 && _takes == _takesAtTick)
            {
                Monitor.Pulse(_gate);
            }

            _takesAtTick = _takes;
        }
    }
}
