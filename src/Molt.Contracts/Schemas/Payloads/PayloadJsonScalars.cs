using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Molt.Contracts.Schemas;

/// <summary>Writes JSON scalars into a payload, with the conversions that lax schemas allow.</summary>
internal sealed class PayloadJsonScalars(bool isLax, Func<PayloadFaultKind, string, bool> fail)
{
    public bool Write(PayloadPlan plan, JsonElement json, ref PayloadWriter writer) => plan.Op switch
    {
        PayloadOp.Bool => Bool(json, ref writer),
        PayloadOp.Integer when plan.Scalar == ScalarKind.Timestamp => Timestamp(json, ref writer),
        PayloadOp.Integer when plan.Scalar == ScalarKind.Duration => Duration(json, ref writer),
        PayloadOp.Integer or PayloadOp.UInt64 => Integer(plan, json, ref writer),
        PayloadOp.Float32 or PayloadOp.Float64 => Float(plan, json, ref writer),
        PayloadOp.Text => Text(json, ref writer),
        PayloadOp.Binary => Binary(json, ref writer),
        PayloadOp.Uuid => Uuid(json, ref writer),
        _ => Decimal(json, ref writer),
    };

    public bool Text(JsonElement json, ref PayloadWriter writer)
    {
        if (json.ValueKind != JsonValueKind.String)
        {
            return fail(PayloadFaultKind.Mistyped, "must be a string.");
        }

        if (JsonTexts.TextOf(json) is not { } text)
        {
            return fail(PayloadFaultKind.Mistyped, "the string holds half a character.");
        }

        writer.WriteString(text);
        return true;
    }

    private bool Bool(JsonElement json, ref PayloadWriter writer)
    {
        bool? value = json.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String when isLax => JsonTexts.TextOf(json) switch
            {
                "true" or "1" => true,
                "false" or "0" => false,
                _ => null,
            },
            JsonValueKind.Number when isLax => json.GetDouble() switch
            {
                1 => true,
                0 => false,
                _ => null,
            },
            _ => null,
        };
        if (value is not { } found)
        {
            return fail(PayloadFaultKind.Mistyped, "must be true or false.");
        }

