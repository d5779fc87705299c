namespace Molt.Engine;

/// <summary>What code in a context may generate at run time.</summary>
public sealed record JsContextOptions
{
    /// <summary>eval and new Function work.</summary>
    public bool AllowEval { get; init; }

    /// <summary>WebAssembly.compile and its relatives take bytes. Modules compiled by the host work in any case.</summary>
    public bool AllowWasmFromBytes { get; init; }

    internal int Flags => (AllowEval ? 1 : 0) | (AllowWasmFromBytes ? 2 : 0);
}
