namespace Molt.Server.Transport;

/// <summary>What the first bytes of a connection say it speaks.</summary>
internal enum DetectedProtocol
{
    /// <summary>Too few bytes so far.</summary>
    Undecided,

    /// <summary>Anything but the HTTP/2 preface.</summary>
    Http1,

    /// <summary>HTTP/2 with prior knowledge.</summary>
    Http2,

    /// <summary>The client left without a byte.</summary>
    Gone,
}

/// <summary>Tells HTTP/2 with prior knowledge (RFC 9113, section 3.4) from HTTP/1.1.</summary>
internal static class ProtocolDetection
{
    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>Decides at the first byte that differs from the preface.</summary>
    public static DetectedProtocol Detect(ReadOnlySpan<byte> received)
    {
        var matching = received.CommonPrefixLength(Preface);
        if (matching == Preface.Length)
        {
            return DetectedProtocol.Http2;
        }

        return matching == received.Length ? DetectedProtocol.Undecided : DetectedProtocol.Http1;
    }
}
