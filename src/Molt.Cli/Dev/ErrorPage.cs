using System.Net;
using System.Text;
using Molt.Cli.Reporting;
using Molt.Runtime;
using Molt.Server;

namespace Molt.Cli.Dev;

/// <summary>
/// Shows a developer what is wrong in the browser: the faults of the last build while it is broken, else what the worker threw.
/// Clients that do not take HTML get the same as plain text.
/// </summary>
internal sealed class ErrorPage(string root) : IFailurePage
{
    private const string Head = """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>Error</title>
        <style>
          :root { color-scheme: light dark; --line: #d0d7de; --soft: #59636e; --bad: #cf222e; --mark: #ffebe9; }
          @media (prefers-color-scheme: dark) { :root { --line: #3d444d; --soft: #9198a1; --bad: #f85149; --mark: #3c1618; } }
          body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 3rem auto; padding: 0 1rem; }
          section { border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1.25rem; margin-bottom: 1rem; }
          h1 { font-size: 1.15rem; margin: 0; color: var(--bad); overflow-wrap: anywhere; white-space: pre-wrap; }
          p { margin: .5rem 0 0; color: var(--soft); }
          pre { font: 13px/1.6 ui-monospace, monospace; overflow-x: auto; margin: .75rem 0 0; tab-size: 4; }
          pre b { font-weight: inherit; background: var(--mark); display: inline-block; min-width: 100%; }
        </style>

        """;

    private IReadOnlyList<Fault> _faults = [];
    private SourceFiles _sources = SourceFiles.None;

    /// <summary>What is wrong with the project now; empty when it is served.</summary>
    public IReadOnlyList<Fault> Faults
    {
        get => Volatile.Read(ref _faults);
        set => Volatile.Write(ref _faults, value);
    }

    /// <summary>What the worker was built from.</summary>
    public SourceFiles Sources
    {
        get => Volatile.Read(ref _sources);
        set => Volatile.Write(ref _sources, value);
    }

    public FailureContent Render(EventFailure failure, int status, string accept)
    {
        var faults = Faults;
        IReadOnlyList<Fault> shown = faults.Count > 0 ? faults : [GuestFault.FromFailure(failure, Sources)];
        return accept.Contains("text/html", StringComparison.OrdinalIgnoreCase)
            ? new FailureContent("text/html; charset=utf-8", Encoding.UTF8.GetBytes(Html(shown)))
            : new FailureContent("text/plain; charset=utf-8", Encoding.UTF8.GetBytes(Text(shown)));
    }

    private string Text(IReadOnlyList<Fault> faults)
    {
        var result = new StringBuilder();
        foreach (var fault in faults)
        {
            result.Append(FaultText.Format(fault, root, TerminalStyle.Plain)).Append('\n');
        }

        return result.ToString();
    }

    private string Html(IReadOnlyList<Fault> faults)
    {
        var result = new StringBuilder(Head);
        foreach (var fault in faults)
        {
            result.Append("<section>\n<h1>").Append(Encode(fault.Message)).Append("</h1>\n");
            if (FaultText.Place(fault, root) is { } place)
            {
                result.Append("<p>").Append(Encode(place)).Append("</p>\n");
            }

            if (CodeFrame.FromFile(fault.File, fault.Position, fault.Length) is { } frame)
            {
                AppendFrame(result, frame);
            }

            if (fault.Hint is not null)
            {
                result.Append("<p>").Append(Encode(fault.Hint)).Append("</p>\n");
            }

            if (!string.IsNullOrWhiteSpace(fault.Detail))
            {
                result.Append("<pre>").Append(Encode(fault.Detail.TrimEnd())).Append("</pre>\n");
            }

            result.Append("</section>\n");
        }

        return result.ToString();
    }

    private static void AppendFrame(StringBuilder result, string frame)
    {
        result.Append("<pre>");
        foreach (var line in frame.Split('\n'))
        {
            var atFault = line.StartsWith("> ", StringComparison.Ordinal);
            result.Append(atFault ? "<b>" : "").Append(Encode(line)).Append(atFault ? "</b>" : "").Append('\n');
        }

        result.Append("</pre>\n");
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(TerminalText.Escape(text));
}
