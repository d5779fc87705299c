using System.Collections.Immutable;
using Molt.Runtime.Scheduling;

namespace Molt.Runtime;

/// <summary>
/// A version of a worker that is loaded: it takes events and spreads them over its isolates.
/// <para>
/// Guarantees: an event that was taken is answered or failed exactly once; after <see cref="DrainAsync"/> began none is
/// taken, and those that were taken finish. All members may be used by any thread.
/// </para>
/// </summary>
public sealed class Worker : IFetchTarget, IAsyncDisposable
{
    // Another isolate pays when this many events wait and an executor has nothing to do.
    private const int QueueWorthAnIsolate = 4;

    // A smaller module is compiled sooner than its code is found.
    private const int SmallestCached = 1024;

    private readonly WorkerRuntime _runtime;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<EventFailure?> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<WorkerIsolate> _alive = [];
    private ImmutableArray<WorkerIsolate> _isolates = [];
    private volatile bool _draining;
    private volatile bool _shutDown;

    internal Worker(WorkerDefinition definition, WorkerRuntime runtime)
    {
        Definition = definition;
        Grants = new WorkerGrants(definition.Grants);
        _runtime = runtime;
        var modules = new Dictionary<string, WorkerModule>(StringComparer.Ordinal);
        foreach (var module in definition.Modules)
        {
            modules[module.Name] = module;
        }

        Modules = modules;
        CachedTexts = modules.Values
            .Where(static module => module.Kind == WorkerModuleKind.EcmaScript && module.Content.Length >= SmallestCached)
            .ToDictionary(static module => module.Name, static module => new ModuleText(module), StringComparer.Ordinal);
    }

    /// <summary>What the worker was loaded from.</summary>
    public WorkerDefinition Definition { get; }

    /// <summary>What it may reach at this moment; the host may take capabilities away while it runs.</summary>
    public WorkerGrants Grants { get; }

    /// <summary>The name that logs and errors carry.</summary>
    public string Name => Definition.Name;

    /// <summary>
    /// The names of the handlers of its default export, such as <c>fetch</c>. Where that has none, <c>test</c> or <c>entrypoint</c> when it exports
    /// a test or an entrypoint class all the same; empty when nothing of it can be called.
    /// </summary>
    public IReadOnlyList<string> Handlers { get; internal set; } = [];

    /// <summary>What its default export has where <see cref="Handlers"/> is empty: one of these names may have been meant as a handler's.</summary>
    public IReadOnlyList<string> OtherMembers { get; internal set; } = [];

    /// <summary>How many isolates it has at the moment.</summary>
    public int Isolates => _isolates.Length;

    /// <summary>Events taken and not ended, over all isolates in use.</summary>
    public int OpenEvents
    {
        get
        {
            var open = 0;
            foreach (var isolate in _isolates)
            {
                open += isolate.Load;
            }

            return open;
        }
    }

    /// <summary>The worker's modules by name.</summary>
    internal IReadOnlyDictionary<string, WorkerModule> Modules { get; }

    /// <summary>The modules, by name, whose compiled code is kept for later isolates.</summary>
    internal IReadOnlyDictionary<string, ModuleText> CachedTexts { get; }

    /// <summary>Takes an event, or returns false when the worker no longer takes any: ask for the current version then.</summary>
    public bool TryPost(WorkerEvent posted)
    {
        ArgumentNullException.ThrowIfNull(posted);
        if (_draining)
        {
            return false;
        }

        posted.AssignTo(this);
        return TryRoute(posted, taken: false);
    }

    bool IFetchTarget.TryPost(FetchEvent posted) => TryPost(posted);

    /// <summary>Calls <c>test(controller, env, ctx)</c> on an export. The test is over when the event is: short timers it left have run, and waitUntil is done.</summary>
    public async ValueTask<TestOutcome> TestAsync(string export, CancellationToken cancellationToken)
    {
        var test = new TestEvent(export);
        if (!TryPost(test))
        {
            return new TestOutcome(false, new EventFailure(EventOutcome.Cancelled, "The worker was shut down."), TimeSpan.Zero);
        }

        using (cancellationToken.Register(static state => ((TestEvent)state!).Cancel("The test was cancelled."), test))
        {
            return await test.Completion;
        }
    }

    /// <summary>Takes no more events and waits until those that were taken ended. Cancelling stops the waiting, not the draining.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken = default)
    {
        ImmutableArray<WorkerIsolate> isolates;
        lock (_gate)
        {
            _draining = true;
            isolates = _isolates;
            if (_alive.Count == 0)
            {
                _empty.TrySetResult();
            }
        }

        foreach (var isolate in isolates)
        {
            isolate.Retire();
        }

        await _empty.Task.WaitAsync(cancellationToken);
        _runtime.Forget(this);
    }

    /// <summary>Drains.</summary>
    public async ValueTask DisposeAsync() => await DrainAsync();

