using Molt.Runtime;

namespace Molt.Server.Tests.Transport;

/// <summary>Polls as an executor does, and runs nothing in between.</summary>
internal sealed class PollingThread : IDisposable
{
    private readonly IExecutorPoller _poller;
    private readonly Thread _thread;
    private volatile bool _stopping;

    public PollingThread(IExecutorPoller poller)
    {
        _poller = poller;
        _thread = new Thread(Run) { IsBackground = true, Name = "polling" };
        _thread.Start();
    }

    public void Dispose()
    {
        _stopping = true;
        _poller.Wake();
        _thread.Join();
    }

    private void Run()
    {
        while (!_stopping)
        {
            _poller.Poll(-1);
        }
    }
}
