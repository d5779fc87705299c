namespace Molt.Cli.Reporting;

/// <summary>Colours for a stream a person reads; plain text for one a program reads (no TTY, or NO_COLOR is set).</summary>
internal sealed class TerminalStyle(bool enabled)
{
    public static TerminalStyle Plain { get; } = new(enabled: false);

    public bool Enabled { get; } = enabled;

    public static TerminalStyle ForOutput() => new(!Console.IsOutputRedirected && ColourWanted());

    public static TerminalStyle ForError() => new(!Console.IsErrorRedirected && ColourWanted());

    public string Red(string text) => Paint("31", text);

    public string Green(string text) => Paint("32", text);

    public string Yellow(string text) => Paint("33", text);

    public string Cyan(string text) => Paint("36", text);

    public string Dim(string text) => Paint("2", text);

    public string Bold(string text) => Paint("1", text);

    private static bool ColourWanted() =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) &&
        !string.Equals(Environment.GetEnvironmentVariable("TERM"), "dumb", StringComparison.Ordinal);

    private string Paint(string code, string text) => Enabled ? $"\e[{code}m{text}\e[0m" : text;
}
