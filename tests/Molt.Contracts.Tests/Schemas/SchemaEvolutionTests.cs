using System.Text;
using Molt.Contracts.Schemas;

namespace Molt.Contracts.Tests.Schemas;

public sealed class SchemaEvolutionTests
{
    private const string Base = """{"kind":"record","fields":[{"name":"a","type":"int32"},{"name":"b","type":{"kind":"optional","of":"string"}}]}""";

    [Theory]
    [InlineData(Base, """{"kind":"record","fields":[{"name":"a","type":"int32"},{"name":"b","type":{"kind":"optional","of":"string"}},{"name":"c","type":{"kind":"optional","of":"bool","default":true}}]}""", "$.c: compatible: is new, optional and at the end.")]
    [InlineData(Base, """{"kind":"record","fields":[{"name":"a","type":"int32"},{"name":"b","type":{"kind":"optional","of":"string"}},{"name":"c","type":"bool"}]}""", "$.c: breaking: is new and required; payloads lack it. Make it optional.")]
    [InlineData(Base, """{"kind":"record","fields":[{"name":"a","type":"int32"}]}""", "$.b: breaking: is removed; payloads that have it are refused. Mark it deprecated and keep it.")]
    [InlineData(Base, """{"kind":"record","fields":[{"name":"z","type":"int32"},{"name":"b","type":{"kind":"optional","of":"string"}}]}""", "$.z: breaking: was called \"a\"; JSON and code know fields by name.")]
    [InlineData(Base, """{"kind":"record","fields":[{"name":"a","type":"int64"},{"name":"b","type":{"kind":"optional","of":"string"}}]}""", "$.a: compatible: allows -9223372036854775808 to 9223372036854775807 now, all of -2147483648 to 2147483647 included.")]
    [InlineData(Base, """{"kind":"record","fields":[{"name":"a","type":"uint32"},{"name":"b","type":{"kind":"optional","of":"string"}}]}""", "$.a: breaking: allows 0 to 4294967295 now, not -2147483648 to 2147483647; payloads may hold what is left out.")]
    [InlineData(Base, """{"kind":"record","fields":[{"name":"a","type":"float64"},{"name":"b","type":{"kind":"optional","of":"string"}}]}""", "$.a: breaking: is float64 now, not int32; payloads have another form.")]
    [InlineData(Base, """{"kind":"record","fields":[{"name":"a","type":{"kind":"optional","of":"int32"}},{"name":"b","type":{"kind":"optional","of":"string"}}]}""", "$.a: compatible: is optional now; payloads that have it stay right.")]
    [InlineData(Base, """{"kind":"record","fields":[{"name":"a","type":{"kind":"optional","of":"int32","default":1}},{"name":"b","type":{"kind":"optional","of":"string"}}]}""", "$.a: breaking: has a default now; payloads that hold that value are not canonical any more. Make it optional without a default.")]
    [InlineData(Base, """{"kind":"record","fields":[{"name":"a","type":"int32"},{"name":"b","type":"string"}]}""", "$.b: breaking: is required now; payloads may lack it.")]
    [InlineData(Base, """{"kind":"record","fields":[{"name":"a","type":"int32"},{"name":"b","type":{"kind":"optional","of":"string","default":""}}]}""", "$.b: breaking: has a default now; payloads that lack it change their meaning.")]
    [InlineData("\"bool\"", "\"bool\"", "")]
    [InlineData("""{"kind":"string","maxLength":5}""", """{"kind":"string","maxLength":6}""", "$: compatible: allows more lengths.")]
    [InlineData("""{"kind":"string","maxLength":5}""", """{"kind":"string","maxLength":4}""", "$: breaking: allows fewer lengths; payloads may have the others.")]
    [InlineData("\"string\"", """{"kind":"string","pattern":"x"}""", "$: breaking: has a pattern now; payloads may break it.")]
    [InlineData("""{"kind":"string","format":"date"}""", "\"string\"", "$: compatible: has no format any more.")]
    [InlineData("""{"kind":"float64","ge":0}""", """{"kind":"float64","ge":-1}""", "$: compatible: has wider bounds.")]
    [InlineData("\"float64\"", """{"kind":"float64","ge":-1}""", "$: breaking: has narrower bounds; payloads may hold what is left out.")]
    [InlineData("""{"kind":"list","items":"int8"}""", """{"kind":"list","items":"bool"}""", "$[]: breaking: is bool now, not int8; payloads have another form.")]
    [InlineData("""{"kind":"list","items":"int8","maxItems":3}""", """{"kind":"list","items":"int8"}""", "$: compatible: allows more numbers of items.")]
    [InlineData("""{"kind":"map","keys":"int8","values":"bool"}""", """{"kind":"map","keys":"int16","values":"bool"}""", "$: compatible: has keys of int16 now, not int8.")]
    [InlineData("""{"kind":"map","keys":"int8","values":"bool"}""", """{"kind":"map","keys":"string","values":"bool"}""", "$: breaking: has keys of string now, not int8; payloads have another form.")]
    [InlineData("""{"kind":"enum","values":["a"]}""", """{"kind":"enum","values":["a","b"]}""", "$: compatible: the value \"b\" is new, at the end; no payload has it yet.")]
    [InlineData("""{"kind":"enum","values":["a","b"]}""", """{"kind":"enum","values":["b"]}""", "$: breaking: the value \"b\" stands where \"a\" stood; payloads know it by its place.|$: breaking: the value \"b\" is removed; payloads may have it.")]
    [InlineData("""{"kind":"union","variants":[{"name":"a","type":"int8"}]}""", """{"kind":"union","variants":[{"name":"a","type":"int16"},{"name":"b","type":"bool"}]}""", "$: compatible: the variant \"b\" is new, at the end; no payload has it yet.|$.a: compatible: allows -32768 to 32767 now, all of -128 to 127 included.")]
    [InlineData("\"json\"", """{"kind":"optional","of":"json"}""", "$: breaking: is optional now; null, which was a value, means absent.")]
    [InlineData("\"int8\"", """{"kind":"list","items":"int8"}""", "$: breaking: is a list now, not an int8; payloads have another form.")]
    public void Change_WhenCompared_IsJudged(string before, string after, string changes) =>
        Assert.Equal(changes, string.Join('|', SchemaEvolution.Compare(Schema(before, 1), Schema(after, 2))));

