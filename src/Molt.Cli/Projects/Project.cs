using Molt.Cli.Reporting;
using Molt.Contracts.Capabilities;
using Molt.Runtime;

namespace Molt.Cli.Projects;

/// <summary>How files of one extension become modules.</summary>
internal sealed record ModuleRule(string Extension, WorkerModuleKind Kind);

/// <summary>A command that runs before each bundling.</summary>
internal sealed record BuildCommand(string Command, string Directory, IReadOnlyList<string> WatchDirectories);

/// <summary>How a project's sources become modules.</summary>
internal sealed record BundleSettings
{
    public IReadOnlyList<ModuleRule> Rules { get; init; } = [];

    public IReadOnlyDictionary<string, string> Define { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Alias { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public bool Minify { get; init; }

    public bool KeepNames { get; init; } = true;

    public string? TsConfig { get; init; }

    public string? JsxFactory { get; init; }

    public string? JsxFragment { get; init; }

    /// <summary>True: the main module is served as it is, without bundling.</summary>
    public bool NoBundle { get; init; }

    /// <summary>True: every file below <see cref="BaseDirectory"/> that a rule names is a module of the worker.</summary>
    public bool FindAdditionalModules { get; init; }

    public string? BaseDirectory { get; init; }
}

/// <summary>A project as its configuration and variable files describe it, checked and with absolute paths.</summary>
internal sealed record Project
{
    public required string Name { get; init; }

    /// <summary>The directory paths in messages and stacks are relative to.</summary>
    public required string Root { get; init; }

    public required string Main { get; init; }

    public string? ConfigFile { get; init; }

    public required string CompatibilityDate { get; init; }

    public IReadOnlyList<string> CompatibilityFlags { get; init; } = [];

    public string VarsJson { get; init; } = "{}";

    public CapabilityGrants Grants { get; init; } = CapabilityGrants.RuntimeOwn;

    /// <summary>Capabilities that env has as objects: name → reference.</summary>
    public IReadOnlyDictionary<string, string> CapabilityBindings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Plugins that env has as objects: name → the manifest's path.</summary>
    public IReadOnlyDictionary<string, string> Plugins { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public WorkerLimits Limits { get; init; } = new();

    public BundleSettings Bundle { get; init; } = new();

    public BuildCommand? Build { get; init; }

    /// <summary>The address and port the configuration asks for in development.</summary>
    public string? DevHost { get; init; }

    public int? DevPort { get; init; }
}

/// <summary>What loading a project gave: the project when nothing is wrong, all faults, and the files to watch either way.</summary>
internal sealed record ProjectLoad(Project? Project, IReadOnlyList<Fault> Faults, IReadOnlyList<string> Files);

/// <summary>Where a project is and what the command line says about it.</summary>
internal sealed record ProjectSource
{
    /// <summary>The directory or file given.</summary>
    public required string Path { get; init; }

    /// <summary>A configuration file given by name, which then replaces the one found in the directory.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>The environment of the configuration to use.</summary>
    public string? Environment { get; init; }

    /// <summary>Variables that win over every file.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Variables { get; init; } = [];
}
