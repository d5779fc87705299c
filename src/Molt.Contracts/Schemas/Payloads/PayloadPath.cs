using System.Globalization;
using System.Text;

namespace Molt.Contracts.Schemas;

/// <summary>Paths into values and documents: <c>$.lines[3].qty</c>, <c>$.byName["first one"]</c>.</summary>
internal static class PayloadPath
{
    /// <summary>The path of a member with a name.</summary>
    public static string Member(string path, string name) => path + Member(name);

    /// <summary>The step to a member: with a dot when the name is a plain word.</summary>
    public static string Member(string name)
    {
        var isWord = name.Length > 0 && !char.IsAsciiDigit(name[0]);
        foreach (var c in name)
        {
            isWord &= char.IsAsciiLetterOrDigit(c) || c is '_' or '$';
        }

        return isWord ? "." + name : Key(name);
    }

    /// <summary>The step to a key of a map.</summary>
    public static string Key(string key)
    {
        var text = new JsonText();
        text.String(Encoding.UTF8.GetBytes(key));
        return $"[{Encoding.UTF8.GetString(text.Written)}]";
    }

    public static string Index(string path, int index) => path + Index(index);

    /// <summary>The step to an item of a list.</summary>
    public static string Index(int index) => string.Create(CultureInfo.InvariantCulture, $"[{index}]");
}
