using System.Text;
using System.Text.Json;
using Molt.Contracts.Schemas;

namespace Molt.Contracts.Tests.Schemas;

public sealed class SchemaPatternTests
{
    [Theory]
    [InlineData("^[^a]$", "😀", true)]
    [InlineData("^\\W$", "é", true)]
    [InlineData("^\\S\\S$", "😀é", true)]
    [InlineData("^[\\s\\S]{2}$", "\n😀", true)]
    [InlineData("^.$", "\u2029", false)]
    [InlineData("a$", "a\n", false)]
    [InlineData("^\\d+$", "١", false)]
    [InlineData("^\\s$", "\u00a0", false)]
    [InlineData("^😀{2}$", "😀😀", true)]
    [InlineData("^[a\\-z]$", "-", true)]
    [InlineData("^[-a]$", "-", true)]
    [InlineData("^[a-]$", "-", true)]
    [InlineData("^\\u0041\\t\\n?$", "A\t", true)]
    [InlineData("^(?:ab|c)+?$", "abc", true)]
    [InlineData("^a{2,}$", "aaa", true)]
    [InlineData("^a{2}$", "aaa", false)]
    [InlineData("^a{0,1}$", "", true)]
    [InlineData("^$|x", "", true)]
    [InlineData("[\ud83d\ude00-\ud83d\ude02\\u0041]", "\ud83d\ude03", false)]
    [InlineData("^[\ud7ff-\ud83e\ude00]+$", "\ue000\ud83d\ude00", true)]
    [InlineData("^\\/\\.\\^$", "/.^", true)]
    public void Pattern_WhenMatched_MeansTheSameEverywhere(string pattern, string text, bool matches)
    {
        var codec = PayloadCodec.For(Schema.Parse(Document(pattern)));
        Assert.Equal(matches, codec.TryFromJson(JsonSerializer.SerializeToUtf8Bytes(text), out _, out _));
    }

    [Theory]
    [InlineData("a**", "an unexpected * at character 3")]
    [InlineData("*a", "an unexpected * at character 1")]
    [InlineData("^*", "an unexpected * at character 2")]
    [InlineData("(a", "a ( without its ) at character 3")]
    [InlineData("a)", "a ) without its ( at character 2")]
    [InlineData("[a", "a [ without its ] at character 3")]
    [InlineData("[]", "an empty class at character 3")]
    [InlineData("[z-a]", "a range in [ ] that does not go from a lower to a higher character at character 5")]
    [InlineData("[\\d-z]", "a range in [ ] that does not go from a lower to a higher character at character 6")]
    [InlineData("[[a]]", "a [ inside [ ] that is not escaped at character 2")]
    [InlineData("(?<n>a)", "a group that is neither ( ) nor (?: ) at character 2")]
    [InlineData("(?!a)", "a group that is neither ( ) nor (?: ) at character 2")]
    [InlineData("(a)\\1", "the unknown escape \\1 at character 5")]
    [InlineData("\\bword", "the unknown escape \\b at character 2")]
    [InlineData("\\p{L}", "the unknown escape \\p at character 2")]
    [InlineData("a{3,2}", "a repetition whose second number is smaller than the first at character 6")]
    [InlineData("a{,2}", "a repetition count that is no number up to 1000 at character 3")]
    [InlineData("a{1001}", "a repetition count that is no number up to 1000 at character 7")]
    [InlineData("{", "an unexpected { at character 1")]
    [InlineData("\\", "a \\ at its end at character 2")]
    [InlineData("\\u12", "a \\u without four hexadecimal digits at character 3")]
    [InlineData("\\ud83d", "half a character as \\u; write the character itself at character 3")]
    public void Pattern_WhenOutsideTheCommonLanguage_IsRefused(string pattern, string what)
    {
        var fault = Assert.Single(Assert.Throws<SchemaException>(() => Schema.Parse(Document(pattern))).Faults);
        Assert.Equal("$.type.pattern", fault.Path);
        Assert.Equal($"the pattern has {what}", fault.Message[..fault.Message.IndexOf("; patterns are", StringComparison.Ordinal)]);
    }

    [Theory]
    [InlineData("((((a{1000}){1000}){1000}){1000}){1000}")]
    [InlineData("(?:[a-z]{1000}){1000}")]
    public void Pattern_WhenItWouldGrowWithoutEnd_IsRefused(string pattern) =>
        Assert.Equal("$.type.pattern: the pattern is too large; use smaller repetition counts.", Assert.Throws<SchemaException>(() => Schema.Parse(Document(pattern))).Message);

    [Fact]
    public void Pattern_WhenLong_IsRefused() =>
        Assert.Equal("$.type.pattern: the pattern has 1001 characters; at most 1000 are allowed.", Assert.Throws<SchemaException>(() => Schema.Parse(Document(new string('a', 1001)))).Message);

    private static byte[] Document(string pattern) =>
        Encoding.UTF8.GetBytes($$"""{"sir":1,"id":"schema://test/pattern/v1","type":{"kind":"string","pattern":{{JsonSerializer.Serialize(pattern)}} } }""");
}
