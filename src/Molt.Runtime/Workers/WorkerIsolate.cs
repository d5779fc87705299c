using System.Collections.Concurrent;
using System.Diagnostics;
using Molt.Engine;
using Molt.Runtime.Boundary;
using Molt.Runtime.Io;
using Molt.Runtime.Scheduling;

namespace Molt.Runtime;

/// <summary>
/// One isolate of a worker version: an actor whose mailbox holds events, completed I/O and timers.
/// <para>
/// Guarantees: messages are handled in the order they were posted, each in a turn of its own (deliver, run JavaScript, run
/// microtasks) charged to the event it belongs to; a guest fault or limit ends that event and never the executor; after
/// <see cref="Retire"/> the open events finish, and V8's isolate is disposed when the last one ended.
/// </para>
/// <para>
/// <see cref="Post"/> may be called by any thread. Everything else belongs to the executor that runs the batch.
/// </para>
/// </summary>
internal sealed partial class WorkerIsolate : IExecutorWork
{
    // A batch keeps V8's lock: long enough to spread its cost, short enough that other isolates get their share.
    private const int MaxBatch = 64;

    // Turns longer than this are queued, for another thread to take: who receives requests must not be kept from it.
    private static readonly long LongTurn = Stopwatch.Frequency / 10_000;

    private const string ShutDownReason = "The runtime was shut down before the event was over.";

    // A load that no number of late arrivals brings back above zero.
    private const int Gone = int.MinValue / 2;

    private readonly Worker _worker;
    private readonly WorkerRuntime _runtime;
    private readonly ConcurrentQueue<IsolateMessage> _mailbox = new();
    private readonly ResourceTable _resources = new();
    private readonly List<object> _afterTurn = [];
    private readonly IsolateTimers _timers;
    private readonly QuiescenceCheck _quiescence;
    private readonly TaskTimer _taskTimer;
    private JsIsolate? _js;
    private JsContext? _context;
    private GuestEntry? _guest;
    private GuestCapabilities? _capabilities;
    private EventFailure? _broken;
    private int _scheduled;
    private int _load;
    private int _operations;
    private int _events;
    private long _turns;
    private int _memoryStrikes;
    private long _pollingTurns;
    private long _charged;
    private bool _started;
    private bool _hasServed;
    private bool _codeOffered;
    private volatile bool _retired;
    private volatile bool _heldUp;
    private bool _disposed;

    public WorkerIsolate(Worker worker, WorkerRuntime runtime)
    {
        _worker = worker;
        _runtime = runtime;
        var tick = new TimerTick();
        _timers = new IsolateTimers(runtime.Time, () => Post(tick));
        _quiescence = new QuiescenceCheck(this, runtime.Time);
        _taskTimer = new TaskTimer(runtime.Time, () => Post(PumpTasks.Instance));
        worker.Grants.Listen(this);
    }

    /// <summary>Events that were posted and have not ended. Any thread.</summary>
    public int Load => Volatile.Read(ref _load);

    /// <summary>When the isolate last ran, by the runtime's clock. Any thread.</summary>
    public long LastUsed { get; private set; }

    public Worker Worker => _worker;

    /// <summary>What the worker may reach at this moment.</summary>
    public WorkerGrants Grants => _worker.Grants;

    /// <summary>Who is told of calls, or null.</summary>
    public Auditor? Auditor => _runtime.Auditor;

    /// <summary>The bytes carrier's state; made when the guest first uses it.</summary>
    public GuestCapabilities Capabilities => _capabilities ??= new GuestCapabilities(this);

    public WorkerRuntime Runtime => _runtime;

    /// <summary>How long recent turns took on average, in <see cref="Stopwatch"/> ticks; a new isolate counts as slow.</summary>
    public long RecentTurn { get; private set; } = Stopwatch.Frequency / 1000;

    internal WorkerLimits Limits => _worker.Definition.Limits;

    internal IOutboundFetch Outbound => _runtime.Outbound;

    /// <summary>By then an isolate has compiled what its usual events run: its earlier batches say little about later ones.</summary>
    public const int WarmBatches = 8;

    /// <summary>Batches run so far.</summary>
    public int Batches { get; private set; }

    /// <summary>Whether its top-level code has run. Any thread.</summary>
    public bool IsStarted => Volatile.Read(ref _started);

    /// <summary>Whether a turn has lasted so long that new events are better off elsewhere. Any thread; set and cleared by the executor's lock.</summary>
    public bool IsHeldUp
    {
        get => _heldUp;
        set => _heldUp = value;
    }

