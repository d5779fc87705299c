using System.Buffers;
using System.Text;
using System.Text.Json;
using Molt.Contracts.Schemas;

namespace Molt.Contracts.Tests.Schemas;

public sealed class GeneratedRecordTests
{
    [Fact]
    public void Schema_WhenOfPositionalRecord_HasItsParameters() =>
        Assert.Equal(
            """{"id":"schema://acme/greet/v1","sir":1,"type":{"fields":[{"name":"name","type":"string"},{"name":"times","type":{"default":1,"kind":"optional","of":"int32"}}],"kind":"record"}}""",
            Canonical<Greet>());

    [Fact]
    public void Schema_WhenDocumented_SaysSo()
    {
        Assert.Equal("Greets \"somebody\".", Greet.Schema.Doc);
        var count = ((RecordType)Properties.Schema.Type).Fields[1];
        Assert.Equal(("how many", "Of them.", true), (count.Name, count.Doc, count.Deprecated));
    }

    [Fact]
    public void Schema_WhenOfConstraints_HasThem() =>
        Assert.Equal(
            """{"id":"schema://acme/limits/v1","sir":1,"type":{"fields":[{"name":"stars","type":{"ge":1,"kind":"int32","le":5}},{"name":"ratio","type":{"ge":-0.5,"kind":"float64","le":0.5}},{"name":"price","type":{"ge":"0.01","kind":"decimal"}},{"name":"code","type":{"kind":"string","maxLength":4,"minLength":2,"pattern":"^[a-z]+$"}},{"name":"mail","type":{"kind":"optional","of":{"format":"email","kind":"string"}}},{"name":"digits","type":{"items":{"ge":0,"kind":"uint8","le":9},"kind":"list","maxItems":3,"minItems":1}},{"name":"blob","type":{"kind":"bytes","maxLength":4}}],"kind":"record"}}""",
            Canonical<Limits>());

    [Fact]
    public void Schema_WhenRecursive_NamesItself() =>
        Assert.Equal(
            """{"definitions":{"Tree":{"fields":[{"name":"value","type":"int32"},{"name":"children","type":{"items":{"kind":"ref","name":"Tree"},"kind":"list"}}],"kind":"record"}},"id":"schema://acme/tree/v1","sir":1,"type":{"kind":"ref","name":"Tree"}}""",
            Canonical<Tree>());

    [Theory]
    [InlineData("World", 1, "91a5576f726c64")]
    [InlineData("", 2, "92a002")]
    [InlineData("😀", -1, "92a4f09f9880ff")]
    public void Record_WhenEncoded_HasTheBytesOfItsSchema(string name, int times, string hex)
    {
        var value = new Greet(name, times);
        Assert.Equal(hex, Convert.ToHexStringLower(SchemaRecord.Encode(value)));
        Assert.Equal(value, SchemaRecord.Decode<Greet>(Convert.FromHexString(hex)));
    }

    [Fact]
    public void Scalars_WhenEncodedAndDecoded_AreTheSame()
    {
        var value = new Scalars(
            Flag: true, I8: -128, I16: 32767, I32: int.MinValue, I64: long.MinValue, I53: 9007199254740991, U8: 255, U16: 65535, U32: uint.MaxValue, U64: ulong.MaxValue, F32: 0.1f, F64: -0.0,
            Text: "Zoë", Blob: [1, 2], Memory: new byte[] { 3 }, At: new DateTimeOffset(2026, 11, 21, 10, 0, 0, TimeSpan.FromHours(2)), Took: TimeSpan.FromMicroseconds(-1500000),
            Id: new Guid("00112233-4455-6677-8899-aabbccddeeff"), Price: 19.990m, Any: JsonElement.Parse("""{"b":[1.0,null],"a":"x"}"""), Color: Color.Blue);
        var payload = SchemaRecord.Encode(value);
        Assert.Equal(
            """{"flag":true,"i8":-128,"i16":32767,"i32":-2147483648,"i64":"-9223372036854775808","i53":9007199254740991,"u8":255,"u16":65535,"u32":4294967295,"u64":"18446744073709551615","f32":0.10000000149011612,"f64":-0,"text":"Zoë","blob":"AQI=","memory":"Aw==","at":"2026-11-21T08:00:00Z","took":"-PT1.5S","id":"00112233-4455-6677-8899-aabbccddeeff","price":"19.99","any":{"a":"x","b":[1,null]},"color":"deep blue"}""",
            Encoding.UTF8.GetString(PayloadCodec.For(Scalars.Schema).ToJson(payload)));
        var back = SchemaRecord.Decode<Scalars>(payload);
        Assert.Equal(payload, SchemaRecord.Encode(back));
        Assert.Equal((value.At, value.Took, value.Id, value.Price, value.Color), (back.At, back.Took, back.Id, back.Price, back.Color));
    }

    [Fact]
    public void Defaults_WhenNotChanged_AreLeftOut()
    {
        var payload = SchemaRecord.Encode(new Defaults());
        Assert.Equal("90", Convert.ToHexStringLower(payload));
        Assert.Equal(new Defaults(), SchemaRecord.Decode<Defaults>(payload));
        Assert.Equal(SchemaCoercion.Lax, Defaults.Schema.Coercion);
    }

    [Fact]
    public void Defaults_WhenChanged_AreKept()
    {
        var value = new Defaults("", -0.0, 0, 1, 0, 1, false, 0, Color.Red, Guid.AllBitsSet, TimeSpan.FromSeconds(1), 0, "");
        var payload = SchemaRecord.Encode(value);
        var back = SchemaRecord.Decode<Defaults>(payload);
        Assert.Equal(value, back);
        Assert.True(double.IsNegative(back.Zero) && !double.IsNegative(back.Negative));
    }

