using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Molt.Engine;

/// <summary>
/// A V8 isolate: a heap of its own, entered by one thread at a time.
/// </summary>
/// <remarks>
/// Members that touch the heap need the calling thread inside <see cref="Enter"/>; the others say "any thread".
/// The isolate lives until it is disposed; disposing it inside a scope takes effect when the outermost scope ends.
/// </remarks>
public sealed partial class JsIsolate : IDisposable
{
    private readonly IsolateHandle _handle;
    private readonly JsHostFunction[] _hostFunctions;
    private readonly HeldMemory[] _sources;
    private readonly HeldMemory[] _held;
    private readonly bool _forSnapshot;
    private readonly Dictionary<int, JsContext> _contexts = [];
    private JsContext? _mainContext;
    private int _nextContext = 1;
    private int _disposed;
    private readonly nint _pointer;

    private unsafe JsIsolate(JsIsolateOptions options)
    {
        _hostFunctions = new JsHostFunction[options.HostFunctions.Count];
        for (int i = 0; i < _hostFunctions.Length; i++)
        {
            _hostFunctions[i] = options.HostFunctions[i];
        }
        Tag = options.Tag;
        _forSnapshot = options.ForSnapshot;
        var blob = options.Snapshot?.Memory;
        _sources = options.Snapshot?.Sources ?? JsSource.MemoryOf([.. options.Sources]);
        _held = blob is null ? _sources : [blob, .. _sources];
        HeldMemory.HoldAll(_held);
        IsolateTable.Add(this);
        var sources = stackalloc NativeSource[_sources.Length];
        for (int i = 0; i < _sources.Length; i++)
        {
            sources[i] = new NativeSource { Data = _sources[i].Data, Length = _sources[i].Length };
        }
        try
        {
            var parameters = new IsolateParams
            {
                Cookie = Cookie,
                HeapLimit = options.HeapLimitBytes,
                HeapHeadroom = options.HeapHeadroomBytes,
                ExternalLimit = options.ExternalLimitBytes,
                TotalLimit = options.TotalLimitBytes,
                StackLimit = options.StackLimitBytes,
                Snapshot = blob is null ? null : blob.Data,
                SnapshotLength = blob?.Length ?? 0,
                Creator = options.ForSnapshot ? 1 : 0,
                SourceCount = _sources.Length,
                Sources = sources,
            };
            nint pointer;
            int status = Native.molt_isolate_new(&parameters, &pointer);
            if (status != Status.Ok || pointer == 0)
            {
                throw new JsUsageException(options.Snapshot is null
                    ? "V8 could not create an isolate with these limits."
                    : "V8 refused the snapshot: it was made by another engine build or with other V8 flags. Build it again.");
            }
            _pointer = pointer;
            _handle = new IsolateHandle(this, pointer);
        }
        catch
        {
            IsolateTable.Remove(Cookie);
            HeldMemory.ReleaseAll(_held);
            throw;
        }
    }

    /// <summary>Makes an isolate. Any thread; the isolate is not entered.</summary>
    public static JsIsolate Create(JsIsolateOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        JsEngine.Initialize();
        return new JsIsolate(options);
    }

    /// <summary>The embedder's state, reachable in a host callback through <see cref="JsCall.Isolate"/>.</summary>
    public object? Tag { get; set; }

    /// <summary>Source maps by resource name; every error this isolate describes is mapped through them.</summary>
    public StackMapper SourceMaps { get; } = new();

    /// <summary>Called when V8 posted a foreground task or a continuation became ready: enter and call
    /// <see cref="PumpTasks"/> after the delay. Any thread, must not block.</summary>
    public Action<JsIsolate, TimeSpan>? WorkPosted { get; set; }

    internal long Cookie { get; set; }

    internal nint Pointer => _pointer;

    internal bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    /// <summary>The context values use when none is named: the first that is alive.</summary>
    internal JsContext MainContext => _mainContext
        ?? throw (IsDisposed ? new JsDisposedException() : new JsUsageException("The isolate has no context. Call CreateContext first."));

