using System.Globalization;

namespace Molt.Contracts.Schemas;

/// <summary>Writes a payload that has been validated as JSON for people.</summary>
internal static class PayloadJsonWriter
{
    public static byte[] Write(PayloadPlan plan, ReadOnlySpan<byte> payload)
    {
        var reader = new PayloadReader(payload, new PayloadLimits { MaxBytes = int.MaxValue, MaxDepth = 256, MaxItems = int.MaxValue });
        var text = new JsonText();
        Value(plan, ref reader, text);
        return text.ToArray();
    }

    private static void Value(PayloadPlan plan, ref PayloadReader reader, JsonText text)
    {
        switch (plan.Op)
        {
            case PayloadOp.Bool:
                text.Raw(reader.ReadBool() ? "true"u8 : "false"u8);
                break;
            case PayloadOp.Integer:
                Integer(plan, reader.ReadInteger(), text);
                break;
            case PayloadOp.UInt64:
                var unsigned = reader.ReadUInt64();
                Digits(unsigned.ToString(CultureInfo.InvariantCulture), unsigned > ScalarKinds.SafeInteger, text);
                break;
            case PayloadOp.Float32:
                Float(reader.ReadFloat32(), text);
                break;
            case PayloadOp.Float64:
                Float(reader.ReadFloat64(), text);
                break;
            case PayloadOp.Text or PayloadOp.Decimal:
                text.String(reader.ReadUtf8());
                break;
            case PayloadOp.Binary:
                text.String(Convert.ToBase64String(reader.ReadBinary()));
                break;
            case PayloadOp.Uuid:
                text.String(reader.ReadUuid().ToString("D"));
                break;
            case PayloadOp.Json:
                Json(ref reader, text);
                break;
            case PayloadOp.Enum:
                text.String(plan.Names[reader.ReadIndex(plan.Names.Length)]);
                break;
            case PayloadOp.Optional:
                if (reader.TryReadNil())
                {
                    text.Raw("null"u8);
                }
                else
                {
                    Value(plan.Item!, ref reader, text);
                }

                break;
            case PayloadOp.List:
                List(plan, ref reader, text);
                break;
            case PayloadOp.Map:
                Map(plan, ref reader, text);
                break;
            case PayloadOp.Union:
                Union(plan, ref reader, text);
                break;
            default:
                Record(plan, ref reader, text);
                break;
        }
    }

    private static void Integer(PayloadPlan plan, long value, JsonText text)
    {
        switch (plan.Scalar)
        {
            case ScalarKind.Timestamp:
                text.String(TimeText.OfTimestamp(value));
                break;
            case ScalarKind.Duration:
                text.String(TimeText.OfDuration(value));
                break;
            default:
                Digits(value.ToString(CultureInfo.InvariantCulture), value is < -ScalarKinds.SafeInteger or > ScalarKinds.SafeInteger, text);
                break;
        }
    }

    private static void Digits(string digits, bool isUnsafe, JsonText text)
    {
        if (isUnsafe)
        {
            text.String(digits);
        }
        else
        {
            text.Raw(digits);
        }
    }

    private static void Float(double value, JsonText text)
    {
        if (double.IsFinite(value))
        {
            text.Number(value);
        }
        else
        {
            text.String(double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
        }
    }

    private static void List(PayloadPlan plan, ref PayloadReader reader, JsonText text)
    {
        text.Begin('[');
        var count = reader.BeginArray();
        for (var i = 0; i < count; i++)
        {
            Value(plan.Item!, ref reader, text);
        }

        reader.End();
        text.End(']');
    }

    private static void Map(PayloadPlan plan, ref PayloadReader reader, JsonText text)
    {
        text.Begin('{');
        var count = reader.BeginMap();
        for (var i = 0; i < count; i++)
        {
            if (plan.Scalar == ScalarKind.String)
            {
                text.Name(reader.ReadUtf8());
            }
            else
            {
                text.Name(reader.ReadInteger().ToString(CultureInfo.InvariantCulture));
            }

            Value(plan.Item!, ref reader, text);
        }

        reader.End();
        text.End('}');
    }

    private static void Union(PayloadPlan plan, ref PayloadReader reader, JsonText text)
    {
        text.Begin('{');
        reader.BeginArray();
        var variant = reader.ReadIndex(plan.Variants.Length);
        text.Name(plan.Names[variant]);
        Value(plan.Variants[variant], ref reader, text);
        reader.End();
        text.End('}');
    }

    private static void Record(PayloadPlan plan, ref PayloadReader reader, JsonText text)
    {
        text.Begin('{');
        var count = reader.BeginRecord(plan.Fields.Length);
        for (var i = 0; i < plan.Fields.Length; i++)
        {
            var field = plan.Fields[i];
            if (i < count && !(field.IsOptional && reader.TryReadNil()))
            {
                text.Name(field.Name);
                Value(field.Value, ref reader, text);
            }
            else if (field.Default is { } absent)
            {
                text.Name(field.Name);
                text.Raw(Write(field.Value, absent));
            }
        }

        reader.End();
        text.End('}');
    }

    private static void Json(ref PayloadReader reader, JsonText text)
    {
        reader.TryPeek(out var code);
        switch (code)
        {
            case PayloadCode.Nil:
                reader.TryReadNil();
                text.Raw("null"u8);
                break;
            case PayloadCode.False or PayloadCode.True:
                text.Raw(reader.ReadBool() ? "true"u8 : "false"u8);
                break;
            case PayloadCode.Float64:
                text.Number(reader.ReadFloat64());
                break;
            case <= PayloadCode.LastPositiveFix or >= PayloadCode.FirstNegativeFix or (>= PayloadCode.UInt8 and <= PayloadCode.Int64):
                text.Number(reader.ReadInteger());
                break;
            case < PayloadCode.FixArray or PayloadCode.Map16 or PayloadCode.Map32:
                text.Begin('{');
                for (var left = reader.BeginMap(); left > 0; left--)
                {
                    text.Name(reader.ReadUtf8());
                    Json(ref reader, text);
                }

                reader.End();
                text.End('}');
                break;
            case < PayloadCode.FixStr or PayloadCode.Array16 or PayloadCode.Array32:
                text.Begin('[');
                for (var left = reader.BeginArray(); left > 0; left--)
                {
                    Json(ref reader, text);
                }

                reader.End();
                text.End(']');
                break;
            default:
                text.String(reader.ReadUtf8());
                break;
        }
    }
}
