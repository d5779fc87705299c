namespace Molt.Engine;

/// <summary>How an isolate is made. All sizes are bytes.</summary>
public sealed record JsIsolateOptions
{
    /// <summary>JavaScript heap; 0 takes V8's default, which follows the machine's memory.</summary>
    public long HeapLimitBytes { get; init; }

    /// <summary>Added once when the heap limit is reached, so that the terminated code can unwind. Matches a few large allocations in flight.</summary>
    public long HeapHeadroomBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>ArrayBuffer memory; allocation beyond it throws RangeError in JavaScript. 0 is unlimited.</summary>
    public long ExternalLimitBytes { get; init; }

    /// <summary>Heap, buffers and WebAssembly memory together, enforced by memory checks. 0 is none.</summary>
    public long TotalLimitBytes { get; init; }

    /// <summary>Native stack JavaScript may use; 0 takes V8's default (about 1 MB). Threads that enter need a larger stack than this.</summary>
    public long StackLimitBytes { get; init; }

    /// <summary>The startup snapshot contexts come from.</summary>
    public JsSnapshot? Snapshot { get; init; }

    /// <summary>Sources for <see cref="JsContext.Run(JsSource, string)"/>, when the isolate is made without a snapshot; one made from a snapshot has the snapshot's.</summary>
    public IReadOnlyList<JsSource> Sources { get; init; } = [];

    /// <summary>The isolate exists to be turned into a snapshot by <see cref="JsIsolate.CreateSnapshot"/>.</summary>
    public bool ForSnapshot { get; init; }

    /// <summary>The functions JavaScript may call; the index is the function's id. A snapshot refers to them by id.</summary>
    public IReadOnlyList<JsHostFunction> HostFunctions { get; init; } = [];

    /// <summary>First value of <see cref="JsIsolate.Tag"/>.</summary>
    public object? Tag { get; init; }
}

/// <summary>Why memory stopped an isolate.</summary>
public enum JsLimit
{
    None = 0,

    /// <summary>The JavaScript heap reached its limit.</summary>
    Heap = 1,

    /// <summary>Heap, buffers and WebAssembly memory together passed the total.</summary>
    External = 2,
}
