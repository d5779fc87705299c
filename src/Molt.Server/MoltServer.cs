using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Molt.Contracts;
using Molt.Runtime;
using Molt.Server.Http;
using Molt.Server.Transport;

namespace Molt.Server;

/// <summary>
/// The gateway: Kestrel in front of one worker, HTTP/1.1 and h2c on one port.
/// <para>
/// Guarantees: replacing the worker loses no request (those in flight finish on the version they began with); stopping
/// answers what was accepted before the drain time runs out.
/// </para>
/// </summary>
public sealed class MoltServer : IAsyncDisposable
{
    private static readonly Route NoWorker = new(null, new EventFailure(EventOutcome.StartupFailed, "No worker is loaded yet."));
    private static readonly Route Stopping = new(null, new EventFailure(EventOutcome.Cancelled, "The server is shutting down."));

    private readonly ILoggerFactory _loggers;
    private readonly WorkerRuntime _runtime;
    private readonly TaskCompletionSource _routed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private KestrelServer? _kestrel;
    private SharedTransport? _transport;
    private volatile Route _route = NoWorker;

    /// <summary>Throws <see cref="OptionsException"/> with every fault of the options at once.</summary>
    public MoltServer(ServerOptions options, WorkerRuntime runtime, ILoggerFactory? loggers = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(runtime);
        OptionsException.ThrowIfAny(options.Validate());
        Options = options;
        _runtime = runtime;
        _loggers = loggers ?? NullLoggerFactory.Instance;
        Unsent = new UnsentResponses(options.MaxUnsentResponseBytes);
        Origin = options.Origin is null ? null : new OriginForwarder(options.Origin, runtime.Outbound);
    }

    /// <summary>Where the server listens, once started.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1:0");

    internal ServerOptions Options { get; }

    internal Route Route => _route;

    internal OriginForwarder? Origin { get; }

    internal UnsentResponses Unsent { get; }

    /// <summary>Waits, as long as a request may, for the first worker; false when it failed for another reason than that there is none yet.</summary>
    internal async ValueTask<bool> WaitForFirstRouteAsync(EventFailure? failure)
    {
        if (Options.FirstWorkerWait == TimeSpan.Zero || !ReferenceEquals(failure, NoWorker.Failure))
        {
            return false;
        }

        await _routed.Task.WaitAsync(Options.FirstWorkerWait, _runtime.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return true;
    }

    /// <summary>Starts to listen. Throws <see cref="IOException"/> when the address is taken.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        var options = new KestrelServerOptions
        {
            ApplicationServices = new ServiceCollection().AddSingleton(_loggers).BuildServiceProvider(),
            AddServerHeader = false,
            AllowSynchronousIO = false,
            // The host of a target in absolute form counts, whatever Host says (RFC 9112, section 3.2.2).
            AllowHostHeaderOverride = true,
            RequestHeaderEncodingSelector = static _ => System.Text.Encoding.Latin1,
            ResponseHeaderEncodingSelector = static _ => System.Text.Encoding.Latin1,
        };
        var limits = options.Limits;
        limits.MaxRequestLineSize = Options.MaxRequestLineBytes;
        limits.MaxRequestHeadersTotalSize = Options.MaxRequestHeadersBytes;
        limits.MaxRequestHeaderCount = Options.MaxRequestHeaderCount;
        limits.MaxRequestBodySize = Options.MaxRequestBodyBytes;
        limits.KeepAliveTimeout = Options.KeepAlive;
        limits.RequestHeadersTimeout = Options.RequestHeadTimeout;
        limits.MaxConcurrentConnections = Options.MaxConnections;
        // Kestrel's default of 32 KiB for one HTTP/2 field is below the platform's limit on all of them.
        limits.Http2.MaxRequestHeaderFieldSize = Options.MaxRequestHeadersBytes;
        // Data rates are the guests' and their clients' business: the limits that count are on size and idleness, and
        // watching rates costs a timestamp at each write.
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        options.Listen(Options.Endpoint, static listen => listen.Protocols = HttpProtocols.Http1);
        options.Listen(new PriorKnowledgeEndPoint(Options.Endpoint), static listen => listen.Protocols = HttpProtocols.Http2);
        _transport = SharedTransport.Acquire(_runtime, _loggers);
        try
        {
            _kestrel = new KestrelServer(new OptionsWrapper<KestrelServerOptions>(options), _transport.Epoll, _loggers);
            await _kestrel.StartAsync(new MoltHttpApplication(this), cancellationToken);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }

        Address = new Uri(_kestrel.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
    }

    /// <summary>Sends requests to <paramref name="worker"/> from now on. Returns the worker that had them, to be drained by the caller.</summary>
    public Worker? SetWorker(Worker worker)
    {
        ArgumentNullException.ThrowIfNull(worker);
        return SetTarget(worker) as Worker;
    }

    /// <summary>Sends requests to <paramref name="target"/> from now on. Returns what had them, to be drained by the caller.</summary>
    public IFetchTarget? SetTarget(IFetchTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return Exchange(new Route(target, null));
    }

    /// <summary>Answers requests with a failure from now on. Returns the worker that had them, to be drained by the caller.</summary>
    public Worker? SetFailure(EventFailure failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return Exchange(new Route(null, failure)) as Worker;
    }

    /// <summary>Accepts no more connections, lets exchanges in flight finish until the token is cancelled, then closes what is left.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // What waits for the first worker would wait in vain.
        Interlocked.CompareExchange(ref _route, Stopping, NoWorker);
        _routed.TrySetResult();
        if (_kestrel is not null)
        {
            await _kestrel.StopAsync(cancellationToken);
        }
    }

    /// <summary>Stops without waiting.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true));
        _kestrel?.Dispose();
        _kestrel = null;
        _transport?.Dispose();
        _transport = null;
    }

    private IFetchTarget? Exchange(Route route)
    {
        var previous = Interlocked.Exchange(ref _route, route).Target;
        _routed.TrySetResult();
        return previous;
    }
}
