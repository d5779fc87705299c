using System.Text.RegularExpressions;

namespace Molt.Contracts.Schemas;

/// <summary>Patterns of the schema language as .NET runs them: without backtracking, in time linear in the text.</summary>
internal static class SchemaPattern
{
    /// <summary>The compiled pattern, or what is wrong with it.</summary>
    public static Regex? TryCompile(string pattern, out string fault)
    {
        if (PatternSyntax.TryTranslate(pattern, out fault) is not { } translated)
        {
            return null;
        }

        try
        {
            return new Regex(translated, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            fault = "the pattern is too large; use smaller repetition counts.";
            return null;
        }
    }
}
