using System.Collections.Concurrent;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Threading.Channels;
using Molt.Engine;
using Molt.Runtime;

namespace Molt.Server.Tests.Http;

/// <summary>A server on a free port of the loopback with one worker, and what it said.</summary>
internal sealed class Gateway : IAsyncDisposable
{
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly WorkerRuntime _runtime;
    private bool _stopped;

    private Gateway(GuestSnapshot snapshot, Action<ServerOptions>? configure, IOutboundFetch? outbound, TimeProvider? time)
    {
        _runtime = WorkerRuntime.Create(new WorkerRuntimeOptions
        {
            BaseSnapshotPath = snapshot.Path,
            Executors = 2,
            Observer = new Observer(this),
            Outbound = outbound,
            Time = time ?? TimeProvider.System,
        });
        var options = new ServerOptions
        {
            Endpoint = new IPEndPoint(IPAddress.Loopback, 0),
            ExchangeEnded = Exchanges.Enqueue,
        };
        configure?.Invoke(options);
        Server = new MoltServer(options, _runtime);
    }

    public MoltServer Server { get; }

    public ConcurrentQueue<ExchangeSummary> Exchanges { get; } = new();

    public ConcurrentQueue<EventFailure> Failures { get; } = new();

    /// <summary>The port the server got.</summary>
    public int Port => Server.Address.Port;

    /// <summary>Starts a server; <paramref name="source"/> is the worker's main module, or null for a server without a worker.</summary>
    public static async Task<Gateway> StartAsync(
        GuestSnapshot snapshot, string? source, Action<ServerOptions>? configure = null, WorkerLimits? limits = null, IOutboundFetch? outbound = null,
        TimeProvider? time = null)
    {
        var gateway = new Gateway(snapshot, configure, outbound, time);
        if (source is not null)
        {
            gateway.Server.SetWorker(await gateway.LoadAsync(source, limits));
        }

        await gateway.Server.StartAsync();
        return gateway;
    }

    /// <summary>Loads a further version.</summary>
    public async Task<Worker> LoadAsync(string source, WorkerLimits? limits = null) => await _runtime.LoadAsync(new WorkerDefinition
    {
        Name = "worker",
        MainModule = "index.js",
        Modules = [new WorkerModule("index.js", WorkerModuleKind.EcmaScript, Encoding.UTF8.GetBytes(source))],
        Limits = limits ?? new WorkerLimits(),
    });

    /// <summary>A connection of the test's own.</summary>
    public Task<RawConnection> ConnectAsync() => RawConnection.OpenAsync(Port);

    /// <summary>One exchange on a connection of its own.</summary>
    public async Task<RawResponse> SendAsync(string request)
    {
        using var connection = await ConnectAsync();
        await connection.WriteAsync(request);
        return await connection.ReadResponseAsync(request.StartsWith("HEAD ", StringComparison.Ordinal));
    }

    /// <summary>A GET of a path on a connection of its own.</summary>
    public Task<RawResponse> GetAsync(string path = "/") => SendAsync($"GET {path} HTTP/1.1\r\nHost: test\r\n\r\n");

    /// <summary>A client that speaks HTTP/1.1, or HTTP/2 with prior knowledge.</summary>
    public HttpClient CreateClient(Version version) => new()
    {
        BaseAddress = new Uri($"http://127.0.0.1:{Port}/"),
        DefaultRequestVersion = version,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = TimeSpan.FromSeconds(30),
    };

    /// <summary>Waits until the worker's console has written a line.</summary>
    public async Task WaitForLogAsync(string expected)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (await _lines.Reader.ReadAsync(timeout.Token) != expected)
        {
        }
    }

    /// <summary>Stops the server as the command does.</summary>
    public async Task StopAsync(TimeSpan drain)
    {
        using var deadline = new CancellationTokenSource(drain);
        await Server.StopAsync(deadline.Token);
        _stopped = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped)
        {
            await StopAsync(TimeSpan.FromSeconds(5));
        }

        await Server.DisposeAsync();

        // An event that never ends would keep the runtime waiting: a failure, not a reason to hang.
        await _runtime.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Empty(_faults);
        Assert.Equal(0, JsEngine.LiveIsolates);

        // Values that nobody disposed are released by their finalizers; what is left then is a leak.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(0, JsEngine.LiveHandles);
    }

    private sealed class Observer(Gateway gateway) : IWorkerObserver
    {
        public void Log(string worker, GuestLogLevel level, string text) => gateway._lines.Writer.TryWrite(text);

        public void EventFailed(string worker, EventFailure failure) => gateway.Failures.Enqueue(failure);

        public void RuntimeFault(string worker, Exception exception) => gateway._faults.Enqueue(exception.ToString());
    }
}
