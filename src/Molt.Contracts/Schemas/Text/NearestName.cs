using System.Globalization;

namespace Molt.Contracts.Schemas;

/// <summary>Finds what somebody meant by a name that nobody knows.</summary>
internal static class NearestName
{
    private const int LongestName = 64;
    private const int MostListed = 40;

    /// <summary>A sentence: the nearest known name when one is near, else all of them.</summary>
    public static string Advice(string name, IReadOnlyList<string> known)
    {
        var best = "";
        var least = int.MaxValue;
        foreach (var candidate in known)
        {
            var distance = Distance(name, candidate);
            if (distance < least)
            {
                (best, least) = (candidate, distance);
            }
        }

        return known.Count == 0 ? "there is none to choose from."
            : least <= Math.Max(1, best.Length / 3) ? $"did you mean \"{best}\"?"
            : known.Count > MostListed ? $"{known.Count.ToString(CultureInfo.InvariantCulture)} others are known."
            : $"known are {string.Join(", ", known)}.";
    }

    /// <summary>Characters to insert, remove, replace or swap; case does not count.</summary>
    private static int Distance(string a, string b)
    {
        if (string.Equals(a, b, StringComparison.OrdinalIgnoreCase))
        {
            return 0;
        }

        if (a.Length > LongestName || b.Length > LongestName)
        {
            return int.MaxValue;
        }

        Span<int> beforeLast = stackalloc int[LongestName + 1];
        Span<int> last = stackalloc int[LongestName + 1];
        Span<int> row = stackalloc int[LongestName + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            last[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
                }
            }

            last.CopyTo(beforeLast);
            row.CopyTo(last);
        }

        return last[b.Length];
    }
}
