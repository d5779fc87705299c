using System.Globalization;

namespace Molt.Contracts;

/// <summary>
/// What somebody meant by a name that nobody knows. Names are near when few slips of the hand lead from one to the other: a
/// character too many, too few, another one, or two neighbours swapped. Case does not count, and a dash is an underscore.
/// </summary>
public static class NearestName
{
    private const int LongestName = 128;
    private const int MostSlips = 4;
    private const int MostListed = 40;

    /// <summary>The known name that is near enough to be meant, the first one where several are; else null.</summary>
    /// <param name="name">The name nobody knows.</param>
    /// <param name="known">The names there are.</param>
    public static string? Find(string name, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(known);
        string? best = null;
        var least = int.MaxValue;
        foreach (var candidate in known)
        {
            // A third of a name may be wrong, and something of it must be right.
            var longer = Math.Max(name.Length, candidate.Length);
            var most = Math.Min(Math.Clamp(longer / 3, 1, MostSlips), longer - 1);
            if (longer > LongestName || Math.Abs(name.Length - candidate.Length) > most)
            {
                continue;
            }

            var slips = Slips(name, candidate);
            if (slips <= most && slips < least)
            {
                (best, least) = (candidate, slips);
            }
        }

        return best;
    }

    /// <summary>What to say behind a semicolon: "did you mean …?" where a known name is near, else which names are known.</summary>
    /// <param name="name">The name nobody knows.</param>
    /// <param name="known">The names there are.</param>
    public static string Advice(string name, IReadOnlyList<string> known)
    {
        ArgumentNullException.ThrowIfNull(known);
        return Find(name, known) is { } nearest ? $"did you mean \"{nearest}\"?"
            : known.Count == 0 ? "there is none to choose from."
            : known.Count > MostListed ? $"{known.Count.ToString(CultureInfo.InvariantCulture)} others are known."
            : $"known are {string.Join(", ", known)}.";
    }

    /// <summary>The same as a sentence of its own.</summary>
    /// <param name="name">The name nobody knows.</param>
    /// <param name="known">The names there are.</param>
    public static string AdviceSentence(string name, IReadOnlyList<string> known)
    {
        var advice = Advice(name, known);
        return char.ToUpperInvariant(advice[0]) + advice[1..];
    }

    // Optimal string alignment, with the last three rows of its table.
    private static int Slips(string from, string to)
    {
        Span<int> beforeLast = stackalloc int[LongestName + 1];
        Span<int> last = stackalloc int[LongestName + 1];
        Span<int> row = stackalloc int[LongestName + 1];
        for (var j = 0; j <= to.Length; j++)
        {
            last[j] = j;
        }

        for (var i = 1; i <= from.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var cost = AreSame(from[i - 1], to[j - 1]) ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + cost);
                if (i > 1 && j > 1 && AreSame(from[i - 1], to[j - 2]) && AreSame(from[i - 2], to[j - 1]))
                {
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
                }
            }

            var spare = beforeLast;
            beforeLast = last;
            last = row;
            row = spare;
        }

        return last[to.Length];
    }

    private static bool AreSame(char a, char b) => a == b || Folded(a) == Folded(b);

    private static char Folded(char character) => character == '-' ? '_' : char.ToLowerInvariant(character);
}
