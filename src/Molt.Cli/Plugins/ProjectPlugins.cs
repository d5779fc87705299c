using Molt.Cli.Projects;
using Molt.Cli.Reporting;
using Molt.Contracts.Capabilities;
using Molt.Runtime;
using Molt.Wasm;

namespace Molt.Cli.Plugins;

/// <summary>The plugins that a project binds: loaded into a runtime, granted to the worker, and loaded again when the project is.</summary>
/// <param name="files">What they find below their mounts; disposed with them.</param>
/// <param name="time">Their clock.</param>
/// <param name="log">What hears their consoles.</param>
/// <param name="fault">What hears defects.</param>
internal sealed class ProjectPlugins(PluginFiles files, TimeProvider time, Action<PluginLogLine> log, Action<Exception> fault) : IDisposable
{
    private readonly Dictionary<string, (PluginCapability Capability, Plugin Plugin)> _loaded = new(StringComparer.Ordinal);

    /// <summary>Loads the plugins of a project; null after adding faults.</summary>
    public Project? Load(Project project, WorkerRuntime runtime, List<Fault> faults)
    {
        var bindings = new Dictionary<string, string>(project.CapabilityBindings, StringComparer.Ordinal);
        var grants = project.Grants;
        var failed = false;
        foreach (var (binding, manifest) in project.Plugins)
        {
            if (LoadOne(manifest, runtime, faults) is { } id)
            {
                bindings[binding] = id;
                grants = grants.And(id);
            }
            else
            {
                failed = true;
            }
        }

        return failed ? null : project with { CapabilityBindings = bindings, Grants = grants };
    }

    public void Dispose()
    {
        foreach (var (_, plugin) in _loaded.Values)
        {
            plugin.Dispose();
        }

        _loaded.Clear();
        files.Dispose();
    }

    private string? LoadOne(string manifest, WorkerRuntime runtime, List<Fault> faults)
    {
        var directory = Path.GetDirectoryName(manifest)!;
        Plugin? plugin = null;
        try
        {
            // While it is being edited a snapshot beside it is usually of an older module: init runs at load.
            var package = PluginPackage.Read(manifest).WithSnapshot(null);
            if (files.Offer(new PluginOptions { Runtime = runtime, Time = time, Log = log, Fault = fault }, package.Manifest, directory, faults) is not { } options)
            {
                return null;
            }

            plugin = Plugin.Load(package, options);
            faults.AddRange(PluginFaults.Of(directory, plugin.Warnings, isWarning: true));
            var id = $"plugin.{plugin.Manifest.ModuleName}";
            if (!_loaded.TryGetValue(id, out var before))
            {
                var capability = new PluginCapability(plugin);
                runtime.AddCapability(capability.Capability);
                _loaded[id] = (capability, plugin);
                return id;
            }

            if (before.Capability.Replace(plugin) is { } previous)
            {
                _loaded[id] = (before.Capability, plugin);
                previous.Dispose();
                return id;
            }

            faults.Add(new Fault(FaultCodes.PluginPackage, "The plugin has other functions than before.") { File = manifest, Hint = "Start again to use them." });
        }
        catch (PluginLoadException exception)
        {
            faults.AddRange(PluginFaults.Of(directory, exception));
        }
        catch (Exception exception) when (exception is CapabilityDeclarationException or ArgumentException)
        {
            faults.Add(new Fault(FaultCodes.PluginPackage, exception.Message) { File = manifest });
        }

        plugin?.Dispose();
        return null;
    }
}
