using System.Buffers;

namespace Molt.Wasm.Instances;

/// <summary>What takes the outcome of a call that was pending; the payload is valid during it.</summary>
internal delegate void PluginSink(PluginReply reply, ReadOnlySpan<byte> payload);

/// <summary>
/// A call whose plugin said "later": it is polled when a capability call of it completes, until it has a result, its time is up or
/// nobody wants it any more. Its instance is its own until then.
/// </summary>
internal sealed class PendingPluginCall : IThreadPoolWorkItem, IDisposable
{
    // A plugin that waits for nothing is asked again at this pace.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(1);

    private readonly PluginInstance _instance;
    private readonly bool _reset;
    private readonly TaskCompletionSource<PluginReply> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Timer _timer;
    private PluginSink _sink = static (_, _) => { };
    private int _task;
    private int _queued;
    private int _cancelled;
    private bool _ended;

    public PendingPluginCall(PluginInstance instance, int task, bool reset)
    {
        _instance = instance;
        _task = task;
        _reset = reset;
        _timer = new Timer(static state => ((PendingPluginCall)state!).Queue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Waits for the result and writes it.</summary>
    public async Task<PluginReply> CompleteAsync(IBufferWriter<byte> output, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(static state => ((PendingPluginCall)state!).Cancel(3), this);
        Begin((_, payload) => output.Write(payload));
        return await _done.Task;
    }

    /// <summary>Starts to wait; the sink is called once, inside the plugin's isolate.</summary>
    public void Begin(PluginSink sink)
    {
        _sink = sink;
        _instance.Wake = Queue;

        // A completion may have come before anybody listened.
        Queue();
    }

    /// <summary>Nobody wants the result any more. Any thread.</summary>
    public void Cancel(int reason)
    {
        Interlocked.CompareExchange(ref _cancelled, reason, 0);
        Queue();
    }

    /// <summary>Ends the clock; the call does so itself when it ends.</summary>
    public void Dispose() => _timer.Dispose();

    void IThreadPoolWorkItem.Execute()
    {
        Interlocked.Exchange(ref _queued, 0);
        try
        {
            using (_instance.Lane.Enter())
            {
                Step();
            }
        }
#pragma warning disable CA1031 // The waiter learns of it; nothing else may end a thread of the pool.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            _instance.Program.Host.Report(fault);
            _ended = true;
            Dispose();
            _sink(PluginReply.Internal("The plugin's isolate is gone."), default);
            _done.TrySetResult(PluginReply.Internal("The plugin's isolate is gone."));
        }
    }

    private void Queue()
    {
        if (Interlocked.Exchange(ref _queued, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private void Step()
    {
        if (_ended)
        {
            return;
        }

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

        var reply = _instance.Poll(_task, out var payload, out int task);
        if (task == 0)
        {
            End(reply, payload, taint: false);
            return;
        }

        _task = task;
        _timer.Change(_instance.Capabilities.IsWaiting ? _instance.TimeLeft + Pace : Pace, Timeout.InfiniteTimeSpan);
    }

    private void End(PluginReply reply, ReadOnlySpan<byte> payload, bool taint)
    {
        _ended = true;
        Dispose();
        _sink(reply, payload);
        _instance.Wake = null;
        _instance.End(_reset || taint);
        _instance.Lane.Return(_instance);
        _done.TrySetResult(reply);
    }
}
