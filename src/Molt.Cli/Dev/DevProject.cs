using Molt.Cli.Bundling;
using Molt.Cli.Plugins;
using Molt.Cli.Projects;
using Molt.Cli.Reporting;
using Molt.Runtime;
using Molt.Server;

namespace Molt.Cli.Dev;

/// <summary>
/// One project being served: builds it, loads it, and does so again on each change. While it is broken the server answers
/// with the faults; requests that began on a version finish on it.
/// </summary>
internal sealed class DevProject : DevTarget
{
    /// <summary>What may not be read is not watched.</summary>
    private static readonly EnumerationOptions Readable = new() { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None };

    private readonly ProjectSource _source;
    private readonly ProjectLoader _loader;
    private readonly Bundler _bundler;
    private readonly ErrorPage _page;
    private readonly ProjectPlugins _plugins;
    private readonly List<Task> _retired = [];
    private ProjectLoad _load;
    private Task<BundleOutcome>? _bundling;
    private bool _isServed;

    public DevProject(CommandEnvironment environment, ProjectSource source, ProjectLoader loader, DevConsole console, bool watch)
        : this(environment, source, loader, loader.Load(source), console, watch)
    {
    }

    private DevProject(CommandEnvironment environment, ProjectSource source, ProjectLoader loader, ProjectLoad load, DevConsole console, bool watch)
        : base(environment, console, load.Project?.Root ?? RootOf(source), load.Project?.Name ?? Path.GetFileName(RootOf(source)), watch)
    {

        // The directory the command was started in may be deleted and made again; a relative path then means nothing.
        _source = source with
        {
            Path = Path.GetFullPath(source.Path),
            ConfigFile = source.ConfigFile is null ? null : Path.GetFullPath(source.ConfigFile),
        };
        _loader = loader;
        _load = load;
        _bundler = new Bundler(environment.Installation.Esbuild);
        _page = new ErrorPage(Root);
        _plugins = new ProjectPlugins(
            new PluginFiles(Root), environment.Time, line => console.Log(Name, PluginFaults.Severity(line.Level), line.Text), fault => console.RuntimeFault(Name, fault));
    }

    public override int? ConfiguredPort => _load.Project?.DevPort;

    public override string? ConfiguredHost => _load.Project?.DevHost;

    public IReadOnlyList<Fault> ConfigFaults => _load.Faults;

    /// <summary>True when the configuration has no error.</summary>
    public bool IsConfigured => _load.Project is not null;

    protected override IFailurePage FailurePage => _page;

    /// <summary>Starts the bundler, whose work then goes on beside the start of the runtime.</summary>
    public void BeginBuild(CancellationToken cancellationToken)
    {
        // Watching starts before the first build reads a file, so that no change is missed.
        Watch(WatchedFiles([]), anyFile: true);
        if (_load.Project is { } project)
        {
            _bundling = _bundler.BundleAsync(project, entry: null, cancellationToken);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync().ConfigureAwait(false);
        _plugins.Dispose();
    }

    protected override void Refresh(CancellationToken cancellationToken)
    {
        _load = _loader.Load(_source);
        _bundling = _load.Project is { } project ? _bundler.BundleAsync(project, entry: null, cancellationToken) : null;
    }

    /// <summary>Loads what was built and swaps it in, or shows the faults in its place.</summary>
    protected override async Task<bool> PublishAsync(CancellationToken cancellationToken)
    {
        var faults = new List<Fault>(_load.Faults);
        IReadOnlyList<string> inputs = [];
        Worker? worker = null;
        var keepsServed = false;
        if (_bundling is not null)
        {
            var outcome = await _bundling.ConfigureAwait(false);
            inputs = outcome.Inputs;
            faults.AddRange(outcome.Faults);
            if (outcome.Bundle is { } bundle)
            {
                worker = await LoadAsync(_load.Project!, bundle, faults, cancellationToken).ConfigureAwait(false);
                if (worker is not null && ProjectWorker.HandlerFault(worker, bundle, _load.Project!) is { } fault)
                {
                    // A file that is empty while it is written looks like this: nothing is gained by taking the served version away.
                    keepsServed = _isServed;
                    faults.Add(keepsServed ? fault with { Detail = "The version before it is still served." } : fault);
                    await worker.DisposeAsync().ConfigureAwait(false);
                    worker = null;
                }
            }
        }

        Console.Faults(Name, faults);
        Watch(WatchedFiles(inputs), anyFile: inputs.Count == 0);
        if (keepsServed)
        {
            return false;
        }

        _isServed = worker is not null;
        Worker? previous;
        if (worker is not null)
        {
            previous = Server.SetWorker(worker);
            _page.Faults = [];
        }
        else
        {
            _page.Faults = faults.FindAll(f => f.IsError);
            previous = Server.SetFailure(new EventFailure(EventOutcome.StartupFailed, "The project has errors."));
        }

        if (previous is not null)
        {
            Retire(previous);
        }

        return worker is not null;
    }

    private static string RootOf(ProjectSource source)
    {
        var path = Path.GetFullPath(source.ConfigFile ?? source.Path);
        return Directory.Exists(path) ? path : Path.GetDirectoryName(path)!;
    }

    private async Task<Worker?> LoadAsync(Project project, Bundle bundle, List<Fault> faults, CancellationToken cancellationToken)
    {
        if (_plugins.Load(project, Runtime, faults) is not { } withPlugins)
        {
            return null;
        }

        _page.Sources = bundle.Sources;
        Console.SetSources(Name, bundle.Sources);
        try
        {
            return await Runtime.LoadAsync(ProjectWorker.Define(withPlugins, bundle, Name), cancellationToken).ConfigureAwait(false);
        }
        catch (WorkerStartException e)
        {
            faults.Add(ProjectWorker.StartFault(e, project, bundle));
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
                foreach (var file in PluginFiles.Watched(Path.GetDirectoryName(manifest)!))
                {
                    yield return file;
                }
            }

            foreach (var directory in project.Build?.WatchDirectories ?? [])
            {
                foreach (var file in Directory.Exists(directory) ? Directory.EnumerateFiles(directory, "*", Readable) : [])
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
