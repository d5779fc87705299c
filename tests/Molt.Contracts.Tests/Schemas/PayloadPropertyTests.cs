using System.Text;
using Molt.Contracts.Schemas;

namespace Molt.Contracts.Tests.Schemas;

/// <summary>What holds for any schema and any value of it, tried on many drawn from fixed seeds.</summary>
public sealed class PayloadPropertyTests
{
    private const int Schemas = 60;
    private const int ValuesPerSchema = 3;
    private const int LongestMutated = 120;

    [Fact]
    public void Document_WhenWrittenAndRead_IsTheSameSchema()
    {
        for (var seed = 0; seed < Schemas; seed++)
        {
            var schema = new RandomSchemas(seed).Next();
            Assert.Equal(schema.Canonical(), Schema.Parse(schema.Canonical()).Canonical());
            Assert.Equal(schema.Identity, Schema.Parse(schema.ToJson()).Identity);
            Assert.Empty(SchemaEvolution.Compare(schema, Schema.Parse(schema.ToJson())));
        }
    }

    [Fact]
    public void Value_WhenEncoded_HasOneFormAndComesBackFromIt()
    {
        foreach (var (codec, payload) in Payloads())
        {
            codec.Validate(payload);
            var json = codec.ToJson(payload);
            Assert.Equal(payload, codec.FromJson(json));
        }
    }

    [Fact]
    public void Payload_WhenCutAnywhere_IsTruncated()
    {
        foreach (var (codec, payload) in Payloads())
        {
            for (var length = 0; length < Math.Min(payload.Length, LongestMutated); length++)
            {
                Assert.False(codec.TryValidate(payload.AsSpan(0, length), out var fault));
                Assert.Equal(PayloadFaultKind.Truncated, fault.Kind);
            }
        }
    }

    [Fact]
    public void Payload_WhenAByteIsAdded_HasTrailingBytes()
    {
        foreach (var (codec, payload) in Payloads())
        {
            Assert.False(codec.TryValidate([.. payload, 0], out var fault));
            Assert.Equal("$: trailing: 1 bytes follow the value.", fault.ToString());
        }
    }

    [Fact]
    public void Payload_WhenAByteIsChanged_IsRefusedOrAnotherValueWithExactlyThatForm()
    {
        Span<byte> others = stackalloc byte[8];
        foreach (var (codec, payload) in Payloads())
        {
            var original = Encoding.UTF8.GetString(codec.ToJson(payload));
            var changed = (byte[])payload.Clone();
            for (var i = 0; i < Math.Min(payload.Length, LongestMutated); i++)
            {
                Others(payload[i], others);
                foreach (var other in others)
                {
                    if (other == payload[i])
                    {
                        continue;
                    }

                    changed[i] = other;
                    if (codec.TryValidate(changed, out _))
                    {
                        var json = codec.ToJson(changed);
                        Assert.NotEqual(original, Encoding.UTF8.GetString(json), StringComparer.Ordinal);
                        Assert.Equal(changed, codec.FromJson(json));
                    }
                }

                changed[i] = payload[i];
            }
        }
    }

    [Fact]
    public void Bytes_WhenRandom_AreRefusedOrHaveExactlyThatForm()
    {
        var random = new Random(20261121);
        var accepted = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var codec = PayloadCodec.For(FuzzSchema);
            var bytes = new byte[random.Next(24)];
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] = random.Next(3) == 0 ? (byte)random.Next(256) : Likely[random.Next(Likely.Length)];
            }

            if (codec.TryValidate(bytes, out _))
            {
                accepted++;
                Assert.Equal(bytes, codec.FromJson(codec.ToJson(bytes)));
            }
        }

        Assert.True(accepted > 100, $"only {accepted} of the random payloads were right, so little was tried");
    }

    /// <summary>Bytes that differ a little, and those that mean something.</summary>
    private static void Others(byte value, Span<byte> others)
    {
        ReadOnlySpan<byte> all = [(byte)(value ^ 1), (byte)(value ^ 0x80), (byte)(value + 1), 0xc0, 0x00, 0xff, 0xcb, 0xdd];
        all.CopyTo(others);
    }

    private static Schema FuzzSchema { get; } = new SchemaBuilder("schema://random/fuzz/v1").Type(SchemaBuilder.Json).Build();

    private static byte[] Likely { get; } = [0x80, 0x81, 0x82, 0x90, 0x91, 0x92, 0xa0, 0xa1, (byte)'a', (byte)'b', 0xc0, 0xc2, 0xc3, 0x01, 0xff, 0xcb, 0xcc, 0xd9, 0xdc];

    private static IEnumerable<(PayloadCodec Codec, byte[] Payload)> Payloads()
    {
        for (var seed = 0; seed < Schemas; seed++)
        {
            var random = new RandomSchemas(seed);
            var schema = random.Next();
            var codec = PayloadCodec.For(schema);
            for (var i = 0; i < ValuesPerSchema; i++)
            {
                yield return (codec, codec.FromJson(Encoding.UTF8.GetBytes(random.Value(schema)!.ToJsonString())));
            }
        }
    }
}
