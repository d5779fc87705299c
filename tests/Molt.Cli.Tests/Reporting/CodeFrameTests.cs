using Molt.Cli.Reporting;

namespace Molt.Cli.Tests.Reporting;

public sealed class CodeFrameTests
{
    [Fact]
    public void Frame_WhenInTheMiddle_ShowsLinesAroundAndCarets() => Assert.Equal(
        """
           8 | h
           9 | i
        > 10 | 	jjj k
             | 	^^^
          11 | l
          12 | m
        """,
        CodeFrame.Render("a\nb\nc\nd\ne\nf\ng\nh\ni\n\tjjj k\nl\nm\nn\n", new SourcePosition(10, 2), 3));

    [Fact]
    public void Frame_WhenLengthPassesTheLine_EndsWithIt() => Assert.Equal(
        "> 1 | ab\r\n    |  ^".Replace("\r", "", StringComparison.Ordinal),
        CodeFrame.Render("ab\r\n", new SourcePosition(1, 2), 50));

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Frame_WhenTheLineIsNotThere_IsNone(int line) => Assert.Null(CodeFrame.Render("a\nb", new SourcePosition(line, 1), 1));
}
