using System.Net;
using Molt.Cli.Plugins;
using Molt.Cli.Watching;
using Molt.Runtime;
using Molt.Server;
using Molt.Wasm;

namespace Molt.Cli.Dev;

/// <summary>A WebAssembly plugin with an <c>http</c> function, served while it is being edited.</summary>
internal sealed class DevPlugin(CommandEnvironment environment, string directory, DevConsole console, bool watch) : IAsyncDisposable
{
    private static readonly EventFailure NotLoaded = new(EventOutcome.StartupFailed, "The plugin could not be loaded.");

    private readonly ProjectWatcher? _watcher = watch ? new ProjectWatcher(directory, environment.Time) : null;
    private MoltServer? _server;
    private WorkerRuntime? _runtime;
    private PluginResponder? _responder;

    public string Name { get; } = Path.GetFileName(directory);

    /// <summary>The directory of a source that is a plugin, or null.</summary>
    public static string? DirectoryOf(string path)
    {
        var full = Path.GetFullPath(path);
        return Path.GetFileName(full) == PluginManifest.FileName && File.Exists(full) ? Path.GetDirectoryName(full)
            : File.Exists(Path.Combine(full, PluginManifest.FileName)) ? full
            : null;
    }

    /// <summary>Listens and serves. False when the plugin cannot be loaded.</summary>
    public async Task<bool> StartAsync(IPEndPoint endpoint, WorkerRuntime runtime, CancellationToken cancellationToken)
    {
        _runtime = runtime;
        console.AddWorker(Name, directory);
        _server = new MoltServer(new ServerOptions { Endpoint = endpoint, ExchangeEnded = summary => console.Exchange(Name, summary) }, runtime);
        await _server.StartAsync(cancellationToken).ConfigureAwait(false);
        if (Load())
        {
            console.Ready(Name, _server.Address);
            return true;
        }

        if (_watcher is not null)
        {
            console.Waiting(Name, _server.Address);
        }

        return false;
    }

    /// <summary>Loads the plugin again whenever one of its files changes.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        while (_watcher is not null)
        {
            _watcher.Watch([], anyFile: true);
            await _watcher.WaitAsync(cancellationToken).ConfigureAwait(false);
            var started = environment.Time.GetTimestamp();
            if (Load())
            {
                console.Reloaded(Name, environment.Time.GetElapsedTime(started));
            }
        }
    }

    public async Task StopAsync(TimeSpan drainTimeout)
    {
        if (_server is not null)
        {
            using var deadline = new CancellationTokenSource(drainTimeout, environment.Time);
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

        _responder?.Plugin.Dispose();
    }

    private bool Load()
    {
        var previous = _responder;
        try
        {
            // While it is being edited a snapshot in the directory is usually of an older module: init runs at load.
            var package = PluginPackage.Read(directory).WithSnapshot(null);
            if (package.Manifest.Http is null)
            {
                console.Faults(Name, [PluginFaults.WithoutHttp(directory)]);
                return false;
            }

            var plugin = Plugin.Load(package, new PluginOptions
            {
                Runtime = _runtime,
                Time = environment.Time,
                Log = line => console.Log(Name, PluginFaults.Severity(line.Level), line.Text),
                Fault = fault => console.RuntimeFault(Name, fault),
            });
            console.Faults(Name, PluginFaults.Of(directory, plugin.Warnings, isWarning: true));
            _responder = new PluginResponder(plugin, _runtime!);
            _server!.SetTarget(_responder);
        }
        catch (PluginLoadException exception)
        {
            console.Faults(Name, PluginFaults.Of(directory, exception));
            _server!.SetFailure(NotLoaded);
            _responder = null;
        }

        previous?.Drain();
        previous?.Plugin.Dispose();
        return _responder is not null;
    }
}
