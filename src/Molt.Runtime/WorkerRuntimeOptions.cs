using Molt.Contracts.Capabilities;

namespace Molt.Runtime;

/// <summary>How a <see cref="WorkerRuntime"/> runs workers.</summary>
public sealed class WorkerRuntimeOptions
{
    /// <summary>The base snapshot file. Default: <c>base.snapshot</c> beside the program.</summary>
    public string BaseSnapshotPath { get; set; } = Path.Combine(AppContext.BaseDirectory, "base.snapshot");

    /// <summary>Threads that run guests. Default: one per processor, and two at least, so that one guest that loops leaves one.</summary>
    public int Executors { get; set; } = Math.Max(2, Environment.ProcessorCount);

    /// <summary>Who sees logs and failures. Default: nobody.</summary>
    public IWorkerObserver Observer { get; set; } = NullWorkerObserver.Instance;

    /// <summary>The capability behind global <c>fetch</c>. Default: HTTP to anywhere.</summary>
    public IOutboundFetch? Outbound { get; set; }

    /// <summary>Who is told of capability calls. Default: nobody.</summary>
    public AuditOptions Audit { get; set; } = new();

    /// <summary>The clock of timers and deadlines. CPU time is real in any case. Default: the system's.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>How long an isolate beyond a worker's first may have nothing to do before it goes. Default 30 s.</summary>
    public TimeSpan IsolateIdle { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long events that were taken may go on after the runtime is disposed, before they are ended. Default 10 s.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// What may be kept of compiled modules, in bytes, so that code loaded again is not compiled again. Default 64 MiB, the code of
    /// some hundred workers of 200 KB; 0 keeps none.
    /// </summary>
    public long CodeCacheBytes { get; set; } = 64 << 20;

    /// <summary>Returns every fault of these options, or an empty list.</summary>
    public IReadOnlyList<string> Validate()
    {
        var faults = new List<string>();
        if (string.IsNullOrEmpty(BaseSnapshotPath))
        {
            faults.Add($"WorkerRuntimeOptions.{nameof(BaseSnapshotPath)} must name the file that BaseSnapshot.Build made.");
        }

        if (Executors is < 1 or > 1024)
        {
            faults.Add($"WorkerRuntimeOptions.{nameof(Executors)} must be between 1 and 1024.");
        }

        if (IsolateIdle <= TimeSpan.Zero)
        {
            faults.Add($"WorkerRuntimeOptions.{nameof(IsolateIdle)} must be greater than zero.");
        }

        if (DrainTimeout <= TimeSpan.Zero)
        {
            faults.Add($"WorkerRuntimeOptions.{nameof(DrainTimeout)} must be greater than zero.");
        }

        if (CodeCacheBytes < 0)
        {
            faults.Add($"WorkerRuntimeOptions.{nameof(CodeCacheBytes)} must not be negative; 0 keeps no compiled code.");
        }

        faults.AddRange(Audit.Validate());
        return faults;
    }
}
