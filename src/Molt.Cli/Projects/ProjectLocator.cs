using System.Runtime.InteropServices;
using Molt.Cli.Reporting;

namespace Molt.Cli.Projects;

/// <summary>Where a project's parts are: its directory, its configuration file if it has one, its main module if it was named.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ProjectPlace(string Root, string? ConfigFile, string? Main);

/// <summary>Finds configuration files and main modules by the names people give them.</summary>
internal static class ProjectLocator
{
    /// <summary>In order of precedence.</summary>
    public static readonly IReadOnlyList<string> ConfigNames = ["molt.jsonc", "wrangler.jsonc", "wrangler.json", "wrangler.toml"];

    private static readonly string[] ScriptExtensions = [".ts", ".js", ".mjs", ".tsx", ".jsx", ".mts", ".cjs", ".cts"];
    private static readonly string[] MainNames = ["index", "src/index", "worker", "src/worker"];

    public static bool IsScript(string path) => Array.Exists(ScriptExtensions, e => path.EndsWith(e, StringComparison.OrdinalIgnoreCase));

    public static bool IsConfig(string path) =>
        path.EndsWith(".jsonc", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ||
        path.EndsWith(".toml", StringComparison.OrdinalIgnoreCase);

    /// <summary>The project that <paramref name="source"/> names, or null after adding the fault.</summary>
    public static ProjectPlace? Locate(ProjectSource source, List<Fault> faults)
    {
        var path = Path.GetFullPath(source.Path);
        string? config = null;
        if (source.ConfigFile is not null)
        {
            config = Path.GetFullPath(source.ConfigFile);
            if (!File.Exists(config))
            {
                faults.Add(new Fault(FaultCodes.ProjectNotFound, "The configuration file given with --config does not exist.") { File = config });
                return null;
            }
        }

        if (File.Exists(path))
        {
            return LocateFile(path, config, faults);
        }

        if (!Directory.Exists(path))
        {
            faults.Add(new Fault(FaultCodes.ProjectNotFound, "There is no such file or directory.") { File = path });
            return null;
        }

        config ??= FindConfig(path, faults);
        if (config is not null)
        {
            return new ProjectPlace(Path.GetDirectoryName(config)!, config, Main: null);
        }

        if (FindMain(path) is { } main)
        {
            return new ProjectPlace(path, ConfigFile: null, main);
        }

        faults.Add(new Fault(FaultCodes.ProjectNotFound, "There is no project in this directory.")
        {
            File = path,
            Hint = $"Add a wrangler.jsonc with \"main\", an index.js or index.ts, or name a file. Looked for {string.Join(", ", ConfigNames)}.",
        });
        return null;
    }

    /// <summary>What to do about a file that is neither a script nor a configuration.</summary>
    public static string HintFor(string path) => path.EndsWith(".py", StringComparison.OrdinalIgnoreCase)
        ? "Python workers are not available in Molt yet."
        : "Name a .js, .mjs, .ts or .tsx file, a wrangler configuration, or a directory.";

    /// <summary>The files that are the project's configuration where they exist: one that is added later counts too.</summary>
    public static IEnumerable<string> ConfigCandidates(ProjectSource source)
    {
        if (source.ConfigFile is not null || !Directory.Exists(source.Path))
        {
            yield break;
        }

        foreach (var name in ConfigNames)
        {
            yield return Path.Combine(Path.GetFullPath(source.Path), name);
        }
    }

    /// <summary>The configuration file of a directory, with a warning when there are several.</summary>
    public static string? FindConfig(string directory, List<Fault> faults)
    {
        string? found = null;
        foreach (var name in ConfigNames)
        {
            var candidate = Path.Combine(directory, name);
            if (!File.Exists(candidate))
            {
                continue;
            }

            if (found is null)
            {
                found = candidate;
                continue;
            }

            faults.Add(new Fault(FaultCodes.SeveralConfigs, $"{Path.GetFileName(found)} is used; {name} beside it is ignored.")
            {
                File = candidate,
                Severity = FaultSeverity.Warning,
            });
        }

        return found;
    }

    private static ProjectPlace? LocateFile(string path, string? config, List<Fault> faults)
    {
        if (config is not null)
        {
            return new ProjectPlace(Path.GetDirectoryName(config)!, config, path);
        }

        var directory = Path.GetDirectoryName(path)!;
        if (IsConfig(path))
        {
            return new ProjectPlace(directory, path, Main: null);
        }

        if (IsScript(path))
        {
            return new ProjectPlace(directory, ConfigFile: null, path);
        }

        faults.Add(new Fault(FaultCodes.ProjectNotFound, "This file is neither a script nor a configuration.")
        {
            File = path,
            Hint = HintFor(path),
        });
        return null;
    }

    private static string? FindMain(string directory)
    {
        foreach (var name in MainNames)
        {
            foreach (var extension in ScriptExtensions)
            {
                var candidate = Path.Combine(directory, name + extension);
                if (File.Exists(candidate))
                {
                    return candidate;
                }
            }
        }

        return null;
    }
}