    /// <summary>Gives an event that no isolate has started to one that is in use. One that was <paramref name="taken"/> is served while draining too.</summary>
    internal bool TryRoute(WorkerEvent posted, bool taken)
    {
        var isolate = Pick(taken);
        if (isolate is null)
        {
            return false;
        }

        posted.Isolate = isolate;
        if (Executor.Polling is not { } executor || !isolate.TryRunNow(posted, executor))
        {
            isolate.Post(posted);
        }

        return true;
    }

    /// <summary>Takes no more events and fails those that were taken. Draining then ends soon. Any thread.</summary>
    internal void ShutDown()
    {
        WorkerIsolate[] alive;
        lock (_gate)
        {
            _draining = true;
            _shutDown = true;
            alive = [.. _alive];
        }

        foreach (var isolate in alive)
        {
            isolate.ShutDown();
        }
    }

    /// <summary>Whether events that wait behind a long turn have another isolate to go to.</summary>
    internal bool CanRelieve()
    {
        var isolates = _isolates;
        foreach (var isolate in isolates)
        {
            if (!isolate.IsHeldUp)
            {
                return true;
            }
        }

        return MayGrow(isolates.Length);
    }

    internal Task<EventFailure?> StartAsync()
    {
        lock (_gate)
        {
            if (_shutDown)
            {
                OnStartFailed(new EventFailure(EventOutcome.Cancelled, "The runtime was shut down."));
            }
            else
            {
                AddIsolate().Post(PumpTasks.Instance);
            }
        }

        return _started.Task;
    }

    internal void OnStarted() => _started.TrySetResult(null);

    internal void OnStartFailed(EventFailure failure) => _started.TrySetResult(failure);

    internal static void PostAbort(WorkerEvent aborted, EventOutcome outcome, string reason)
    {
        if (aborted.Isolate is { } isolate)
        {
            isolate.Post(new AbortEvent(aborted, isolate, outcome, reason));
        }
    }

    /// <summary>Takes an isolate out of use; its events go on.</summary>
    internal void Remove(WorkerIsolate isolate)
    {
        lock (_gate)
        {
            _isolates = _isolates.Remove(isolate);
        }
    }

    internal void OnDisposed(WorkerIsolate isolate)
    {
        lock (_gate)
        {
            _isolates = _isolates.Remove(isolate);
            _alive.Remove(isolate);
            if (_draining && _alive.Count == 0)
            {
                _empty.TrySetResult();
            }
        }
    }

    /// <summary>Retires isolates beyond the first that had nothing to do since <paramref name="before"/>.</summary>
    internal void Shrink(long before)
    {
        lock (_gate)
        {
            for (var i = _isolates.Length - 1; i > 0; i--)
            {
                var isolate = _isolates[i];
                if (isolate.Load == 0 && isolate.LastUsed < before)
                {
                    _isolates = _isolates.RemoveAt(i);
                    isolate.Retire();
                }
            }
        }
    }

    private WorkerIsolate? Pick(bool taken)
    {
        while (!_shutDown)
        {
            var isolates = _isolates;
            WorkerIsolate? best = null;
            var load = int.MaxValue;
            var heldUp = true;
            foreach (var isolate in isolates)
            {
                var candidate = isolate.Load;
                var late = isolate.IsHeldUp;
                if (late == heldUp ? candidate < load : heldUp)
                {
                    (best, load, heldUp) = (isolate, candidate, late);
                }
            }

            if (best is not null && !IsWorthAnother(best, load, heldUp, isolates.Length))
            {
                if (best.TryCountIn())
                {
                    return best;
                }

                Remove(best);
                continue;
            }

            lock (_gate)
            {
                if (_draining && !taken)
                {
                    return null;
                }

                // Another thread may have added one since the look.
                if (_isolates == isolates)
                {
                    var grown = AddIsolate();
                    _ = grown.TryCountIn();
                    if (_draining)
                    {
                        grown.Retire();
                    }

                    return grown;
                }
            }
        }

        return null;
    }

    private bool IsWorthAnother(WorkerIsolate best, int load, bool heldUp, int isolates) =>
        MayGrow(isolates) && (heldUp || (load >= QueueWorthAnIsolate && _runtime.ShouldGrow(best)));

    private int MostIsolates => Math.Min(Definition.Limits.Isolates, _runtime.Executors.Count);

    private bool MayGrow(int isolates) => isolates < MostIsolates;

    private WorkerIsolate AddIsolate()
    {
        EndRetired();
        var isolate = new WorkerIsolate(this, _runtime);
        _isolates = _isolates.Add(isolate);
        _alive.Add(isolate);
        if (_shutDown)
        {
            isolate.ShutDown();
        }

        return isolate;
    }

    /// <summary>
    /// Isolates out of use live on for their open events, as many as may be in use: else a worker whose events break limits beside
    /// others that stay open would grow for ever.
    /// </summary>
    private void EndRetired()
    {
        var excess = _alive.Count - _isolates.Length - MostIsolates;
        foreach (var isolate in _alive)
        {
            if (excess > 0 && !_isolates.Contains(isolate))
            {
                isolate.MakeRoom();
                excess--;
            }
        }
    }
}
