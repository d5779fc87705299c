using System.Text;
using Molt.Engine;
using Molt.Runtime;

namespace Molt.Cli.Reporting;

/// <summary>Turns what a worker threw into a fault at the user's own line.</summary>
internal static class GuestFault
{
    /// <summary>How the resources of Molt's own guest code are named; its frames say nothing to the worker's author.</summary>
    private const string OwnResources = "molt:";

    public static Fault FromFailure(EventFailure failure, string root)
    {
        var text = failure.Outcome switch
        {
            EventOutcome.NoHandler => "The worker has no fetch handler.",
            EventOutcome.Exception when failure.Error is not null => Summary(failure.Error),
            _ => failure.Message,
        };
        var fault = failure.Error is { } error ? FromError(FaultCodes.WorkerException, error, root) with { Message = text } : new Fault(FaultCodes.WorkerException, text);
        return failure.Outcome == EventOutcome.NoHandler
            ? fault with { Hint = "Export one: export default { async fetch(request, env, ctx) { … } }" }
            : fault;
    }

    public static Fault FromError(string code, JsErrorInfo error, string root)
    {
        var fault = new Fault(code, Summary(error)) { Detail = Stack(error) };
        foreach (var frame in error.Frames)
        {
            if (OwnFile(frame.Resource, root) is { } file)
            {
                return fault with { File = file, Position = new SourcePosition(frame.Line, frame.Column) };
            }
        }

        // A syntax error has no frames; its place is the error's own.
        return OwnFile(error.Resource, root) is { } resource
            ? fault with { File = resource, Position = new SourcePosition(error.Line, error.Column) }
            : fault;
    }

    /// <summary>The error's name and message on one line, as in <c>TypeError: x is not a function</c>.</summary>
    public static string Summary(JsErrorInfo error) =>
        string.IsNullOrEmpty(error.Name) || error.Message.StartsWith(error.Name, StringComparison.Ordinal) ? error.Message : $"{error.Name}: {error.Message}";

    private static string Stack(JsErrorInfo error)
    {
        var result = new StringBuilder();
        foreach (var frame in error.Frames)
        {
            if (frame.Resource?.StartsWith(OwnResources, StringComparison.Ordinal) == true)
            {
                continue;
            }

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

    /// <summary>The file of a frame when it is one the user writes: it exists and is not a package's.</summary>
    private static string? OwnFile(string? resource, string root)
    {
        if (string.IsNullOrEmpty(resource) || resource.Contains("node_modules/", StringComparison.Ordinal))
        {
            return null;
        }

        var file = Path.GetFullPath(Path.Combine(root, resource));
        return File.Exists(file) ? file : null;
    }
}
