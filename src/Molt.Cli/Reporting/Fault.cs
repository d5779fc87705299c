using System.Runtime.InteropServices;

namespace Molt.Cli.Reporting;

internal enum FaultSeverity
{
    Error,
    Warning,
}

/// <summary>A place in a text file. Both numbers count from 1; a line of 0 means the place is not known.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SourcePosition(int Line, int Column)
{
    public bool IsKnown => Line > 0;
}

/// <summary>
/// One thing that is wrong with what the user wrote: what, where, and how to mend it.
/// Faults are values, so that all of them can be found and shown at once.
/// </summary>
internal sealed record Fault(string Code, string Message)
{
    public FaultSeverity Severity { get; init; } = FaultSeverity.Error;

    /// <summary>The absolute path of the file at fault.</summary>
    public string? File { get; init; }

    public SourcePosition Position { get; init; }

    /// <summary>How many columns the mistake spans, for the carets under the code frame.</summary>
    public int Length { get; init; } = 1;

    public string? Hint { get; init; }

    /// <summary>The mapped stack of a guest's error, or the output of a failed command.</summary>
    public string? Detail { get; init; }

    public bool IsError => Severity == FaultSeverity.Error;
}
