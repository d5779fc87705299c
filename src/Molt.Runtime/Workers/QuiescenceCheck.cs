namespace Molt.Runtime;

/// <summary>
/// Notices isolates whose open events wait for nothing. Guarantees: no event is called hung while a timer, an outbound
/// request or a body of its isolate is open, nor before <see cref="Grace"/> passed without a turn (V8's own background
/// work, such as compiling, is not counted anywhere else).
/// </summary>
internal sealed class QuiescenceCheck : IDisposable
{
    /// <summary>How long nothing must happen.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly WorkerIsolate _isolate;
    private readonly TimeProvider _time;
    private ITimer? _timer;
    private long _turns;

    public QuiescenceCheck(WorkerIsolate isolate, TimeProvider time)
    {
        _isolate = isolate;
        _time = time;
    }

    /// <summary>Starts over from turn number <paramref name="turns"/>.</summary>
    public void Arm(long turns)
    {
        Volatile.Write(ref _turns, turns);
        _timer ??= _time.CreateTimer(
            static state => ((QuiescenceCheck)state!).Elapsed(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(Grace, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer?.Dispose();

    private void Elapsed() => _isolate.Post(new HungCheck(Volatile.Read(ref _turns)));
}
