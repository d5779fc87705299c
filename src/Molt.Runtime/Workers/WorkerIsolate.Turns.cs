using System.Diagnostics;
using Molt.Engine;
using Molt.Runtime.Io;
using Molt.Runtime.Scheduling;

namespace Molt.Runtime;

/// <summary>Turns: entering the guest, charging what it used, and what follows from a limit.</summary>
internal sealed partial class WorkerIsolate
{
    // How many turns pass between looks at the heap; longer turns are looked at by the watchdog.
    private const int MemoryCheckInterval = 256;

    // What turns of no event used is shared out when it is worth the walk over the open events.
    private static readonly long WorthSharing = Nanoseconds(Watchdog.Tick);

    // V8 may ask for a task in more time than a timer can be set for.
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);

    private long _unshared;
    private long _idleCpu;

    /// <summary>Something the host waits for on the guest's behalf began.</summary>
    public void BeginOperation() => _operations++;

    /// <summary>It came back.</summary>
    public void EndOperation() => _operations--;

    /// <summary>Flushes a body write after the turn.</summary>
    public void AfterTurn(BodyWriteOperation operation) => _afterTurn.Add(operation);

    /// <summary>
    /// One turn: calls a function of the guest runtime, runs microtasks, charges the event, and does what was put off.
    /// A call about an event that ended is dropped.
    /// </summary>
    public void Turn(Executor executor, WorkerEvent owner, JsValue function, params ReadOnlySpan<JsArg> args)
    {
        if (owner.Ended)
        {
            return;
        }

        JsException? fault = null;
        BeginTurn(executor, owner);
        try
        {
            function.Invoke(_context!, args);
            FinishTurn();
        }
        catch (JsTerminatedException)
        {
            // EndTurn knows why.
        }
        catch (JsException thrown)
        {
            fault = thrown;
        }

        EndTurn(executor, owner, fault);
    }

    /// <summary>Settles a guest's call with a value.</summary>
    public void Settle(Executor executor, WorkerEvent owner, int call, in JsArg value) => Turn(executor, owner, _guest!.Settle, call, value);

    /// <summary>Settles a guest's call with bytes.</summary>
    public void Settle(Executor executor, WorkerEvent owner, int call, ReadOnlyMemory<byte> bytes) =>
        Turn(executor, owner, _guest!.Settle, call, JsArg.Bytes(bytes));

    /// <summary>Settles a guest's fetch with a response head and the number its body is read by.</summary>
    public void SettleResponse(Executor executor, WorkerEvent owner, int call, string head, int body) =>
        Turn(executor, owner, _guest!.Settle, call, head, body);

    /// <summary>Settles a guest's capability call: with its answer, or with a status and a message.</summary>
    public void SettleCall(Executor executor, WorkerEvent owner, int call, int status, in JsArg answer) =>
        Turn(executor, owner, _guest!.Settle, call, status, answer);

    /// <summary>Rejects a guest's call.</summary>
    public void SettleError(Executor executor, WorkerEvent owner, int call, string name, string message) =>
        Turn(executor, owner, _guest!.SettleError, call, name, message);

    /// <summary>Settles a call in a turn of its own: with null, or rejected when there is a message.</summary>
    public void PostSettlement(int call, WorkerEvent owner, string? error) => Post(new Settlement(call, owner, error));

    internal void FireTimers(Executor executor)
    {
        // One round at a time: a timer that is always due must not keep the mailbox waiting.
        for (var i = 0; i < MaxBatch && _broken is null; i++)
        {
            if (!_timers.TryTakeDue(out var id, out var owner) || owner is null)
            {
                return;
            }

            Turn(executor, owner, _guest!.Timer, id);
        }

        Post(new TimerTick());
    }

    internal void Pump(Executor executor)
    {
        TimeSpan? next = null;
        JsException? fault = null;
        BeginTurn(executor, null);
        try
        {
            _js!.PumpTasks(out next);
            FinishTurn();
        }
        catch (JsTerminatedException)
        {
            // EndTurn knows why.
        }
        catch (JsException thrown)
        {
            fault = thrown;
        }

        EndTurn(executor, null, fault);
        if (next is { } delay)
        {
            OnWorkPosted(_js!, delay);
        }
    }

    private void OnWorkPosted(JsIsolate isolate, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Post(PumpTasks.Instance);
        }
        else
        {
            _taskTimer.Arm(delay < LongestDelay ? delay : LongestDelay);
        }
    }

    private void BeginTurn(Executor executor, WorkerEvent? owner)
    {
        _turns++;
        var limit = Nanoseconds(Limits.Cpu);
        executor.BeginTurn(_js!, owner is null ? limit : limit - owner.CpuNanoseconds);
    }

    private void EndTurn(Executor executor, WorkerEvent? owner, JsException? fault)
    {
        var used = executor.EndTurn(out var end);
        _charged += used;
        if (owner is not null)
        {
            owner.CpuNanoseconds += used;
        }

        if (fault is not null)
        {
            // The guest runtime catches what guests throw: what arrives here is a defect of ours, and the event's end.
            _runtime.Observer.RuntimeFault(_worker.Name, fault);
            if (owner is not null)
            {
                FailEvent(owner, new EventFailure(EventOutcome.Exception, fault.Message, fault.Info));
            }
        }

        if (end == TurnEnd.ShutDown)
        {
            End(ShutDownReason);
            return;
        }

        // Short turns may slip between the watchdog's ticks; their sum does not.
        if (end == TurnEnd.Cpu || (owner is not null && IsOverCpu(owner)))
        {
            Condemn(owner, CpuFailure());
        }
        else if (IsOverMemory())
        {
            OnMemory(owner);
        }
        else if (owner is null)
        {
            Share(used);
        }

        RunAfterTurn();
    }

    /// <summary>
    /// Charges a turn of V8's own tasks, in which code goes on that waited for one of them: in equal shares to the open events. With
    /// none open it adds up, and costs the isolate.
    /// </summary>
    private void Share(long used)
    {
        _unshared += used;
        if (_unshared < WorthSharing)
        {
            return;
        }

        used = _unshared;
        _unshared = 0;
        if (_events == 0)
        {
            _idleCpu += used;
            if (_idleCpu > Nanoseconds(Limits.Cpu))
            {
                Break(CpuFailure());
            }

            return;
        }

        var share = used / _events;
        foreach (var open in _resources.Events())
        {
            open.CpuNanoseconds += share;
            if (IsOverCpu(open))
            {
                Condemn(open, CpuFailure());
            }
        }
    }

    private bool IsOverCpu(WorkerEvent owner) => owner is { GuestDone: false, Ended: false } && owner.CpuNanoseconds > Nanoseconds(Limits.Cpu);

    private EventFailure CpuFailure() => new(
        EventOutcome.ExceededCpu,
        $"The worker exceeded its CPU time limit of {Limits.Cpu.TotalMilliseconds:0} ms.");

    private bool IsOverMemory()
    {
        if (_turns % MemoryCheckInterval == 0)
        {
            _js!.CheckMemory();
        }

        // LimitHit stays; the termination that comes with each hit is taken back.
        return _js!.LimitHit != JsLimit.None && _js.IsTerminating;
    }

    private void OnMemory(WorkerEvent? owner)
    {
        _js!.CancelTerminate();
        var failure = new EventFailure(
            EventOutcome.ExceededMemory,
            $"The worker exceeded its memory limit of {Limits.MemoryBytes >> 20} MiB.");
        Condemn(owner, failure);
        if (_memoryStrikes++ > 0)
        {
            // Headroom was given once, so that events in flight may finish; it is used up.
            Break(failure);
        }
    }

    /// <summary>Ends the event at fault and takes the isolate out of use: what was cut short may have left it inconsistent.</summary>
    private void Condemn(WorkerEvent? owner, EventFailure failure)
    {
        _worker.Remove(this);
        Retire();
        if (owner is not null)
        {
            FailEvent(owner, failure);
        }
        else
        {
            Break(failure);
        }

        RedirectWaiting(failure);
    }

    /// <summary>Runs microtasks and reports rejections nobody handles. Part of the turn: listeners of the guest run here.</summary>
    private void FinishTurn()
    {
        _js!.RunMicrotasks();
        while (_js.TryTakeRejection(out var promise, out var reason))
        {
            using (promise)
            using (reason)
            {
                if (!_guest!.PreventsUnhandled(_context!, promise, reason))
                {
                    _runtime.Observer.UncaughtException(_worker.Name, "promise", Describe(reason));
                }
            }

            _js.RunMicrotasks();
        }
    }

    private void RunAfterTurn()
    {
        // Entries may add entries; the list is short and almost always has one.
        for (var i = 0; i < _afterTurn.Count; i++)
        {
            switch (_afterTurn[i])
            {
                case BodyWriteOperation write:
                    write.Flush();
                    break;
                case WorkerEvent answeredOrDone:
                    CloseEvent(answeredOrDone, null);
                    break;
                case OutboundExchange exchange:
                    exchange.Begin();
                    break;
                default:
                    throw new UnreachableException();
            }
        }

        _afterTurn.Clear();
    }

    private static long Nanoseconds(TimeSpan span) => span.Ticks * 100;
}
