using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Molt.Contracts.Schemas;

/// <summary>
/// Walks over a payload beside its plan. Allocates nothing unless it finds a fault; only then are the steps of the path
/// collected, on the way out.
/// </summary>
internal static class PayloadValidator
{
    private const int LongestTextOnStack = 256;

    public static bool Check(PayloadPlan plan, ref PayloadReader reader)
    {
        switch (plan.Op)
        {
            case PayloadOp.Bool:
                return reader.TryBool(out _);
            case PayloadOp.Integer:
                return CheckInteger(plan, ref reader);
            case PayloadOp.UInt64:
                return reader.TryUnsigned(out var unsigned)
                    && ((unsigned >= plan.LeastUnsigned && unsigned <= plan.MostUnsigned) || reader.FailRange(unsigned, plan.LeastUnsigned, plan.MostUnsigned));
            case PayloadOp.Float32:
                return reader.TryFloat32(out var single) && CheckFloat(plan, single, ref reader);
            case PayloadOp.Float64:
                return reader.TryFloat64(out var number) && CheckFloat(plan, number, ref reader);
            case PayloadOp.Text:
                return reader.TryText(out var text) && CheckText(plan, text, ref reader);
            case PayloadOp.Binary:
                return reader.TryBinary(out var bytes) && CheckCount(plan, bytes.Length, "bytes", ref reader);
            case PayloadOp.Uuid:
                return reader.TryBinary(out var uuid) && reader.IsUuid(uuid.Length);
            case PayloadOp.Decimal:
                return reader.TryDecimal(out var digits) && CheckDecimal(plan, digits, ref reader);
            case PayloadOp.Json:
                return CheckJson(ref reader);
            case PayloadOp.Enum:
                return reader.TryIndex(plan.Names.Length, out _);
            case PayloadOp.Optional:
                return reader.TryReadNil() || Check(plan.Item!, ref reader);
            case PayloadOp.List:
                return CheckList(plan, ref reader);
            case PayloadOp.Map:
                return CheckMap(plan, ref reader);
            case PayloadOp.Union:
                return CheckUnion(plan, ref reader);
            default:
                return CheckRecord(plan, ref reader);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool CheckInteger(PayloadPlan plan, ref PayloadReader reader) =>
        reader.TryInteger(out var value) && ((value >= plan.Least && value <= plan.Most) || reader.FailRange(value, plan.Least, plan.Most));

    public static bool CheckJson(ref PayloadReader reader)
    {
        if (!reader.TryPeek(out var code))
        {
            return false;
        }

        switch (code)
        {
            case PayloadCode.Nil:
                return reader.TryReadNil();
            case PayloadCode.False or PayloadCode.True:
                return reader.TryBool(out _);
            case PayloadCode.Float64:
                return reader.TryFloat64(out var number) && CheckJsonFloat(number, ref reader);
            case <= PayloadCode.LastPositiveFix or >= PayloadCode.FirstNegativeFix or (>= PayloadCode.UInt8 and <= PayloadCode.Int64):
                return reader.TryInteger(out var integer)
                    && (integer is >= -ScalarKinds.SafeInteger and <= ScalarKinds.SafeInteger || reader.FailRange(integer, -ScalarKinds.SafeInteger, ScalarKinds.SafeInteger));
            case < PayloadCode.FixArray or PayloadCode.Map16 or PayloadCode.Map32:
                return reader.TryBeginMap(out var count) && CheckNamedEntries(item: null, count, ref reader);
            case < PayloadCode.FixStr or PayloadCode.Array16 or PayloadCode.Array32:
                return CheckJsonArray(ref reader);
            case < PayloadCode.Nil or (>= PayloadCode.Str8 and <= PayloadCode.Str32):
                return reader.TryText(out _);
            default:
                return reader.FailType("a JSON value");
        }
    }

    private static bool CheckJsonFloat(double number, ref PayloadReader reader)
    {
        if (!double.IsFinite(number))
        {
            return reader.Fail(PayloadFaultKind.OutOfRange, "JSON has no NaN and no infinities.");
        }

        return !double.IsInteger(number) || Math.Abs(number) > ScalarKinds.SafeInteger
            || reader.Fail(PayloadFaultKind.NonCanonical, "a whole number within ±(2^53 - 1) is an integer in JSON.");
    }

    private static bool CheckJsonArray(ref PayloadReader reader)
    {
        if (!reader.TryBeginArray(out var count))
        {
            return false;
        }

        for (var i = 0; i < count; i++)
        {
            if (!CheckJson(ref reader))
            {
                return At(PayloadPath.Index(i), ref reader);
            }
        }

        reader.End();
        return true;
    }

    private static bool CheckList(PayloadPlan plan, ref PayloadReader reader)
    {
        if (!reader.TryBeginArray(out var count) || !CheckCount(plan, count, "items", ref reader))
        {
            return false;
        }

        var item = plan.Item!;
        var areIntegers = item.Op == PayloadOp.Integer;
        for (var i = 0; i < count; i++)
        {
            // Lists of integers are many and long: they skip the choice among all types.
            if (!(areIntegers ? CheckInteger(item, ref reader) : Check(item, ref reader)))
            {
                return At(PayloadPath.Index(i), ref reader);
            }
        }

        reader.End();
        return true;
    }

    private static bool CheckMap(PayloadPlan plan, ref PayloadReader reader)
    {
        if (!reader.TryBeginMap(out var count) || !CheckCount(plan, count, "entries", ref reader))
        {
            return false;
        }

        return plan.Scalar == ScalarKind.String ? CheckNamedEntries(plan.Item!, count, ref reader) : CheckNumberedEntries(plan, count, ref reader);
    }

    // Without a plan the values are JSON.
    private static bool CheckNamedEntries(PayloadPlan? item, int count, ref PayloadReader reader)
    {
        var last = default(ReadOnlySpan<byte>);
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryText(out var key))
            {
                return false;
            }

            if (i > 0 && last.SequenceCompareTo(key) >= 0)
            {
                return FailOrder(Encoding.UTF8.GetString(key), ref reader);
            }

            last = key;
            if (!(item is null ? CheckJson(ref reader) : Check(item, ref reader)))
            {
                return At(PayloadPath.Key(Encoding.UTF8.GetString(key)), ref reader);
            }
        }

        reader.End();
        return true;
    }

