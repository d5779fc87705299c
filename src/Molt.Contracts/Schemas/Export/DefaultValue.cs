using System.Globalization;
using System.Text.Json;

namespace Molt.Contracts.Schemas.Export;

/// <summary>The default of a field, read from its JSON text, for languages that write it another way.</summary>
internal static class DefaultValue
{
    private const decimal MicrosecondsPerSecond = 1_000_000;

    /// <summary>The text of a JSON string, or the JSON text of anything else.</summary>
    public static string Text(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.String ? document.RootElement.GetString()! : document.RootElement.GetRawText();
    }

    /// <summary>A number, or NaN and the infinities that JSON writes as text.</summary>
    public static double Number(string json) => double.Parse(Text(json), NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>The microseconds of <c>"PT1.5S"</c>.</summary>
    public static long Microseconds(string json)
    {
        var text = Text(json);
        var sign = text.StartsWith('-') ? -1 : 1;
        var digits = text.AsSpan(text.IndexOf('T', StringComparison.Ordinal) + 1).TrimEnd('S');
        return (long)(decimal.Parse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * MicrosecondsPerSecond) * sign;
    }
}
