using System.Globalization;
using System.Text;

namespace Molt.Contracts.Schemas.Export;

/// <summary>Makes identifiers of names that are none, in the cases that languages like.</summary>
internal static class Identifiers
{
    private const int Longest = 64;

    /// <summary>ASCII letters, digits and underscores, no digit first; <paramref name="otherwise"/> when nothing of the text is usable.</summary>
    public static string From(string text, string otherwise)
    {
        var result = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (char.IsAsciiLetterOrDigit(c) || c == '_')
            {
                result.Append(c);
            }
            else if (result.Length > 0 && result[^1] != '_')
            {
                result.Append('_');
            }
        }

        var name = result.ToString();
        if (name.Trim('_').Length == 0)
        {
            return otherwise;
        }

        name = name.TrimEnd('_');
        if (char.IsAsciiDigit(name[0]))
        {
            name = "_" + name;
        }

        return name.Length > Longest ? name[..Longest] : name;
    }

    /// <summary><c>http_request</c>, <c>http-request</c> and <c>httpRequest</c> become <c>HttpRequest</c>.</summary>
    public static string Pascal(string text, string otherwise)
    {
        var result = new StringBuilder(text.Length);
        foreach (var word in Words(text))
        {
            result.Append(char.ToUpperInvariant(word[0])).Append(word.AsSpan(1));
        }

        return From(result.ToString(), otherwise);
    }

    /// <summary><c>httpRequest</c> and <c>http-request</c> become <c>http_request</c>.</summary>
    public static string Snake(string text, string otherwise) => From(string.Join('_', Words(text)).ToLowerInvariant(), otherwise);

    /// <summary>The name, or the first of name2, name3, … that is not taken yet.</summary>
    public static string Unused(string name, ISet<string> taken)
    {
        var free = name;
        for (var number = 2; !taken.Add(free); number++)
        {
            free = string.Create(CultureInfo.InvariantCulture, $"{name}{number}");
        }

        return free;
    }

    private static List<string> Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            var begins = char.IsAsciiLetterUpper(c) && i > 0 && (char.IsAsciiLetterLower(text[i - 1]) || char.IsAsciiDigit(text[i - 1]));
            if ((begins || !char.IsAsciiLetterOrDigit(c)) && word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }

            if (char.IsAsciiLetterOrDigit(c))
            {
                word.Append(c);
            }
        }

        if (word.Length > 0)
        {
            words.Add(word.ToString());
        }

        return words;
    }
}
