using Molt.Engine;
using Molt.Runtime.Scheduling;

namespace Molt.Runtime;

/// <summary>Timers may be due.</summary>
internal sealed class TimerTick : IsolateMessage
{
    internal override void Run(WorkerIsolate isolate, Executor executor) => isolate.FireTimers(executor);

    internal override void Reject(EventFailure failure)
    {
    }
}

/// <summary>V8 posted foreground tasks.</summary>
internal sealed class PumpTasks : IsolateMessage
{
    public static readonly PumpTasks Instance = new();

    internal override void Run(WorkerIsolate isolate, Executor executor) => isolate.Pump(executor);

    internal override void Reject(EventFailure failure)
    {
    }
}

/// <summary>A guest's call ended without having waited for anything.</summary>
internal sealed class Settlement(int call, WorkerEvent owner, string? error) : IsolateMessage
{
    internal override void Run(WorkerIsolate isolate, Executor executor)
    {
        if (error is null)
        {
            isolate.Settle(executor, owner, call, JsArg.Null);
        }
        else
        {
            isolate.SettleError(executor, owner, call, "Error", error);
        }
    }

    internal override void Reject(EventFailure failure)
    {
    }
}

/// <summary>Nobody waits for an event's answer any more.</summary>
internal sealed class AbortEvent(WorkerEvent aborted, WorkerIsolate addressee, EventOutcome outcome, string reason) : IsolateMessage
{
    internal override void Run(WorkerIsolate isolate, Executor executor)
    {
        if (!TryFollow())
        {
            isolate.AbortEvent(aborted, outcome, reason, executor);
        }
    }

    internal override void Reject(EventFailure failure) => TryFollow();

    /// <summary>Follows an event that was given to another isolate before it started.</summary>
    private bool TryFollow()
    {
        if (aborted.Isolate == addressee)
        {
            return false;
        }

        Worker.PostAbort(aborted, outcome, reason);
        return true;
    }
}

/// <summary>An event's waitUntil work had its time.</summary>
internal sealed class WaitUntilOver(WorkerEvent closing) : IsolateMessage
{
    internal override void Run(WorkerIsolate isolate, Executor executor)
    {
        isolate.AbortEvent(closing, EventOutcome.Cancelled, "waitUntil() tasks did not complete within the allowed time after the response and were cancelled.", executor);
        isolate.EndEvent(closing);
    }

    internal override void Reject(EventFailure failure)
    {
    }
}

/// <summary>Nobody waits for what is open in an isolate any longer.</summary>
internal sealed class EndIsolate(string reason) : IsolateMessage
{
    internal override void Run(WorkerIsolate isolate, Executor executor) => isolate.End(reason);

    internal override void Reject(EventFailure failure)
    {
    }
}

/// <summary>Looks whether anything can still happen in an isolate with open events.</summary>
internal sealed class HungCheck(long turns) : IsolateMessage
{
    internal override void Run(WorkerIsolate isolate, Executor executor)
    {
        if (isolate.IsQuiet(turns))
        {
            isolate.FailHung();
        }
    }

    internal override void Reject(EventFailure failure)
    {
    }
}