    private static bool CheckNumberedEntries(PayloadPlan plan, int count, ref PayloadReader reader)
    {
        var last = 0L;
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryInteger(out var key))
            {
                return false;
            }

            if (key < plan.Least || key > plan.Most)
            {
                return reader.FailRange(key, plan.Least, plan.Most);
            }

            if (i > 0 && last >= key)
            {
                return FailOrder(key.ToString(CultureInfo.InvariantCulture), ref reader);
            }

            last = key;
            if (!Check(plan.Item!, ref reader))
            {
                return At(PayloadPath.Key(key.ToString(CultureInfo.InvariantCulture)), ref reader);
            }
        }

        reader.End();
        return true;
    }

    private static bool CheckUnion(PayloadPlan plan, ref PayloadReader reader)
    {
        if (!reader.TryBeginArray(out var count))
        {
            return false;
        }

        if (count != 2)
        {
            return reader.Fail(PayloadFaultKind.Mistyped, "a union has two items: the number of the variant and its value.");
        }

        if (!reader.TryIndex(plan.Variants.Length, out var variant))
        {
            return false;
        }

        if (!Check(plan.Variants[variant], ref reader))
        {
            return At(PayloadPath.Member(plan.Names[variant]), ref reader);
        }

        reader.End();
        return true;
    }

    private static bool CheckRecord(PayloadPlan plan, ref PayloadReader reader)
    {
        var fields = plan.Fields;
        if (!reader.TryBeginRecord(fields.Length, out var count))
        {
            return false;
        }

        for (var i = 0; i < count; i++)
        {
            var field = fields[i];
            if (reader.IsNil && field.Value.Op != PayloadOp.Json)
            {
                if (!field.IsOptional)
                {
                    return FailField(PayloadFaultKind.Missing, "a required field is absent.", field, ref reader);
                }

                reader.TryReadNil();
                if (i == count - 1)
                {
                    return FailField(PayloadFaultKind.NonCanonical, "absent fields at the end are left out.", field, ref reader);
                }

                continue;
            }

            if (!CheckField(field, i == count - 1, ref reader))
            {
                return false;
            }
        }

        for (var i = count; i < fields.Length; i++)
        {
            if (!fields[i].IsOptional)
            {
                return FailField(PayloadFaultKind.Missing, "a required field is absent.", fields[i], ref reader);
            }
        }

        reader.End();
        return true;
    }

    /// <summary>A field that is written; one of JSON may be nil, which is null when required and absence when optional.</summary>
    private static bool CheckField(PayloadFieldPlan field, bool isLast, ref PayloadReader reader)
    {
        var start = reader.Position;
        if (field.IsOptional && isLast && reader.IsNil)
        {
            return FailField(PayloadFaultKind.NonCanonical, "absent fields at the end are left out.", field, ref reader);
        }

        if (!Check(field.Value, ref reader))
        {
            return At(PayloadPath.Member(field.Name), ref reader);
        }

        return field.Default is not { } absent || !reader.Since(start).SequenceEqual(absent)
            || FailField(PayloadFaultKind.NonCanonical, "a value that is the default is left out.", field, ref reader);
    }

    private static bool CheckFloat(PayloadPlan plan, double value, ref PayloadReader reader) =>
        !plan.HasFloatBounds || (value >= plan.LeastFloat && value <= plan.MostFloat)
        || reader.Fail(PayloadFaultKind.OutOfRange, string.Create(CultureInfo.InvariantCulture, $"{value} is not within {plan.LeastFloat} and {plan.MostFloat}."));

    private static bool CheckDecimal(PayloadPlan plan, ReadOnlySpan<byte> digits, ref PayloadReader reader)
    {
        if (plan.LeastDecimal is null && plan.MostDecimal is null)
        {
            return true;
        }

        var value = decimal.Parse(digits, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        return (!(value < plan.LeastDecimal) && !(value > plan.MostDecimal))
            || reader.Fail(PayloadFaultKind.OutOfRange, string.Create(CultureInfo.InvariantCulture, $"{value} is not within its bounds."));
    }

    private static bool CheckCount(PayloadPlan plan, int count, string what, ref PayloadReader reader) =>
        (count >= plan.LeastCount && count <= plan.MostCount) || FailCount(plan, count, what, ref reader);

    private static bool FailCount(PayloadPlan plan, int count, string what, ref PayloadReader reader) => reader.Fail(
        PayloadFaultKind.OutOfRange,
        plan.MostCount == int.MaxValue
            ? string.Create(CultureInfo.InvariantCulture, $"{count} {what}; at least {plan.LeastCount} are needed.")
            : string.Create(CultureInfo.InvariantCulture, $"{count} {what}; from {plan.LeastCount} to {plan.MostCount} are allowed."));

    private static bool CheckText(PayloadPlan plan, ReadOnlySpan<byte> text, ref PayloadReader reader)
    {
        // Bytes are at least as many as code points, and at most four times as many.
        if ((text.Length > plan.MostCount || text.Length < (long)plan.LeastCount * 4) && !CheckCount(plan, CodePoints(text), "characters", ref reader))
        {
            return false;
        }

        if (plan.Format != SchemaFormat.None && !SchemaFormats.IsMatch(plan.Format, text))
        {
            return reader.Fail(PayloadFaultKind.OutOfRange, $"the string is not of the format {SchemaFormats.NameOf(plan.Format)}.");
        }

        return plan.Pattern is null || IsMatch(plan.Pattern, text)
            || reader.Fail(PayloadFaultKind.OutOfRange, $"the string does not match the pattern {((ScalarType)plan.Type).Pattern}");
    }

    private static int CodePoints(ReadOnlySpan<byte> text)
    {
        var count = 0;
        foreach (var unit in text)
        {
            // Every byte but those that continue a code point begins one.
            count += (unit & 0xc0) == 0x80 ? 0 : 1;
        }

        return count;
    }

    private static bool IsMatch(Regex pattern, ReadOnlySpan<byte> text)
    {
        if (text.Length <= LongestTextOnStack)
        {
            Span<char> characters = stackalloc char[LongestTextOnStack];
            return pattern.IsMatch(characters[..Encoding.UTF8.GetChars(text, characters)]);
        }

        var rented = ArrayPool<char>.Shared.Rent(text.Length);
        try
        {
            return pattern.IsMatch(rented.AsSpan(0, Encoding.UTF8.GetChars(text, rented)));
        }
        finally
        {
            ArrayPool<char>.Shared.Return(rented);
        }
    }

    private static bool FailField(PayloadFaultKind kind, string message, PayloadFieldPlan field, ref PayloadReader reader) =>
        reader.FailAt(kind, message, PayloadPath.Member(field.Name));

    private static bool FailOrder(string key, ref PayloadReader reader) =>
        reader.FailAt(PayloadFaultKind.NonCanonical, "keys ascend, each once.", PayloadPath.Key(key));

    private static bool At(string step, ref PayloadReader reader)
    {
        reader.Failure!.At(step);
        return false;
    }
}
