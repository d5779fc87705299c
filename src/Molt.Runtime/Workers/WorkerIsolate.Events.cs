using Molt.Engine;
using Molt.Runtime.Scheduling;

namespace Molt.Runtime;

/// <summary>Events: from their start to their end.</summary>
internal sealed partial class WorkerIsolate
{
    internal void StartEvent(WorkerEvent started, Executor executor)
    {
        started.Isolate = this;
        started.Id = _resources.Add(started);
        if (started.Id == 0)
        {
            started.Reject(new EventFailure(EventOutcome.Cancelled, "The isolate has too many events open."));
            Interlocked.Decrement(ref _load);
            return;
        }

        _events++;
        started.Deliver(this, executor);
        if (!started.Closed)
        {
            started.StillOpen();
        }
    }

    internal unsafe void CallFetch(FetchEvent started, Executor executor)
    {
        var kind = started.RequestBodyKind;
        var bytes = kind == BodyKind.Bytes ? started.RequestBytes : default;
        fixed (byte* head = started.Head)
        fixed (byte* body = bytes)
        {
            Turn(
                executor,
                started,
                _guest!.Fetch,
                started.Id,
                JsArg.Latin1((nint)head, started.Head.Length),
                (int)kind,
                kind == BodyKind.Bytes ? JsArg.Bytes((nint)body, bytes.Length) : JsArg.Undefined);
        }
    }

    internal void CallTest(WorkerEvent started, string export, Executor executor) =>
        Turn(executor, started, _guest!.Test, started.Id, export);

    /// <summary>The event's answer is complete: tells the embedder, and lets waitUntil go on for its time.</summary>
    internal void CloseEvent(WorkerEvent closing, string? bodyError)
    {
        if (closing.GuestDone)
        {
            EndEvent(closing);
        }
        else if (!closing.Ended && closing.Deadline is null)
        {
            closing.Deadline = _runtime.Delay(Limits.WaitUntil, this, new WaitUntilOver(closing));
        }

        if (closing.Closed)
        {
            return;
        }

        closing.Closed = true;
        if (closing.ResponseBody is { } response)
        {
            response.Close();
        }
        else
        {
            bodyError = null;
        }

        if (closing.RequestBody is { } body)
        {
            body.Complete(() => closing.Close(bodyError));
        }
        else
        {
            closing.Close(bodyError);
        }
    }

    /// <summary>Answers with a failure, or breaks the streamed body off, and ends the event.</summary>
    internal void FailEvent(WorkerEvent failing, EventFailure failure)
    {
        if (failing.Ended)
        {
            return;
        }

        _runtime.Observer.EventFailed(_worker.Name, failure);
        failing.GuestDone = true;
        if (!failing.Answered)
        {
            failing.Answered = true;
            failing.Fail(failure);
        }

        CloseEvent(failing, failure.Message);
    }

    internal void EndEvent(WorkerEvent ending)
    {
        if (ending.Ended)
        {
            return;
        }

        ending.Ended = true;
        _hasServed = true;
        ending.Deadline?.Dispose();
        _timers.ClearAll(ending);
        ending.CancelExchanges();
        ending.Calls?.Cancel("The event ended.");
        _resources.Remove(ending.Id);
        _events--;
        Interlocked.Decrement(ref _load);
        ending.End();
    }

    /// <summary>Tells the guest that an event is no longer wanted.</summary>
    internal void AbortEvent(WorkerEvent aborted, EventOutcome outcome, string reason, Executor executor)
    {
        // A client that leaves after its answer was complete does not end work given to waitUntil.
        if (aborted.Ended || aborted.Isolate != this || (aborted.Closed && outcome == EventOutcome.Disconnected))
        {
            return;
        }

        // Work given to waitUntil outlives a client that leaves; the guest says when it is done. Else the event is over.
        var disconnected = outcome == EventOutcome.Disconnected;
        Turn(executor, aborted, disconnected ? _guest!.Disconnect : _guest!.Abort, aborted.Id, reason);
        if (aborted.Ended)
        {
            return;
        }

        aborted.GuestDone |= !disconnected;
        if (!aborted.Answered)
        {
            aborted.Answered = true;
            aborted.Fail(new EventFailure(outcome, reason));
        }

        CloseEvent(aborted, reason);
    }

    /// <summary>Nothing is left that could wake these events: fails those that still owe an answer.</summary>
    internal void FailHung()
    {
        foreach (var open in _resources.Events())
        {
            if (open.Answered)
            {
                // A waitUntil promise that never settles, or a stream nobody writes to.
                open.GuestDone = true;
                CloseEvent(open, open.Closed ? null : "The worker's code had hung and would never finish the response.");
            }
            else
            {
                FailEvent(open, new EventFailure(
                    EventOutcome.Hung,
                    "The worker's code had hung and would never generate a response: it waits for a promise that nothing can settle any more."));
            }
        }

        RunAfterTurn();
    }

    internal bool IsQuiet(long turns) =>
        turns == _turns && _events > 0 && _mailbox.IsEmpty && _operations == 0 && _timers.Count == 0;
}