        writer.WriteBool(found);
        return true;
    }

    private bool Integer(PayloadPlan plan, JsonElement json, ref PayloadWriter writer)
    {
        if (IntegerText(plan.Scalar, json) is not { } text)
        {
            return fail(PayloadFaultKind.Mistyped, "must be a whole number.");
        }

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            writer.WriteInteger(value);
            return true;
        }

        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var large))
        {
            writer.WriteUInt64(large);
            return true;
        }

        return fail(PayloadFaultKind.OutOfRange, "the number is more than the type holds.");
    }

    /// <summary>The digits of a whole number; null when the JSON is none.</summary>
    private string? IntegerText(ScalarKind kind, JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.String && (isLax || kind is ScalarKind.Int64 or ScalarKind.UInt64))
        {
            return JsonTexts.TextOf(json) is { } text && IsWhole(text) ? text : null;
        }

        if (json.ValueKind != JsonValueKind.Number)
        {
            return null;
        }

        var digits = json.GetRawText();
        if (IsWhole(digits))
        {
            return digits;
        }

        // 5.0 and 5e0 are whole numbers to lax eyes.
        var number = json.GetDouble();
        return isLax && double.IsInteger(number) && Math.Abs(number) <= ScalarKinds.SafeInteger ? ((long)number).ToString(CultureInfo.InvariantCulture) : null;
    }

    private static bool IsWhole(string text)
    {
        var digits = text.AsSpan(text.StartsWith('-') ? 1 : 0);
        return !digits.IsEmpty && digits.IndexOfAnyExceptInRange('0', '9') < 0 && (digits.Length == 1 || digits[0] != '0');
    }

    private bool Float(PayloadPlan plan, JsonElement json, ref PayloadWriter writer)
    {
        double value;
        if (json.ValueKind == JsonValueKind.Number)
        {
            value = json.GetDouble();
            if (!double.IsFinite(plan.Op == PayloadOp.Float32 ? (float)value : value))
            {
                return fail(PayloadFaultKind.OutOfRange, "the number is larger than the type holds.");
            }
        }
        else if (json.ValueKind != JsonValueKind.String || !TryFloatText(JsonTexts.TextOf(json), out value))
        {
            return fail(PayloadFaultKind.Mistyped, "must be a number, \"NaN\", \"Infinity\" or \"-Infinity\".");
        }

        if (plan.Op == PayloadOp.Float32)
        {
            writer.WriteFloat32((float)value);
        }
        else
        {
            writer.WriteFloat64(value);
        }

        return true;
    }

    private bool TryFloatText(string? text, out double value)
    {
        switch (text)
        {
            case "NaN":
                value = double.NaN;
                return true;
            case "Infinity":
                value = double.PositiveInfinity;
                return true;
            case "-Infinity":
                value = double.NegativeInfinity;
                return true;
            default:
                value = 0;
                return isLax && text is { Length: > 0 } && char.IsAsciiDigit(text[^1]) && (char.IsAsciiDigit(text[0]) || text[0] == '-')
                    && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value)
                    && double.IsFinite(value);
        }
    }

    private bool Binary(JsonElement json, ref PayloadWriter writer)
    {
        // Base64 readers skip white space; the one form has none.
        if (json.ValueKind != JsonValueKind.String || JsonTexts.TextOf(json) is not { } text || text.AsSpan().IndexOfAny(" \t\r\n") >= 0
            || !Base64.IsValid(text))
        {
            return fail(PayloadFaultKind.Mistyped, "must be bytes in base64, with padding.");
        }

        writer.WriteBytes(Convert.FromBase64String(text));
        return true;
    }

    private bool Uuid(JsonElement json, ref PayloadWriter writer)
    {
        if (json.ValueKind != JsonValueKind.String || !Guid.TryParseExact(JsonTexts.TextOf(json), "D", out var value))
        {
            return fail(PayloadFaultKind.Mistyped, "must be a uuid such as \"123e4567-e89b-12d3-a456-426614174000\".");
        }

        writer.WriteUuid(value);
        return true;
    }

    private bool Timestamp(JsonElement json, ref PayloadWriter writer)
    {
        if (json.ValueKind != JsonValueKind.String || JsonTexts.TextOf(json) is not { } text || !TimeText.TryTimestamp(text, out var value))
        {
            return fail(PayloadFaultKind.Mistyped, "must be a time such as \"2026-01-02T03:04:05.678Z\": in UTC, with at most six digits of a second.");
        }

        writer.WriteInteger(value);
        return true;
    }

    private bool Duration(JsonElement json, ref PayloadWriter writer)
    {
        if (json.ValueKind != JsonValueKind.String || JsonTexts.TextOf(json) is not { } text || !TimeText.TryDuration(text, out var value))
        {
            return fail(PayloadFaultKind.Mistyped, "must be a duration in seconds such as \"PT1.5S\", with at most six digits of a second.");
        }

        writer.WriteInteger(value);
        return true;
    }

    private bool Decimal(JsonElement json, ref PayloadWriter writer)
    {
        var text = json.ValueKind switch
        {
            JsonValueKind.String => JsonTexts.TextOf(json),
            JsonValueKind.Number when isLax => json.TryGetDecimal(out var number) ? number.ToString(CultureInfo.InvariantCulture) : json.GetRawText(),
            _ => null,
        };
        if (text is null || DecimalText.Judge(Encoding.UTF8.GetBytes(text)) == DecimalTextState.NoNumber)
        {
            return fail(PayloadFaultKind.Mistyped, "must be a decimal number as a string, for example \"12.50\".");
        }

        if (!DecimalText.TryParse(text, out var value))
        {
            return fail(PayloadFaultKind.OutOfRange, "a decimal has at most 28 digits, and at most 28 behind the point.");
        }

        writer.WriteDecimal(value);
        return true;
    }
}
