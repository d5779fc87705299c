using Molt.Engine;

namespace Molt.Runtime;

/// <summary>How important a line of a worker's console is.</summary>
public enum GuestLogLevel
{
    /// <summary><c>console.debug</c></summary>
    Debug,

    /// <summary><c>console.log</c></summary>
    Log,

    /// <summary><c>console.info</c></summary>
    Info,

    /// <summary><c>console.warn</c></summary>
    Warn,

    /// <summary><c>console.error</c></summary>
    Error,
}

/// <summary>
/// Sees what workers do. Called on executor threads between turns and inside them: implementations return at once
/// and do not throw. Every member does nothing by default.
/// </summary>
public interface IWorkerObserver
{
    /// <summary>A worker wrote to its console.</summary>
    void Log(string worker, GuestLogLevel level, string text)
    {
    }

    /// <summary>A worker's code threw where it does not decide a response: in <c>waitUntil</c>, a timer, a listener or a promise nobody handles.</summary>
    void UncaughtException(string worker, string where, JsErrorInfo error)
    {
    }

    /// <summary>An event failed before it answered.</summary>
    void EventFailed(string worker, EventFailure failure)
    {
    }

    /// <summary>The runtime itself met a fault while serving a worker. A defect to report, never the guest's doing.</summary>
    void RuntimeFault(string worker, Exception exception)
    {
    }
}

/// <summary>An observer that ignores everything.</summary>
internal sealed class NullWorkerObserver : IWorkerObserver
{
    public static readonly NullWorkerObserver Instance = new();
}
