using Molt.Runtime;

namespace Molt.Server;

/// <summary>What a client sees of a failure.</summary>
/// <param name="ContentType">The media type of <paramref name="Body"/>.</param>
/// <param name="Body">UTF-8.</param>
public readonly record struct FailureContent(string ContentType, byte[] Body);

/// <summary>Renders failures for clients.</summary>
public interface IFailurePage
{
    /// <summary>Renders one. <paramref name="accept"/> is the request's Accept field, or empty.</summary>
    FailureContent Render(EventFailure failure, int status, string accept);
}

/// <summary>A status and one line that says nothing about the worker's insides.</summary>
public sealed class PlainFailurePage : IFailurePage
{
    /// <inheritdoc/>
    public FailureContent Render(EventFailure failure, int status, string accept) =>
        new("text/plain; charset=utf-8", System.Text.Encoding.UTF8.GetBytes(Text(failure.Outcome) + "\n"));

    private static string Text(EventOutcome outcome) => outcome switch
    {
        EventOutcome.ExceededCpu => "The worker exceeded its CPU time limit.",
        EventOutcome.ExceededMemory => "The worker exceeded its memory limit.",
        EventOutcome.Hung => "The worker's code had hung and would never generate a response.",
        EventOutcome.NoHandler => "The worker has no fetch handler.",
        EventOutcome.StartupFailed => "The worker could not be started.",
        EventOutcome.Cancelled => "The worker was shut down before it answered.",
        _ => "The worker threw an exception.",
    };
}

/// <summary>Which status a failure is answered with.</summary>
internal static class FailureStatus
{
    /// <summary>503 where another try may succeed, 500 where the worker's code is at fault.</summary>
    public static int Of(EventOutcome outcome) => outcome switch
    {
        EventOutcome.ExceededCpu or EventOutcome.ExceededMemory or EventOutcome.Cancelled => 503,
        _ => 500,
    };
}
