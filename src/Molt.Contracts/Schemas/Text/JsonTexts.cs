using System.Text.Json;

namespace Molt.Contracts.Schemas;

/// <summary>Text in JSON that may hold half a character as an escape, which is no text.</summary>
internal static class JsonTexts
{
    /// <summary>A string's text; null when it holds half a character.</summary>
    public static string? TextOf(JsonElement element)
    {
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A property's name; null when it holds half a character.</summary>
    public static string? NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
