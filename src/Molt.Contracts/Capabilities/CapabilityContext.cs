namespace Molt.Contracts.Capabilities;

/// <summary>
/// What an implementation knows of the call it serves. Valid until the call ended: keep <see cref="Cancellation"/>, not this.
/// </summary>
public abstract class CapabilityContext
{
    /// <summary>The name of the worker that calls.</summary>
    public abstract string Worker { get; }

    /// <summary>The package inside the worker that calls; null for the worker's own code.</summary>
    public abstract string? Package { get; }

    /// <summary>The capability that is called.</summary>
    public abstract string Capability { get; }

    /// <summary>The operation that is called.</summary>
    public abstract string Operation { get; }

    /// <summary>When the call has to be over.</summary>
    public abstract DateTimeOffset Deadline { get; }

    /// <summary>Units left of the budget of the event, or the invocation, that calls.</summary>
    public abstract long Budget { get; }

    /// <summary>
    /// Fires when nobody waits for the answer any more: the guest cancelled, its event ended, the deadline passed or the grant was
    /// revoked. Asking for it allocates.
    /// </summary>
    public abstract CancellationToken Cancellation { get; }

    /// <summary>Why <see cref="Cancellation"/> fired; null until it did.</summary>
    public abstract string? CancellationReason { get; }
}

/// <summary>The stream of a call, from the implementation's side. One reader and one writer at a time.</summary>
public abstract class CapabilityPipe
{
    /// <summary>The next item the guest sent, validated; null when it sent its last. Throws <see cref="OperationCanceledException"/> when the call ended.</summary>
    public abstract ValueTask<ReadOnlyMemory<byte>?> ReadAsync();

    /// <summary>Gives the guest an item, once there is room for it. Throws <see cref="OperationCanceledException"/> when the call ended.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> item);
}
