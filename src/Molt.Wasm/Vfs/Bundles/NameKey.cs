using System.Globalization;
using System.Text;

namespace Molt.Wasm.Vfs.Bundles;

/// <summary>
/// What two names have in common when some file system would take them for one: the same letters but for case and for how
/// accents are composed. Marks behind a letter are sorted by code point, so a few more names are equal than Unicode says;
/// refusing those too is the safe side. Letters of different scripts that look alike stay different.
/// </summary>
internal static class NameKey
{
    private const int HangulStart = 0xac00;
    private const int HangulEnd = 0xd7a3;
    private const int LeadStart = 0x1100;
    private const int VowelStart = 0x1161;
    private const int TailStart = 0x11a7;
    private const int Tails = 28;
    private const int VowelsAndTails = 588;

    private static readonly Dictionary<Rune, string> Decompositions = Load();

    public static string Of(string name)
    {
        if (Ascii.IsValid(name))
        {
            return name.ToUpperInvariant();
        }

        var runes = new List<Rune>(name.Length);
        foreach (var rune in name.EnumerateRunes())
        {
            Decompose(rune, runes);
        }

        SortMarks(runes);
        var folded = new StringBuilder(name.Length);
        foreach (var rune in runes)
        {
            // To lower first: the Kelvin sign has a lower case of its own kind, and no upper.
            foreach (var part in Fold(rune))
            {
                folded.Append(part);
            }
        }

        return folded.ToString();
    }

    private static string Fold(Rune rune) => rune.Value switch
    {
        // Case folding of CaseFolding.txt (status F) that other file systems apply and that is no one-to-one mapping.
        0xdf or 0x1e9e => "SS",
        0x131 or 0x130 => "I",
        0x17f => "S",
        0x3c2 => "Σ",
        _ => Rune.ToUpperInvariant(Rune.ToLowerInvariant(rune)).ToString(),
    };

    private static void Decompose(Rune rune, List<Rune> into)
    {
        if (rune.Value is >= HangulStart and <= HangulEnd)
        {
            // The Unicode Standard, section 3.12: a syllable is a lead, a vowel and perhaps a tail.
            var index = rune.Value - HangulStart;
            into.Add(new Rune(LeadStart + (index / VowelsAndTails)));
            into.Add(new Rune(VowelStart + (index % VowelsAndTails / Tails)));
            if (index % Tails > 0)
            {
                into.Add(new Rune(TailStart + (index % Tails)));
            }
        }
        else if (Decompositions.TryGetValue(rune, out var parts))
        {
            foreach (var part in parts.EnumerateRunes())
            {
                into.Add(part);
            }
        }
        else
        {
            into.Add(rune);
        }
    }

    private static void SortMarks(List<Rune> runes)
    {
        var start = 0;
        for (var i = 0; i <= runes.Count; i++)
        {
            if (i == runes.Count || Rune.GetUnicodeCategory(runes[i]) != UnicodeCategory.NonSpacingMark)
            {
                runes.Sort(start, i - start, Comparer<Rune>.Default);
                start = i + 1;
            }
        }
    }

    private static Dictionary<Rune, string> Load()
    {
        var table = new Dictionary<Rune, string>();
        foreach (var range in CanonicalDecompositions.Items.AsSpan().Split('\0'))
        {
            var item = CanonicalDecompositions.Items.AsSpan()[range];
            if (!item.IsEmpty)
            {
                Rune.DecodeFromUtf16(item, out var rune, out var used);
                table.Add(rune, item[used..].ToString());
            }
        }

        return table;
    }
}
