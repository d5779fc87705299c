using System.Globalization;

namespace Molt.Contracts.Schemas;

/// <summary>Numbers as ECMAScript writes them (ECMA-262 §6.1.6.1.20, Number::toString), but for -0, which stays.</summary>
internal static class EcmaNumber
{
    /// <summary>The shortest text that reads back as the same double. The value is finite.</summary>
    public static string Text(double value)
    {
        if (value == 0)
        {
            return double.IsNegative(value) ? "-0" : "0";
        }

        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        var digits = Digits(shortest);
        var sign = value < 0 ? "-" : "";
        // n of the standard: where the point stands, counted from before the first digit.
        var point = Exponent(shortest) + 1;
        return point switch
        {
            > 0 and <= 21 when digits.Length <= point => sign + digits + new string('0', point - digits.Length),
            > 0 and <= 21 => sign + digits[..point] + "." + digits[point..],
            > -6 and <= 0 => sign + "0." + new string('0', -point) + digits,
            _ => sign + digits[..1] + (digits.Length > 1 ? "." + digits[1..] : "") + "e" + (point > 0 ? "+" : "-") + Math.Abs(point - 1).ToString(CultureInfo.InvariantCulture),
        };
    }

    private static string Digits(string text)
    {
        var end = text.IndexOf('E', StringComparison.Ordinal);
        var mantissa = (end < 0 ? text : text[..end]).Replace("-", "", StringComparison.Ordinal).Replace(".", "", StringComparison.Ordinal);
        return mantissa.TrimStart('0').TrimEnd('0');
    }

    /// <summary>The power of ten of the first digit that is not 0.</summary>
    private static int Exponent(string shortest)
    {
        var mark = shortest.IndexOf('E', StringComparison.Ordinal);
        var exponent = mark < 0 ? 0 : int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = (mark < 0 ? shortest : shortest[..mark]).TrimStart('-');
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? mantissa : mantissa[..point];
        if (whole.TrimStart('0') is { Length: > 0 } leading)
        {
            return exponent + leading.Length - 1;
        }

        var fraction = mantissa[(point + 1)..];
        return exponent - (fraction.Length - fraction.TrimStart('0').Length) - 1;
    }
}
