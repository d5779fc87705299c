namespace Molt.Runtime;

/// <summary>
/// Wakes an isolate when the first of V8's delayed tasks is due.
/// <para>
/// Guarantees: one timer at most, however many tasks there are; the isolate is woken no later than the earliest time asked for
/// since it last was; of a wake-up at most the one that is under way comes after <see cref="Dispose"/>. Any thread.
/// </para>
/// </summary>
internal sealed class TaskTimer(TimeProvider time, Action due) : IDisposable
{
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private long _dueAt = long.MaxValue;
    private bool _disposed;

    /// <summary>Wakes the isolate after <paramref name="delay"/>, if nothing does before.</summary>
    public void Arm(TimeSpan delay)
    {
        lock (_gate)
        {
            var dueAt = time.GetElapsedTime(0, time.GetTimestamp()).Ticks + delay.Ticks;
            if (dueAt >= _dueAt || _disposed)
            {
                return;
            }

            _dueAt = dueAt;
            _timer ??= time.CreateTimer(
                static state => ((TaskTimer)state!).Elapsed(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(delay, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _timer?.Dispose();
        }
    }

    private void Elapsed()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _dueAt = long.MaxValue;
        }

        due();
    }
}
