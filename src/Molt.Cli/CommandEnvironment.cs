using Molt.Cli.Projects;
using Molt.Cli.Reporting;

namespace Molt.Cli;

/// <summary>What a command works with besides its arguments.</summary>
internal sealed record CommandEnvironment
{
    public required TextWriter Output { get; init; }

    public required TextWriter Error { get; init; }

    public required TerminalStyle OutputStyle { get; init; }

    public required TerminalStyle ErrorStyle { get; init; }

    public required string Directory { get; init; }

    public required TimeProvider Time { get; init; }

    public required Installation Installation { get; init; }

    public void WriteFaults(IEnumerable<Fault> faults)
    {
        foreach (var fault in faults)
        {
            Error.WriteLine(FaultText.Format(fault, Directory, ErrorStyle));
        }
    }

    /// <summary>The project a command line means when it names a configuration but no path.</summary>
    public static ProjectSource Source(string? path, string? config) =>
        new() { Path = path ?? (config is null ? "." : Path.GetDirectoryName(Path.GetFullPath(config))!), ConfigFile = config };
}

/// <summary>What a command ends with.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int WrongUsage = 2;
}
