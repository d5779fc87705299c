namespace Molt.Contracts.Schemas;

/// <summary>
/// The formats a string may have. Each is a small grammar over ASCII, the same in every language that has the codec;
/// docs/reference/schemas.md states them.
/// </summary>
internal enum SchemaFormat
{
    None,
    Email,
    Uri,
    Hostname,
    Ipv4,
    Ipv6,
    Date,
    Time,
}

/// <summary>Checks text, as UTF-8, against a format.</summary>
internal static class SchemaFormats
{
    private const int LongestHostname = 253;
    private const int LongestLabel = 63;
    private const int LongestEmail = 254;
    private const int LongestLocalPart = 64;

    public static IReadOnlyList<string> All { get; } = ["email", "uri", "hostname", "ipv4", "ipv6", "date", "time"];

    public static bool TryParse(string name, out SchemaFormat format)
    {
        for (var i = 0; i < All.Count; i++)
        {
            if (All[i] == name)
            {
                format = (SchemaFormat)(i + 1);
                return true;
            }
        }

        format = SchemaFormat.None;
        return false;
    }

    public static string NameOf(SchemaFormat format) => All[(int)format - 1];

    public static bool IsMatch(SchemaFormat format, ReadOnlySpan<byte> text) => format switch
    {
        SchemaFormat.Email => IsEmail(text),
        SchemaFormat.Uri => IsUri(text),
        SchemaFormat.Hostname => IsHostname(text),
        SchemaFormat.Ipv4 => IsIpv4(text),
        SchemaFormat.Ipv6 => IsIpv6(text),
        SchemaFormat.Date => IsDate(text),
        SchemaFormat.Time => IsTime(text),
        _ => true,
    };

    private static bool IsLetter(byte c) => char.IsAsciiLetter((char)c);

    private static bool IsDigit(byte c) => char.IsAsciiDigit((char)c);

    // RFC 5321 §4.1.2: Dot-string @ Domain; no quoted strings, no address literals.
    private static bool IsEmail(ReadOnlySpan<byte> text)
    {
        var at = text.LastIndexOf((byte)'@');
        if (at is < 1 or > LongestLocalPart || text.Length > LongestEmail || !IsHostname(text[(at + 1)..]))
        {
            return false;
        }

        var previous = (byte)'.';
        foreach (var c in text[..at])
        {
            if (c == '.' ? previous == '.' : !IsLetter(c) && !IsDigit(c) && "!#$%&'*+/=?^_`{|}~-"u8.IndexOf(c) < 0)
            {
                return false;
            }

            previous = c;
        }

        return previous != '.';
    }

    // RFC 1123 §2.1, without a final dot.
    private static bool IsHostname(ReadOnlySpan<byte> text)
    {
        if (text.Length is 0 or > LongestHostname)
        {
            return false;
        }

        foreach (var range in text.Split((byte)'.'))
        {
            var label = text[range];
            if (label.Length is 0 or > LongestLabel || label[0] == '-' || label[^1] == '-')
            {
                return false;
            }

            foreach (var c in label)
            {
                if (!IsLetter(c) && !IsDigit(c) && c != '-')
                {
                    return false;
                }
            }
        }

        return true;
    }

    // RFC 3986: a scheme, a colon, characters that may stand in a URI, whole percent escapes, at most one #.
    private static bool IsUri(ReadOnlySpan<byte> text)
    {
        var colon = text.IndexOf((byte)':');
        if (colon < 1 || !IsLetter(text[0]))
        {
            return false;
        }

        foreach (var c in text[..colon])
        {
            if (!IsLetter(c) && !IsDigit(c) && c is not ((byte)'+' or (byte)'-' or (byte)'.'))
            {
                return false;
            }
        }

        var hashes = 0;
        for (var i = colon + 1; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '%')
            {
                if (i + 2 >= text.Length || !char.IsAsciiHexDigit((char)text[i + 1]) || !char.IsAsciiHexDigit((char)text[i + 2]))
                {
                    return false;
                }

                i += 2;
            }
            else if (c == '#' ? ++hashes > 1 : !IsLetter(c) && !IsDigit(c) && "-._~:/?[]@!$&'()*+,;="u8.IndexOf(c) < 0)
            {
                return false;
            }
        }

