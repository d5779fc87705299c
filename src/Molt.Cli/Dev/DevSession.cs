using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Molt.Cli.Projects;
using Molt.Cli.Reporting;
using Molt.Contracts.Capabilities;
using Molt.Runtime;

namespace Molt.Cli.Dev;

/// <summary>Serves projects until the process is told to end.</summary>
internal sealed class DevSession(CommandEnvironment environment, DevOptions options) : IDisposable
{
    private const int DefaultPort = 8787;

    /// <summary>How long requests in flight may take after the first signal; the second ends them at once.</summary>
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<DevPlugin> _plugins = [];

    public void Dispose() => _stopping.Dispose();

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var linked = cancellationToken.Register(_stopping.Cancel);
        using var toml = new EngineTomlParser(environment.Installation.TomlScript);
        var loader = new ProjectLoader(toml);
        var console = new DevConsole(environment, options.LogLevel, named: options.Sources.Count > 1);
        var projects = new List<DevProject>();
        try
        {
            foreach (var source in options.Sources)
            {
                if (source.ConfigFile is null && DevPlugin.DirectoryOf(Path.GetFullPath(source.Path, environment.Directory)) is { } plugin)
                {
                    _plugins.Add(new DevPlugin(environment, plugin, console, options.Watch));
                    continue;
                }

                projects.Add(new DevProject(environment, source, loader, console, options.Watch));
            }

            return await ServeAsync(projects, console).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return ExitCodes.Ok;
        }
        finally
        {
            foreach (var project in projects)
            {
                await project.DisposeAsync().ConfigureAwait(false);
            }

            foreach (var plugin in _plugins)
            {
                await plugin.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task<int> ServeAsync(List<DevProject> projects, DevConsole console)
    {
        if (!options.Watch && projects.Exists(p => !p.IsConfigured))
        {
            foreach (var project in projects)
            {
                console.Faults(project.Name, project.ConfigFaults);
            }

            return ExitCodes.Failed;
        }

        MakeNamesUnique(projects);
        foreach (var project in projects)
        {
            project.BeginBuild(_stopping.Token);
        }

        await using var audit = options.Audit switch
        {
            null => null,
            "stderr" => JsonLinesAuditSink.ToStandardError(),
            var file => JsonLinesAuditSink.ToFile(file[DevOptions.AuditFile.Length..]),
        };
        await using var runtime = WorkerRuntime.Create(new WorkerRuntimeOptions
        {
            Audit = new AuditOptions { Sink = audit },
            BaseSnapshotPath = environment.Installation.BaseSnapshot,
            Observer = console,
            Time = environment.Time,
        });
        try
        {
            return await ServeAsync(projects, runtime, console).ConfigureAwait(false);
        }
        finally
        {
            // Requests in flight need the runtime, so it ends after them.
            await Task.WhenAll([.. projects.ConvertAll(p => p.StopAsync(DrainTimeout)), .. _plugins.ConvertAll(p => p.StopAsync(DrainTimeout))]).ConfigureAwait(false);
        }
    }

    private async Task<int> ServeAsync(List<DevProject> projects, WorkerRuntime runtime, DevConsole console)
    {
        for (var i = 0; i < projects.Count; i++)
        {
            if (!await TryListenAsync(projects, i, runtime, console).ConfigureAwait(false))
            {
                return ExitCodes.Failed;
            }
        }

        foreach (var project in projects)
        {
            if (!await project.ServeAsync(_stopping.Token).ConfigureAwait(false) && !options.Watch)
            {
                return ExitCodes.Failed;
            }
        }

        for (var i = 0; i < _plugins.Count; i++)
        {
            if (!await TryServeAsync(_plugins[i], projects.Count + i, runtime, console).ConfigureAwait(false))
            {
                return ExitCodes.Failed;
            }
        }

        if (options.Watch)
        {
            await Task.WhenAll([.. projects.ConvertAll(p => p.WatchAsync(_stopping.Token)), .. _plugins.ConvertAll(p => p.WatchAsync(_stopping.Token))]).ConfigureAwait(false);
        }
        else
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, environment.Time, _stopping.Token).ConfigureAwait(false);
        }

        return ExitCodes.Ok;
    }

    /// <summary>Logs and errors name workers, so two of one name would be one.</summary>
    private static void MakeNamesUnique(List<DevProject> projects)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var project in projects)
        {
            var name = project.Name;
            for (var number = 2; !names.Add(project.Name); number++)
            {
                project.Name = string.Create(CultureInfo.InvariantCulture, $"{name}-{number}");
            }
        }
    }

    private async Task<bool> TryListenAsync(List<DevProject> projects, int index, WorkerRuntime runtime, DevConsole console)
    {
        var project = projects[index];
        var endpoint = new IPEndPoint(Host(project), Port(project, index));
        try
        {
            await project.ListenAsync(endpoint, runtime, _stopping.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            console.Faults(project.Name, [AddressFault(endpoint, e)]);
            return false;
        }
    }

    private async Task<bool> TryServeAsync(DevPlugin plugin, int index, WorkerRuntime runtime, DevConsole console)
    {
        var port = options.Port is { } first ? first == 0 ? 0 : first + index : DefaultPort + index;
        var endpoint = new IPEndPoint(options.Host ?? IPAddress.Loopback, port);
        try
        {
            return await plugin.StartAsync(endpoint, runtime, _stopping.Token).ConfigureAwait(false) || options.Watch;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            console.Faults(plugin.Name, [AddressFault(endpoint, e)]);
            return false;
        }
    }

    private IPAddress Host(DevProject project) =>
        options.Host ?? (IPAddress.TryParse(project.ConfiguredHost, out var address) ? address : IPAddress.Loopback);

    private int Port(DevProject project, int index) => options.Port switch
    {
        0 => 0,
        { } first => first + index,
        null => project.ConfiguredPort ?? DefaultPort + index,
    };

    private static Fault AddressFault(IPEndPoint endpoint, Exception exception)
    {
        var error = (exception as SocketException ?? exception.InnerException as SocketException ?? exception.InnerException?.InnerException as SocketException)?.SocketErrorCode;
        var isInUse = error == SocketError.AddressAlreadyInUse || exception.Message.Contains("already in use", StringComparison.Ordinal);
        return isInUse
            ? new Fault(FaultCodes.PortInUse, $"Port {endpoint.Port} is in use.")
            {
                Hint = $"Choose another one, for example: molt dev --port {(endpoint.Port < 65535 ? endpoint.Port + 1 : DefaultPort)}",
            }
            : new Fault(FaultCodes.AddressUnavailable, $"Cannot listen on {endpoint}: {exception.Message}") { Hint = "Choose another address with --host or --port." };
    }

    private void OnSignal(PosixSignalContext context)
    {
        // The second signal has its usual effect: the process ends.
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        context.Cancel = true;
        _stopping.Cancel();
    }
}
