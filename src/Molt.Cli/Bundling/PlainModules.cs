using Molt.Cli.Projects;
using Molt.Runtime;

namespace Molt.Cli.Bundling;

/// <summary>Reads a project's files as modules without bundling them.</summary>
internal static class PlainModules
{
    private static readonly EnumerationOptions Recursive = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden };

    public static BundleOutcome Read(Project project, string main)
    {
        var directory = BaseDirectory(project, main);
        var name = ModuleName(directory, main);
        var modules = new List<WorkerModule> { new(name, WorkerModuleKind.EcmaScript, File.ReadAllBytes(main)) };
        if (project.Bundle.FindAdditionalModules)
        {
            AddFound(project, modules);
        }

        return new BundleOutcome(new Bundle { MainModule = name, Modules = modules }, [], [main]);
    }

    /// <summary>Adds every file below the base directory that a rule names and that is not a module yet.</summary>
    public static void AddFound(Project project, List<WorkerModule> modules)
    {
        var directory = BaseDirectory(project, project.Main);
        foreach (var file in Directory.EnumerateFiles(directory, "*", Recursive))
        {
            var name = ModuleName(directory, file);
            if (name.StartsWith("node_modules/", StringComparison.Ordinal) || name.Contains("/node_modules/", StringComparison.Ordinal) ||
                KindOf(project, name) is not { } kind || modules.Exists(m => string.Equals(m.Name, name, StringComparison.Ordinal)))
            {
                continue;
            }

            modules.Add(new WorkerModule(name, kind, File.ReadAllBytes(file)));
        }
    }

    private static string BaseDirectory(Project project, string main) => project.Bundle.BaseDirectory ?? Path.GetDirectoryName(main)!;

    private static string ModuleName(string directory, string file) => Path.GetRelativePath(directory, file).Replace('\\', '/');

    private static WorkerModuleKind? KindOf(Project project, string name)
    {
        foreach (var rule in project.Bundle.Rules)
        {
            if (name.EndsWith(rule.Extension, StringComparison.OrdinalIgnoreCase))
            {
                return rule.Kind;
            }
        }

        return Path.GetExtension(name) switch
        {
            ".js" or ".mjs" => WorkerModuleKind.EcmaScript,
            ".cjs" => WorkerModuleKind.CommonJs,
            ".json" => WorkerModuleKind.Json,
            _ => null,
        };
    }
}