    /// <summary>Counts an event in, paired with its end; false when the isolate is gone.</summary>
    public bool TryCountIn()
    {
        if (Interlocked.Increment(ref _load) > 0)
        {
            return true;
        }

        Interlocked.Decrement(ref _load);
        return false;
    }

    /// <summary>Puts a message in the mailbox. Any thread.</summary>
    public void Post(IsolateMessage message)
    {
        _mailbox.Enqueue(message);
        Schedule();
    }

    /// <summary>Takes no new events; disposes itself when it is empty. Any thread.</summary>
    public void Retire()
    {
        if (!_retired)
        {
            _retired = true;
            Schedule();
        }
    }

    /// <summary>
    /// Gives events that wait behind a long turn to another isolate, when the worker has or may have one. Any thread. What else
    /// waits keeps its order, and so does an event whose worker takes no more.
    /// </summary>
    public void Relieve()
    {
        if (_mailbox.IsEmpty || !_worker.CanRelieve())
        {
            return;
        }

        for (var count = _mailbox.Count; count > 0 && _mailbox.TryDequeue(out var message); count--)
        {
            if (message is WorkerEvent waiting && _worker.TryRoute(waiting, taken: true))
            {
                Interlocked.Decrement(ref _load);
            }
            else
            {
                _mailbox.Enqueue(message);
            }
        }

        // The batch may have ended meanwhile, with nothing in the mailbox that it could see.
        Schedule();
    }

    /// <summary>Ends what is open as soon as the executor comes to it. Any thread.</summary>
    public void ShutDown() => Post(new EndIsolate(ShutDownReason));

    /// <summary>Ends what is open in an isolate that is out of use. Any thread.</summary>
    public void MakeRoom() => Post(new EndIsolate("The event's isolate was taken out of use and made room for others before the event was over."));

    /// <summary>Runs what is in the mailbox, up to a batch.</summary>
    public void RunBatch(Executor executor)
    {
        try
        {
            if (_js is null && _broken is null && !_disposed)
            {
                Start(executor);
            }

            if (_broken is not null || _disposed)
            {
                RejectAll();
            }
            else
            {
                RunMailbox(executor);
            }
        }
#pragma warning disable CA1031 // An executor outlives any fault of one isolate: it is reported and the isolate given up.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            GiveUp(executor, fault);
            RejectAll();
        }

