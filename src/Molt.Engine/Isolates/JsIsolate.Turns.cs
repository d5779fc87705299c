using System.Collections.Concurrent;

namespace Molt.Engine;

/// <summary>
/// Turns: entering, microtasks, foreground tasks and the queue of managed continuations.
/// </summary>
/// <remarks>
/// Managed code that waits for a promise or for a module loader continues on the thread that is inside the isolate,
/// after the microtasks, and never from within V8: continuations are queued and dispatched by <see cref="RunMicrotasks"/>
/// or <see cref="PumpTasks"/>. Those that are left at the end of the outermost scope run then, or are reported to
/// <see cref="WorkPosted"/> when it is set.
/// </remarks>
public sealed partial class JsIsolate
{
    private readonly ConcurrentQueue<Action> _ready = new();
    private readonly Dictionary<long, PromiseWatch> _watches = [];
    private long _nextWatch = 1;
    private int _depth;
    private int _ownerThread;
    private int _hostDepth;
    private bool _dispatching;
    private volatile bool _released;

    /// <summary>The calling thread is inside.</summary>
    internal bool IsEntered => Volatile.Read(ref _ownerThread) == Environment.CurrentManagedThreadId;

    /// <summary>JavaScript is waiting for a host callback on this thread.</summary>
    internal bool IsInHostCall => _hostDepth > 0;

    /// <summary>Enters, waiting until no other thread is inside.</summary>
    public JsScope Enter()
    {
        bool held = false;
        try
        {
            _handle.DangerousAddRef(ref held);
        }
        catch (ObjectDisposedException)
        {
            throw new JsDisposedException();
        }
        Native.molt_isolate_enter(_pointer);
        if (_depth++ == 0)
        {
            Volatile.Write(ref _ownerThread, Environment.CurrentManagedThreadId);
        }
        return new JsScope(this);
    }

    /// <summary>Ends an <see cref="Enter"/> whose scope outlives the method that entered. On the same thread, innermost first.</summary>
    public void Leave()
    {
        if (_depth == 1)
        {
            if (!_ready.IsEmpty && !_dispatching && !IsDisposed)
            {
                // What a termination left over may run for ever: an embedder that schedules work decides when, and for how long.
                if (WorkPosted is { } workPosted)
                {
                    workPosted(this, TimeSpan.Zero);
                }
                else
                {
                    RunMicrotasks();
                }
            }
            ReleaseBorrowed();
            ResultScratch.Trim();
            Volatile.Write(ref _ownerThread, 0);
        }
        _depth--;
        Native.molt_isolate_exit(_pointer);
        _handle.DangerousRelease();
    }

    /// <summary>
    /// Runs microtasks until none is left, then the managed continuations that became ready, and so on until both are empty.
    /// Inside a host callback only V8's microtasks are asked for, and V8 ignores that while it is running some.
    /// </summary>
    public void RunMicrotasks()
    {
        Native.molt_isolate_run_microtasks(_pointer);
        if (_hostDepth > 0 || _dispatching)
        {
            return;
        }
        while (!_ready.IsEmpty && Dispatch())
        {
            Native.molt_isolate_run_microtasks(_pointer);
        }
    }

    /// <summary>Runs the foreground tasks that are due, and their microtasks. Returns how many ran.</summary>
    /// <param name="next">Time until the next task is due; null when there is none.</param>
    public unsafe int PumpTasks(out TimeSpan? next)
    {
        double delay = -1;
        int count = Native.molt_isolate_pump(_pointer, &delay);
        next = delay < 0 ? null : TimeSpan.FromSeconds(delay);
        if (count > 0 || !_ready.IsEmpty)
        {
            RunMicrotasks();
        }
        return count;
    }

    /// <summary>Queues a continuation. From outside the isolate it also tells the embedder that there is work.</summary>
    internal void Post(Action continuation)
    {
        _ready.Enqueue(continuation);
        if (_released)
        {
            DrainReleased();
        }
        else if (!IsEntered)
        {
            AnnounceWork(TimeSpan.Zero);
        }
    }

    /// <summary>Tells the embedder of work. Its failure is reported and harms nobody else.</summary>
    internal void AnnounceWork(TimeSpan delay)
    {
        try
        {
            WorkPosted?.Invoke(this, delay);
        }
#pragma warning disable CA1031 // The caller is V8 or whoever completed a task; neither can act on it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            JsEngine.ReportFault(this, exception);
        }
    }

    /// <summary>Awaited, continues inside the isolate. Completes at once when the thread is inside and V8 is not on the stack.</summary>
    internal ResumeAwaitable Resume() => new(this);

    /// <summary>Completes the watch's task when the promise settles.</summary>
    internal unsafe Task<JsValue> WatchAsync(JsContext context, JsValue promise)
    {
        long id = _nextWatch++;
        var watch = new PromiseWatch();
        Status.Check(this, Native.molt_promise_watch(context.Pointer, promise.Live, id));
        _watches.Add(id, watch);
        return watch.Task;
    }

    internal unsafe void OnPromiseSettled(long id, bool rejected, Slot* slot)
    {
        var value = JsValue.FromSlot(this, in *slot);
        if (_watches.Remove(id, out var watch))
        {
            Post(() => watch.Settle(this, rejected, value));
        }
        else
        {
            value.Dispose();
        }
    }

    internal void RequireEntered()
    {
        if (!IsEntered)
        {
            throw IsDisposed ? new JsDisposedException() : new JsUsageException("Enter the isolate on this thread first.");
        }
    }

    /// <summary>Runs queued continuations; false when a termination keeps the rest for later.</summary>
    private bool Dispatch()
    {
        _dispatching = true;
        try
        {
            // A terminated isolate must not run guest code again through continuations until the host takes it back.
            for (int count = _ready.Count; count > 0 && Native.molt_isolate_is_terminating(_pointer) == 0; count--)
            {
                if (_ready.TryDequeue(out var continuation))
                {
                    RunContinuation(continuation);
                }
            }
            return Native.molt_isolate_is_terminating(_pointer) == 0;
        }
        finally
        {
            _dispatching = false;
        }
    }

    private void RunContinuation(Action continuation)
    {
        try
        {
            continuation();
        }
#pragma warning disable CA1031 // A continuation belongs to someone else; its failure must not end the turn of the isolate.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            JsEngine.ReportFault(this, exception);
        }
    }

    /// <summary>After disposal: everything that waits fails instead of waiting for ever.</summary>
    private void FailPending()
    {
        _released = true;
        DrainReleased();
        foreach (var watch in _watches.Values)
        {
            watch.Fail(new JsDisposedException());
        }
        _watches.Clear();
        DrainReleased();
    }

    private void DrainReleased()
    {
        while (_ready.TryDequeue(out var continuation))
        {
            RunContinuation(continuation);
        }
    }
}
