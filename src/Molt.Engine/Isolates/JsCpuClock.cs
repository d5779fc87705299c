using System.Runtime.InteropServices;

namespace Molt.Engine;

/// <summary>
/// The CPU time of one thread, readable from other threads: a watchdog compares it with an event's allowance.
/// </summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct JsCpuClock
{
    private readonly int _clock;

    private JsCpuClock(int clock) => _clock = clock;

    /// <summary>CPU time the calling thread has used.</summary>
    public static long ThreadNanoseconds => Native.molt_thread_cpu_ns();

    /// <summary>CPU time the thread has used; -1 once it is gone.</summary>
    public long Nanoseconds => Native.molt_clock_ns(_clock);

    /// <summary>The clock of the calling thread.</summary>
    public static JsCpuClock ForCurrentThread() => new(Native.molt_thread_clock());
}
