using System.Buffers;
using System.Text;
using System.Text.Json;
using Molt.Contracts.Schemas;

namespace Molt.Contracts.Tests.Schemas;

/// <summary>Payloads and JSON that were made to do harm: they cost little and are refused.</summary>
public sealed class PayloadAdversaryTests
{
    private const int LittleMemory = 64 * 1024;

    [Theory]
    [InlineData("\"string\"", "dbffffffff", PayloadFaultKind.Truncated)]
    [InlineData("\"bytes\"", "c6ffffffff00", PayloadFaultKind.Truncated)]
    [InlineData("{\"kind\":\"list\",\"items\":\"bool\"}", "ddffffffff", PayloadFaultKind.TooLarge)]
    [InlineData("{\"kind\":\"list\",\"items\":\"bool\"}", "dd000f4240c2", PayloadFaultKind.Truncated)]
    [InlineData("{\"kind\":\"map\",\"keys\":\"string\",\"values\":\"bool\"}", "dfffffffff", PayloadFaultKind.TooLarge)]
    [InlineData("{\"kind\":\"record\",\"fields\":[]}", "ddffffffff", PayloadFaultKind.TooLarge)]
    [InlineData("\"json\"", "df000f4240", PayloadFaultKind.Truncated)]
    public void Length_WhenHuge_IsRefusedWithoutAllocatingIt(string type, string hex, PayloadFaultKind kind)
    {
        var codec = Codec(type);
        var payload = Convert.FromHexString(hex);
        codec.TryValidate(payload, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(codec.TryValidate(payload, out var fault));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, LittleMemory);
        Assert.Equal(kind, fault.Kind);
    }

