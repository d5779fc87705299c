using Molt.Engine;

namespace Molt.Runtime.Tests;

/// <summary>Keeps what workers told, and lets tests wait for a line of their console.</summary>
public sealed class RecordingObserver : IWorkerObserver
{
    private readonly Lock _gate = new();
    private readonly List<(string Text, TaskCompletionSource Seen)> _waiting = [];
    private readonly List<(GuestLogLevel Level, string Text)> _lines = [];
    private readonly List<(string Where, JsErrorInfo Error)> _uncaught = [];
    private readonly List<EventFailure> _failures = [];
    private readonly List<Exception> _faults = [];

    public IReadOnlyList<(GuestLogLevel Level, string Text)> Lines => Copy(_lines);

    public IReadOnlyList<(string Where, JsErrorInfo Error)> Uncaught => Copy(_uncaught);

    public IReadOnlyList<EventFailure> Failures => Copy(_failures);

    public IReadOnlyList<Exception> Faults => Copy(_faults);

    /// <summary>Completes when a worker has logged this text.</summary>
    public Task Logged(string text)
    {
        lock (_gate)
        {
            if (_lines.Exists(line => line.Text == text))
            {
                return Task.CompletedTask;
            }

            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((text, seen));
            return seen.Task;
        }
    }

    void IWorkerObserver.Log(string worker, GuestLogLevel level, string text)
    {
        lock (_gate)
        {
            _lines.Add((level, text));
            Signal(text);
        }
    }

    void IWorkerObserver.UncaughtException(string worker, string where, JsErrorInfo error)
    {
        lock (_gate)
        {
            _uncaught.Add((where, error));
            Signal("uncaught: " + error.Message);
        }
    }

    void IWorkerObserver.EventFailed(string worker, EventFailure failure)
    {
        lock (_gate)
        {
            _failures.Add(failure);
        }
    }

    void IWorkerObserver.RuntimeFault(string worker, Exception exception)
    {
        lock (_gate)
        {
            _faults.Add(exception);
        }
    }

    private void Signal(string text)
    {
        foreach (var (wanted, seen) in _waiting)
        {
            if (wanted == text)
            {
                seen.TrySetResult();
            }
        }
    }

    private List<T> Copy<T>(List<T> list)
    {
        lock (_gate)
        {
            return [.. list];
        }
    }
}
