using Molt.Runtime.Boundary;
using Molt.Runtime.Io;
using Molt.Runtime.Scheduling;

namespace Molt.Runtime;

/// <summary>
/// One event delivered to a worker, with its I/O context: what it may still use, what it has open, and how it ended.
/// <para>
/// Life: posted → started (the handler is called) → answered or failed → ended, once the response body and everything
/// given to <c>waitUntil</c> are done. After the end nothing of it runs: pending calls are cancelled and timers dropped.
/// All members are used by the executor that runs the event's isolate, unless they say otherwise.
/// </para>
/// </summary>
public abstract class WorkerEvent : IsolateMessage, IBodyOwner
{
    private Worker? _worker;
    private List<OutboundExchange>? _exchanges;
    private ConnectionSlots? _connections;
    private int _subrequests;

    /// <summary>CPU time charged to the event so far.</summary>
    public TimeSpan CpuTime => TimeSpan.FromTicks(CpuNanoseconds / 100);

    /// <summary>The worker the event was posted to. Set once by <see cref="Worker.TryPost"/>.</summary>
    protected Worker Worker => _worker ?? throw new InvalidOperationException("The event was not posted to a worker.");

    internal int Id { get; set; }

    internal WorkerIsolate? Isolate { get; set; }

    internal long CpuNanoseconds { get; set; }

    internal int Timers { get; set; }

    /// <summary>How often the request that caused it was sent by a worker before; see <see cref="CdnLoop"/>.</summary>
    internal int Hops { get; set; }

    /// <summary>Whether the handler answered or failed.</summary>
    internal bool Answered { get; set; }

    /// <summary>Whether the guest said that body and waitUntil are done.</summary>
    internal bool GuestDone { get; set; }

    /// <summary>Whether the event ended and its id is free.</summary>
    internal bool Ended { get; set; }

    /// <summary>Whether the embedder was told that the event is over.</summary>
    internal bool Closed { get; set; }

    internal bool PassThrough { get; set; }

    /// <summary>What hears of <see cref="Abort"/> when no isolate has the event.</summary>
    internal Action? OnAbort { get; set; }

    internal ITimer? Deadline { get; set; }

    /// <summary>Its capability calls; null before the first.</summary>
    internal CallScope? Calls { get; set; }

    internal ConnectionSlots Connections => _connections ??= new ConnectionSlots();

    internal BodyReadOperation? RequestBody { get; set; }

    internal BodyWriteOperation? ResponseBody { get; set; }

    BodyReadOperation? IBodyOwner.Reader => RequestBody;

    BodyWriteOperation? IBodyOwner.Writer => ResponseBody;

    WorkerEvent IBodyOwner.Event => this;

    /// <summary>Calls the guest's handler in a turn that is charged to this event.</summary>
    internal abstract void Deliver(WorkerIsolate isolate, Executor executor);

    /// <summary>The guest answered; called inside JavaScript, so it copies what it needs and returns.</summary>
    internal abstract void Answer(in GuestResponse response);

    /// <summary>The event failed before it answered. <see cref="Close"/> follows.</summary>
    internal abstract void Fail(EventFailure failure);

    /// <summary>The first turn ended and the event is still open: a good time to watch for disconnects.</summary>
    internal virtual void StillOpen()
    {
    }

    /// <summary>
    /// The answer is complete, streamed body included, or failed with <paramref name="bodyError"/>. Called once, outside
    /// JavaScript; work given to waitUntil may go on.
    /// </summary>
    internal abstract void Close(string? bodyError);

    /// <summary>Nothing of the event runs any more. Called once, outside JavaScript, before or after <see cref="Close"/>; never for one that was rejected.</summary>
    internal virtual void End()
    {
    }

    internal void AssignTo(Worker worker) => _worker = worker;

    internal void Add(OutboundExchange exchange) => (_exchanges ??= []).Add(exchange);

    internal void Remove(OutboundExchange exchange) => _exchanges?.Remove(exchange);

    /// <summary>Counts an outbound request; false when the event had its share. Any thread: redirects are followed elsewhere.</summary>
    internal bool TakeSubrequest(int limit) => Interlocked.Increment(ref _subrequests) <= limit;

    /// <summary>Cancels every outbound exchange that is still open.</summary>
    internal void CancelExchanges()
    {
        if (_exchanges is null)
        {
            return;
        }

        foreach (var exchange in _exchanges.ToArray())
        {
            exchange.Cancel();
        }

        _exchanges = null;
    }

    internal sealed override void Run(WorkerIsolate isolate, Executor executor) => isolate.StartEvent(this, executor);

    internal sealed override void Reject(EventFailure failure)
    {
        if (!Answered)
        {
            Answered = true;
            Fail(failure);
            Close(null);
        }
    }

    /// <summary>Tells the guest that nobody waits for the event any more. Callable from any thread, at any time.</summary>
    protected void Abort(EventOutcome outcome, string reason)
    {
        if (OnAbort is { } heard)
        {
            heard();
            return;
        }

        // Isolate is set before the handler runs, so a null here means that the start has not been taken from the mailbox;
        // the worker posts behind it.
        Molt.Runtime.Worker.PostAbort(this, outcome, reason);
    }
}
