using Molt.Contracts.Capabilities;
using Molt.Runtime;

namespace Molt.Wasm.Tests;

/// <summary>A runtime whose audit a test reads.</summary>
internal sealed class TestRuntime : IAsyncDisposable
{
    private static readonly Lazy<string> Snapshot = new(Build);
    private readonly BufferedAuditSink _audit = new();

    public TestRuntime(int sampleEvery = 1)
    {
        Runtime = WorkerRuntime.Create(new WorkerRuntimeOptions
        {
            BaseSnapshotPath = Snapshot.Value,
            Executors = 2,
            Outbound = new NoOutboundFetch(),
            Audit = new AuditOptions { Sink = _audit, SampleEvery = sampleEvery },
        });
    }

    public WorkerRuntime Runtime { get; }

    /// <summary>What was decided, oldest first.</summary>
    public IReadOnlyList<Decision> Decisions()
    {
        var decisions = new List<Decision>();
        foreach (var audited in _audit.Read())
        {
            decisions.Add(new Decision(audited.Worker, audited.Capability, audited.Operation, audited.Decision, audited.Detail));
        }

        return decisions;
    }

    public ValueTask DisposeAsync() => Runtime.DisposeAsync();

    private static string Build()
    {
        string path = Path.Combine(Path.GetTempPath(), $"molt-wasm-tests-{Environment.ProcessId}.snapshot");
        BaseSnapshot.Build(Path.Combine(WatModules.Root, "artifacts", "dist", "guest.js"), path);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(path);
        return path;
    }
}

/// <summary>A line of the audit, without its time.</summary>
internal sealed record Decision(string Worker, string Capability, string Operation, AuditDecision Made, string? Detail);