    [Fact]
    public void Field_WhenMoved_BreaksEveryPlace()
    {
        var changes = SchemaEvolution.Compare(
            Schema("""{"kind":"record","fields":[{"name":"a","type":"bool"},{"name":"b","type":"bool"}]}""", 1),
            Schema("""{"kind":"record","fields":[{"name":"b","type":"bool"},{"name":"a","type":"bool"}]}""", 2));
        Assert.Equal(["$.b", "$.a"], [changes[0].Path, changes[1].Path]);
        Assert.All(changes, change => Assert.True(change.IsBreaking));
    }

    [Fact]
    public void CompatibleChange_WhenThePayloadIsOld_IsReadByTheNew()
    {
        var old = Schema(Base, 1);
        var changed = Schema("""{"kind":"record","fields":[{"name":"a","type":"int64"},{"name":"b","type":{"kind":"optional","of":{"kind":"string"}}},{"name":"c","type":{"kind":"optional","of":"bool","default":true}}]}""", 2);
        Assert.True(SchemaEvolution.IsBackwardCompatible(old, changed));
        foreach (var json in new[] { """{"a":1}""", """{"a":-2147483648,"b":"x"}""" })
        {
            PayloadCodec.For(changed).Validate(PayloadCodec.For(old).FromJson(Encoding.UTF8.GetBytes(json)));
        }
    }

    [Fact]
    public void Recursion_WhenCompared_Ends()
    {
        const string Definitions = ",\"definitions\":{\"N\":{\"kind\":\"record\",\"fields\":[{\"name\":\"v\",\"type\":\"KIND\"},{\"name\":\"n\",\"type\":{\"kind\":\"optional\",\"of\":{\"kind\":\"ref\",\"name\":\"N\"}}}]}}";
        var changes = SchemaEvolution.Compare(
            Schema("""{"kind":"ref","name":"N"}""", 1, Definitions.Replace("KIND", "int8", StringComparison.Ordinal)),
            Schema("""{"kind":"ref","name":"N"}""", 2, Definitions.Replace("KIND", "bool", StringComparison.Ordinal)));
        Assert.Equal("$.v: breaking: is bool now, not int8; payloads have another form.", Assert.Single(changes).ToString());
    }

