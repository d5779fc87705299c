namespace Molt.Runtime.Scheduling;

/// <summary>Something for an isolate to do, taken from its mailbox by the executor that runs it.</summary>
public abstract class IsolateMessage
{
    private protected IsolateMessage()
    {
    }

    /// <summary>Runs inside the isolate.</summary>
    internal abstract void Run(WorkerIsolate isolate, Executor executor);

    /// <summary>Runs instead of <see cref="Run"/> when the isolate can no longer be entered.</summary>
    internal abstract void Reject(EventFailure failure);
}
