using Molt.Cli.Reporting;
using Molt.Contracts.Schemas;

namespace Molt.Cli.Projects;

/// <summary>Reads a project's configuration and variable files, checks them, and reports every fault at once.</summary>
internal sealed class ProjectLoader(ITomlParser toml)
{
    public ProjectLoad Load(ProjectSource source)
    {
        var faults = new List<Fault>();
        if (ProjectLocator.Locate(source, faults) is not { } place)
        {
            return new ProjectLoad(Project: null, faults, []);
        }

        var files = new List<string>(ProjectLocator.ConfigCandidates(source));
        var root = new ConfigNode(JsonKind.Object, default);
        if (place.ConfigFile is { } config)
        {
            if (!files.Contains(config))
            {
                files.Add(config);
            }

            if (ReadConfig(config, faults) is not { } read)
            {
                return new ProjectLoad(Project: null, faults, files);
            }

            root = read;
            new ConfigValidator(config, faults).Validate(root);
        }

        var variables = ReadVariables(place.Root, source.Environment, files, faults);
        foreach (var variable in source.Variables)
        {
            variables[variable.Key] = variable.Value;
        }

        var project = new ProjectBinder(place, root, source.Environment, faults).Bind(variables);
        faults.Sort(ByPlace);
        return new ProjectLoad(faults.Exists(f => f.IsError) ? null : project, faults, files);
    }

    private ConfigNode? ReadConfig(string file, List<Fault> faults)
    {
        if (ReadFile(file, faults) is not { } text)
        {
            return null;
        }

        return file.EndsWith(".toml", StringComparison.OrdinalIgnoreCase)
            ? TomlReader.Read(text, file, toml, faults)
            : JsoncReader.Read(text, file, faults);
    }

    /// <summary>
    /// <c>.dev.vars</c> when there is one, else <c>.env</c>; an environment's own file (<c>.dev.vars.staging</c>) goes before the general one.
    /// </summary>
    private static Dictionary<string, string> ReadVariables(string root, string? environment, List<string> files, List<Fault> faults)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        var names = environment is null
            ? (string[])[".dev.vars", ".env"]
            : [$".dev.vars.{environment}", ".dev.vars", $".env.{environment}", ".env"];
        var found = false;
        foreach (var name in names)
        {
            var file = Path.Combine(root, name);
            files.Add(file);
            if (found || !File.Exists(file))
            {
                continue;
            }

            found = true;
            if (ReadFile(file, faults) is { } text)
            {
                foreach (var variable in VariableFile.Read(text, file, faults))
                {
                    result[variable.Key] = variable.Value;
                }
            }
        }

        return result;
    }

    /// <summary>In the order of the text, so that the list reads like the file.</summary>
    private static int ByPlace(Fault left, Fault right)
    {
        var order = string.CompareOrdinal(left.File, right.File);
        return order != 0 ? order : (left.Position.Line, left.Position.Column).CompareTo((right.Position.Line, right.Position.Column));
    }

    private static string? ReadFile(string file, List<Fault> faults)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(new Fault(FaultCodes.UnreadableFile, $"The file cannot be read: {e.Message}") { File = file });
            return null;
        }
    }
}