    [Fact]
    public void Coercion_WhenStricter_IsBreaking()
    {
        var lax = Schema("\"bool\"", 1, ",\"coercion\":\"lax\"");
        Assert.True(Assert.Single(SchemaEvolution.Compare(lax, Schema("\"bool\"", 1))).IsBreaking);
        Assert.False(Assert.Single(SchemaEvolution.Compare(Schema("\"bool\"", 1), lax)).IsBreaking);
    }

    [Fact]
    public void Id_WhenBumped_FollowsTheCanonicalForm()
    {
        var old = Schema("\"int8\"", 3);
        Assert.Equal("schema://a/b/v3", SchemaEvolution.Bump(old, Schema("\"int8\"", 3, ",\"doc\":\"new words\"")).ToString());
        Assert.Equal("schema://a/b/v4", SchemaEvolution.Bump(old, Schema("\"int16\"", 3)).ToString());
        Assert.Equal("schema://a/b/v4", SchemaEvolution.Bump(old, Schema("\"bool\"", 9)).ToString());
    }

    [Fact]
    public void Registry_WhenAnIdStandsForAnotherSchema_Refuses()
    {
        var registry = new SchemaRegistry();
        registry.Add(Schema("\"int8\"", 1));
        registry.Add(Schema("\"int8\"", 1, ",\"doc\":\"words\""));
        Assert.Equal("SCH003", Assert.Throws<SchemaException>(() => registry.Add(Schema("\"int16\"", 1))).Code);
        Assert.Single(registry.Schemas);
    }

    [Fact]
    public void Registry_WhenResolving_IsExactUnlessToldOtherwise()
    {
        var registry = new SchemaRegistry();
        registry.Add(Schema("\"int8\"", 1));
        registry.Add(Schema("\"int16\"", 2));
        registry.Add(Schema("\"int32\"", 3));
        registry.Add(Schema("\"bool\"", 4));
        Assert.Equal("schema://a/b/v2", Resolve(2, SchemaCompatibility.Exact, 1, 2, 3));
        Assert.Null(Resolve(1, SchemaCompatibility.Exact, 2, 3));
        Assert.Equal("schema://a/b/v2", Resolve(1, SchemaCompatibility.Backward, 4, 3, 2));
        Assert.Equal("schema://a/b/v3", Resolve(1, SchemaCompatibility.Backward, 3, 4));
        Assert.Null(Resolve(1, SchemaCompatibility.Backward, 4));
        Assert.Null(Resolve(3, SchemaCompatibility.Backward, 1, 2));
        Assert.Null(Resolve(9, SchemaCompatibility.Backward, 1, 2));

        string? Resolve(int written, SchemaCompatibility compatibility, params int[] readable) =>
            registry.Resolve(Id(written), Array.ConvertAll(readable, Id), compatibility)?.Id.ToString();
    }

    [Fact]
    public void Registry_WhenContentsAreEqual_HasTheSameIdentity()
    {
        var (one, other) = (new SchemaRegistry(), new SchemaRegistry());
        one.Add(Schema("\"int8\"", 1));
        one.Add(Schema("\"int16\"", 2));
        other.Add(Schema("\"int16\"", 2));
        Assert.NotEqual(one.Identity, other.Identity, StringComparer.Ordinal);
        other.Add(Schema("\"int8\"", 1));
        Assert.Equal(one.Identity, other.Identity);
    }

    private static SchemaId Id(int version) => SchemaId.Parse("schema://a/b/v1").WithVersion(version);

    private static Schema Schema(string type, int version, string more = "") =>
        Molt.Contracts.Schemas.Schema.Parse(Encoding.UTF8.GetBytes($$"""{"sir":1,"id":"{{Id(version)}}"{{more}},"type":{{type}}}"""));
}
