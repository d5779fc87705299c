using System.Buffers;
using System.Globalization;
using System.Text;

namespace Molt.Cli.Reporting;

/// <summary>Text of others for a terminal: what would steer the terminal or reorder the line is shown instead of obeyed.</summary>
internal static class TerminalText
{
    private static readonly SearchValues<char> Steering = SearchValues.Create(SteeringCharacters());

    /// <summary>
    /// Control characters but line feed and tab become <c>\x1b</c>, controls of writing direction and line separators <c>\u202e</c>.
    /// Escaping twice changes nothing.
    /// </summary>
    public static string Escape(string text)
    {
        if (!text.AsSpan().ContainsAny(Steering))
        {
            return text;
        }

        var result = new StringBuilder(text.Length + 16);
        foreach (var character in text)
        {
            if (!Steering.Contains(character))
            {
                result.Append(character);
            }
            else if (character <= 0xff)
            {
                result.Append(CultureInfo.InvariantCulture, $"\\x{(int)character:x2}");
            }
            else
            {
                result.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            }
        }

        return result.ToString();
    }

    private static char[] SteeringCharacters()
    {
        var result = new List<char>();
        AddRange('\x00', '\x08');
        AddRange('\x0b', '\x1f');

        // Delete and the C1 controls, which some terminals obey like their two-byte forms.
        AddRange('\x7f', '\x9f');

        // Unicode's Bidi_Control characters, and its separators of lines and paragraphs.
        AddRange('\u061c', '\u061c');
        AddRange('\u200e', '\u200f');
        AddRange('\u2028', '\u202e');
        AddRange('\u2066', '\u2069');
        return [.. result];

        void AddRange(char first, char last)
        {
            for (var character = first; character <= last; character++)
            {
                result.Add(character);
            }
        }
    }
}