    [Theory]
    [InlineData("\"json\"", "91")]
    [InlineData("\"json\"", "81a161")]
    [InlineData("{\"kind\":\"ref\",\"name\":\"Tree\"}", "9191")]
    public void Depth_WhenEndless_IsRefusedAtTheLimit(string type, string level)
    {
        var codec = Codec(type);
        var bomb = Convert.FromHexString(string.Concat(System.Linq.Enumerable.Repeat(level, 200_000)) + "90");
        Assert.False(codec.TryValidate(bomb, out var fault));
        Assert.Equal(PayloadFaultKind.TooDeep, fault.Kind);
        Assert.False(codec.TryValidate(bomb, out fault, new PayloadLimits { MaxDepth = 256 }));
        Assert.Equal(PayloadFaultKind.TooDeep, fault.Kind);
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void Depth_WhenAtTheLimit_IsAllowed(int depth, bool isAllowed)
    {
        var codec = Codec("\"json\"");
        var payload = Convert.FromHexString(string.Concat(System.Linq.Enumerable.Repeat("91", depth - 1)) + "90");
        Assert.Equal(isAllowed, codec.TryValidate(payload, out _));
        Assert.Equal(isAllowed, codec.TryFromJson(Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth)), out var written, out _));
        Assert.Equal(isAllowed ? payload : null, written);
    }

    [Fact]
    public void Json_WhenDeeperThanAnything_IsRefused()
    {
        Assert.False(Codec("\"json\"").TryFromJson(Encoding.UTF8.GetBytes(new string('[', 100_000)), out _, out var fault));
        Assert.Equal(PayloadFaultKind.Mistyped, fault.Kind);
    }

    [Fact]
    public void Limits_WhenSet_AreKept()
    {
        var codec = Codec("{\"kind\":\"list\",\"items\":\"string\"}");
        var payload = codec.FromJson("[\"aaaa\",\"bbbb\"]"u8);
        Assert.Equal("$: too_large: the payload has 11 bytes; the limit is 10.", Refusal(payload, new PayloadLimits { MaxBytes = 10 }));
        Assert.Equal("$: too_large: 2 items; the limit is 1.", Refusal(payload, new PayloadLimits { MaxItems = 1 }));
        Assert.Equal("$[0]: mistyped: a string is wanted; there is an array.", Refusal([0x91, 0x91, 0xa0], new PayloadLimits { MaxDepth = 1 }));
        codec.Validate(payload, new PayloadLimits { MaxBytes = 11, MaxItems = 2, MaxDepth = 1 });
        Assert.Equal(PayloadFaultKind.TooLarge, Assert.Throws<PayloadException>(() => codec.FromJson("[\"aaaa\",\"bbbb\"]"u8, new PayloadLimits { MaxBytes = 10 })).Fault.Kind);
        Assert.Equal(PayloadFaultKind.TooLarge, Assert.Throws<PayloadException>(() => codec.FromJson("[\"aaaa\",\"bbbb\"]"u8, new PayloadLimits { MaxItems = 1 })).Fault.Kind);

        string Refusal(byte[] bytes, PayloadLimits limits)
        {
            Assert.False(codec.TryValidate(bytes, out var fault, limits));
            return fault.ToString();
        }
    }

    [Fact]
    public void Limits_WhenNotPositiveOrTooDeep_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PayloadLimits { MaxBytes = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new PayloadLimits { MaxDepth = 257 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new PayloadLimits { MaxItems = -1 });
    }

    [Fact]
    public void Validation_WhenRightOverAndOver_AllocatesNothing()
    {
        var codec = Codec("""{"kind":"record","fields":[{"name":"s","type":{"kind":"string","maxLength":40,"pattern":"^[a-z ]+$","format":"hostname"}},{"name":"m","type":{"kind":"map","keys":"string","values":"decimal"}},{"name":"j","type":"json"},{"name":"o","type":{"kind":"optional","of":"int8","default":3}}]}""");
        var payload = codec.FromJson("""{"s":"abc","m":{"a":"1.5","b":"2"},"j":{"x":[1,2.5,"y",null]},"o":4}"""u8);
        for (var i = 0; i < 10; i++)
        {
            codec.Validate(payload);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            codec.Validate(payload);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")]
    [InlineData("^(a|aa)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")]
    [InlineData("^(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)x$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")]
    public void Pattern_WhenMadeToBacktrack_DoesNot(string pattern, string text)
    {
        var codec = Codec($"{{\"kind\":\"string\",\"pattern\":{JsonSerializer.Serialize(pattern)}}}");
        Assert.False(codec.TryFromJson(Encoding.UTF8.GetBytes($"\"{text}\""), out _, out var fault));
        Assert.Equal(PayloadFaultKind.OutOfRange, fault.Kind);
    }

    [Theory]
    [InlineData("\"string\"", "\"\\ud800\"", "$: mistyped: the string holds half a character.")]
    [InlineData("\"string\"", "\"\\udc00\\ud800\"", "$: mistyped: the string holds half a character.")]
    [InlineData("\"json\"", "{\"\\ud800\":1}", "$: mistyped: a key holds half a character.")]
    [InlineData("\"json\"", "[\"\\ud800\"]", "$[0]: mistyped: the string holds half a character.")]
    [InlineData("\"json\"", "{\"a\":1,\"a\":2}", "$: non_canonical: the key \"a\" is written twice.")]
    [InlineData("\"json\"", "1e999", "$: out_of_range: the number is larger than a float64 holds.")]
    [InlineData("{\"kind\":\"map\",\"keys\":\"int8\",\"values\":\"bool\"}", "{\"01\":true}", "$: mistyped: the key \"01\" is not a whole number.")]
    [InlineData("{\"kind\":\"map\",\"keys\":\"int8\",\"values\":\"bool\"}", "{\"300\":true}", "$: out_of_range: 300 is not within -128 and 127.")]
    [InlineData("{\"kind\":\"ref\",\"name\":\"Tree\"}", "{\"value\":1}", "$: unknown: has no field \"value\"; known are children.")]
    [InlineData("{\"kind\":\"ref\",\"name\":\"Tree\"}", "{\"childen\":[]}", "$: unknown: has no field \"childen\"; did you mean \"children\"?")]
    [InlineData("{\"kind\":\"ref\",\"name\":\"Tree\"}", "{\"children\":[{\"children\":7}]}", "$.children[0].children: mistyped: must be a list.")]
    [InlineData("{\"kind\":\"enum\",\"values\":[\"red\",\"green\"]}", "\"gren\"", "$: unknown: \"gren\" is not in the enum; did you mean \"green\"?")]
    [InlineData("\"bytes\"", "\"AA\"", "$: mistyped: must be bytes in base64, with padding.")]
    [InlineData("\"bytes\"", "\"AA= =\"", "$: mistyped: must be bytes in base64, with padding.")]
    [InlineData("\"timestamp\"", "\"2026-01-02T03:04:05+01:00\"", "$: mistyped: must be a time such as \"2026-01-02T03:04:05.678Z\": in UTC, with at most six digits of a second.")]
    [InlineData("\"timestamp\"", "\"2026-02-30T03:04:05Z\"", "$: mistyped: must be a time such as \"2026-01-02T03:04:05.678Z\": in UTC, with at most six digits of a second.")]
    [InlineData("\"timestamp\"", "\"9999-01-01T00:00:00Z\"", "$: out_of_range: 253370764800000000 is not within -9007199254740991 and 9007199254740991.")]
    [InlineData("\"duration\"", "\"PT\"", "$: mistyped: must be a duration in seconds such as \"PT1.5S\", with at most six digits of a second.")]
    [InlineData("\"duration\"", "\"P\"", "$: mistyped: must be a duration in seconds such as \"PT1.5S\", with at most six digits of a second.")]
    [InlineData("\"duration\"", "\"\"", "$: mistyped: must be a duration in seconds such as \"PT1.5S\", with at most six digits of a second.")]
    [InlineData("\"int8\"", "128", "$: out_of_range: 128 is not within -128 and 127.")]
    [InlineData("\"int64\"", "99999999999999999999", "$: out_of_range: the number is more than the type holds.")]
    [InlineData("\"int8\"", "5.0", "$: mistyped: must be a whole number.")]
    [InlineData("\"int8\"", "\"5\"", "$: mistyped: must be a whole number.")]
    [InlineData("\"float32\"", "1e39", "$: out_of_range: the number is larger than the type holds.")]
    [InlineData("\"bool\"", "1", "$: mistyped: must be true or false.")]
    [InlineData("\"bool\"", "true true", "$: mistyped: is not JSON (line 1, byte 6).")]
    [InlineData("\"bool\"", "", "$: mistyped: is not JSON (line 1, byte 1).")]
    public void Json_WhenWrong_SaysWhereAndHow(string type, string json, string fault)
    {
        Assert.False(Codec(type).TryFromJson(Encoding.UTF8.GetBytes(json), out _, out var found));
        Assert.Equal(fault, found.ToString());
    }

    [Theory]
    [InlineData("\"int8\"", "\"5\"", "5")]
    [InlineData("\"int8\"", "5.0", "5")]
    [InlineData("\"int8\"", "5e0", "5")]
    [InlineData("\"float64\"", "\"1.5e3\"", "1500")]
    [InlineData("\"bool\"", "\"true\"", "true")]
    [InlineData("\"bool\"", "\"0\"", "false")]
    [InlineData("\"bool\"", "1", "true")]
    [InlineData("\"decimal\"", "1.50", "\"1.5\"")]
    [InlineData("\"int8\"", "\"5.0\"", null)]
    [InlineData("\"int8\"", "5.5", null)]
    [InlineData("\"int8\"", "\"\"", null)]
    [InlineData("\"float64\"", "\" 1\"", null)]
    [InlineData("\"float64\"", "\"1_0\"", null)]
    [InlineData("\"bool\"", "2", null)]
    [InlineData("\"bool\"", "\"yes\"", null)]
    [InlineData("\"string\"", "5", null)]
    public void Json_WhenLax_IsConvertedWhereItsMeaningIsPlain(string type, string json, string? expected)
    {
        var codec = Codec(type, ",\"coercion\":\"lax\"");
        var isFine = codec.TryFromJson(Encoding.UTF8.GetBytes(json), out var payload, out _);
        Assert.Equal(expected, isFine ? Encoding.UTF8.GetString(codec.ToJson(payload!)) : null);
    }

    [Fact]
    public void Writer_WhenTextHoldsHalfACharacter_Refuses()
    {
        foreach (var text in new[] { "\ud800", new string('x', 40) + "\udc00" })
        {
            Assert.Equal(PayloadFaultKind.Mistyped, Assert.Throws<PayloadException>(() =>
            {
                var writer = new PayloadWriter(new ArrayBufferWriter<byte>());
                writer.WriteString(text);
            }).Fault.Kind);
        }
    }

    [Fact]
    public void Writer_WhenThePayloadGrowsPastTheLimit_Refuses()
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(PayloadFaultKind.TooLarge, Assert.Throws<PayloadException>(() =>
        {
            var writer = new PayloadWriter(output, new PayloadLimits { MaxBytes = 1000 });
            for (var i = 0; i < 1001; i++)
            {
                writer.WriteNil();
            }
        }).Fault.Kind);
        Assert.Equal(1000, output.WrittenCount);
    }

    [Theory]
    [InlineData("79228162514264337593543950335", null)]
    [InlineData("9999999999999999999999999999", "bc39393939393939393939393939393939393939393939393939393939")]
    [InlineData("1.500", "a3312e35")]
    [InlineData("-0.0", "a130")]
    public void Writer_WhenADecimalIsWritten_HasItsOneForm(string number, string? hex)
    {
        var output = new ArrayBufferWriter<byte>();
        var value = decimal.Parse(number, System.Globalization.CultureInfo.InvariantCulture);
        if (hex is null)
        {
            Assert.Throws<PayloadException>(Write);
            return;
        }

        Write();
        Assert.Equal(hex, Convert.ToHexStringLower(output.WrittenSpan));

        void Write()
        {
            var writer = new PayloadWriter(output);
            writer.WriteDecimal(value);
            writer.Flush();
        }
    }

    [Fact]
    public void Writer_WhenTimeIsFinerThanAMicrosecond_RoundsDown()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new PayloadWriter(output);
        writer.WriteTimestamp(DateTimeOffset.UnixEpoch.AddTicks(-1));
        writer.WriteTimestamp(DateTimeOffset.UnixEpoch.AddTicks(19));
        writer.WriteDuration(TimeSpan.FromTicks(-11));
        writer.Flush();
        Assert.Equal("ff01fe", Convert.ToHexStringLower(output.WrittenSpan));
    }

    private static PayloadCodec Codec(string type, string more = "") => PayloadCodec.For(Schema.Parse(Encoding.UTF8.GetBytes(
        """{"sir":1,"id":"schema://test/it/v1","definitions":{"Tree":{"kind":"record","fields":[{"name":"children","type":{"kind":"list","items":{"kind":"ref","name":"Tree"}}}]}},"type":""" + type + more + "}")));
}
