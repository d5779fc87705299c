using Molt.Cli.Reporting;
using Molt.Engine;
using Molt.Runtime;

namespace Molt.Cli.Testing;

/// <summary>
/// Sees what workers say and do while tests run: console output goes to the error stream, which leaves the report to be read alone;
/// an exception nobody caught belongs to the test that runs.
/// </summary>
internal sealed class TestObserver(CommandEnvironment environment) : IWorkerObserver
{
    private readonly Lock _gate = new();
    private readonly List<Fault> _uncaught = [];

    /// <summary>What the worker under test was built from.</summary>
    public SourceFiles Sources { get; set; } = SourceFiles.None;

    public IReadOnlyList<Fault> TakeUncaught()
    {
        lock (_gate)
        {
            Fault[] taken = [.. _uncaught];
            _uncaught.Clear();
            return taken;
        }
    }

    public void Log(string worker, GuestLogLevel level, string text)
    {
        lock (_gate)
        {
            environment.Error.WriteLine(environment.ErrorStyle.Dim($"[{worker}] {TerminalText.Escape(text)}"));
        }
    }

    public void UncaughtException(string worker, string where, JsErrorInfo error)
    {
        var fault = GuestFault.FromError(FaultCodes.WorkerException, error, Sources);
        lock (_gate)
        {
            _uncaught.Add(fault with { Message = $"{fault.Message} (uncaught in {where})" });
        }
    }

    public void RuntimeFault(string worker, Exception exception)
    {
        lock (_gate)
        {
            _uncaught.Add(new Fault(FaultCodes.WorkerException, "molt: internal error") { Detail = exception.ToString() });
        }
    }
}