    /// <summary>Stops running JavaScript at its next safe point. Any thread. Until <see cref="CancelTerminate"/>, no continuation is dispatched either.</summary>
    public void Terminate()
    {
        using var hold = new HandleHold(_handle);
        if (hold.Held)
        {
            Native.molt_isolate_terminate(_pointer);
        }
    }

    /// <summary>Takes back a <see cref="Terminate"/>, so that the isolate can run again. Any thread.</summary>
    public void CancelTerminate()
    {
        using var hold = new HandleHold(_handle);
        if (hold.Held)
        {
            Native.molt_isolate_cancel_terminate(_pointer);
        }
    }

    /// <summary>JavaScript was stopped, by the host or by a memory limit, and <see cref="CancelTerminate"/> has not been called since. Any thread.</summary>
    public bool IsTerminating
    {
        get
        {
            using var hold = new HandleHold(_handle);
            return hold.Held && Native.molt_isolate_is_terminating(_pointer) != 0;
        }
    }

    /// <summary>Makes running JavaScript check its memory at its next safe point and stop when it is over. Any thread.</summary>
    public void RequestMemoryCheck()
    {
        using var hold = new HandleHold(_handle);
        if (hold.Held)
        {
            Native.molt_isolate_request_memory_check(_pointer);
        }
    }

    /// <summary>Checks memory now; over the total, JavaScript is stopped as by <see cref="RequestMemoryCheck"/>.</summary>
    public JsLimit CheckMemory() => (JsLimit)Native.molt_isolate_check_memory(_pointer);

    /// <summary>The first memory limit reached so far. Any thread.</summary>
    public JsLimit LimitHit
    {
        get
        {
            using var hold = new HandleHold(_handle);
            return hold.Held ? (JsLimit)Native.molt_isolate_limit_hit(_pointer) : JsLimit.None;
        }
    }

    /// <summary>How often the heap came near its limit. Any thread.</summary>
    public int LimitCount
    {
        get
        {
            using var hold = new HandleHold(_handle);
            return hold.Held ? Native.molt_isolate_limit_count(_pointer) : 0;
        }
    }

    /// <summary>Memory in use.</summary>
    public unsafe JsHeapStatistics GetStatistics()
    {
        JsHeapStatistics statistics = default;
        Native.molt_isolate_statistics(_pointer, &statistics);
        return statistics;
    }

    /// <summary>Collects garbage fully and returns memory to the system.</summary>
    public void LowMemory() => Native.molt_isolate_low_memory(_pointer);

    /// <summary>Makes a context: the snapshot's, when the isolate has one.</summary>
    public unsafe JsContext CreateContext(JsContextOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        RequireEntered();
        int id = _nextContext++;
        nint pointer;
        Status.Check(this, Native.molt_context_new(_pointer, id, options.Flags, &pointer));
        var context = new JsContext(this, id, pointer, options);
        _contexts.Add(id, context);
        _mainContext ??= context;
        return context;
    }

    /// <summary>Takes the next promise that was rejected with no handler so far.</summary>
    public unsafe bool TryTakeRejection([NotNullWhen(true)] out JsValue? promise, [NotNullWhen(true)] out JsValue? reason)
    {
        nint promisePointer;
        nint reasonPointer;
        if (Native.molt_rejection_next(_pointer, &promisePointer, &reasonPointer) != 1)
        {
            // Nearly every turn ends here: no object is made.
            promise = null;
            reason = null;
            return false;
        }
        promise = new JsValue(this, promisePointer);
        reason = new JsValue(this, reasonPointer);
        return true;
    }

    /// <summary>V8's continuation-preserved data: what the running code's async context holds.</summary>
    public unsafe JsValue GetAsyncContext()
    {
        Slot slot = default;
        Status.Check(this, Native.molt_async_context_get(_pointer, &slot));
        return JsValue.FromSlot(this, in slot);
    }

