using System.Text;
using Molt.Engine;
using Molt.Runtime;

namespace Molt.Cli.Reporting;

/// <summary>Turns what a worker threw into a fault at the user's own line.</summary>
internal static class GuestFault
{
    private const string NoErrorHint = "Only an Error knows where it was thrown: throw new Error(…).";

    public static Fault FromFailure(EventFailure failure, SourceFiles sources)
    {
        if (failure.Outcome == EventOutcome.NoHandler)
        {
            return new Fault(FaultCodes.WorkerException, "The worker has no fetch handler.") { Hint = "Export one: export default { async fetch(request, env, ctx) { … } }" };
        }

        return failure.Error is { } error ? FromError(FaultCodes.WorkerException, error, sources) : new Fault(FaultCodes.WorkerException, failure.Message);
    }

    public static Fault FromError(string code, JsErrorInfo error, SourceFiles sources)
    {
        if (error is { Stack: null, FullText: { } value })
        {
            return value.Contains('\n', StringComparison.Ordinal)
                ? new Fault(code, Summary(error)) { Detail = value, Hint = NoErrorHint }
                : new Fault(code, value) { Hint = NoErrorHint };
        }

        var fault = new Fault(code, Summary(error)) { Detail = error.FullText ?? Stack(error), Hint = AbsentApis.HintFor(error) };
        foreach (var frame in error.Frames)
        {
            if (sources.Find(frame.Resource) is { } file)
            {
                return fault with { File = file, Position = new SourcePosition(frame.Line, frame.Column) };
            }
        }

        // A syntax error has no frames; its place is the error's own.
        return sources.Find(error.Resource) is { } resource
            ? fault with { File = resource, Position = new SourcePosition(error.Line, error.Column) }
            : fault;
    }

    /// <summary>The error's name and message on one line, as in <c>TypeError: x is not a function</c>.</summary>
    private static string Summary(JsErrorInfo error) =>
        string.IsNullOrEmpty(error.Name) || error.Message.StartsWith(error.Name, StringComparison.Ordinal) ? error.Message :
        error.Message.Length == 0 ? error.Name : $"{error.Name}: {error.Message}";

    private static string Stack(JsErrorInfo error)
    {
        var result = new StringBuilder();
        foreach (var frame in error.Frames)
        {
            result.Append("at ");
            if (!string.IsNullOrEmpty(frame.Function))
            {
                result.Append(frame.IsAsync ? "async " : "").Append(frame.Function).Append(" (");
            }

            result.Append(frame.Resource ?? "<anonymous>").Append(':').Append(frame.Line).Append(':').Append(frame.Column);
            result.Append(string.IsNullOrEmpty(frame.Function) ? "\n" : ")\n");
        }

        return result.ToString();
    }
}
