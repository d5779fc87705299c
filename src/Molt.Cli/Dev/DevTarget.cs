using System.Net;
using Molt.Cli.Watching;
using Molt.Runtime;
using Molt.Server;

namespace Molt.Cli.Dev;

/// <summary>
/// Something that is served while it is being edited: takes an address, loads what answers there, does so again on each change, and
/// lets requests in flight finish at the end.
/// </summary>
internal abstract class DevTarget : IAsyncDisposable
{
    /// <summary>How long a request that comes before <c>ready</c> waits for the project.</summary>
    private static readonly TimeSpan FirstWorkerWait = TimeSpan.FromSeconds(30);

    private readonly CommandEnvironment _environment;
    private readonly ProjectWatcher? _watcher;
    private MoltServer? _server;
    private WorkerRuntime? _runtime;

    protected DevTarget(CommandEnvironment environment, DevConsole console, string root, string name, bool watch)
    {
        _environment = environment;
        Console = console;
        Root = Path.TrimEndingDirectorySeparator(root);
        Name = name;
        _watcher = watch ? new ProjectWatcher(Root, environment.Time) : null;
    }

    /// <summary>The name in logs and errors; made unique by the session when two have the same.</summary>
    public string Name { get; set; }

    public string Root { get; }

    public virtual int? ConfiguredPort => null;

    public virtual string? ConfiguredHost => null;

    protected DevConsole Console { get; }

    /// <summary>What answers at the address; there once it listens.</summary>
    protected MoltServer Server => _server!;

    protected WorkerRuntime Runtime => _runtime!;

    /// <summary>How failures are shown to clients.</summary>
    protected virtual IFailurePage FailurePage { get; } = new PlainFailurePage();

    /// <summary>Takes the address. Throws what the server throws when that cannot be had.</summary>
    public async Task ListenAsync(IPEndPoint endpoint, WorkerRuntime runtime, CancellationToken cancellationToken)
    {
        _runtime = runtime;
        _server = new MoltServer(new ServerOptions
        {
            Endpoint = endpoint,
            FailurePage = FailurePage,
            FirstWorkerWait = FirstWorkerWait,
            ExchangeEnded = summary => Console.Exchange(Name, summary),
        }, runtime, new RefusedRequests((status, reason) => Console.Refused(Name, status, reason)));
        await _server.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Serves what there is. False when it cannot be loaded.</summary>
    public async Task<bool> ServeAsync(CancellationToken cancellationToken)
    {
        var served = await PublishAsync(cancellationToken).ConfigureAwait(false);
        if (served)
        {
            Console.Ready(Name, Server.Address);
        }
        else if (_watcher is not null)
        {
            Console.Waiting(Name, Server.Address);
        }

        return served;
    }

    /// <summary>Loads and serves again on each change, until cancelled.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _watcher!.WaitAsync(cancellationToken).ConfigureAwait(false);
            var started = _environment.Time.GetTimestamp();
            Refresh(cancellationToken);
            if (await PublishAsync(cancellationToken).ConfigureAwait(false))
            {
                Console.Reloaded(Name, _environment.Time.GetElapsedTime(started));
            }
        }
    }

    /// <summary>Takes no more requests and waits for those in flight.</summary>
    public async Task StopAsync(TimeSpan drainTimeout)
    {
        if (_server is not null)
        {
            using var deadline = new CancellationTokenSource(drainTimeout, _environment.Time);
            await _server.StopAsync(deadline.Token).ConfigureAwait(false);
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        _watcher?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Sets what counts as a change from now on; see <see cref="ProjectWatcher.Watch"/>.</summary>
    protected void Watch(IEnumerable<string> files, bool anyFile) => _watcher?.Watch(files, anyFile);

    /// <summary>Something changed: what has to be read anew before it is published.</summary>
    protected virtual void Refresh(CancellationToken cancellationToken)
    {
    }

    /// <summary>Loads and swaps in, or shows the faults in its place. False when it failed.</summary>
    protected abstract Task<bool> PublishAsync(CancellationToken cancellationToken);
}
