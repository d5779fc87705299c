using Molt.Cli.Projects;
using Molt.Cli.Reporting;
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
        var modules = new List<WorkerModule>();
        var inputs = new List<string>();
        var faults = new List<Fault>();
        Add(name, WorkerModuleKind.EcmaScript, main, modules, inputs, faults);
        if (project.Bundle.FindAdditionalModules)
        {
            AddFound(project, modules, inputs, faults);
        }

        return new BundleOutcome(
            faults.Count > 0 ? null : new Bundle { MainModule = name, Modules = modules, Sources = new SourceFiles(directory, inputs) }, faults, inputs);
    }

    /// <summary>Adds every file below the base directory that a rule names and that is not a module yet.</summary>
    public static void AddFound(Project project, List<WorkerModule> modules, List<string> inputs, List<Fault> faults)
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

            Add(name, kind, file, modules, inputs, faults);
        }
    }

    /// <summary>An input is what was tried to be read, so that mending the file is a change.</summary>
    private static void Add(string name, WorkerModuleKind kind, string file, List<WorkerModule> modules, List<string> inputs, List<Fault> faults)
    {
        inputs.Add(file);
        try
        {
            modules.Add(new WorkerModule(name, kind, RegularFile.Read(file, Array.MaxLength)));
        }
        catch (IOException e)
        {
            faults.Add(new Fault(FaultCodes.UnreadableFile, $"The module cannot be read: {e.Message}") { File = file });
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
