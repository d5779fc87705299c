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
        while (_pool.Take() is { } work)
        {
            _busy = true;
            _watchdog.Wake();
            _batchCpu = JsCpuClock.ThreadNanoseconds;
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
            if (_isolate is null)
            {
                return;
            }

            // Native code between the guest's frames may swallow a termination: one that did not end the turn is repeated.
            if (_over || _isolate.IsTerminating)
            {
                _isolate.Terminate();
                return;
            }

            var cpu = _clock.Nanoseconds;
            if (_seenCpu == NotSeen)
            {
                _seenUsed = Used(cpu);
                _seenCpu = cpu;
            }

            if (Used(cpu) > _budget)
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

    /// <summary>
    /// CPU nanoseconds of the turn, never too few: exact from the watchdog's first look on; before it, the smaller of the time
    /// that passed and of what the thread used since the last reading of its clock.
    /// </summary>
    private long Used(long cpu) =>
        _seenCpu == NotSeen ? Math.Min(Elapsed(Stopwatch.GetTimestamp()), cpu - _batchCpu) : _seenUsed + (cpu - _seenCpu);

    private long Elapsed(long now) => Stopwatch.GetElapsedTime(_startedAt, now).Ticks * TimeSpan.NanosecondsPerTick;
}