        return true;
    }

    // RFC 3986 §3.2.2, IPv4address: no leading zeros.
    private static bool IsIpv4(ReadOnlySpan<byte> text)
    {
        var parts = 0;
        foreach (var range in text.Split((byte)'.'))
        {
            var part = text[range];
            if (part.Length is 0 or > 3 || (part.Length > 1 && part[0] == '0') || Number(part) is < 0 or > 255)
            {
                return false;
            }

            parts++;
        }

        return parts == 4;
    }

    // RFC 4291 §2.2: groups of one to four digits, "::" once for at least one group, an IPv4 address for the last two; no zone.
    private static bool IsIpv6(ReadOnlySpan<byte> text)
    {
        var groups = 0;
        var hasGap = false;
        var i = 0;
        if (text.StartsWith("::"u8))
        {
            hasGap = true;
            i = 2;
        }

        var needsGroup = !hasGap;
        while (i < text.Length)
        {
            var rest = text[i..];
            var end = rest.IndexOf((byte)':');
            var group = end < 0 ? rest : rest[..end];
            if (end < 0 && group.Contains((byte)'.'))
            {
                groups += 2;
                return IsIpv4(group) && (hasGap ? groups < 8 : groups == 8);
            }

            if (group.Length is 0 or > 4 || !IsHex(group))
            {
                return false;
            }

            groups++;
            needsGroup = false;
            if (end < 0)
            {
                break;
            }

            i += end + 1;
            if (i < text.Length && text[i] == ':')
            {
                if (hasGap)
                {
                    return false;
                }

                hasGap = true;
                i++;
            }
            else
            {
                needsGroup = true;
            }
        }

        return !needsGroup && (hasGap ? groups < 8 : groups == 8);
    }

    private static bool IsHex(ReadOnlySpan<byte> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigit((char)c))
            {
                return false;
            }
        }

        return true;
    }

    // RFC 3339 §5.6, full-date.
    private static bool IsDate(ReadOnlySpan<byte> text)
    {
        if (text.Length != 10 || text[4] != '-' || text[7] != '-')
        {
            return false;
        }

        var (year, month, day) = (Number(text[..4]), Number(text[5..7]), Number(text[8..]));
        if (year < 0 || month is < 1 or > 12 || day < 1)
        {
            return false;
        }

        var isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        var days = month switch
        {
            2 => isLeap ? 29 : 28,
            4 or 6 or 9 or 11 => 30,
            _ => 31,
        };
        return day <= days;
    }

    // RFC 3339 §5.6, full-time; no leap second, Z in upper case.
    private static bool IsTime(ReadOnlySpan<byte> text)
    {
        if (text.Length < 9 || !IsClock(text[..5]) || text[5] != ':' || Number(text[6..8]) is < 0 or > 59)
        {
            return false;
        }

        var rest = text[8..];
        if (rest[0] == '.')
        {
            var digits = 1;
            while (digits < rest.Length && IsDigit(rest[digits]))
            {
                digits++;
            }

            if (digits == 1)
            {
                return false;
            }

            rest = rest[digits..];
        }

        return rest.SequenceEqual("Z"u8) || (rest.Length == 6 && rest[0] is (byte)'+' or (byte)'-' && IsClock(rest[1..]));
    }

    private static bool IsClock(ReadOnlySpan<byte> text) =>
        text.Length == 5 && text[2] == ':' && Number(text[..2]) is >= 0 and <= 23 && Number(text[3..]) is >= 0 and <= 59;

    /// <summary>The value of a few digits, or -1.</summary>
    private static int Number(ReadOnlySpan<byte> text)
    {
        var value = 0;
        foreach (var c in text)
        {
            if (!IsDigit(c))
            {
                return -1;
            }

            value = (value * 10) + (c - '0');
        }

        return value;
    }
}
