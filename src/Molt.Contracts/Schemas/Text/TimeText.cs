using System.Globalization;

namespace Molt.Contracts.Schemas;

/// <summary>
/// Points in time and durations as text: RFC 3339 in UTC with <c>Z</c>, and ISO 8601 in seconds (<c>PT1.5S</c>, <c>-PT1S</c>).
/// Fractions have at most six digits; written, they end without zeros. Values are microseconds.
/// </summary>
internal static class TimeText
{
    private const long PerSecond = 1_000_000;
    private const int SecondsLength = 19;
    private const int MostFractionDigits = 6;

    public static string OfTimestamp(long microseconds)
    {
        var seconds = Math.DivRem(microseconds, PerSecond, out var rest);
        if (rest < 0)
        {
            seconds--;
            rest += PerSecond;
        }

        var time = DateTime.UnixEpoch.AddTicks(seconds * TimeSpan.TicksPerSecond);
        return time.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture) + Fraction(rest) + "Z";
    }

    public static string OfDuration(long microseconds)
    {
        var seconds = Math.DivRem(Math.Abs(microseconds), PerSecond, out var rest);
        return string.Create(CultureInfo.InvariantCulture, $"{(microseconds < 0 ? "-" : "")}PT{seconds}{Fraction(rest)}S");
    }

    public static bool TryTimestamp(string text, out long microseconds)
    {
        microseconds = 0;
        if (text.Length <= SecondsLength || text[^1] != 'Z'
            || !DateTime.TryParseExact(
                text.AsSpan(0, SecondsLength), "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            || !TryFraction(text.AsSpan(SecondsLength..^1), out var rest))
        {
            return false;
        }

        microseconds = ((time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond) + rest;
        return true;
    }

    public static bool TryDuration(string text, out long microseconds)
    {
        microseconds = 0;
        var isNegative = text.StartsWith('-');
        var digits = text.AsSpan(isNegative ? 1 : 0);
        if (!digits.StartsWith("PT", StringComparison.Ordinal) || digits[^1] != 'S')
        {
            return false;
        }

        digits = digits[2..^1];
        var point = digits.IndexOf('.');
        var whole = point < 0 ? digits : digits[..point];
        if (!long.TryParse(whole, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > long.MaxValue / PerSecond / 2
            || !TryFraction(point < 0 ? default : digits[point..], out var rest))
        {
            return false;
        }

        microseconds = ((seconds * PerSecond) + rest) * (isNegative ? -1 : 1);
        return true;
    }

    private static string Fraction(long microseconds) =>
        microseconds == 0 ? "" : "." + microseconds.ToString("D6", CultureInfo.InvariantCulture).TrimEnd('0');

    /// <summary>Reads nothing, or a point and one to six digits.</summary>
    private static bool TryFraction(ReadOnlySpan<char> text, out long microseconds)
    {
        microseconds = 0;
        if (text.IsEmpty)
        {
            return true;
        }

        if (text[0] != '.' || text.Length is < 2 or > MostFractionDigits + 1 || !long.TryParse(text[1..], NumberStyles.None, CultureInfo.InvariantCulture, out microseconds))
        {
            return false;
        }

        for (var digits = text.Length - 1; digits < MostFractionDigits; digits++)
        {
            microseconds *= 10;
        }

        return true;
    }
}
