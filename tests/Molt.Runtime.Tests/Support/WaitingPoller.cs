namespace Molt.Runtime.Tests;

/// <summary>A poller for which no I/O ever comes: it waits until it is woken.</summary>
internal sealed class WaitingPoller : IExecutorPoller, IDisposable
{
    private readonly AutoResetEvent _woken = new(false);
    private readonly TaskCompletionSource _polled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>An executor polls.</summary>
    public Task Polled => _polled.Task;

    public void Poll(int timeoutMilliseconds)
    {
        _polled.TrySetResult();
        _woken.WaitOne(timeoutMilliseconds);
    }

    public void Wake() => _woken.Set();

    public void Dispose() => _woken.Dispose();
}
