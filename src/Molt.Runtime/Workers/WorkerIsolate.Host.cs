using Molt.Contracts.Capabilities;
using Molt.Engine;
using Molt.Runtime.Io;

namespace Molt.Runtime;

/// <summary>What host functions do. Called inside JavaScript: nothing here runs code of the guest's own.</summary>
internal sealed partial class WorkerIsolate
{
    private readonly Dictionary<int, OutboundExchange> _fetches = [];
    private long _held;

    public WorkerEvent? Event(int number) => _resources.Find(number) as WorkerEvent;

    public IBodyOwner? Resource(int number) => _resources.Find(number);

    public int AddResource(IBodyOwner owner) => _resources.Add(owner);

    public void RemoveResource(int number) => _resources.Remove(number);

    public void Answer(WorkerEvent answered, in GuestResponse response, bool pending)
    {
        answered.Answered = true;
        if (response.TextLength > Limits.MemoryBytes)
        {
            // A string is a rope until somebody reads it: its text may be far larger than the heap that holds it.
            var failure = new EventFailure(
                EventOutcome.ExceededMemory,
                $"The response of {response.TextLength >> 20} MiB of text is larger than the worker's memory limit of {Limits.MemoryBytes >> 20} MiB. Stream it instead.");
            _runtime.Observer.EventFailed(_worker.Name, failure);
            answered.GuestDone |= !pending;
            answered.Fail(failure);
            _afterTurn.Add(answered);
            return;
        }

        try
        {
            answered.Answer(response);
        }
#pragma warning disable CA1031 // Whatever the embedder met while it took the response, the event ends with an answer.
        catch (Exception refusal)
#pragma warning restore CA1031
        {
            Refuse(answered, refusal, response.BodyKind, pending);
            return;
        }

        if (response.BodyKind != BodyKind.Stream)
        {
            answered.GuestDone |= !pending;
            _afterTurn.Add(answered);
        }
    }

    /// <summary>A response that cannot be sent as it is fails its event, as if the handler had thrown.</summary>
    private void Refuse(WorkerEvent refused, Exception refusal, BodyKind kind, bool pending)
    {
        var failure = new EventFailure(EventOutcome.Exception, refusal.Message);
        _runtime.Observer.EventFailed(_worker.Name, failure);
        refused.Fail(failure);
        if (kind == BodyKind.Stream)
        {
            // The guest hears of it first: nobody takes what it would write.
            Post(new AbortEvent(refused, this, EventOutcome.Disconnected, "The response could not be sent."));
            return;
        }

        refused.GuestDone |= !pending;
        _afterTurn.Add(refused);
    }

    public void Throw(WorkerEvent failed, JsValue error, bool pending, bool noHandler)
    {
        var info = Describe(error);
        var failure = noHandler
            ? new EventFailure(EventOutcome.NoHandler, info.Message)
            : new EventFailure(EventOutcome.Exception, info.Name is null ? info.Message : $"{info.Name}: {info.Message}", info);
        failed.GuestDone |= !pending;
        if (!failed.Answered)
        {
            _runtime.Observer.EventFailed(_worker.Name, failure);
            failed.Answered = true;
            failed.Fail(failure);
        }

        _afterTurn.Add(failed);
    }

    public void GuestDone(WorkerEvent done)
    {
        done.GuestDone = true;
        if (done.Closed)
        {
            // What this turn leaves uncaught is reported first.
            _afterTurn.Add(done);
        }
    }

    public void Report(string where, JsValue error) => _runtime.Observer.UncaughtException(_worker.Name, where, Describe(error));

    /// <summary>Hands on a line of the worker's console; stacks in it name the worker's own files.</summary>
    public void Log(GuestLogLevel level, string text) => _runtime.Observer.Log(_worker.Name, level, _js!.SourceMaps.MapStack(text));

    public void StartTimer(WorkerEvent owner, int id, TimeSpan delay, bool repeat) => _timers.Start(id, owner, delay, repeat);

    public void ClearTimer(int id) => _timers.Clear(id);

    /// <summary>Whether the host may copy this much of the guest's for what is under way: all together, as much as its heap may have.</summary>
    public bool CanHold(long bytes) => _held + bytes <= Limits.MemoryBytes;

    /// <summary>What a guest is told that wants more.</summary>
    public string HeldMessage =>
        $"The requests that have not ended hold as much as the worker's memory limit of {Limits.MemoryBytes >> 20} MiB. Wait for some of them first.";

    /// <summary>Counts bytes that the host copied, or gave up when negative.</summary>
    public void Hold(long bytes) => _held += bytes;

    /// <summary>Takes an exchange; it begins after the turn. Returns the number its streamed body is written to, or 0.</summary>
    public int Fetch(WorkerEvent owner, OutboundExchange exchange, bool streams)
    {
        owner.Add(exchange);
        _fetches[exchange.Call] = exchange;
        BeginOperation();
        _afterTurn.Add(exchange);
        return streams ? exchange.OpenUpload() : 0;
    }

    public void AbortFetch(int call)
    {
        if (_fetches.TryGetValue(call, out var exchange))
        {
            exchange.Cancel();
        }
    }

    public void ForgetFetch(OutboundExchange exchange) => _fetches.Remove(exchange.Call);

    /// <summary>Throws a CapabilityError in the guest.</summary>
    public void ThrowCapability(ref JsCall call, CapabilityStatus status, string capability, string operation, string message)
    {
        using var error = _guest!.CapabilityError.Call(_context!, (int)status, capability, operation, message);
        call.Throw(error);
    }

    private JsErrorInfo Describe(JsValue error) => WithFullText(_context!.Describe(error), error);

    private JsErrorInfo WithFullText(JsErrorInfo info, JsValue error) =>
        _guest!.ThrownText(_context!, error) is { } text ? info with { FullText = _js!.SourceMaps.MapStack(text) } : info;
}
