namespace Molt.Server.Transport;

/// <summary>Settings of the transport.</summary>
public sealed class EpollTransportOptions
{
    /// <summary>How many connections the kernel queues while they wait to be accepted; the kernel caps it at somaxconn.</summary>
    public int Backlog { get; init; } = 1024;

    /// <summary>
    /// How long a client that shut down its sending side may wait for the rest of its answer before it counts as gone.
    /// A client that closes altogether looks the same at first, so this is also how late its leaving may be noticed.
    /// </summary>
    public TimeSpan HalfCloseGrace { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a connection may stay silent before it is taken to speak HTTP/1.1, whose timeouts then apply.</summary>
    public TimeSpan DetectionTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long closing waits for a client to take what was written before.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
