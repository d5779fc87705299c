using Molt.Wasm.Manifests;

namespace Molt.Wasm;

/// <summary>The files of a plugin: the manifest with its schemas, the module, and when they are there limits and a snapshot.</summary>
public sealed class PluginPackage
{
    /// <summary>The usual name of the file with grants and limits.</summary>
    public const string CapabilitiesFileName = "molt.capabilities.toml";

    /// <summary>The usual name of the snapshot.</summary>
    public const string SnapshotFileName = "molt.snapshot";

    private PluginPackage(PluginManifest manifest, byte[] module)
    {
        Manifest = manifest;
        Module = module;
    }

    /// <summary>The manifest.</summary>
    public PluginManifest Manifest { get; }

    /// <summary>The module's bytes.</summary>
    public ReadOnlyMemory<byte> Module { get; }

    /// <summary>The text of <c>molt.capabilities.toml</c>, or null.</summary>
    public string? CapabilitiesToml { get; init; }

    /// <summary>The snapshot, or null.</summary>
    public ReadOnlyMemory<byte>? Snapshot { get; init; }

    /// <summary>The same plugin with another snapshot, or without one.</summary>
    public PluginPackage WithSnapshot(ReadOnlyMemory<byte>? snapshot) =>
        new(Manifest, Module.ToArray()) { CapabilitiesToml = CapabilitiesToml, Snapshot = snapshot };

    /// <summary>
    /// Reads a plugin from a directory, or from its manifest's path. Throws <see cref="PluginLoadException"/> with every fault of the
    /// manifest and its schemas.
    /// </summary>
    public static PluginPackage Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string file = Directory.Exists(path) ? Path.Combine(path, PluginManifest.FileName) : path;
        if (!File.Exists(file))
        {
            throw PluginLoadException.OfPackage([new PluginFault(PluginManifest.FileName, "", "There is no such file.")]);
        }

        string directory = Path.GetDirectoryName(Path.GetFullPath(file))!;
        return Read(Path.GetFileName(file), name =>
        {
            string beside = Path.Combine(directory, name);
            return File.Exists(beside) ? File.ReadAllBytes(beside) : null;
        });
    }

    /// <summary>The same for files that come from elsewhere; <paramref name="open"/> returns null for those there are not.</summary>
    public static PluginPackage Read(string manifestFile, Func<string, byte[]?> open)
    {
        ArgumentNullException.ThrowIfNull(open);
        var faults = new List<PluginFault>();
        byte[]? json = open(manifestFile);
        var manifest = json is null ? null : new PluginManifestReader(manifestFile, open, faults).Read(json);
        if (json is null)
        {
            faults.Add(new PluginFault(manifestFile, "", "There is no such file."));
        }

        byte[]? module = manifest is { Module.Length: > 0 } ? open(manifest.Module) : null;
        if (manifest is { Module.Length: > 0 } && module is null)
        {
            faults.Add(new PluginFault(manifestFile, "module", $"There is no file \"{manifest.Module}\" beside the manifest."));
        }

        if (faults.Count > 0)
        {
            throw PluginLoadException.OfPackage(faults);
        }

        byte[]? toml = open(CapabilitiesFileName);
        return new PluginPackage(manifest!, module!)
        {
            CapabilitiesToml = toml is null ? null : System.Text.Encoding.UTF8.GetString(toml),
            Snapshot = open(SnapshotFileName) is { } snapshot ? new ReadOnlyMemory<byte>(snapshot) : default(ReadOnlyMemory<byte>?),
        };
    }
}
