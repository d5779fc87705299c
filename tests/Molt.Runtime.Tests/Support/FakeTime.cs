namespace Molt.Runtime.Tests;

/// <summary>
/// A clock that stands still until a test moves it. Timers fire on the thread that calls <see cref="Advance"/>, in the
/// order of their deadlines.
/// </summary>
public sealed class FakeTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<FakeTimer> _armed = [];
    private readonly List<(TimeSpan Delay, TaskCompletionSource Seen)> _waiting = [];
    private long _now = TimeSpan.TicksPerDay;
    private long _order;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new FakeTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Completes once a timer is armed that is due exactly this long from now.</summary>
    public Task WhenArmed(TimeSpan delay)
    {
        lock (_gate)
        {
            if (_armed.Exists(timer => timer.Due == _now + delay.Ticks))
            {
                return Task.CompletedTask;
            }

            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((delay, seen));
            return seen.Task;
        }
    }

    /// <summary>Moves the clock, firing each timer at its time.</summary>
    public void Advance(TimeSpan by)
    {
        var target = GetTimestamp() + by.Ticks;
        while (true)
        {
            FakeTimer next;
            lock (_gate)
            {
                var index = -1;
                for (var i = 0; i < _armed.Count; i++)
                {
                    if (_armed[i].Due <= target && (index < 0 || _armed[i].IsBefore(_armed[index])))
                    {
                        index = i;
                    }
                }

                if (index < 0)
                {
                    Interlocked.Exchange(ref _now, target);
                    return;
                }

                next = _armed[index];
                _armed.RemoveAt(index);
                Interlocked.Exchange(ref _now, Math.Max(_now, next.Due));
                if (next.Period > 0)
                {
                    Arm(next, next.Period);
                }
            }

            next.Fire();
        }
    }

    private void Arm(FakeTimer timer, long delay)
    {
        timer.Due = _now + delay;
        timer.Order = _order++;
        _armed.Add(timer);
        for (var i = _waiting.Count - 1; i >= 0; i--)
        {
            if (_waiting[i].Delay.Ticks == delay)
            {
                _waiting[i].Seen.SetResult();
                _waiting.RemoveAt(i);
            }
        }
    }

    private sealed class FakeTimer(FakeTime time, TimerCallback callback, object? state) : ITimer
    {
        public long Due { get; set; }

        public long Order { get; set; }

        public long Period { get; private set; }

        public bool IsBefore(FakeTimer other) => (Due, Order).CompareTo((other.Due, other.Order)) < 0;

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                time._armed.Remove(this);
                Period = Math.Max(0, period.Ticks);
                if (dueTime >= TimeSpan.Zero)
                {
                    time.Arm(this, dueTime.Ticks);
                }
            }

            return true;
        }

        public void Dispose()
        {
            lock (time._gate)
            {
                time._armed.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