    [Fact]
    public void Containers_WhenEncodedAndDecoded_AreTheSame()
    {
        var value = new Containers(
            [1, 2], ["a", null], [[1], []], new(StringComparer.Ordinal) { ["\uffff"] = 1, ["😀"] = 2, ["a"] = 3 }, new SortedDictionary<int, List<Color>> { [5] = [Color.Red], [-5] = [] },
            new Point(1, 2), [new Point(3, 4)], new Tree(1, [new Tree(2, [])]));
        var payload = SchemaRecord.Encode(value);
        Assert.Equal(
            """{"numbers":[1,2],"names":["a",null],"grid":[[1],[]],"byName":{"a":3,"￿":1,"😀":2},"byNumber":{"-5":[],"5":["red"]},"origin":{"x":1,"y":2},"path":[{"x":3,"y":4}],"tree":{"value":1,"children":[{"value":2,"children":[]}]}}""",
            Encoding.UTF8.GetString(PayloadCodec.For(Containers.Schema).ToJson(payload)));
        Assert.Equal(payload, SchemaRecord.Encode(SchemaRecord.Decode<Containers>(payload)));
    }

    [Fact]
    public void Properties_WhenDecoded_AreSet()
    {
        var value = new Properties { Name = "n", Count = 4, Note = "x" };
        Assert.Equal(value, SchemaRecord.Decode<Properties>(SchemaRecord.Encode(value)));
        Assert.Equal("91a16e", Convert.ToHexStringLower(SchemaRecord.Encode(new Properties { Name = "n" })));
    }

    [Fact]
    public void Nothing_WhenEncodedAndDecoded_IsAnEmptyRecord()
    {
        Assert.Equal("90", Convert.ToHexStringLower(SchemaRecord.Encode(new Nothing())));
        Assert.Equal(new Nothing(), SchemaRecord.Decode<Nothing>([0x90]));
    }

    [Fact]
    public void Constraint_WhenBroken_IsRefusedBothWays()
    {
        var good = new Limits(5, 0.5, 0.01m, "ab", "a@b.c", [1], []);
        Assert.Equal("$.stars: out_of_range: 6 is not within 1 and 5.", Assert.Throws<PayloadException>(() => SchemaRecord.Encode(good with { Stars = 6 })).Message);
        Assert.Equal("$.code", Assert.Throws<PayloadException>(() => SchemaRecord.Encode(good with { Code = "a1" })).Fault.Path);
        Assert.Equal("$.digits[1]", Assert.Throws<PayloadException>(() => SchemaRecord.Encode(good with { Digits = [1, 10] })).Fault.Path);
        var payload = SchemaRecord.Encode(good);
        payload[1] = 9;
        Assert.Equal("$.stars", Assert.Throws<PayloadException>(() => SchemaRecord.Decode<Limits>(payload)).Fault.Path);
    }

    [Fact]
    public void RequiredField_WhenNull_IsMissing() =>
        Assert.Equal("$.name: missing: a required field is null.", Assert.Throws<PayloadException>(() => SchemaRecord.Encode(new Greet(null!))).Message);

    [Fact]
    public void Enum_WhenNotOneOfItsNames_IsUnknown() =>
        Assert.Equal(PayloadFaultKind.Unknown, Assert.Throws<PayloadException>(() => SchemaRecord.Encode(new Defaults(Color: (Color)99))).Fault.Kind);

    [Fact]
    public void Read_WhenPayloadWasNotValidated_StillRefusesWhatItCannotRead()
    {
        Assert.Equal("$.name: missing: a required field is absent.", Refusal([0x90]));
        Assert.Equal("$: mistyped: a string is wanted; there is an integer.", Refusal([0x91, 0x01]));
        Assert.Equal("$: truncated: the payload ends before the value does.", Refusal([0x91, 0xa5]));

        static string Refusal(byte[] payload) => Assert.Throws<PayloadException>(() =>
        {
            var reader = new PayloadReader(payload);
            Greet.Read(ref reader);
        }).Message;
    }

    [Fact]
    public void Record_WhenDeeperThanTheLimit_IsRefusedWhileItIsWritten()
    {
        var tree = new Tree(0, []);
        for (var i = 0; i < 100; i++)
        {
            tree = new Tree(i, [tree]);
        }

        Assert.Equal(PayloadFaultKind.TooDeep, Assert.Throws<PayloadException>(() => SchemaRecord.Encode(tree)).Fault.Kind);
    }

    [Fact]
    public void Write_WhenRepeated_AllocatesNothing()
    {
        var value = new Containers([1, 2, 3], ["one", "two", null], [[1]], new(StringComparer.Ordinal) { ["a"] = 1, ["b"] = 2 }, new Dictionary<int, List<Color>> { [1] = [Color.Red] }, new Point(1, 2), [new Point(1, 2)]);
        var output = new ArrayBufferWriter<byte>(4096);
        var codec = PayloadCodec.For(Containers.Schema);
        for (var i = 0; i < 3; i++)
        {
            WriteAndValidate(value, output, codec);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            WriteAndValidate(value, output, codec);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void WriteAndValidate(Containers value, ArrayBufferWriter<byte> output, PayloadCodec codec)
    {
        output.ResetWrittenCount();
        var writer = new PayloadWriter(output);
        Containers.Write(ref writer, value);
        writer.Flush();
        codec.Validate(output.WrittenSpan);
    }

    private static string Canonical<T>()
        where T : ISchemaRecord<T> => Encoding.UTF8.GetString(T.Schema.Canonical());
}
