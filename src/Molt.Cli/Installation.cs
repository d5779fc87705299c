using Molt.Contracts;

namespace Molt.Cli;

/// <summary>The files the command brings with it. They lie beside the engine's library, which is loaded from there.</summary>
internal sealed class Installation(string directory)
{
    public string Esbuild => Path.Combine(directory, "esbuild");

    public string TomlScript => Path.Combine(directory, "toml.js");

    public string BaseSnapshot => Path.Combine(directory, "base.snapshot");

    public static Installation Locate()
    {
        var library = Environment.GetEnvironmentVariable("MOLT_NATIVE");
        var directory = string.IsNullOrEmpty(library) ? AppContext.BaseDirectory : Path.GetDirectoryName(library)!;
        return File.Exists(Path.Combine(directory, "esbuild"))
            ? new Installation(directory)
            : throw new InstallationException($"Files of the installation are missing in {directory}. Run ./molt from the checkout to build them.");
    }
}

/// <summary>CLI900: the installation is incomplete.</summary>
internal sealed class InstallationException(string message) : MoltException("CLI900", message);
