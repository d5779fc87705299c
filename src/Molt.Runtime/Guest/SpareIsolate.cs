using System.Diagnostics;
using Molt.Engine;
using Molt.Runtime.Scheduling;

namespace Molt.Runtime;

/// <summary>
/// One isolate made in advance, so that a new worker does not wait for it.
/// <para>
/// Guarantees: no worker's code has run in what <see cref="TryTake"/> returns, and each is returned once; at most one is
/// kept. It is made on an executor, after a worker took the last one, never before the first worker is loaded.
/// </para>
/// </summary>
internal sealed class SpareIsolate(JsSnapshot snapshot, ExecutorPool executors) : IExecutorWork, IDisposable
{
    private readonly Lock _gate = new();
    private GuestIsolate? _spare;
    private long _memoryBytes;
    private bool _scheduled;
    private bool _disposed;

    /// <summary>Making an isolate takes milliseconds.</summary>
    public long RecentTurn => Stopwatch.Frequency / 500;

    /// <summary>The spare isolate when it has this memory limit, or null.</summary>
    public GuestIsolate? TryTake(long memoryBytes)
    {
        lock (_gate)
        {
            if (_spare?.MemoryBytes != memoryBytes)
            {
                return null;
            }

            var taken = _spare;
            _spare = null;
            return taken;
        }
    }

    /// <summary>Has a spare made with this memory limit, unless there is one.</summary>
    public void Refill(long memoryBytes)
    {
        lock (_gate)
        {
            if (_disposed || _scheduled || _spare?.MemoryBytes == memoryBytes)
            {
                return;
            }

            _memoryBytes = memoryBytes;
            _scheduled = true;
        }

        executors.Schedule(this);
    }

    public void RunBatch(Executor executor)
    {
        long memoryBytes;
        lock (_gate)
        {
            memoryBytes = _memoryBytes;
        }

        GuestIsolate? made = null;
        try
        {
            made = GuestIsolate.Create(snapshot, memoryBytes);
        }
        catch (JsEngineException)
        {
            // The next worker makes its own and meets the fault where it can be told.
        }

        GuestIsolate? dropped;
        lock (_gate)
        {
            _scheduled = false;
            dropped = _disposed ? made : _spare;
            _spare = _disposed ? null : made;
        }

        dropped?.Dispose();
    }

    /// <summary>Drops the spare. Called when executors run nothing any more.</summary>
    public void Dispose()
    {
        GuestIsolate? dropped;
        lock (_gate)
        {
            _disposed = true;
            dropped = _spare;
            _spare = null;
        }

        dropped?.Dispose();
    }
}
