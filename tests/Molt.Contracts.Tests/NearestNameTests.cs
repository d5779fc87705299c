using System.Globalization;

namespace Molt.Contracts.Tests;

public sealed class NearestNameTests
{
    private static readonly string[] Known = ["main", "name", "compatibility_date", "compatibility_flags", "kv_namespaces", "cpu_ms", "Text"];

    [Theory]
    [InlineData("main", "main")]
    [InlineData("mian", "main")]
    [InlineData("mAIn", "main")]
    [InlineData("aMin", "main")]
    [InlineData("mai", "main")]
    [InlineData("maine", "main")]
    [InlineData("fain", "main")]
    [InlineData("text", "Text")]
    [InlineData("cpums", "cpu_ms")]
    [InlineData("KV-namespaces", "kv_namespaces")]
    [InlineData("compatability_date", "compatibility_date")]
    [InlineData("compat_flags", null)]
    [InlineData("mnia", null)]
    [InlineData("something_else", null)]
    [InlineData("x", null)]
    [InlineData("", null)]
    public void Find_WhenGivenASlip_FindsWhatWasMeant(string name, string? expected) => Assert.Equal(expected, NearestName.Find(name, Known));

    [Theory]
    [InlineData("abcde", "abXYe", null)]
    [InlineData("abcdef", "abXYef", "abXYef")]
    [InlineData("abcdefghijklmno", "abXYZWghijklmno", "abXYZWghijklmno")]
    [InlineData("abcdefghijklmno", "abXYZWVhijklmno", null)]
    [InlineData("A", "B", null)]
    [InlineData("A", "a", "a")]
    [InlineData("ab", "abc", "abc")]
    public void Find_WhenMoreIsWrong_FindsNothingPastAThirdOrFourSlips(string name, string known, string? expected) =>
        Assert.Equal(expected, NearestName.Find(name, [known]));

    [Fact]
    public void Find_WhenSeveralAreNear_FindsTheNearestAndThenTheFirst()
    {
        Assert.Equal("int32", NearestName.Find("in32", ["uint32", "int32", "int16"]));
        Assert.Equal("int16", NearestName.Find("int6", ["int16", "int64"]));
    }

    [Fact]
    public void Find_WhenNamesAreLongerThanAnybodyWrites_FindsNothing()
    {
        var longest = new string('a', 128);
        Assert.Equal(longest, NearestName.Find(longest[1..], [longest]));
        Assert.Null(NearestName.Find(longest, [longest + "a"]));
    }

    [Fact]
    public void Advice_WhenANameIsNear_AsksForIt()
    {
        Assert.Equal("did you mean \"main\"?", NearestName.Advice("mian", Known));
        Assert.Equal("Did you mean \"main\"?", NearestName.AdviceSentence("mian", Known));
    }

    [Fact]
    public void Advice_WhenNoneIsNear_SaysWhatIsKnown()
    {
        Assert.Equal("known are red, green.", NearestName.Advice("mauve", ["red", "green"]));
        Assert.Equal("Known are red, green.", NearestName.AdviceSentence("mauve", ["red", "green"]));
        Assert.Equal("there is none to choose from.", NearestName.Advice("mauve", []));
        var many = new List<string>();
        for (var i = 0; i < 41; i++)
        {
            many.Add(i.ToString("D8", CultureInfo.InvariantCulture));
        }

        Assert.Equal("41 others are known.", NearestName.Advice("mauve", many));
    }
}
