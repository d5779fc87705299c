using System.Net;
using Molt.Cli.Projects;

namespace Molt.Cli.Dev;

/// <summary>What the command line of <c>molt dev</c> says.</summary>
internal sealed record DevOptions
{
    /// <summary>How an audit that goes to a file begins.</summary>
    public const string AuditFile = "jsonl:";

    public required IReadOnlyList<ProjectSource> Sources { get; init; }

    /// <summary>The port of the first project, the next ones get the next ports; null leaves it to the configurations.</summary>
    public int? Port { get; init; }

    public IPAddress? Host { get; init; }

    public bool Watch { get; init; } = true;

    /// <summary>Where audit lines go: <c>stderr</c> or <c>jsonl:FILE</c>; null for nowhere.</summary>
    public string? Audit { get; init; }

    public DevLogLevel LogLevel { get; init; } = DevLogLevel.Info;
}
