using System.Diagnostics;
using Molt.Contracts;
using Molt.Contracts.Capabilities;
using Molt.Engine;
using Molt.Runtime.Boundary;
using Molt.Runtime.Scheduling;

namespace Molt.Runtime;

/// <summary>
/// Runs workers: the executor threads, the watchdog, the base snapshot and the capabilities that workers share.
/// One per process is usual. All members may be used by any thread.
/// </summary>
public sealed class WorkerRuntime : IAsyncDisposable
{
    // Turns that take longer than this leave others waiting long enough for a second isolate to pay.
    private static readonly long BusyTurn = Stopwatch.Frequency / 1000;

    private readonly Lock _gate = new();
    private readonly HashSet<Worker> _workers = [];
    private readonly Watchdog _watchdog = new();
    private readonly HttpOutboundFetch? _ownOutbound;
    private readonly ITimer _sweep;
    private readonly TimeSpan _isolateIdle;
    private readonly TimeSpan _drainTimeout;
    private bool _shutDown;
    private bool _disposed;

    private WorkerRuntime(WorkerRuntimeOptions options)
    {
        JsEngine.Initialize();
        JsEngine.HostFault += OnHostFault;
        Time = options.Time;
        Observer = options.Observer;
        _ownOutbound = options.Outbound is null ? new HttpOutboundFetch() : null;
        Outbound = options.Outbound ?? _ownOutbound!;
        _isolateIdle = options.IsolateIdle;
        _drainTimeout = options.DrainTimeout;
        Auditor = Auditor.Create(options.Audit, options.Time);
        Snapshot = BaseSnapshot.Load(options.BaseSnapshotPath);
        Code = new CodeCache(options.CodeCacheBytes);
        Executors = new ExecutorPool(options.Executors, _watchdog);
        Spare = new SpareIsolate(Snapshot, Executors);
        _sweep = Time.CreateTimer(static state => ((WorkerRuntime)state!).Sweep(), this, _isolateIdle, _isolateIdle);
    }

    /// <summary>What is kept of compiled modules at this moment.</summary>
    public CodeCacheStatistics CodeCache => Code.Statistics;

    /// <summary>The time it goes by: <see cref="WorkerRuntimeOptions.Time"/>.</summary>
    public TimeProvider Time { get; }

    internal IWorkerObserver Observer { get; }

    /// <summary>The capability behind global <c>fetch</c>.</summary>
    public IOutboundFetch Outbound { get; }

    internal CapabilityRegistry Capabilities { get; } = new();

    internal Auditor? Auditor { get; }

    internal JsSnapshot Snapshot { get; }

    internal ExecutorPool Executors { get; }

    internal SpareIsolate Spare { get; }

    internal CodeCache Code { get; }

    /// <summary>Starts a runtime. Throws <see cref="OptionsException"/> with every fault of the options at once.</summary>
    public static WorkerRuntime Create(WorkerRuntimeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionsException.ThrowIfAny(options.Validate());
        return new WorkerRuntime(options);
    }

    /// <summary>
    /// Loads a version of a worker and evaluates its top-level code once.
    /// Throws <see cref="WorkerStartException"/> when its code does not start.
    /// </summary>
    public async ValueTask<Worker> LoadAsync(WorkerDefinition definition, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(definition);
        OptionsException.ThrowIfAny(definition.Limits.Validate());
        if (!ReferenceEquals(definition.Grants, CapabilityGrants.RuntimeOwn))
        {
            CapabilityDeclarationException.ThrowIfAnyGrantFault(definition.Grants.Validate(Capabilities.Declarations));
        }

        var worker = new Worker(definition, this);
        bool shutDown;
        lock (_gate)
        {
            _workers.Add(worker);
            shutDown = _shutDown;
        }

        if (shutDown)
        {
            worker.ShutDown();
        }

        var failure = await worker.StartAsync().WaitAsync(cancellationToken);
        if (failure is not null)
        {
            await worker.DrainAsync(cancellationToken);
            throw new WorkerStartException(definition.Name, failure);
        }

        return worker;
    }

    /// <summary>
    /// Offers a capability of the application to workers loaded from now on; each needs the grant for it. Throws
    /// <see cref="ArgumentException"/> when its id is taken.
    /// </summary>
    public void AddCapability(Capability capability) => Capabilities.Add(capability);

    /// <summary>Lets executors poll for I/O while they have no isolate to run. Null takes the poller away.</summary>
    public void SetPoller(IExecutorPoller? poller) => Executors.SetPoller(poller);

    /// <summary>
    /// Ends what still runs: events fail as <see cref="EventOutcome.Cancelled"/>, guests that loop are stopped within 20 ms, and
    /// no worker takes an event any more. Any thread, at any time; <see cref="DisposeAsync"/> is still due.
    /// </summary>
    public void ShutDown()
    {
        Worker[] workers;
        lock (_gate)
        {
            _shutDown = true;
            workers = [.. _workers];
        }

        _watchdog.EndTurns();
        foreach (var worker in workers)
        {
            worker.ShutDown();
        }
    }

    /// <summary>
    /// Drains every worker for up to <see cref="WorkerRuntimeOptions.DrainTimeout"/>, shuts down what is left then, and stops the
    /// threads.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        Worker[] workers;
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            workers = [.. _workers];
        }

        using (var deadline = new CancellationTokenSource(_drainTimeout, Time))
        using (deadline.Token.UnsafeRegister(static runtime => ((WorkerRuntime)runtime!).ShutDown(), this))
        {
            await Task.WhenAll(Array.ConvertAll(workers, static worker => worker.DrainAsync()));
        }

        JsEngine.HostFault -= OnHostFault;
        await _sweep.DisposeAsync();
        Executors.Dispose();
        Spare.Dispose();
        _watchdog.Dispose();
        Snapshot.Dispose();
        _ownOutbound?.Dispose();
    }

    internal void Forget(Worker worker)
    {
        lock (_gate)
        {
            _workers.Remove(worker);
        }
    }

    /// <summary>Whether one more isolate of a worker would find a core and something to do.</summary>
    internal bool ShouldGrow(WorkerIsolate busiest) =>
        busiest.Batches > WorkerIsolate.WarmBatches && busiest.RecentTurn > BusyTurn && Executors.HasIdle;

    /// <summary>Posts a message after a delay.</summary>
    internal ITimer Delay(TimeSpan delay, WorkerIsolate isolate, IsolateMessage message) =>
        Time.CreateTimer(
            static state =>
            {
                var (isolate, message) = ((WorkerIsolate, IsolateMessage))state!;
                isolate.Post(message);
            },
            (isolate, message),
            delay,
            Timeout.InfiniteTimeSpan);

    private void OnHostFault(object? sender, JsHostFaultEventArgs fault)
    {
        if (fault.Isolate?.Tag is WorkerIsolate isolate && ReferenceEquals(isolate.Runtime, this))
        {
            Observer.RuntimeFault(isolate.Worker.Name, fault.Exception);
        }
    }

    private void Sweep()
    {
        var before = Time.GetTimestamp() - (long)(_isolateIdle.TotalSeconds * Time.TimestampFrequency);
        lock (_gate)
        {
            foreach (var worker in _workers)
            {
                worker.Shrink(before);
            }
        }
    }
}

/// <summary>A worker's code did not start.</summary>
public sealed class WorkerStartException : MoltException
{
    internal WorkerStartException(string worker, EventFailure failure)
        : base("RUN010", $"Worker \"{worker}\" did not start: {failure.Message}")
    {
        Failure = failure;
    }

    /// <summary>What went wrong, with positions in the worker's own sources.</summary>
    public EventFailure Failure { get; }
}
