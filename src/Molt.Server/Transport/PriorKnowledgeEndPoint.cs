using System.Net;

namespace Molt.Server.Transport;

/// <summary>
/// The HTTP/2 side of a port that also speaks HTTP/1.1. Bind <see cref="Shared"/> first; connections on it that open with
/// the HTTP/2 preface (RFC 9113, section 3.4) are accepted here, all others there.
/// </summary>
public sealed class PriorKnowledgeEndPoint : EndPoint
{
    /// <param name="shared">The very object that the HTTP/1.1 side is bound with.</param>
    public PriorKnowledgeEndPoint(IPEndPoint shared)
    {
        ArgumentNullException.ThrowIfNull(shared);
        Shared = shared;
    }

    /// <summary>The address that the HTTP/1.1 side is bound with.</summary>
    public IPEndPoint Shared { get; }

    public override string ToString() => Shared.ToString();
}
