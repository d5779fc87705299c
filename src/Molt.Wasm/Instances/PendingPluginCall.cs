namespace Molt.Wasm.Instances;

/// <summary>What takes the outcome of a call that was pending; the payload is valid during it.</summary>
internal delegate void PluginSink(PluginReply reply, ReadOnlySpan<byte> payload);

/// <summary>
/// A call whose plugin said "later": it is polled when a capability call of it completes or a stream of it has something to read, until
/// it has a result, its time is up or nobody wants it any more. Nothing runs meanwhile. Its instance is its own until then.
/// </summary>
internal sealed class PendingPluginCall : IDisposable
{
    // A plugin that waits for nothing, or leaves what it could read, is asked again at this pace.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(1);

    private readonly PluginInstance _instance;
    private readonly bool _reset;
    private readonly TaskCompletionSource<PluginReply> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Timer _timer;
    private readonly PluginSink _sink;
    private int _task;
    private int _queued;
    private int _cancelled;
    private bool _ended;

    /// <summary>Starts to wait. Inside the isolate; the sink is called once, by whoever uses the lane then.</summary>
    public PendingPluginCall(PluginInstance instance, int task, bool reset, PluginSink sink)
    {
        _instance = instance;
        _task = task;
        _reset = reset;
        _sink = sink;
        _timer = new Timer(static state => ((PendingPluginCall)state!).Queue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Lane.Waiting.Add(this);

        // From here on it hears what happens; what happened before is seen.
        _instance.Wake = Queue;
        Rest(TimeSpan.Zero);
    }

    private PluginLane Lane => _instance.Lane;

    /// <summary>Waits for the result.</summary>
    public async Task<PluginReply> CompleteAsync(CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(static state => ((PendingPluginCall)state!).Cancel(3), this);
        return await _done.Task;
    }

    /// <summary>Nobody wants the result any more. Any thread.</summary>
    public void Cancel(int reason)
    {
        Interlocked.CompareExchange(ref _cancelled, reason, 0);
        Queue();
    }

    /// <summary>Ends the clock; the call does so itself when it ends.</summary>
    public void Dispose() => _timer.Dispose();

    /// <summary>Does what there is to do. By whoever uses the lane, outside of its isolate.</summary>
    public void Run()
    {
        Interlocked.Exchange(ref _queued, 0);
        try
        {
            if (!_ended)
            {
                using (Lane.Enter())
                {
                    Step();
                }
            }
        }
#pragma warning disable CA1031 // The waiter learns of it; nothing else may end a thread of the pool.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            _instance.Program.Host.Report(fault);
            Lane.IsCondemned |= !_ended;
            Abandon();
        }
    }

    /// <summary>The lane is not used any more.</summary>
    public void Abandon()
    {
        var reply = PluginReply.Internal("The plugin's isolate is gone.");
        if (!_ended)
        {
            Leave();
            _instance.Capabilities.End("The plugin's isolate is gone.");
            _instance.Dispose();
            _sink(reply, default);
        }

        _done.TrySetResult(reply);
    }

    private void Queue()
    {
        if (Interlocked.Exchange(ref _queued, 1) == 0)
        {
            Lane.Pool.Resume(Lane, this);
        }
    }

    private void Step()
    {
        int cancelled = Volatile.Read(ref _cancelled);
        if (cancelled != 0)
        {
            _instance.Cancel(_task, cancelled);
            End(new PluginReply(PluginStatus.Cancelled, $"The call was cancelled: {CapabilityCalls.ReasonText(cancelled)}."), default, taint: true);
            return;
        }

        if (_instance.TimeLeft <= TimeSpan.Zero)
        {
            _instance.Cancel(_task, 5);
            End(_instance.OutOfTime(), default, taint: true);
            return;
        }

        if (!_instance.Capabilities.IsWaiting)
        {
            _instance.Capabilities.Collect();
            var reply = _instance.Poll(_task, out var payload, out int task);
            if (task == 0)
            {
                End(reply, payload, taint: false);
                return;
            }

            _task = task;
        }

        Rest(Pace);
    }

    /// <summary>Until something happens or the time is up; where nothing can happen, for as long as <paramref name="pace"/> says.</summary>
    private void Rest(TimeSpan pace) =>
        _timer.Change(_instance.Capabilities.IsWaiting ? _instance.TimeLeft + Pace : pace, Timeout.InfiniteTimeSpan);

    private void End(PluginReply reply, ReadOnlySpan<byte> payload, bool taint)
    {
        Leave();
        try
        {
            _sink(reply, payload);
        }
        finally
        {
            _instance.End(_reset || taint);
            Lane.Return(_instance);
        }

        _done.TrySetResult(reply);
    }

    private void Leave()
    {
        _ended = true;
        Dispose();
        Lane.Waiting.Remove(this);
        _instance.Wake = null;
    }
}
