using Molt.Contracts.Capabilities;

namespace Molt.Runtime.Boundary;

/// <summary>
/// The boundary, apart from any guest: what a JavaScript isolate, a WebAssembly instance and another process call alike.
/// <para>
/// Guarantees: no implementation sees a request that its schema does not allow, or that the caller is not granted; no guest sees
/// an answer that is not a value of its schema; a call that is pending completes exactly once, whatever ends it. Used by one
/// thread at a time; completions arrive on any.
/// </para>
/// </summary>
internal interface ICapabilityCaller
{
    /// <summary>
    /// Asks for a capability. On success <paramref name="handle"/> names it for this caller. <paramref name="version"/> is
    /// <c>1.2.0</c>, <c>1.2</c> or <c>1</c>: the least that will do; null takes what there is.
    /// </summary>
    CallReply Open(string id, string? version, string? package, out int handle);

    /// <summary>What a handle names, or null.</summary>
    Capability? Find(int handle);

    /// <summary>
    /// Calls an operation. When the answer is there at once it is in <paramref name="output"/>; when the reply is pending,
    /// <see cref="ICapabilityCompletions"/> learns of it under <paramref name="number"/>, which the caller chose and which is
    /// in use by no other open call or stream.
    /// </summary>
    CallReply Call(CallScope scope, int number, int handle, int operation, ReadOnlySpan<byte> input, CallOutput output, TimeSpan? timeout = null);

    /// <summary>Opens a stream, which <paramref name="number"/> then names.</summary>
    CallReply OpenStream(CallScope scope, int number, int handle, int operation, ReadOnlySpan<byte> input, TimeSpan? timeout = null);

    /// <summary>Takes the next item: at once when there is one, else the completion under <paramref name="number"/> brings it.</summary>
    CallReply Read(int number, int stream, CallOutput output);

    /// <summary>Sends an item: accepted at once when there is room, else the completion under <paramref name="number"/> says when.</summary>
    CallReply Write(int number, int stream, ReadOnlySpan<byte> item);

    /// <summary>What the next read of a stream would find.</summary>
    StreamState Look(int stream);

    /// <summary>Says that no item follows.</summary>
    void Finish(int stream);

    /// <summary>
    /// Ends a call or a stream that is open; what waits for it completes as cancelled. A read or a write that is pending is withdrawn in the
    /// same way, and its stream goes on: an item that comes is the next read's, the one that was to be written is not sent.
    /// </summary>
    void Cancel(int number, string reason);
}

/// <summary>Learns how pending calls ended.</summary>
internal interface ICapabilityCompletions
{
    /// <summary>A call that was pending is not any more. Any thread, once per call.</summary>
    void Completed(in CallCompletion completion);

    /// <summary>
    /// A stream nobody reads from at the moment may have got something to read: see <see cref="ICapabilityCaller.Look"/>. Any thread.
    /// For carriers whose guests can wait without a read; the others learn of it by theirs.
    /// </summary>
    void Readable(int stream)
    {
    }
}

/// <summary>What a read of a stream would find.</summary>
internal enum StreamState
{
    /// <summary>No stream: there is none of this number, or its end was read.</summary>
    Gone,

    /// <summary>Nothing yet.</summary>
    Idle,

    /// <summary>An item, or how the stream ended.</summary>
    Ready,
}

/// <summary>What is known when a call returns.</summary>
/// <param name="Status">How it ended; <see cref="CapabilityStatus.Ok"/> also while it is pending.</param>
/// <param name="IsPending">Whether the answer comes later.</param>
/// <param name="IsEnd">Of a read: the stream has no more items.</param>
/// <param name="Message">What the guest may know of a failure.</param>
internal readonly record struct CallReply(CapabilityStatus Status, bool IsPending = false, bool IsEnd = false, string? Message = null)
{
    public static CallReply Ok => default;

    public static CallReply Pending => new(CapabilityStatus.Ok, IsPending: true);

    public static CallReply Ended => new(CapabilityStatus.Ok, IsEnd: true);

    public static CallReply Failed(CapabilityStatus status, string message) => new(status, Message: message);
}

/// <summary>How a pending call ended.</summary>
/// <param name="Scope">What it was made for.</param>
/// <param name="Number">The number its caller gave it.</param>
/// <param name="Reply">Status, end and message.</param>
/// <param name="Payload">The answer or item, when there is one.</param>
internal readonly record struct CallCompletion(CallScope Scope, int Number, CallReply Reply, ReadOnlyMemory<byte> Payload);
