using Molt.Cli.Reporting;
using Molt.Wasm;
using Molt.Wasm.Vfs.Bundles;
using Molt.Wasm.Vfs.State;

namespace Molt.Cli.Plugins;

/// <summary>
/// What plugins find in <c>/bundle</c> and <c>/state</c>, as far as their manifests ask for it: the directory <c>bundle</c> beside the
/// manifest, read at each load, and a state directory that stays when a plugin is loaded again.
/// </summary>
/// <param name="root">The project whose <c>.molt/state</c> holds the state; null: it begins empty and goes with this object.</param>
internal sealed class PluginFiles(string? root) : IDisposable
{
    private const string BundleName = "bundle";

    private readonly Dictionary<string, DirectoryStateStore> _stores = new(StringComparer.Ordinal);
    private string? _temporary;

    /// <summary>The options with the files of the plugin whose manifest lies in <paramref name="directory"/>; null after adding a fault.</summary>
    public PluginOptions? Offer(PluginOptions options, PluginManifest manifest, string directory, List<Fault> faults)
    {
        var bundle = Path.Combine(directory, BundleName);
        var state = "";
        try
        {
            if (Asks(manifest, "fs.bundle.read") && Directory.Exists(bundle))
            {
                options = options with { Bundle = BundleReader.FromDirectory(bundle) };
            }

            if (Asks(manifest, "fs.state.read") || Asks(manifest, "fs.state.write"))
            {
                state = StateDirectory(manifest);
                options = options with { State = Store(state) };
            }

            return options;
        }
        catch (BundleException exception)
        {
            faults.Add(new Fault(exception.Code, exception.Message) { File = bundle });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            faults.Add(new Fault(FaultCodes.PluginDirectory, exception.Message) { File = state.Length == 0 ? bundle : state });
        }

        return null;
    }

    /// <summary>The files whose change is one of the plugin: those beside its manifest, and its bundle's.</summary>
    public static IEnumerable<string> Watched(string directory)
    {
        var bundle = Path.Combine(directory, BundleName);
        return [.. Files(directory, recurse: false), .. Files(bundle, recurse: true)];
    }

    public void Dispose()
    {
        foreach (var store in _stores.Values)
        {
            store.Dispose();
        }

        _stores.Clear();
        if (_temporary is not null)
        {
            Directory.Delete(_temporary, recursive: true);
            _temporary = null;
        }
    }

    private static bool Asks(PluginManifest manifest, string capability)
    {
        foreach (var asked in manifest.Capabilities)
        {
            if (asked == capability)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Links are left out: a bundle has none, and one may lead to where it is.</summary>
    private static string[] Files(string directory, bool recurse) => !Directory.Exists(directory) ? [] : Directory.GetFiles(directory, "*", new EnumerationOptions
    {
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = true,
        RecurseSubdirectories = recurse,
    });

    private string StateDirectory(PluginManifest manifest)
    {
        var states = root is null ? _temporary ??= Directory.CreateTempSubdirectory("molt-").FullName : Path.Combine(root, ".molt", "state");

        // A plugin may call itself anything; after the escaping, and behind the prefix, that is a name of one directory.
        return Path.Combine(states, Uri.EscapeDataString($"plugin.{manifest.ModuleName}"));
    }

    private DirectoryStateStore Store(string directory)
    {
        if (!_stores.TryGetValue(directory, out var store))
        {
            store = new DirectoryStateStore(directory);
            _stores.Add(directory, store);
        }

        return store;
    }
}
