using Molt.Runtime.Scheduling;

namespace Molt.Runtime;

/// <summary>How a test of a worker ended.</summary>
/// <param name="Passed">Whether the test method returned.</param>
/// <param name="Failure">Why it did not.</param>
/// <param name="CpuTime">CPU time it used.</param>
public sealed record TestOutcome(bool Passed, EventFailure? Failure, TimeSpan CpuTime);

/// <summary>
/// A <c>test</c> event: calls <c>test(controller, env, ctx)</c> on one export. It is complete at its end: what it gave to
/// <c>waitUntil</c> is its own, and not the next test's.
/// </summary>
internal sealed class TestEvent : WorkerEvent
{
    private readonly string _export;
    private readonly TaskCompletionSource<TestOutcome> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private EventFailure? _failure;

    public TestEvent(string export)
    {
        _export = export;
    }

    public Task<TestOutcome> Completion => _done.Task;

    public void Cancel(string reason) => Abort(EventOutcome.Cancelled, reason);

    internal override void Deliver(WorkerIsolate isolate, Executor executor) => isolate.CallTest(this, _export, executor);

    internal override void Answer(in GuestResponse response)
    {
    }

    internal override void Fail(EventFailure failure) => _failure = failure;

    internal override void Close(string? bodyError)
    {
        // One that was rejected has no number, and no end.
        if (Ended || Id == 0)
        {
            Complete();
        }
    }

    internal override void End()
    {
        if (Closed)
        {
            Complete();
        }
    }

    private void Complete() => _done.TrySetResult(new TestOutcome(_failure is null, _failure, CpuTime));
}
