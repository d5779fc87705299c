using Molt.Cli.Projects;
using Molt.Cli.Reporting;

namespace Molt.Cli.Testing;

/// <summary>A project to test: where it is, and the one file asked for, or null for its main module and all its test files.</summary>
internal sealed record TestTarget(ProjectSource Source, string? File);

/// <summary>Finds projects and test files by the names given on the command line.</summary>
internal static class TestDiscovery
{
    private static readonly string[] Suffixes = [".test", "-test", "_test", ".spec"];

    public static List<TestTarget> Find(IReadOnlyList<string> paths, string? config, List<Fault> faults)
    {
        var targets = new List<TestTarget>();
        foreach (var path in paths.Count == 0 ? [config is null ? "." : Path.GetDirectoryName(Path.GetFullPath(config))!] : paths)
        {
            var full = Path.GetFullPath(path);
            if (File.Exists(full) && !ProjectLocator.IsConfig(full))
            {
                var found = config ?? ConfigAbove(full);
                targets.Add(new TestTarget(new ProjectSource { Path = full, ConfigFile = found }, full));
            }
            else if (File.Exists(full) || config is not null)
            {
                targets.Add(new TestTarget(new ProjectSource { Path = full, ConfigFile = config }, File: null));
            }
            else if (Directory.Exists(full))
            {
                var before = targets.Count;
                AddProjects(full, targets, faults);
                if (targets.Count == before)
                {
                    AddBareFiles(full, targets, faults);
                }
            }
            else
            {
                faults.Add(new Fault(FaultCodes.ProjectNotFound, "There is no such file or directory.") { File = full });
            }
        }

        return targets;
    }

    /// <summary>The test files of a project: those below its directory that are not another project's or a package's.</summary>
    public static IEnumerable<string> TestFiles(string directory, List<Fault> faults)
    {
        foreach (var file in Sorted(directory, Directory.EnumerateFiles, faults))
        {
            if (IsTestFile(file))
            {
                yield return file;
            }
        }

        foreach (var inner in Sorted(directory, Directory.EnumerateDirectories, faults))
        {
            if (IsEntered(inner) && !HasConfig(inner))
            {
                foreach (var file in TestFiles(inner, faults))
                {
                    yield return file;
                }
            }
        }
    }

    private static bool IsTestFile(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        return ProjectLocator.IsScript(file) && Array.Exists(Suffixes, s => name.EndsWith(s, StringComparison.Ordinal));
    }

    private static void AddProjects(string directory, List<TestTarget> targets, List<Fault> faults)
    {
        if (HasConfig(directory))
        {
            targets.Add(new TestTarget(new ProjectSource { Path = directory }, File: null));
            return;
        }

        foreach (var inner in Sorted(directory, Directory.EnumerateDirectories, faults))
        {
            if (IsEntered(inner))
            {
                AddProjects(inner, targets, faults);
            }
        }
    }

    private static void AddBareFiles(string directory, List<TestTarget> targets, List<Fault> faults)
    {
        foreach (var file in TestFiles(directory, faults))
        {
            targets.Add(new TestTarget(new ProjectSource { Path = file }, file));
        }

        if (targets.Count == 0)
        {
            targets.Add(new TestTarget(new ProjectSource { Path = directory }, File: null));
        }
    }

    private static string? ConfigAbove(string file)
    {
        for (var directory = Path.GetDirectoryName(file); directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (ProjectLocator.FindConfig(directory, []) is { } config)
            {
                return config;
            }

            if (Directory.Exists(Path.Combine(directory, ".git")))
            {
                return null;
            }
        }

        return null;
    }

    private static bool HasConfig(string directory) => ProjectLocator.FindConfig(directory, []) is not null;

    private static bool IsEntered(string directory) => Path.GetFileName(directory) is { Length: > 0 } name && name[0] != '.' && name is not ("node_modules" or "artifacts");

    /// <summary>What a directory has; nothing, and a fault, when it cannot be read.</summary>
    private static List<string> Sorted(string directory, Func<string, IEnumerable<string>> entries, List<Fault> faults)
    {
        try
        {
            var list = new List<string>(entries(directory));
            list.Sort(StringComparer.Ordinal);
            return list;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var fault = new Fault(FaultCodes.UnreadableFile, "The directory cannot be read.") { File = directory, Hint = "Check its permissions." };
            if (!faults.Contains(fault))
            {
                faults.Add(fault);
            }

            return [];
        }
    }
}
