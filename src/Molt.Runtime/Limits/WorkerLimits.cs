namespace Molt.Runtime;

/// <summary>What a worker may use. Each default is the platform's paid default unless it says otherwise.</summary>
public sealed record WorkerLimits
{
    /// <summary>CPU time one event may use. Default 30 s.</summary>
    public TimeSpan Cpu { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>CPU time top-level code may use. Default 1 s.</summary>
    public TimeSpan Startup { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>JavaScript heap and WebAssembly memory of one isolate, in bytes. Default 128 MiB.</summary>
    public long MemoryBytes { get; init; } = 128L << 20;

    /// <summary>How long work given to <c>ctx.waitUntil</c> may go on after the response. Default 30 s.</summary>
    public TimeSpan WaitUntil { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Outbound requests one event may make, each redirect counted. Default 10,000.</summary>
    public int Subrequests { get; init; } = 10_000;

    /// <summary>Outbound requests of one event that may wait for response headers at once; further ones queue. Default 6.</summary>
    public int Connections { get; init; } = 6;

    /// <summary>Timers one event may have pending. Default 10,000.</summary>
    public int Timers { get; init; } = 10_000;

    /// <summary>What the capability calls of one event may cost together, in units of their declarations. Default 1,000,000.</summary>
    public long CapabilityUnits { get; init; } = 1_000_000;

    /// <summary>Isolates of one worker that may run beside each other. Default: as many as there are executor threads.</summary>
    public int Isolates { get; init; } = int.MaxValue;

    /// <summary>Returns every fault of these limits, or an empty list.</summary>
    public IReadOnlyList<string> Validate()
    {
        var faults = new List<string>();
        Positive(Cpu > TimeSpan.Zero, nameof(Cpu));
        Positive(Startup > TimeSpan.Zero, nameof(Startup));
        Positive(WaitUntil > TimeSpan.Zero, nameof(WaitUntil));
        Positive(Subrequests > 0, nameof(Subrequests));
        Positive(Connections > 0, nameof(Connections));
        Positive(Timers > 0, nameof(Timers));
        Positive(CapabilityUnits > 0, nameof(CapabilityUnits));
        Positive(Isolates > 0, nameof(Isolates));
        if (MemoryBytes < MinimumMemoryBytes)
        {
            faults.Add($"WorkerLimits.{nameof(MemoryBytes)} must be at least {MinimumMemoryBytes} bytes: an isolate needs that to start.");
        }

        return faults;

        void Positive(bool holds, string name)
        {
            if (!holds)
            {
                faults.Add($"WorkerLimits.{name} must be greater than zero.");
            }
        }
    }

    /// <summary>The smallest heap an isolate starts with.</summary>
    internal const long MinimumMemoryBytes = 8L << 20;
}
