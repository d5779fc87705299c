using System.Globalization;
using Molt.Cli.Reporting;
using Molt.Engine;
using Molt.Runtime;
using Molt.Server;

namespace Molt.Cli.Dev;

/// <summary>How much <c>molt dev</c> says, from most to least.</summary>
internal enum DevLogLevel
{
    Debug,
    Info,
    Warn,
    Error,
    None,
}

/// <summary>
/// What <c>molt dev</c> prints: readiness and requests, the workers' consoles, and errors with the user's own lines.
/// Lines come from many threads and are never mixed.
/// </summary>
internal sealed class DevConsole(CommandEnvironment environment, DevLogLevel level, bool named) : IWorkerObserver
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SourceFiles> _sources = new(StringComparer.Ordinal);

    /// <summary>Says what a worker's version was built from, so that its errors show it.</summary>
    public void SetSources(string name, SourceFiles sources)
    {
        lock (_gate)
        {
            _sources[name] = sources;
        }
    }

    public void Ready(string name, Uri address) => WriteOutput($"{Paint.Green("ready")} {Address(address)} {Paint.Dim(name)}");

    public void Waiting(string name, Uri address) =>
        WriteOutput($"{Paint.Yellow("waiting for a fix")} {Address(address)} {Paint.Dim(name)}");

    public void Reloaded(string name, TimeSpan duration) => WriteOutput(string.Create(CultureInfo.InvariantCulture,
        $"{Prefix(name, Paint)}{Paint.Green("reloaded")} in {duration.TotalMilliseconds:0} ms"));

    public void Notice(string text) => WriteOutput(Paint.Dim(text));

    public void Faults(string name, IReadOnlyList<Fault> faults)
    {
        foreach (var fault in faults)
        {
            WriteError(Prefix(name, environment.ErrorStyle) + FaultText.Format(fault, environment.Directory, environment.ErrorStyle));
        }
    }

    public void Exchange(string name, in ExchangeSummary exchange)
    {
        if (level > DevLogLevel.Info)
        {
            return;
        }

        var status = exchange.Status.ToString(CultureInfo.InvariantCulture);
        var painted = exchange.Status switch { >= 500 => Paint.Red(status), >= 400 => Paint.Yellow(status), _ => Paint.Green(status) };
        var duration = exchange.Duration.TotalMilliseconds;
        WriteOutput(string.Create(CultureInfo.InvariantCulture,
            $"{Prefix(name, Paint)}{TerminalText.Escape($"{exchange.Method} {exchange.Path}")} {painted} {duration.ToString(duration < 10 ? "0.0" : "0", CultureInfo.InvariantCulture)} ms"));
    }

    /// <summary>A request that no worker saw, for it is none by the rules of HTTP.</summary>
    public void Refused(string name, int status, string reason)
    {
        if (level <= DevLogLevel.Info)
        {
            WriteOutput($"{Prefix(name, Paint)}{Paint.Dim("refused a request:")} {Paint.Yellow(status.ToString(CultureInfo.InvariantCulture))} {TerminalText.Escape(reason)}");
        }
    }

    public void Log(string worker, GuestLogLevel severity, string text)
    {
        var needed = severity switch
        {
            GuestLogLevel.Debug => DevLogLevel.Debug,
            GuestLogLevel.Warn => DevLogLevel.Warn,
            GuestLogLevel.Error => DevLogLevel.Error,
            _ => DevLogLevel.Info,
        };
        if (needed < level)
        {
            return;
        }

        var shown = TerminalText.Escape(text);
        if (needed >= DevLogLevel.Warn)
        {
            var style = environment.ErrorStyle;
            WriteError(style.Dim($"[{worker}] ") + (needed == DevLogLevel.Error ? style.Red(shown) : style.Yellow(shown)));
        }
        else
        {
            WriteOutput(Paint.Dim($"[{worker}] ") + shown);
        }
    }

    public void UncaughtException(string worker, string where, JsErrorInfo error)
    {
        if (level <= DevLogLevel.Error)
        {
            var fault = GuestFault.FromError(FaultCodes.WorkerException, error, SourcesOf(worker));
            Faults(worker, [fault with { Message = $"{fault.Message} (uncaught in {where})" }]);
        }
    }

    public void EventFailed(string worker, EventFailure failure)
    {
        if (level <= DevLogLevel.Error && failure.Outcome is not (EventOutcome.Disconnected or EventOutcome.Cancelled))
        {
            Faults(worker, [GuestFault.FromFailure(failure, SourcesOf(worker))]);
        }
    }

    public void RuntimeFault(string worker, Exception exception) =>
        WriteError($"{environment.ErrorStyle.Red("molt: internal error")} while serving {worker}: {TerminalText.Escape(exception.ToString())}");

    private TerminalStyle Paint => environment.OutputStyle;

    private static string Address(Uri address) => address.GetLeftPart(UriPartial.Authority);

    private string Prefix(string name, TerminalStyle style) => named ? style.Dim($"[{name}] ") : "";

    private SourceFiles SourcesOf(string worker)
    {
        lock (_gate)
        {
            return _sources.TryGetValue(worker, out var sources) ? sources : SourceFiles.None;
        }
    }

    private void WriteOutput(string text)
    {
        lock (_gate)
        {
            environment.Output.WriteLine(text);
        }
    }

    private void WriteError(string text)
    {
        lock (_gate)
        {
            environment.Error.WriteLine(text);
        }
    }
}
