using System.Globalization;
using System.Text;

namespace Molt.Contracts.Schemas;

/// <summary>
/// A set of code points, written as .NET regular expressions see text: those above U+FFFF as two halves. Text never holds half
/// a character here, so no set contains one. The source generator is built of this file too: it keeps to .NET Standard 2.0.
/// </summary>
internal sealed class CodePointSet
{
    private const int LastBeforeSurrogates = 0xD7FF;
    private const int FirstAfterSurrogates = 0xE000;
    private const int FirstOfTwoHalves = 0x10000;
    private const int Last = 0x10FFFF;

    private readonly List<(int Low, int High)> _ranges = [];

    public static CodePointSet Digits { get; } = Of(('0', '9'));

    public static CodePointSet WordCharacters { get; } = Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));

    public static CodePointSet Spaces { get; } = Of(('\t', '\r'), (' ', ' '));

    public static CodePointSet LineTerminators { get; } = Of(('\n', '\n'), ('\r', '\r'), (0x2028, 0x2029));

    public bool IsEmpty => _ranges.Count == 0;

    /// <summary>The only member, or -1.</summary>
    public int Single => _ranges.Count == 1 && _ranges[0].Low == _ranges[0].High ? _ranges[0].Low : -1;

    public static CodePointSet Of(int codePoint) => Of((codePoint, codePoint));

    public void Add(int low, int high) => _ranges.Add((low, high));

    public void Add(CodePointSet other) => _ranges.AddRange(other._ranges);

    public CodePointSet Complement()
    {
        _ranges.Sort();
        var rest = new CodePointSet();
        var next = 0;
        foreach (var (low, high) in _ranges)
        {
            rest.AddOutsideSurrogates(next, low - 1);
            next = Math.Max(next, high + 1);
        }

        rest.AddOutsideSurrogates(next, Last);
        return rest;
    }

    /// <summary>Writes an expression that matches one member.</summary>
    public void AppendTo(StringBuilder text)
    {
        var whole = new StringBuilder();
        var halves = new List<string>();
        foreach (var (low, high) in _ranges)
        {
            if (low < FirstOfTwoHalves)
            {
                AppendUnits(whole, low, Math.Min(high, FirstOfTwoHalves - 1));
            }

            if (high >= FirstOfTwoHalves)
            {
                AddPairs(halves, Math.Max(low, FirstOfTwoHalves), high);
            }
        }

        if (whole.Length > 0)
        {
            halves.Insert(0, $"[{whole}]");
        }

        // A set without members matches nothing: a class of what is no character at all.
        text.Append(halves.Count switch
        {
            0 => "[^\\u0000-\\uFFFF]",
            1 when whole.Length > 0 => halves[0],
            _ => $"(?:{string.Join("|", halves)})",
        });
    }

    private static CodePointSet Of(params (int Low, int High)[] ranges)
    {
        var set = new CodePointSet();
        set._ranges.AddRange(ranges);
        return set;
    }

    private static void AddPairs(List<string> halves, int low, int high)
    {
        while (low <= high)
        {
            // As many whole rows of second halves as there are, else what is left of one row.
            var row = low - ((low - FirstOfTwoHalves) % 0x400);
            var rowEnd = row + 0x3FF;
            if (low == row && high >= rowEnd)
            {
                var rows = (high - row + 1) / 0x400;
                halves.Add(Pair(First(row), First(row + ((rows - 1) * 0x400)), 0xDC00, 0xDFFF));
                low = row + (rows * 0x400);
            }
            else
            {
                var end = Math.Min(rowEnd, high);
                halves.Add(Pair(First(row), First(row), 0xDC00 + (low - row), 0xDC00 + (end - row)));
                low = end + 1;
            }
        }
    }

    private static int First(int codePoint) => 0xD800 + ((codePoint - FirstOfTwoHalves) / 0x400);

    private static string Pair(int firstLow, int firstHigh, int secondLow, int secondHigh)
    {
        var text = new StringBuilder("[");
        AppendUnits(text, firstLow, firstHigh);
        text.Append("][");
        AppendUnits(text, secondLow, secondHigh);
        return text.Append(']').ToString();
    }

    private static void AppendUnits(StringBuilder text, int low, int high)
    {
        text.Append("\\u").Append(low.ToString("X4", CultureInfo.InvariantCulture));
        if (high > low)
        {
            text.Append("-\\u").Append(high.ToString("X4", CultureInfo.InvariantCulture));
        }
    }

    private void AddOutsideSurrogates(int low, int high)
    {
        if (low <= Math.Min(high, LastBeforeSurrogates))
        {
            Add(low, Math.Min(high, LastBeforeSurrogates));
        }

        if (Math.Max(low, FirstAfterSurrogates) <= high)
        {
            Add(Math.Max(low, FirstAfterSurrogates), high);
        }
    }
}
