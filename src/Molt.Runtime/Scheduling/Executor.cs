using System.Diagnostics;
using Molt.Engine;

namespace Molt.Runtime.Scheduling;

/// <summary>Why the watchdog ended a turn.</summary>
internal enum TurnEnd
{
    /// <summary>It returned by itself.</summary>
    Returned,

    /// <summary>It used up its event's CPU time.</summary>
    Cpu,

    /// <summary>Turns are no longer waited for.</summary>
    ShutDown,
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
    private const long NotSeen = -1;

    // Ticks of the watchdog after which what waits behind a turn is better off elsewhere.
    private const int LongTurnTicks = 2;

    // Reading a thread's CPU clock is a system call; a turn this short is charged the time that passed.
    private const long ShortTurn = 200_000;

    private readonly ExecutorPool _pool;
    private readonly Watchdog _watchdog;
    private readonly Lock _turn = new();
    private JsCpuClock _clock;
    private JsIsolate? _isolate;
    private long _startedAt;
    private long _batchCpu;
    private long _seenCpu = NotSeen;
    private long _seenUsed;
    private long _budget;
    private bool _over;
    private int _ticks;
    private WorkerIsolate? _entered;
    private int _threadId;
    private volatile bool _busy;

    [ThreadStatic]
    private static Executor? t_polling;

    public Executor(ExecutorPool pool, Watchdog watchdog)
    {
        _pool = pool;
        _watchdog = watchdog;
    }

    /// <summary>The executor whose thread this is, while it polls and no turn is on its stack; else null.</summary>
    public static Executor? Polling => t_polling;

    /// <summary>Whether the caller is this executor's thread.</summary>
    public bool IsCurrentThread => _threadId == Environment.CurrentManagedThreadId;

    /// <summary>Whether the thread is running a batch.</summary>
    public bool IsBusy => _busy;

    /// <summary>The isolate that the polling thread keeps entered for the events it receives.</summary>
    public WorkerIsolate? Entered => _entered;

    /// <summary>Whether the thread has been in one turn for two ticks of the watchdog.</summary>
    public bool IsHeldUp
    {
        get
        {
            lock (_turn)
            {
                return _isolate is not null && _ticks >= LongTurnTicks;
            }
        }
    }

    /// <summary>The thread's body.</summary>
    public void Run()
    {
        _threadId = Environment.CurrentManagedThreadId;
        _clock = JsCpuClock.ForCurrentThread();
        while (_pool.Take(this) is { } work)
        {
            BeginBatch();
            try
            {
                work.RunBatch(this);
            }
            finally
            {
                _busy = false;
            }
        }
    }

    /// <summary>Polls, running the events that come in as they come.</summary>
    public void Poll(IExecutorPoller poller)
    {
        t_polling = this;
        try
        {
            poller.Poll(-1);
        }
        finally
        {
            t_polling = null;
            Leave();
        }
    }

    /// <summary>Keeps an isolate that the caller has the right to run entered until this executor polls again.</summary>
    public void Enter(WorkerIsolate isolate)
    {
        Leave();
        BeginBatch();
        isolate.EnterForPolling();
        _entered = isolate;
    }

    /// <summary>Runs one message of the isolate that is entered. What it makes runnable meanwhile is queued.</summary>
    public void RunEntered(IsolateMessage message)
    {
        t_polling = null;
        try
        {
            _entered!.RunGuarded(message, this);
        }
        finally
        {
            t_polling = this;
        }
    }

    /// <summary>Starts a turn that may use <paramref name="budget"/> nanoseconds of this thread's CPU time.</summary>
    public void BeginTurn(JsIsolate isolate, long budget)
    {
        lock (_turn)
        {
            _isolate = isolate;
            _budget = budget;
            _over = false;
            _ticks = 0;
            _seenCpu = NotSeen;
            _startedAt = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>Ends the turn, if there is one, and returns the CPU nanoseconds to charge for it.</summary>
    public long EndTurn(out TurnEnd end)
    {
        lock (_turn)
        {
            var used = Elapsed(Stopwatch.GetTimestamp());
            if (used >= ShortTurn)
            {
                var cpu = JsCpuClock.ThreadNanoseconds;
                used = Used(cpu);
                _batchCpu = cpu;
            }

            if (_ticks >= LongTurnTicks && _isolate?.Tag is WorkerIsolate free)
            {
                free.IsHeldUp = false;
            }

            end = TurnEnd.Returned;
            if (_over)
            {
                end = _watchdog.EndsTurns ? TurnEnd.ShutDown : TurnEnd.Cpu;
                _over = false;
                _isolate!.CancelTerminate();
            }

            _isolate = null;
            return used;
        }
    }

    /// <summary>
    /// Called by the watchdog: ends the turn when it is over its budget, and has its memory looked at. Returns the worker's
    /// isolate that the turn holds up, or null.
    /// </summary>
    public WorkerIsolate? Check()
    {
        lock (_turn)
        {
            if (_isolate is null)
            {
                return null;
            }

            // Native code between the guest's frames may swallow a termination: one that did not end the turn is repeated.
            if (_over || _isolate.IsTerminating)
            {
                _isolate.Terminate();
                return null;
            }

            var cpu = _clock.Nanoseconds;
            if (_seenCpu == NotSeen)
            {
                _seenUsed = Used(cpu);
                _seenCpu = cpu;
            }

            if (_watchdog.EndsTurns || Used(cpu) > _budget)
            {
                _over = true;
                _isolate.Terminate();
                return null;
            }

            // A turn seen at two ticks running is long enough to grow; short ones are checked when they end.
            if (++_ticks < LongTurnTicks)
            {
                return null;
            }

            _isolate.RequestMemoryCheck();
            if (_isolate.Tag is not WorkerIsolate { IsStarted: true } held)
            {
                return null;
            }

            held.IsHeldUp = true;
            return held;
        }
    }

    /// <summary>
    /// CPU nanoseconds of the turn, never too few: exact from the watchdog's first look on; before it, the smaller of the time
    /// that passed and of what the thread used since the last reading of its clock.
    /// </summary>
    private long Used(long cpu) =>
        _seenCpu == NotSeen ? Math.Min(Elapsed(Stopwatch.GetTimestamp()), cpu - _batchCpu) : _seenUsed + (cpu - _seenCpu);

    private void BeginBatch()
    {
        _busy = true;
        _watchdog.Wake();
        _batchCpu = JsCpuClock.ThreadNanoseconds;
    }

    private void Leave()
    {
        if (_entered is { } entered)
        {
            _entered = null;
            entered.LeaveAfterPolling(this);
            _busy = false;
        }
    }

    private long Elapsed(long now) => Stopwatch.GetElapsedTime(_startedAt, now).Ticks * TimeSpan.NanosecondsPerTick;
}