    /// <summary>Sets the data <see cref="GetAsyncContext"/> reads; promise reactions created from now on carry it.</summary>
    public unsafe void SetAsyncContext(in JsArg value)
    {
        Slot slot;
        fixed (byte* pinned = value.Pinned)
        {
            value.Write(out slot, pinned);
            Status.Check(this, Native.molt_async_context_set(_pointer, &slot));
        }
        value.KeepAlive();
    }

    /// <summary>
    /// Turns this isolate, made with <see cref="JsIsolateOptions.ForSnapshot"/>, into a startup snapshot and disposes it.
    /// Not inside a scope. A context of an isolate made from the snapshot gives the retained values back by index
    /// (<see cref="JsContext.TakeData"/>).
    /// </summary>
    public unsafe JsSnapshot CreateSnapshot(JsContext context, ReadOnlySpan<JsValue> retained, bool keepFunctionCode)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!_forSnapshot)
        {
            throw new JsUsageException("Only an isolate made with ForSnapshot can become a snapshot.");
        }
        if (_depth != 0)
        {
            throw new JsUsageException("Leave the isolate before turning it into a snapshot.");
        }
        Blob blob = default;
        var materialized = new JsValue[retained.Length];
        using (Enter())
        {
            for (int i = 0; i < retained.Length; i++)
            {
                materialized[i] = retained[i].Materialize(context);
            }
        }
        var pointers = new nint[retained.Length];
        for (int i = 0; i < pointers.Length; i++)
        {
            pointers[i] = materialized[i].Live;
        }
        int status;
        fixed (nint* data = pointers)
        {
            status = Native.molt_snapshot_create(_pointer, context.Pointer, data, pointers.Length, keepFunctionCode ? 1 : 0, &blob);
        }
        GC.KeepAlive(materialized);
        Dispose();
        return status == Status.Ok && blob.Length > 0
            ? JsSnapshot.FromBlob(blob, _sources)
            : throw new JsUsageException("V8 could not make a snapshot: the heap holds something that cannot be frozen, such as a WebAssembly instance.");
    }

    /// <summary>Disposes V8's isolate. Handles that are still alive become inert and stay safe to dispose.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _handle.Dispose();
        }
    }

    internal int IndexOf(JsSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var index = Array.IndexOf(_sources, source.Memory);
        return index >= 0 ? index : throw new JsUsageException("The isolate was made without this source. Name it in JsIsolateOptions.Sources.");
    }

    internal JsContext? FindContext(int id) => _contexts.GetValueOrDefault(id);

    internal void Forget(JsContext context)
    {
        _contexts.Remove(context.Id);
        if (ReferenceEquals(_mainContext, context))
        {
            _mainContext = null;
            foreach (var other in _contexts.Values)
            {
                _mainContext = other;
                break;
            }
        }
    }

    private void OnReleased()
    {
        IsolateTable.Remove(Cookie);
        HeldMemory.ReleaseAll(_held);
        _mainContext = null;
        foreach (var context in _contexts.Values)
        {
            context.ReleaseHandles();
        }
        FailPending();
    }

    /// <summary>Owns molt_isolate. Its reference count delays disposal past scopes and calls in progress.</summary>
    private sealed class IsolateHandle(JsIsolate owner, nint pointer) : NativeHandle(pointer)
    {
        protected override bool ReleaseHandle()
        {
            Native.molt_isolate_release(handle);
            owner.OnReleased();
            return true;
        }
    }

    /// <summary>Keeps the native isolate alive for one call from any thread.</summary>
    private readonly ref struct HandleHold
    {
        private readonly SafeHandle _handle;

        public HandleHold(SafeHandle handle)
        {
            _handle = handle;
            bool held = false;
            try
            {
                handle.DangerousAddRef(ref held);
            }
            catch (ObjectDisposedException)
            {
                held = false;
            }
            Held = held;
        }

        public bool Held { get; }

        public void Dispose()
        {
            if (Held)
            {
                _handle.DangerousRelease();
            }
        }
    }
}
