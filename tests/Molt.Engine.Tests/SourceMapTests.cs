using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Molt.Engine;

namespace Molt.Engine.Tests;

public sealed class SourceMapTests
{
    [Fact]
    public void Vlq_WhenAnyIntegers_RoundTrip() =>
        Prop.ForAll<int[]>(numbers =>
        {
            var text = new StringBuilder();
            foreach (int number in numbers)
            {
                Vlq.Encode(number, text);
            }
            int position = 0;
            foreach (int number in numbers)
            {
                if (Vlq.Decode(text.ToString(), ref position) != number)
                {
                    return false;
                }
            }
            return position == text.Length;
        }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true));

    [Theory]
    [InlineData(0, "A")]
    [InlineData(1, "C")]
    [InlineData(-1, "D")]
    [InlineData(16, "gB")]
    [InlineData(-1000, "x+B")]
    [InlineData(int.MaxValue, "+/////D")]
    public void Vlq_WhenKnown_IsTheStandardText(int value, string expected)
    {
        var text = new StringBuilder();
        Vlq.Encode(value, text);
        Assert.Equal(expected, text.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"version":2,"sources":[],"mappings":""}""")]
    [InlineData("""{"version":3,"sources":[],"mappings":"AAAA"}""")]
    [InlineData("""{"version":3,"sources":["a"],"mappings":"A!AA"}""")]
    [InlineData("""{"version":3,"sources":["a"],"mappings":"ggggggggg"}""")]
    public void Parse_WhenMalformed_Throws(string json) =>
        Assert.Throws<FormatException>(() => SourceMap.Parse(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void TryMap_WhenBetweenSegments_TakesTheOneBefore()
    {
        var map = SourceMap.Parse(")]}'\n{\"version\":3,\"sourceRoot\":\"root\",\"sources\":[\"a.ts\"],\"names\":[\"n\"],\"mappings\":\"AAAAA,IACE;;K,GAAE\"}"u8);
        Assert.Equal(["root/a.ts"], map.Sources);
        Assert.True(map.TryMap(1, 3, out string source, out int line, out int column, out string? name));
        Assert.Equal(("root/a.ts", 1, 1, "n"), (source, line, column, name));
        Assert.True(map.TryMap(1, 99, out _, out line, out column, out name));
        Assert.Equal((2, 3, null), (line, column, name));
        Assert.False(map.TryMap(2, 1, out _, out _, out _, out _));
        Assert.False(map.TryMap(3, 6, out _, out _, out _, out _));
        Assert.True(map.TryMap(3, 9, out _, out line, out column, out _));
        Assert.Equal((2, 5), (line, column));
        Assert.False(map.TryMap(99, 1, out _, out _, out _, out _));
        Assert.False(map.TryMap(0, 0, out _, out _, out _, out _));
    }

    [Fact]
    public void TryMap_WhenIndexMap_AddsTheOffsets()
    {
        var map = SourceMap.Parse("""
            {"version":3,"sections":[
              {"offset":{"line":0,"column":10},"map":{"version":3,"sources":["a"],"names":[],"mappings":"AAAA;AAAA"}},
              {"offset":{"line":5,"column":0},"map":{"version":3,"sources":["b"],"sourcesContent":["one\ntwo"],"names":[],"mappings":"AACA"}}]}
            """u8);
        Assert.False(map.TryMap(1, 10, out _, out _, out _, out _));
        Assert.True(map.TryMap(1, 11, out string source, out _, out _, out _));
        Assert.Equal("a", source);
        Assert.True(map.TryMap(2, 1, out source, out _, out _, out _));
        Assert.Equal("a", source);
        Assert.True(map.TryMap(6, 1, out source, out int line, out _, out _));
        Assert.Equal(("b", 2), (source, line));
        Assert.Equal("two", map.SourceLine("b", 2));
        Assert.Null(map.SourceLine("a", 1));
    }

    [Fact]
    public void MapStack_WhenMixed_RewritesOnlyKnownResources()
    {
        var mapper = new StackMapper();
        mapper.Register("w:/x.js", """{"version":3,"sources":["x.ts"],"names":[],"mappings":"AAUA"}"""u8.ToArray());
        mapper.Register("broken", "nope"u8.ToArray());
        const string Stack = "Error: at w:/x.js:1:1\n    at f (w:/x.js:1:4)\n    at async w:/x.js:1:9\n    at w:/x.js:1:1\n    at g (other.js:1:1)\n    at h (broken:1:1)\n    at i (<anonymous>)";
        Assert.Equal(
            "Error: at w:/x.js:1:1\n    at f (x.ts:11:1)\n    at async x.ts:11:1\n    at x.ts:11:1\n    at g (other.js:1:1)\n    at h (broken:1:1)\n    at i (<anonymous>)",
            mapper.MapStack(Stack));
    }

    [Fact]
    public void MapStack_WhenErrorsAreInsideOthers_KeepsWhatFollowsTheirFrames()
    {
        var mapper = new StackMapper { Hidden = "own:" };
        mapper.Register("x.js", """{"version":3,"sources":["x.ts"],"names":[],"mappings":"AAUA"}"""u8.ToArray());
        const string Text = "Error: a\n    at f (x.js:1:4)\n    at g (own:g.js:1:1) {\n  errors: [\n    Error: b\n        at x.js:1:1,\n    Error: c\n        at h (x.js:1:1)\n        at own:g.js:2:2,\n    7\n  ]\n}";
        Assert.Equal(
            "Error: a\n    at f (x.ts:11:1) {\n  errors: [\n    Error: b\n        at x.ts:11:1,\n    Error: c\n        at h (x.ts:11:1),\n    7\n  ]\n}",
            mapper.MapStack(Text));
    }
}
