namespace Molt.Server.Transport;

/// <summary>Something that the poller reports readiness to.</summary>
internal interface IEpollTarget
{
    /// <summary>What the kernel hands back with its events; set by the transport.</summary>
    ulong EpollKey { get; set; }

    /// <summary>The kernel reported <paramref name="events"/>. Called by the thread that polls; may come after closing.</summary>
    void OnEvents(uint events);

    /// <summary>Handling an event threw.</summary>
    void OnFault(Exception error);
}
