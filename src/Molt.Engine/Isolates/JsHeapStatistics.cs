using System.Runtime.InteropServices;

namespace Molt.Engine;

/// <summary>Memory of one isolate, in bytes unless the name says otherwise. Laid out as molt_heap_statistics.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct JsHeapStatistics
{
    public long UsedHeap { get; init; }
    public long TotalHeap { get; init; }
    public long PhysicalHeap { get; init; }
    public long HeapLimit { get; init; }

    /// <summary>What V8 accounts outside its heap, WebAssembly memory included.</summary>
    public long External { get; init; }

    /// <summary>What the counting ArrayBuffer allocator holds.</summary>
    public long ArrayBuffers { get; init; }

    public long Malloced { get; init; }

    /// <summary>Number of contexts that are alive.</summary>
    public long NativeContexts { get; init; }

    /// <summary>Number of values, modules and contexts .NET holds.</summary>
    public long Handles { get; init; }
}
