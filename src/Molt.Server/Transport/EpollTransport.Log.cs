using System.Net;
using Microsoft.Extensions.Logging;

namespace Molt.Server.Transport;

/// <summary>Events 4100 to 4199.</summary>
public sealed unsafe partial class EpollTransport
{
    [LoggerMessage(4100, LogLevel.Warning, "{EndPoint} accepts no connections for {Milliseconds} ms: {Reason}")]
    internal partial void LogAcceptPause(EndPoint endPoint, string reason, double milliseconds);

    [LoggerMessage(4101, LogLevel.Error, "Accepting a connection on {EndPoint} failed")]
    internal partial void LogAcceptFault(EndPoint endPoint, Exception error);

    [LoggerMessage(4102, LogLevel.Error, "Connection {ConnectionId} failed in the transport and was aborted")]
    internal partial void LogConnectionFault(string connectionId, Exception error);
}