        Release();
    }

    /// <summary>
    /// Runs an event on the executor that received it, when the isolate is free, nothing waits before it, and its turns are
    /// short; else false. The executor keeps the isolate entered for what it receives next.
    /// </summary>
    public bool TryRunNow(WorkerEvent posted, Executor executor)
    {
        if (executor.Entered != this)
        {
            if (RecentTurn > LongTurn || Interlocked.CompareExchange(ref _scheduled, 1, 0) != 0)
            {
                return false;
            }

            if (_js is null || _broken is not null || _disposed || !_mailbox.IsEmpty)
            {
                Release();
                return false;
            }

            executor.Enter(this);
        }
        else if (_broken is not null || !_mailbox.IsEmpty)
        {
            return false;
        }

        executor.RunEntered(posted);
        return true;
    }

    /// <summary>Enters for the messages of one poll.</summary>
    public void EnterForPolling()
    {
        _ = _js!.Enter();
        _pollingTurns = _turns;
        _charged = 0;
    }

    /// <summary>Runs one message inside; a fault costs the isolate.</summary>
    public void RunGuarded(IsolateMessage message, Executor executor)
    {
        try
        {
            message.Run(this, executor);
        }
#pragma warning disable CA1031 // As in RunBatch.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            GiveUp(executor, fault);
        }
    }

    /// <summary>Leaves what <see cref="EnterForPolling"/> entered, and lets the isolate be scheduled again.</summary>
    public void LeaveAfterPolling(Executor executor)
    {
        try
        {
            _js!.Leave();
            AfterBatch((long)(_charged * (Stopwatch.Frequency / 1e9)), _turns - _pollingTurns);
        }
#pragma warning disable CA1031 // As in RunBatch.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            GiveUp(executor, fault);
            RejectAll();
        }

        Release();
    }

    private void GiveUp(Executor executor, Exception fault)
    {
        executor.EndTurn(out _);
        ReportFault(fault);
        var failure = new EventFailure(
            _started ? EventOutcome.Cancelled : EventOutcome.StartupFailed,
            "The runtime met a fault in this isolate and shut it down.");
        _worker.OnStartFailed(failure);
        Break(failure);
    }

    /// <summary>Ends a batch: whoever schedules the isolate next may run it.</summary>
    private void Release()
    {
        LastUsed = _runtime.Time.GetTimestamp();

        // The exchange decides against an event that is being counted in by another thread.
        if (_retired && _mailbox.IsEmpty && Interlocked.CompareExchange(ref _load, Gone, 0) == 0)
        {
            DisposeIsolate();
        }

        // Exchange, not a plain write: the checks after it, for what came while nobody would schedule, must not move before it.
        Interlocked.Exchange(ref _scheduled, 0);
        if (!_mailbox.IsEmpty || (_retired && !_disposed && Load == 0))
        {
            Schedule(returning: true);
        }
    }

    /// <summary>Lets later isolates of the same code start from what this one compiled for its first events.</summary>
    private void KeepCode()
    {
        _codeOffered = true;
        if (_broken is not null)
        {
            return;
        }

        var warm = Batches >= WarmBatches;
        using var entered = _js!.Enter();
        foreach (var (name, text) in _worker.CachedTexts)
        {
            if (_runtime.Code.Wants(text, warm) && _context!.FindModule(name) is { Status: JsModuleStatus.Evaluated } module)
            {
                _runtime.Code.Keep(text, module.CodeCache(), warm);
            }
        }
    }

    /// <summary>Tells the embedder of a defect of the runtime.</summary>
    internal void ReportFault(Exception fault) => _runtime.Observer.RuntimeFault(_worker.Name, fault);

    private void Schedule(bool returning = false)
    {
        if (Interlocked.Exchange(ref _scheduled, 1) == 0)
        {
            _runtime.Executors.Schedule(this, returning);
        }
    }

    private void RunMailbox(Executor executor)
    {
        var started = Stopwatch.GetTimestamp();
        var turnsBefore = _turns;
        using (_js!.Enter())
        {
            for (var i = 0; i < MaxBatch && _broken is null && _mailbox.TryDequeue(out var message); i++)
            {
                message.Run(this, executor);
            }
        }

        AfterBatch(Stopwatch.GetTimestamp() - started, _turns - turnsBefore);
    }

    private void AfterBatch(long elapsed, long turns)
    {
        Batches++;
        if (Batches == WarmBatches || (_hasServed && !_codeOffered))
        {
            KeepCode();
        }

        RecentTurn = ((RecentTurn * 7) + (elapsed / Math.Max(1, turns))) / 8;
        if (_broken is not null)
        {
            RejectAll();
        }
        else if (_events > 0 && _mailbox.IsEmpty && _operations == 0 && _timers.Count == 0)
        {
            _quiescence.Arm(_turns);
        }
    }

    private void RejectAll()
    {
        var failure = _broken ?? new EventFailure(EventOutcome.Cancelled, "The isolate was shut down.");
        while (_mailbox.TryDequeue(out var message))
        {
            if (message is WorkerEvent waiting)
            {
                Redirect(waiting, failure);
            }
            else
            {
                message.Reject(failure);
            }
        }
    }

    /// <summary>Gives an event that was not started to another isolate; fails it when the worker cannot start one.</summary>
    private void Redirect(WorkerEvent waiting, EventFailure failure)
    {
        Interlocked.Decrement(ref _load);
        if (failure.Outcome == EventOutcome.StartupFailed || !_worker.TryRoute(waiting, taken: true))
        {
            waiting.Reject(failure);
        }
    }

    /// <summary>Empties the mailbox of events that were not started; completed I/O of started ones stays.</summary>
    private void RedirectWaiting(EventFailure failure)
    {
        for (var count = _mailbox.Count; count > 0 && _mailbox.TryDequeue(out var message); count--)
        {
            if (message is WorkerEvent waiting)
            {
                Redirect(waiting, failure);
            }
            else
            {
                _mailbox.Enqueue(message);
            }
        }
    }

    /// <summary>Fails what is open and goes: nobody waits for it any longer.</summary>
    internal void End(string reason) => Break(new EventFailure(EventOutcome.Cancelled, reason));

    /// <summary>Gives the isolate up: open events fail now, V8's isolate goes, and the worker makes another.</summary>
    private void Break(EventFailure failure)
    {
        if (_broken is not null)
        {
            return;
        }

        _broken = failure;
        _worker.Remove(this);
        foreach (var open in _resources.Events())
        {
            FailEvent(open, failure);
        }

        RunAfterTurn();
        Retire();
    }

    private void DisposeIsolate()
    {
        _disposed = true;
        _timers.Dispose();
        _quiescence.Dispose();
        _taskTimer.Dispose();
        _capabilities?.Dispose();
        Grants.Unlisten(this);
        _guest?.Dispose();
        _context?.Dispose();
        _js?.Dispose();
        _js = null;
        _worker.OnDisposed(this);
    }
}
