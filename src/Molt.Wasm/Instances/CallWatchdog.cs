using System.Diagnostics;
using Molt.Engine;

namespace Molt.Wasm.Instances;

/// <summary>
/// The time a lane's call has.
/// <para>
/// Guarantees: a termination reaches the call it was meant for and no other: <see cref="End"/> either finds that none was asked for,
/// or waits until it was and takes it back.
/// </para>
/// </summary>
internal sealed class CallClock(JsIsolate isolate)
{
    private const long Idle = 0;
    private const long Firing = -1;
    private const long Fired = -2;

    private long _deadline;

    /// <summary>A call begins that ends at a <see cref="Stopwatch"/> timestamp at the latest.</summary>
    public void Begin(long deadline)
    {
        Volatile.Write(ref _deadline, deadline);
        CallWatchdog.Wake();
    }

    /// <summary>The call ended; true when its time was up.</summary>
    public bool End()
    {
        long state = Interlocked.Exchange(ref _deadline, Idle);
        if (state > 0)
        {
            return false;
        }

        if (state == Firing)
        {
            // The watchdog is between its decision and the termination: it says Fired once that is done.
            SpinWait.SpinUntil(() => Volatile.Read(ref _deadline) == Fired);
            Volatile.Write(ref _deadline, Idle);
        }

        isolate.CancelTerminate();
        return true;
    }

    /// <summary>Called by the watchdog; true while a call is running.</summary>
    public bool Check(long now)
    {
        long deadline = Volatile.Read(ref _deadline);
        if (deadline == Idle)
        {
            return false;
        }

        // Native code between the guest's frames may swallow a termination: one that did not end the call is repeated.
        if (deadline == Fired || now > deadline)
        {
            if (Interlocked.CompareExchange(ref _deadline, Firing, deadline) == deadline)
            {
                isolate.Terminate();
                Volatile.Write(ref _deadline, Fired);
            }
        }

        return true;
    }
}

/// <summary>The thread that ends calls over their time. It sleeps while there are none.</summary>
internal static class CallWatchdog
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    // Idle ticks before the thread sleeps, so that calls that follow each other do not wake it each time.
    private const int Linger = 100;

    private static readonly object Gate = new();
    private static readonly List<CallClock> Clocks = [];
    private static Thread? s_thread;
    private static volatile bool s_asleep;

    public static void Add(CallClock clock)
    {
        lock (Gate)
        {
            Clocks.Add(clock);
            if (s_thread is null)
            {
                s_thread = new Thread(Run) { IsBackground = true, Name = "molt-plugin-watchdog", Priority = ThreadPriority.AboveNormal };
                s_thread.Start();
            }
        }
    }

    public static void Remove(CallClock clock)
    {
        lock (Gate)
        {
            Clocks.Remove(clock);
        }
    }

    /// <summary>Says that a call began.</summary>
    public static void Wake()
    {
        // Pairs with the barrier in Run: either this sees s_asleep, or Run sees the deadline.
        Interlocked.MemoryBarrier();
        if (s_asleep)
        {
            lock (Gate)
            {
                Monitor.Pulse(Gate);
            }
        }
    }

    private static void Run()
    {
        int idle = 0;
        lock (Gate)
        {
            while (true)
            {
                if (idle < Linger)
                {
                    Monitor.Wait(Gate, Tick);
                }
                else
                {
                    s_asleep = true;
                    Interlocked.MemoryBarrier();
                    if (!CheckAll())
                    {
                        Monitor.Wait(Gate);
                    }

                    s_asleep = false;
                }

                idle = CheckAll() ? 0 : idle + 1;
            }
        }
    }

    private static bool CheckAll()
    {
        bool running = false;
        long now = Stopwatch.GetTimestamp();
        foreach (var clock in Clocks)
        {
            running |= clock.Check(now);
        }

        return running;
    }
}
