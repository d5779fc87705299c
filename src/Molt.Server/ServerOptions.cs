using System.Net;

namespace Molt.Server;

/// <summary>What the gateway listens on and what it accepts.</summary>
public sealed class ServerOptions
{
    /// <summary>The address to listen on. Default: loopback. Port 0 takes a free one.</summary>
    public IPEndPoint Endpoint { get; set; } = new(IPAddress.Loopback, 8787);

    /// <summary>The longest request line, in bytes. Default 16 KiB + 64: the platform's URL limit and a method.</summary>
    public int MaxRequestLineBytes { get; set; } = (16 << 10) + 64;

    /// <summary>All request header fields together, in bytes. Default 128 KiB, the platform's limit.</summary>
    public int MaxRequestHeadersBytes { get; set; } = 128 << 10;

    /// <summary>How many request header fields there may be. Default 256.</summary>
    public int MaxRequestHeaderCount { get; set; } = 256;

    /// <summary>The longest request body, in bytes; more is answered 413. Default 100 MiB, the platform's limit on its smaller plans.</summary>
    public long MaxRequestBodyBytes { get; set; } = 100L << 20;

    /// <summary>Bodies with a declared length up to this are read before the worker is called, in bytes. Default 64 KiB.</summary>
    public int BufferedRequestBodyBytes { get; set; } = 64 << 10;

    /// <summary>
    /// Complete response bodies that clients have not taken yet, in bytes, all connections together; an event whose response
    /// does not fit fails. Streamed bodies wait in the worker and do not count, nor do bodies up to 64 KiB. Default 1 GiB.
    /// </summary>
    public long MaxUnsentResponseBytes { get; set; } = 1L << 30;

    /// <summary>How long an idle connection is kept. Default 130 s, what Kestrel uses.</summary>
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(130);

    /// <summary>How long a client may take to send a request head. Default 30 s.</summary>
    public TimeSpan RequestHeadTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Connections at once. Default 20,000.</summary>
    public long MaxConnections { get; set; } = 20_000;

    /// <summary>How long a request may wait for the first worker; then, or at once when zero, it gets a failure. Default zero.</summary>
    public TimeSpan FirstWorkerWait { get; set; }

    /// <summary>Where requests go whose worker failed after <c>ctx.passThroughOnException()</c>, or null: they get the error then.</summary>
    public Uri? Origin { get; set; }

    /// <summary>How failures are shown to clients. Default: a status and one line, without details.</summary>
    public IFailurePage FailurePage { get; set; } = new PlainFailurePage();

    /// <summary>Called once per exchange after its end, or null. Runs on the connection's thread: return at once.</summary>
    public Action<ExchangeSummary>? ExchangeEnded { get; set; }

    /// <summary>Returns every fault of these options, or an empty list.</summary>
    public IReadOnlyList<string> Validate()
    {
        var faults = new List<string>();
        Require(MaxRequestLineBytes > 0, nameof(MaxRequestLineBytes));
        Require(MaxRequestHeadersBytes > 0, nameof(MaxRequestHeadersBytes));
        Require(MaxRequestHeaderCount > 0, nameof(MaxRequestHeaderCount));
        Require(MaxRequestBodyBytes > 0, nameof(MaxRequestBodyBytes));
        Require(MaxUnsentResponseBytes > 0, nameof(MaxUnsentResponseBytes));
        Require(KeepAlive > TimeSpan.Zero, nameof(KeepAlive));
        Require(RequestHeadTimeout > TimeSpan.Zero, nameof(RequestHeadTimeout));
        Require(MaxConnections > 0, nameof(MaxConnections));
        if (BufferedRequestBodyBytes < 0)
        {
            faults.Add($"ServerOptions.{nameof(BufferedRequestBodyBytes)} must be zero or more; zero streams every body.");
        }

        if (FirstWorkerWait < TimeSpan.Zero || FirstWorkerWait > TimeSpan.FromDays(1))
        {
            faults.Add($"ServerOptions.{nameof(FirstWorkerWait)} must be from zero to one day.");
        }

        if (Origin is not null && (!Origin.IsAbsoluteUri || (Origin.Scheme != Uri.UriSchemeHttp && Origin.Scheme != Uri.UriSchemeHttps)))
        {
            faults.Add($"ServerOptions.{nameof(Origin)} must be an absolute http or https URL.");
        }

        return faults;

        void Require(bool holds, string name)
        {
            if (!holds)
            {
                faults.Add($"ServerOptions.{name} must be greater than zero.");
            }
        }
    }
}

/// <summary>One exchange, after its end.</summary>
/// <param name="Method">The request method.</param>
/// <param name="Path">The request target as it was sent.</param>
/// <param name="Status">The status that was sent, or 499 when the client left first.</param>
/// <param name="Duration">From the request head to the end of the response.</param>
/// <param name="CpuTime">CPU time of the worker.</param>
public readonly record struct ExchangeSummary(string Method, string Path, int Status, TimeSpan Duration, TimeSpan CpuTime);
