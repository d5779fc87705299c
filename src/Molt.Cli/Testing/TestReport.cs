using System.Globalization;
using System.Text.Json;
using Molt.Cli.Reporting;

namespace Molt.Cli.Testing;

/// <summary>How one export's test ended; a file that could not be built or started is one failed result without an export.</summary>
internal sealed record TestResult(string Project, string File, string? Export, TimeSpan Duration, IReadOnlyList<Fault> Faults)
{
    public bool Passed => Faults.Count == 0;
}

/// <summary>Shows results as they come to a person, or all of them in one JSON document to a program.</summary>
internal sealed class TestReport(CommandEnvironment environment, bool json)
{
    private readonly List<TestResult> _results = [];

    public int Passed => _results.FindAll(r => r.Passed).Count;

    public int Failed => _results.Count - Passed;

    public void Add(TestResult result)
    {
        _results.Add(result);
        if (json)
        {
            return;
        }

        var style = environment.OutputStyle;
        var mark = result.Passed ? style.Green("✓") : style.Red("✗");
        var file = FaultText.ShortPath(result.File, environment.Directory);
        var name = result.Export is null ? file : $"{file} › {result.Export}";
        var duration = result.Duration.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);
        environment.Output.WriteLine($"{mark} {TerminalText.Escape(name)} {style.Dim($"{duration} ms")}");
        foreach (var fault in result.Faults)
        {
            foreach (var line in FaultText.Format(fault, environment.Directory, style).Split('\n'))
            {
                environment.Output.WriteLine($"  {line}");
            }
        }
    }

    public void Finish(IReadOnlyList<Fault> faults)
    {
        if (json)
        {
            WriteJson(faults);
            return;
        }

        environment.WriteFaults(faults);
        environment.Output.WriteLine();
        environment.Output.WriteLine($"{Passed} passed, {Failed} failed");
    }

    private void WriteJson(IReadOnlyList<Fault> faults)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("passed", Passed);
            writer.WriteNumber("failed", Failed);
            writer.WriteStartArray("tests");
            foreach (var result in _results)
            {
                writer.WriteStartObject();
                writer.WriteString("project", result.Project);
                writer.WriteString("file", FaultText.ShortPath(result.File, environment.Directory));
                writer.WriteString("export", result.Export);
                writer.WriteBoolean("passed", result.Passed);
                writer.WriteNumber("milliseconds", Math.Round(result.Duration.TotalMilliseconds, 1));
                WriteFaults(writer, result.Faults);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            WriteFaults(writer, faults);
            writer.WriteEndObject();
        }

        environment.Output.WriteLine(System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length));
    }

    private void WriteFaults(Utf8JsonWriter writer, IReadOnlyList<Fault> faults)
    {
        writer.WriteStartArray("faults");
        foreach (var fault in faults)
        {
            writer.WriteStartObject();
            writer.WriteString("code", fault.Code);
            writer.WriteString("severity", fault.IsError ? "error" : "warning");
            writer.WriteString("message", fault.Message);
            writer.WriteString("file", fault.File is null ? null : FaultText.ShortPath(fault.File, environment.Directory));
            if (fault.Position.IsKnown)
            {
                writer.WriteNumber("line", fault.Position.Line);
                writer.WriteNumber("column", fault.Position.Column);
            }

            writer.WriteString("detail", fault.Detail);
            writer.WriteString("hint", fault.Hint);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
