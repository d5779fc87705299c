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
        var plugins = new List<DevPlugin>();
        try
        {
            foreach (var source in options.Sources)
            {
                if (source.ConfigFile is null && DevPlugin.DirectoryOf(Path.GetFullPath(source.Path, environment.Directory)) is { } plugin)
                {
                    plugins.Add(new DevPlugin(environment, plugin, console, options.Watch));
                    continue;
                }

                projects.Add(new DevProject(environment, source, loader, console, options.Watch));
            }

            return await ServeAsync(projects, [.. projects, .. plugins], console).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return ExitCodes.Ok;
        }
        finally
        {
            foreach (var target in (DevTarget[])[.. projects, .. plugins])
            {
                await target.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task<int> ServeAsync(List<DevProject> projects, List<DevTarget> targets, DevConsole console)
    {
        if (!options.Watch && projects.Exists(p => !p.IsConfigured))
        {
            foreach (var project in projects)
            {
                console.Faults(project.Name, project.ConfigFaults);
            }

            return ExitCodes.Failed;
        }

        await using var audit = OpenAudit();
        if (audit is null && options.Audit is not null)
        {
            return ExitCodes.Failed;
        }

        MakeNamesUnique(targets);
        foreach (var project in projects)
        {
            project.BeginBuild(_stopping.Token);
        }

        await using var runtime = WorkerRuntime.Create(new WorkerRuntimeOptions
        {
            Audit = new AuditOptions { Sink = audit },
            BaseSnapshotPath = environment.Installation.BaseSnapshot,
            Observer = console,
            Time = environment.Time,
        });
        try
        {
            return await ServeAsync(targets, runtime, console).ConfigureAwait(false);
        }
        finally
        {
            // Requests in flight need the runtime, so it ends after them; what they gave to waitUntil has the same deadline.
            using var deadline = new CancellationTokenSource(DrainTimeout, environment.Time);
            using var over = deadline.Token.UnsafeRegister(static runtime => ((WorkerRuntime)runtime!).ShutDown(), runtime);
            await Task.WhenAll(targets.ConvertAll(t => t.StopAsync(DrainTimeout))).ConfigureAwait(false);
            await runtime.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Where audit lines go; null when nobody asked, or after saying that the file cannot be written.</summary>
    private JsonLinesAuditSink? OpenAudit()
    {
        if (options.Audit is null or "stderr")
        {
            return options.Audit is null ? null : JsonLinesAuditSink.ToStandardError();
        }

        var file = Path.GetFullPath(options.Audit[DevOptions.AuditFile.Length..], environment.Directory);
        try
        {
            return JsonLinesAuditSink.ToFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            environment.WriteFaults([new Fault(FaultCodes.AuditFile, $"The audit file cannot be written: {e.Message}") { File = file, Hint = "Choose another one with --audit jsonl:FILE." }]);
            return null;
        }
    }

    private async Task<int> ServeAsync(List<DevTarget> targets, WorkerRuntime runtime, DevConsole console)
    {
        for (var i = 0; i < targets.Count; i++)
        {
            if (!await TryListenAsync(targets[i], i, runtime, console).ConfigureAwait(false))
            {
                return ExitCodes.Failed;
            }
        }

        foreach (var target in targets)
        {
            if (!await target.ServeAsync(_stopping.Token).ConfigureAwait(false) && !options.Watch)
            {
                return ExitCodes.Failed;
            }
        }

        if (options.Watch)
        {
            await Task.WhenAll(targets.ConvertAll(t => t.WatchAsync(_stopping.Token))).ConfigureAwait(false);
        }
        else
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, environment.Time, _stopping.Token).ConfigureAwait(false);
        }

        return ExitCodes.Ok;
    }

    /// <summary>Logs and errors name workers, so two of one name would be one.</summary>
    private static void MakeNamesUnique(List<DevTarget> targets)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var target in targets)
        {
            var name = target.Name;
            for (var number = 2; !names.Add(target.Name); number++)
            {
                target.Name = string.Create(CultureInfo.InvariantCulture, $"{name}-{number}");
            }
        }
    }

    private async Task<bool> TryListenAsync(DevTarget target, int index, WorkerRuntime runtime, DevConsole console)
    {
        var endpoint = new IPEndPoint(Host(target), Port(target, index));
        try
        {
            await target.ListenAsync(endpoint, runtime, _stopping.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            console.Faults(target.Name, [AddressFault(endpoint, e)]);
            return false;
        }
    }

    private IPAddress Host(DevTarget target) =>
        options.Host ?? (IPAddress.TryParse(target.ConfiguredHost, out var address) ? address : IPAddress.Loopback);

    private int Port(DevTarget target, int index) => options.Port switch
    {
        0 => 0,
        { } first => first + index,
        null => target.ConfiguredPort ?? DefaultPort + index,
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
