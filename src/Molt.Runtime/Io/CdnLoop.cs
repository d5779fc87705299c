using System.Buffers.Text;

namespace Molt.Runtime.Io;

/// <summary>
/// The field <c>CDN-Loop</c> (RFC 8586): counts how often a request has come through, so that a worker whose requests lead back to
/// itself comes to an end. Guests cannot take the count away.
/// </summary>
internal static class CdnLoop
{
    /// <summary>The field's name, lower-case.</summary>
    public const string Name = "cdn-loop";

    /// <summary>How often a request may come through.</summary>
    public const int Most = 16;

    private const string Own = "molt;hops=";

    /// <summary>How often a request with this packed head has been sent by a worker.</summary>
    public static int HopsOf(ReadOnlySpan<byte> head)
    {
        var field = head.IndexOf("\ncdn-loop\n"u8);
        if (field < 0)
        {
            return 0;
        }

        var value = head[(field + Name.Length + 2)..];
        var end = value.IndexOf((byte)'\n');
        value = end < 0 ? value : value[..end];
        var own = value.IndexOf("molt;hops="u8);
        return own >= 0 && Utf8Parser.TryParse(value[(own + Own.Length)..], out int hops, out _) ? Math.Max(0, hops) : 0;
    }

    /// <summary>The field's value of a request that is sent on behalf of one with so many hops; what others wrote into it stays.</summary>
    public static string Next(string? given, int hops)
    {
        var parts = new List<string>();
        foreach (var part in (given ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!part.StartsWith(Own, StringComparison.Ordinal))
            {
                parts.Add(part);
            }
        }

        return string.Join(", ", [.. parts, $"{Own}{hops + 1}"]);
    }
}
