using Molt.Cli.Plugins;
using Molt.Cli.Reporting;
using Molt.Runtime;
using Molt.Wasm;

namespace Molt.Cli.Dev;

/// <summary>A WebAssembly plugin with an <c>http</c> function, served while it is being edited.</summary>
internal sealed class DevPlugin : DevTarget
{
    private static readonly EventFailure NotLoaded = new(EventOutcome.StartupFailed, "The plugin could not be loaded.");

    private readonly CommandEnvironment _environment;
    private readonly PluginFiles _files;
    private PluginResponder? _responder;

    public DevPlugin(CommandEnvironment environment, string directory, DevConsole console, bool watch)
        : base(environment, console, directory, Path.GetFileName(directory), watch)
    {
        _environment = environment;
        _files = new PluginFiles(directory);
    }

    /// <summary>The directory of a source that is a plugin, or null.</summary>
    public static string? DirectoryOf(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return Path.GetFileName(full) == PluginManifest.FileName && File.Exists(full) ? Path.GetDirectoryName(full)
            : File.Exists(Path.Combine(full, PluginManifest.FileName)) ? full
            : null;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync().ConfigureAwait(false);
        _responder?.Plugin.Dispose();
        _files.Dispose();
    }

    protected override Task<bool> PublishAsync(CancellationToken cancellationToken)
    {
        // Before the first file is read, so that no change is missed.
        Watch(PluginFiles.Watched(Root), anyFile: true);
        var faults = new List<Fault>();
        var loaded = Load(faults);
        Console.Faults(Name, faults);
        var previous = _responder;
        _responder = loaded is null ? null : new PluginResponder(loaded, Runtime);
        if (_responder is null)
        {
            Server.SetFailure(NotLoaded);
        }
        else
        {
            Server.SetTarget(_responder);
        }

        if (previous is not null)
        {
            previous.Drain();
            _ = DisposeDrainedAsync(previous);
        }

        return Task.FromResult(_responder is not null);
    }

    /// <summary>The requests a plugin took are its own: one of them may still be sending its body.</summary>
    private static async Task DisposeDrainedAsync(PluginResponder previous)
    {
        await previous.Drained.ConfigureAwait(false);
        previous.Plugin.Dispose();
    }

    private Plugin? Load(List<Fault> faults)
    {
        try
        {
            // While it is being edited a snapshot in the directory is usually of an older module: init runs at load.
            var package = PluginPackage.Read(Root).WithSnapshot(null);
            if (package.Manifest.Http is null)
            {
                faults.Add(PluginFaults.WithoutHttp(Root));
                return null;
            }

            var options = new PluginOptions
            {
                Runtime = Runtime,
                Time = _environment.Time,
                Log = line => Console.Log(Name, PluginFaults.Severity(line.Level), line.Text),
                Fault = fault => Console.RuntimeFault(Name, fault),
            };
            if (_files.Offer(options, package.Manifest, Root, faults) is not { } withFiles)
            {
                return null;
            }

            var plugin = Plugin.Load(package, withFiles);
            faults.AddRange(PluginFaults.Of(Root, plugin.Warnings, isWarning: true));
            return plugin;
        }
        catch (PluginLoadException exception)
        {
            faults.AddRange(PluginFaults.Of(Root, exception));
            return null;
        }
    }
}
