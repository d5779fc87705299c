using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Molt.Contracts.Schemas;

/// <summary>
/// Checks payloads of one schema and turns them into JSON and back. The bytes are described in docs/reference/codec.md: every
/// value has one form, anything else is refused. Instances are shared by all threads.
/// </summary>
public sealed class PayloadCodec
{
    private readonly PayloadPlan _plan;

    internal PayloadCodec(Schema schema)
    {
        Schema = schema;
        _plan = PayloadPlan.Of(schema, schema.Type);
    }

    public Schema Schema { get; }

    /// <summary>The codec of a schema; made once.</summary>
    public static PayloadCodec For(Schema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return schema.Codec;
    }

    /// <summary>Checks that bytes are the form of one value of the schema. Allocates nothing when they are.</summary>
    /// <exception cref="PayloadException">They are not.</exception>
    public void Validate(ReadOnlySpan<byte> payload, in PayloadLimits limits = default)
    {
        if (!TryValidate(payload, out var fault, limits))
        {
            throw new PayloadException(fault);
        }
    }

    /// <summary>Checks that bytes are the form of one value of the schema. Allocates nothing when they are.</summary>
    public bool TryValidate(ReadOnlySpan<byte> payload, [NotNullWhen(false)] out PayloadFault? fault, in PayloadLimits limits = default)
    {
        var reader = new PayloadReader(payload, limits);
        if (reader.TryStart() && PayloadValidator.Check(_plan, ref reader) && reader.TryFinish())
        {
            fault = null;
            return true;
        }

        fault = reader.Failure!.ToFault();
        return false;
    }

    /// <summary>A payload as JSON for people: fields by name, defaults filled in.</summary>
    /// <exception cref="PayloadException">The payload is not one of the schema.</exception>
    public byte[] ToJson(ReadOnlySpan<byte> payload, in PayloadLimits limits = default)
    {
        Validate(payload, limits);
        return PayloadJsonWriter.Write(_plan, payload);
    }

    /// <summary>The payload of a JSON text.</summary>
    /// <exception cref="PayloadException">The JSON is not a value of the schema.</exception>
    public byte[] FromJson(ReadOnlySpan<byte> json, in PayloadLimits limits = default) =>
        TryFromJson(json, out var payload, out var fault, limits) ? payload : throw new PayloadException(fault);

    /// <summary>The payload of a JSON text, or what is wrong with it.</summary>
    public bool TryFromJson(
        ReadOnlySpan<byte> json, [NotNullWhen(true)] out byte[]? payload, [NotNullWhen(false)] out PayloadFault? fault, in PayloadLimits limits = default)
    {
        payload = PayloadJsonReader.Read(_plan, json, Schema.Coercion == SchemaCoercion.Lax, limits, out fault);
        return payload is not null;
    }
}

/// <summary>A type that the source generator gave a schema, with <see cref="MoltSchemaAttribute"/>.</summary>
/// <typeparam name="TSelf">The type itself.</typeparam>
public interface ISchemaRecord<TSelf>
    where TSelf : ISchemaRecord<TSelf>
{
    static abstract Schema Schema { get; }

    /// <summary>Writes a value without judging its constraints; <see cref="SchemaRecord.Encode{T}(T, in PayloadLimits)"/> does that too.</summary>
    static abstract void Write(ref PayloadWriter writer, TSelf value);

    /// <summary>Reads a value of a payload that has been validated. From any other it throws, or reads what the schema would refuse.</summary>
    static abstract TSelf Read(ref PayloadReader reader);
}

/// <summary>Values of generated types to payloads and back, with every check of the schema.</summary>
public static class SchemaRecord
{
    /// <exception cref="PayloadException">The value breaks its schema.</exception>
    public static byte[] Encode<T>(T value, in PayloadLimits limits = default)
        where T : ISchemaRecord<T>
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new PayloadWriter(output, limits);
        T.Write(ref writer, value);
        writer.Flush();
        PayloadCodec.For(T.Schema).Validate(output.WrittenSpan, limits);
        return output.WrittenSpan.ToArray();
    }

    /// <exception cref="PayloadException">The bytes are not a payload of the type's schema.</exception>
    public static T Decode<T>(ReadOnlySpan<byte> payload, in PayloadLimits limits = default)
        where T : ISchemaRecord<T>
    {
        PayloadCodec.For(T.Schema).Validate(payload, limits);
        var reader = new PayloadReader(payload, limits);
        return T.Read(ref reader);
    }
}
