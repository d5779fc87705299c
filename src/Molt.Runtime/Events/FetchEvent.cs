using System.IO.Pipelines;
using Molt.Runtime.Io;
using Molt.Runtime.Scheduling;

namespace Molt.Runtime;

/// <summary>
/// A <c>fetch</c> event: one HTTP exchange between a client and a worker. The server that terminates HTTP derives from it.
/// <para>
/// Members are called by the executor that runs the worker, one at a time: <see cref="Head"/> and the request body first,
/// then <see cref="OnResponse"/> or <see cref="OnFailed"/> once, then <see cref="OnClosed"/> once, after which the exchange
/// may be reused. Implementations return quickly and run no guest code.
/// </para>
/// </summary>
public abstract class FetchEvent : WorkerEvent
{
    internal const string ClientGone = "The client disconnected.";

    /// <summary>
    /// The request head, Latin-1: method, absolute URL, then header names (lower-case) and values by turns, separated by
    /// '\n', without a trailing one.
    /// </summary>
    protected internal abstract ReadOnlySpan<byte> Head { get; }

    /// <summary>How the request body crosses: none, complete bytes, or a stream.</summary>
    protected internal abstract BodyKind RequestBodyKind { get; }

    /// <summary>The complete body when <see cref="RequestBodyKind"/> is <see cref="BodyKind.Bytes"/>.</summary>
    protected internal abstract ReadOnlySpan<byte> RequestBytes { get; }

    /// <summary>The body when <see cref="RequestBodyKind"/> is <see cref="BodyKind.Stream"/>. Not completed by the runtime.</summary>
    protected internal abstract PipeReader RequestReader { get; }

    /// <summary>Where a streamed response body goes after <see cref="OnResponse"/>. Not completed by the runtime.</summary>
    protected internal abstract PipeWriter ResponseWriter { get; }

    /// <summary>
    /// The guest answered. The response refers to the guest's memory: copy what is needed. Throws when it cannot be sent as it
    /// is: the event then fails with the exception's message, as a fault of the worker, and <see cref="OnFailed"/> follows.
    /// </summary>
    protected internal abstract void OnResponse(in GuestResponse response);

    /// <summary>The event failed before it answered. <paramref name="passThrough"/>: the guest asked for the origin in this case.</summary>
    protected internal abstract void OnFailed(EventFailure failure, bool passThrough);

    /// <summary>The handler's first turn ended without completing the exchange: a good time to watch for a disconnect.</summary>
    protected internal abstract void OnOpen();

    /// <summary>The exchange is over. <paramref name="bodyError"/> is why a streamed body broke off, or null.</summary>
    protected internal abstract void OnClosed(string? bodyError);

    /// <summary>The client went away: the guest's <c>request.signal</c> is aborted and its I/O on this event cancelled. Any thread.</summary>
    protected void Disconnected() => Abort(EventOutcome.Disconnected, ClientGone);

    /// <summary>
    /// Whether a fault of <see cref="RequestReader"/> says that the client went away. The event is then cancelled as by
    /// <see cref="Disconnected"/>; any other fault is the guest's to handle.
    /// </summary>
    protected internal virtual bool IsDisconnect(Exception fault) => fault is IOException or OperationCanceledException;

    /// <summary>What the guest is told of a fault of <see cref="RequestReader"/>, or null for that the connection was closed.</summary>
    protected internal virtual string? GuestMessage(Exception fault) => null;

    internal override void Deliver(WorkerIsolate isolate, Executor executor)
    {
        Hops = CdnLoop.HopsOf(Head);
        if (RequestBodyKind == BodyKind.Stream)
        {
            RequestBody = new BodyReadOperation(isolate, this, RequestReader);
        }

        isolate.CallFetch(this, executor);
    }

    internal override void Answer(in GuestResponse response)
    {
        OnResponse(response);
        if (response.BodyKind == BodyKind.Stream)
        {
            ResponseBody = new BodyWriteOperation(Isolate!, this, ResponseWriter, error => Isolate!.CloseEvent(this, error));
        }
    }

    internal override void Fail(EventFailure failure) => OnFailed(failure, PassThrough);

    internal override void StillOpen() => OnOpen();

    internal override void Close(string? bodyError) => OnClosed(bodyError);
}
