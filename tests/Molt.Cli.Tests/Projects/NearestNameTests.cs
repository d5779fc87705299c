using Molt.Cli.Projects;

namespace Molt.Cli.Tests.Projects;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("abc", "abc", 0)]
    [InlineData("abc", "acb", 1)]
    [InlineData("abc", "ab", 1)]
    [InlineData("", "abc", 3)]
    [InlineData("kv-Namespaces", "kv_namespaces", 0)]
    [InlineData("ca", "abc", 3)]
    public void Distance_WhenGivenTwoNames_CountsSlips(string left, string right, int expected) =>
        Assert.Equal(expected, NearestName.Distance(left, right));

    [Theory]
    [InlineData("compatability_date", "compatibility_date")]
    [InlineData("mian", "main")]
    [InlineData("something_else", null)]
    [InlineData("x", null)]
    public void Find_WhenGivenASlip_FindsWhatWasMeant(string name, string? expected) =>
        Assert.Equal(expected, NearestName.Find(name, ["main", "name", "compatibility_date", "compatibility_flags"]));
}
