using Molt.Engine;
using Molt.Runtime;

namespace Embed;

/// <summary>Writes what workers log, and how they fail.</summary>
internal sealed class ConsoleObserver : IWorkerObserver
{
    public void Log(string worker, GuestLogLevel level, string text) => Console.WriteLine($"[{worker}] {text}");

    public void EventFailed(string worker, EventFailure failure) => Console.Error.WriteLine($"[{worker}] {failure.Outcome}: {failure.Message}");

    public void UncaughtException(string worker, string where, JsErrorInfo error) => Console.Error.WriteLine($"[{worker}] uncaught in {where}: {error.Message}");
}
