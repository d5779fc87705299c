using Molt.Cli.Projects;
using Molt.Cli.Reporting;

namespace Molt.Cli.Tests.Projects;

public sealed class VariableFileTests
{
    [Theory]
    [InlineData("A=1", "A=1")]
    [InlineData("# c\n\n  A = one two # c\r\nexport B=2\n", "A=one two|B=2")]
    [InlineData("A=\"x\\ny \\\"q\\\"\"\nB='$x # y'\nC=`\"'`", "A=x\ny \"q\"|B=$x # y|C=\"'")]
    [InlineData("A=\"two\nlines\"\nB=", "A=two\nlines|B=")]
    [InlineData("URL=http://x/?a=b#c", "URL=http://x/?a=b#c")]
    public void File_WhenCorrect_GivesItsVariables(string text, string expected)
    {
        var faults = new List<Fault>();
        var variables = VariableFile.Read(text, "/f", faults);
        Assert.Empty(faults);
        Assert.Equal(expected, string.Join('|', variables.ConvertAll(v => $"{v.Key}={v.Value}")));
    }

    [Theory]
    [InlineData("A=1\nnothing\nB=2", 2, 2)]
    [InlineData("1A=2", 1, 0)]
    [InlineData("A=1\nB=\"open\n", 2, 1)]
    public void File_WhenALineIsWrong_SaysWhere(string text, int line, int read)
    {
        var faults = new List<Fault>();
        var variables = VariableFile.Read(text, "/f", faults);
        Assert.Equal(read, variables.Count);
        Assert.Equal(("CFG012", line), (Assert.Single(faults).Code, faults[0].Position.Line));
    }
}
