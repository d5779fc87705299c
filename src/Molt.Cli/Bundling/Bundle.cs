using Molt.Cli.Reporting;
using Molt.Runtime;

namespace Molt.Cli.Bundling;

/// <summary>The modules of a worker, ready to load, and the files they were made from.</summary>
internal sealed record Bundle
{
    public required string MainModule { get; init; }

    public required IReadOnlyList<WorkerModule> Modules { get; init; }

    /// <summary>The files whose lines may be shown with errors of this version.</summary>
    public required SourceFiles Sources { get; init; }

    /// <summary>The names the main module exports, as far as the bundler knows them.</summary>
    public IReadOnlyList<string> Exports { get; init; } = [];

    /// <summary>The modules it imports from outside, each with a source file that does, relative to the project.</summary>
    public IReadOnlyDictionary<string, string> External { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>What bundling gave: the bundle when nothing is wrong, the faults, and the absolute paths of the inputs known.</summary>
internal sealed record BundleOutcome(Bundle? Bundle, IReadOnlyList<Fault> Faults, IReadOnlyList<string> Inputs);
