namespace Molt.Runtime;

/// <summary>How an event ended. The names are those that tail events and metrics use.</summary>
public enum EventOutcome
{
    /// <summary>The handler answered.</summary>
    Ok,

    /// <summary>The handler threw, rejected, or returned something that is not a <c>Response</c>.</summary>
    Exception,

    /// <summary>The event used more CPU time than its worker's limit.</summary>
    ExceededCpu,

    /// <summary>The isolate used more memory than its worker's limit while the event ran.</summary>
    ExceededMemory,

    /// <summary>The event waited for something that nothing can bring about any more.</summary>
    Hung,

    /// <summary>The client went away before the response was complete.</summary>
    Disconnected,

    /// <summary>The worker has no handler for this kind of event.</summary>
    NoHandler,

    /// <summary>A new isolate of the worker could not be started.</summary>
    StartupFailed,

    /// <summary>The event was ended because its isolate was shut down.</summary>
    Cancelled,
}

/// <summary>Why an event failed, for the embedder: never shown to the guest or its clients as it is.</summary>
/// <param name="Outcome">The kind of failure.</param>
/// <param name="Message">What happened, in one sentence.</param>
/// <param name="Error">The guest's exception, with positions mapped to its sources, when there was one.</param>
public sealed record EventFailure(EventOutcome Outcome, string Message, Molt.Engine.JsErrorInfo? Error = null);
