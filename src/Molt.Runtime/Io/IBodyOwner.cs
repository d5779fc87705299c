namespace Molt.Runtime.Io;

/// <summary>Something the guest knows by a resource id and moves body bytes through: an event, or an outbound exchange.</summary>
internal interface IBodyOwner
{
    /// <summary>The event that is charged and that ends it.</summary>
    WorkerEvent Event { get; }

    /// <summary>Bytes that go to the guest, or null.</summary>
    BodyReadOperation? Reader { get; }

    /// <summary>Bytes that come from the guest, or null.</summary>
    BodyWriteOperation? Writer { get; }
}
