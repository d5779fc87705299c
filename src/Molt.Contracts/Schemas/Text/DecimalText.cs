using System.Globalization;

namespace Molt.Contracts.Schemas;

/// <summary>What a text says as a decimal number.</summary>
internal enum DecimalTextState
{
    Canonical,

    /// <summary>A number, but not in its one form: leading or trailing zeros, or a negative zero.</summary>
    OtherForm,

    /// <summary>More than 28 digits, or more than 28 behind the point.</summary>
    TooLong,
    NoNumber,
}

/// <summary>
/// Decimal numbers as text: <c>-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?</c>, no <c>-0</c>. Digits count from the first that is not 0
/// to the last one written.
/// </summary>
internal static class DecimalText
{
    public const int MostDigits = 28;

    // A sign, a zero, a point and 28 digits.
    public const int Longest = MostDigits + 3;

    public static DecimalTextState Judge(ReadOnlySpan<byte> text)
    {
        var digits = text;
        var isNegative = digits.StartsWith("-"u8);
        if (isNegative)
        {
            digits = digits[1..];
        }

        var point = digits.IndexOf((byte)'.');
        var whole = point < 0 ? digits : digits[..point];
        var fraction = point < 0 ? default : digits[(point + 1)..];
        if (!AreDigits(whole) || (point >= 0 && !AreDigits(fraction)))
        {
            return DecimalTextState.NoNumber;
        }

        var isZero = digits.IndexOfAnyExcept((byte)'0', (byte)'.') < 0;
        if ((whole.Length > 1 && whole[0] == '0') || (point >= 0 && fraction[^1] == '0') || (isNegative && isZero))
        {
            return DecimalTextState.OtherForm;
        }

        var significant = whole is [(byte)'0'] ? fraction.TrimStart((byte)'0').Length : whole.Length + fraction.Length;
        return significant > MostDigits || fraction.Length > MostDigits ? DecimalTextState.TooLong : DecimalTextState.Canonical;
    }

    /// <summary>Reads a number in any form.</summary>
    public static bool TryParse(string? text, out decimal value)
    {
        value = 0;
        Span<byte> ascii = stackalloc byte[Longest * 4];
        if (text is null || text.Length > ascii.Length || !System.Text.Encoding.UTF8.TryGetBytes(text, ascii, out var length)
            || Judge(ascii[..length]) == DecimalTextState.NoNumber || !TryShorten(text, out var shortened))
        {
            return false;
        }

        value = decimal.Parse(shortened, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        return true;
    }

    /// <summary>The text of a number, in its one form; null when it has too many digits.</summary>
    public static string? Of(decimal value) => TryShorten(value.ToString(CultureInfo.InvariantCulture), out var text) ? text : null;

    /// <summary>Takes away what does not count: zeros in front and behind, the sign of 0.</summary>
    private static bool TryShorten(string text, out string shortened)
    {
        var isNegative = text[0] == '-';
        var digits = isNegative ? text[1..] : text;
        if (digits.Contains('.', StringComparison.Ordinal))
        {
            digits = digits.TrimEnd('0').TrimEnd('.');
        }

        digits = digits.TrimStart('0');
        digits = digits.Length == 0 || digits[0] == '.' ? "0" + digits : digits;
        shortened = isNegative && digits != "0" ? "-" + digits : digits;
        Span<byte> ascii = stackalloc byte[Longest];
        return System.Text.Encoding.ASCII.TryGetBytes(shortened, ascii, out var length) && Judge(ascii[..length]) == DecimalTextState.Canonical;
    }

    private static bool AreDigits(ReadOnlySpan<byte> text) => !text.IsEmpty && text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
}
