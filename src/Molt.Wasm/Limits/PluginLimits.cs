namespace Molt.Wasm;

/// <summary>What a plugin may use. Where <c>molt.capabilities.toml</c> says nothing, these defaults hold.</summary>
public sealed record PluginLimits
{
    private const int PageBytes = 64 * 1024;

    /// <summary>Linear memory of one instance, in bytes. Default 128 MiB. Growing past it fails in the guest.</summary>
    public long MemoryBytes { get; init; } = 128L << 20;

    /// <summary>How long one call may take, waiting included. Default 30 s, at most 1000 hours. The guest cannot catch its end.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest result, in bytes. Default 16 MiB.</summary>
    public int OutputBytes { get; init; } = 16 << 20;

    /// <summary>Containers in each other in a payload. Default 64. The depth of calls is bounded by the stack.</summary>
    public int RecursionDepth { get; init; } = 64;

    /// <summary>Capability calls and streams one call may begin, in units of their cost. Default 10,000.</summary>
    public long Operations { get; init; } = 10_000;

    /// <summary>The longest request to, and answer of, one capability operation, in bytes. Default 10 MB.</summary>
    public int OperationBytes { get; init; } = 10_000_000;

    /// <summary>What may be written to the console in one call, in bytes. Default 64 KiB; the rest is dropped.</summary>
    public int LogBytes { get; init; } = 64 << 10;

    /// <summary>The quota of <c>/tmp</c> in bytes. Default 32 MiB.</summary>
    public long TmpBytes { get; init; } = 32L << 20;

    /// <summary>Pages of 64 KiB the memory may have.</summary>
    internal uint MemoryPages => (uint)Math.Clamp(MemoryBytes / PageBytes, 1, int.MaxValue / PageBytes);

    /// <summary>Every fault of these limits, or an empty list.</summary>
    public IReadOnlyList<string> Validate()
    {
        var faults = new List<string>();
        Positive(MemoryBytes >= PageBytes, nameof(MemoryBytes), "at least one page of 65536 bytes");
        Positive(Duration > TimeSpan.Zero && Duration <= TimeSpan.FromHours(1000), nameof(Duration), "greater than zero and at most 1000 hours");
        Positive(OutputBytes > 0, nameof(OutputBytes), "greater than zero");
        Positive(RecursionDepth is > 0 and <= 256, nameof(RecursionDepth), "1 to 256");
        Positive(Operations > 0, nameof(Operations), "greater than zero");
        Positive(OperationBytes > 0, nameof(OperationBytes), "greater than zero");
        Positive(LogBytes >= 0, nameof(LogBytes), "zero or more");
        Positive(TmpBytes >= 0, nameof(TmpBytes), "zero or more");
        return faults;

        void Positive(bool holds, string name, string range)
        {
            if (!holds)
            {
                faults.Add($"PluginLimits.{name} must be {range}.");
            }
        }
    }
}
