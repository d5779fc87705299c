using Molt.Cli.Reporting;

namespace Molt.Cli.Tests.Reporting;

public sealed class TerminalTextTests
{
    [Theory]
    [InlineData("plain\ttext\nof two lines: ä, \u6f22, \ud83d\ude00", "plain\ttext\nof two lines: ä, \u6f22, \ud83d\ude00")]
    [InlineData("\u001b[2Jgone\r\0\u007f", @"\x1b[2Jgone\x0d\x00\x7f")]
    [InlineData("\u009b31m\u0085", @"\x9b31m\x85")]
    [InlineData("a\u202eb\u2066c\u2069\u200f\u061c\u2028", @"a\u202eb\u2066c\u2069\u200f\u061c\u2028")]
    public void Text_WhenItWouldSteerTheTerminal_IsShownInstead(string text, string expected)
    {
        Assert.Equal(expected, TerminalText.Escape(text));
        Assert.Equal(expected, TerminalText.Escape(expected));
    }

    [Fact]
    public void Fault_WhenItsPartsSteerTheTerminal_IsShownEscaped()
    {
        using var project = new TemporaryProject(("a\u001b.js", "\u001b]0;x\u0007throw"));
        var fault = new Fault("CLI005", "m\u001b[1m")
        {
            File = project.PathOf("a\u001b.js"),
            Position = new SourcePosition(1, 7),
            Length = 5,
            Detail = "d\u009b",
            Hint = "h\u202e",
        };
        Assert.Equal(
            """
            error CLI005: m\x1b[1m
              at a\x1b.js:1:7
              > 1 | \x1b]0;x\x07throw
                  |             ^^^^^
              d\x9b
              h\u202e
            """,
            FaultText.Format(fault, project.Root, TerminalStyle.Plain));
    }
}
