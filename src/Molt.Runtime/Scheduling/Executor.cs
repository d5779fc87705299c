using Molt.Engine;

namespace Molt.Runtime.Scheduling;

/// <summary>Why the watchdog ended a turn.</summary>
internal enum TurnEnd
{
    /// <summary>It returned by itself.</summary>
    Returned,

    /// <summary>It used up its event's CPU time.</summary>
    Cpu,
}

/// <summary>
/// One executor thread and the turn it is in.
/// <para>
/// Guarantees: a termination asked for by the watchdog reaches the turn it was meant for and no other: turn begin, turn
/// end and the watchdog's check exclude each other, and a turn that ends over its budget takes the termination back
/// before the next begins.
/// </para>
/// </summary>
internal sealed class Executor
{
    private readonly ExecutorPool _pool;
    private readonly Watchdog _watchdog;
    private readonly Lock _turn = new();
    private JsCpuClock _clock;
    private JsIsolate? _isolate;
    private long _startedAt;
    private long _budget;
    private bool _over;
    private int _ticks;
    private volatile bool _busy;

    public Executor(ExecutorPool pool, Watchdog watchdog)
    {
        _pool = pool;
        _watchdog = watchdog;
    }

    /// <summary>Whether the thread is running a batch.</summary>
    public bool IsBusy => _busy;

    /// <summary>The thread's body.</summary>
    public void Run()
    {
        _clock = JsCpuClock.ForCurrentThread();
        while (_pool.Take() is { } isolate)
        {
            _busy = true;
            _watchdog.Wake();
            try
            {
                isolate.RunBatch(this);
            }
            finally
            {
                _busy = false;
            }
        }
    }

    /// <summary>Starts charging this thread's CPU time to a turn that may use <paramref name="budget"/> nanoseconds.</summary>
    public void BeginTurn(JsIsolate isolate, long budget)
    {
        lock (_turn)
        {
            _isolate = isolate;
            _budget = budget;
            _over = false;
            _ticks = 0;
            _startedAt = JsCpuClock.ThreadNanoseconds;
        }
    }

    /// <summary>Ends the turn, if there is one, and returns the CPU nanoseconds it used.</summary>
    public long EndTurn(out TurnEnd end)
    {
        lock (_turn)
        {
            var used = JsCpuClock.ThreadNanoseconds - _startedAt;
            end = TurnEnd.Returned;
            if (_over)
            {
                end = TurnEnd.Cpu;
                _over = false;
                _isolate!.CancelTerminate();
            }

            _isolate = null;
            return used;
        }
    }

    /// <summary>Called by the watchdog: ends the turn when it is over its budget, and has its memory looked at.</summary>
    public void Check()
    {
        lock (_turn)
        {
            if (_isolate is null || _over)
            {
                return;
            }

            if (_clock.Nanoseconds - _startedAt > _budget)
            {
                _over = true;
                _isolate.Terminate();
                return;
            }

            // A turn seen at two ticks running is long enough to grow; short ones are checked when they end.
            if (++_ticks >= 2)
            {
                _isolate.RequestMemoryCheck();
            }
        }
    }
}
