namespace Molt.Wasm.Manifests;

/// <summary>What somebody most likely meant by a name nobody knows.</summary>
internal static class NearestName
{
    /// <summary>" Did you mean …?", or a list of what there is.</summary>
    public static string Advice(string name, IReadOnlyList<string> known)
    {
        string? best = null;
        int least = Math.Max(2, name.Length / 2);
        foreach (string candidate in known)
        {
            int distance = Distance(name, candidate);
            if (distance < least)
            {
                best = candidate;
                least = distance;
            }
        }

        return best is not null ? $" Did you mean \"{best}\"?" : known.Count == 0 ? "" : $" Known are {string.Join(", ", known)}.";
    }

    private static int Distance(string from, string to)
    {
        if (from.Length > 128 || to.Length > 128)
        {
            return int.MaxValue;
        }

        var row = new int[to.Length + 1];
        for (int j = 0; j <= to.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int above = row[j];
                int cost = char.ToLowerInvariant(from[i - 1]) == char.ToLowerInvariant(to[j - 1]) ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + cost);
                diagonal = above;
            }
        }

        return row[to.Length];
    }
}
