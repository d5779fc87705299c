using System.Net;
using Molt.Cli.Bundling;
using Molt.Cli.Plugins;
using Molt.Cli.Projects;
using Molt.Cli.Reporting;
using Molt.Cli.Watching;
using Molt.Runtime;
using Molt.Server;

namespace Molt.Cli.Dev;

/// <summary>
/// One project being served: builds it, loads it, and does so again on each change. While it is broken the server answers
/// with the faults; requests that began on a version finish on it.
/// </summary>
internal sealed class DevProject : IAsyncDisposable
{
    private readonly CommandEnvironment _environment;
    private readonly ProjectSource _source;
    private readonly ProjectLoader _loader;
    private readonly DevConsole _console;
    private readonly Bundler _bundler;
    private readonly ErrorPage _page;
    private readonly ProjectWatcher? _watcher;
    private readonly ProjectPlugins _plugins;
    private readonly List<Task> _retired = [];
    private ProjectLoad _load;
    private Task<BundleOutcome>? _bundling;
    private MoltServer? _server;
    private WorkerRuntime? _runtime;

    public DevProject(CommandEnvironment environment, ProjectSource source, ProjectLoader loader, DevConsole console, bool watch)
    {
        _environment = environment;
        _source = source;
        _loader = loader;
        _console = console;
        _bundler = new Bundler(environment.Installation.Esbuild);
        _load = loader.Load(source);
        Root = _load.Project?.Root ?? RootOf(source);
        Name = _load.Project?.Name ?? Path.GetFileName(Root);
        _page = new ErrorPage(Root);
        _plugins = new ProjectPlugins(
            environment.Time, line => console.Log(Name, PluginFaults.Severity(line.Level), line.Text), fault => console.RuntimeFault(Name, fault));
        _watcher = watch ? new ProjectWatcher(Root, environment.Time) : null;
    }

    /// <summary>The worker's name; made unique by the session when two projects have the same.</summary>
    public string Name { get; set; }

    public string Root { get; }

    public int? ConfiguredPort => _load.Project?.DevPort;

    public string? ConfiguredHost => _load.Project?.DevHost;

    public IReadOnlyList<Fault> ConfigFaults => _load.Faults;

    /// <summary>True when the configuration has no error.</summary>
    public bool IsConfigured => _load.Project is not null;

    /// <summary>Starts the bundler, whose work then goes on beside the start of the runtime.</summary>
    public void BeginBuild(CancellationToken cancellationToken)
    {
        // Watching starts before the first build reads a file, so that no change is missed.
        _watcher?.Watch(WatchedFiles([]), anyFile: true);
        if (_load.Project is { } project)
        {
            _bundling = _bundler.BundleAsync(project, entry: null, cancellationToken);
        }
    }

    /// <summary>Takes the address. Throws what the server throws when that cannot be had.</summary>
    public async Task ListenAsync(IPEndPoint endpoint, WorkerRuntime runtime, CancellationToken cancellationToken)
    {
        _runtime = runtime;
        _console.AddWorker(Name, Root);
        var server = new MoltServer(new ServerOptions
        {
            Endpoint = endpoint,
            FailurePage = _page,
            ExchangeEnded = summary => _console.Exchange(Name, summary),
        }, runtime);
        _server = server;
        await server.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Serves the first build. False when it failed.</summary>
    public async Task<bool> ServeAsync(CancellationToken cancellationToken)
    {
        var served = await PublishAsync(cancellationToken).ConfigureAwait(false);
        if (served)
        {
            _console.Ready(Name, _server!.Address);
        }
        else if (_watcher is not null)
        {
            _console.Waiting(Name, _server!.Address);
        }

        return served;
    }

    /// <summary>Builds and serves again on each change, until cancelled.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _watcher!.WaitAsync(cancellationToken).ConfigureAwait(false);
            var started = _environment.Time.GetTimestamp();
            _load = _loader.Load(_source);
            _bundling = _load.Project is { } project ? _bundler.BundleAsync(project, entry: null, cancellationToken) : null;
            if (await PublishAsync(cancellationToken).ConfigureAwait(false))
            {
                _console.Reloaded(Name, _environment.Time.GetElapsedTime(started));
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

    public async ValueTask DisposeAsync()
    {
        _watcher?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync().ConfigureAwait(false);
        }

        _bundler.Dispose();
        _plugins.Dispose();
    }

    private static string RootOf(ProjectSource source)
    {
        var path = Path.GetFullPath(source.ConfigFile ?? source.Path);
        return Directory.Exists(path) ? path : Path.GetDirectoryName(path)!;
    }

    /// <summary>Loads what was built and swaps it in, or shows the faults in its place.</summary>
    private async Task<bool> PublishAsync(CancellationToken cancellationToken)
    {
        var faults = new List<Fault>(_load.Faults);
        IReadOnlyList<string> inputs = [];
        Worker? worker = null;
        if (_bundling is not null)
        {
            var outcome = await _bundling.ConfigureAwait(false);
            inputs = outcome.Inputs;
            faults.AddRange(outcome.Faults);
            if (outcome.Bundle is { } bundle)
            {
                worker = await LoadAsync(_load.Project!, bundle, faults, cancellationToken).ConfigureAwait(false);
            }
        }

        _console.Faults(Name, faults);
        _watcher?.Watch(WatchedFiles(inputs), anyFile: inputs.Count == 0);
        Worker? previous;
        if (worker is not null)
        {
            previous = _server!.SetWorker(worker);
            _page.Faults = [];
        }
        else
        {
            _page.Faults = faults.FindAll(f => f.IsError);
            previous = _server!.SetFailure(new EventFailure(EventOutcome.StartupFailed, "The project has errors."));
        }

        if (previous is not null)
        {
            Retire(previous);
        }

        return worker is not null;
    }

    private async Task<Worker?> LoadAsync(Project project, Bundle bundle, List<Fault> faults, CancellationToken cancellationToken)
    {
        if (_plugins.Load(project, _runtime!, faults) is not { } withPlugins)
        {
            return null;
        }

        try
        {
            return await _runtime!.LoadAsync(ProjectWorker.Define(withPlugins, bundle, Name), cancellationToken).ConfigureAwait(false);
        }
        catch (WorkerStartException e)
        {
            faults.Add(ProjectWorker.StartFault(e, project));
            return null;
        }
    }

    private IEnumerable<string> WatchedFiles(IReadOnlyList<string> inputs)
    {
        foreach (var file in _load.Files)
        {
            yield return file;
        }

        foreach (var input in inputs)
        {
            yield return input;
        }

        if (_load.Project is { } project)
        {
            yield return project.Main;
            foreach (var manifest in project.Plugins.Values)
            {
                yield return manifest;
            }

            foreach (var directory in project.Build?.WatchDirectories ?? [])
            {
                foreach (var file in Directory.Exists(directory) ? Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories) : [])
                {
                    yield return file;
                }
            }
        }
    }

    /// <summary>Requests that began on the old version finish on it, however many changes come meanwhile.</summary>
    private void Retire(Worker previous)
    {
        _retired.RemoveAll(t => t.IsCompletedSuccessfully);
        _retired.Add(previous.DrainAsync());
    }
}
