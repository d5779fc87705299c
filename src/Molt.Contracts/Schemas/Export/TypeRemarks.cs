using System.Globalization;

namespace Molt.Contracts.Schemas.Export;

/// <summary>What a type demands beyond what other languages' types say, in words for their comments.</summary>
internal static class TypeRemarks
{
    /// <summary>A sentence without a full stop; null when there is nothing to say.</summary>
    public static string? Of(SchemaType type)
    {
        var optional = type as OptionalType;
        var parts = new List<string>();
        switch (optional?.Of ?? type)
        {
            case ScalarType scalar:
                Scalar(scalar, parts);
                break;
            case ListType list:
                Count(parts, list.MinItems, list.MaxItems, "items");
                break;
            case MapType map:
                Count(parts, map.MinItems, map.MaxItems, "entries");
                break;
            case StreamType:
                parts.Add("handle of a stream");
                break;
            default:
                break;
        }

        if (optional?.Default is { } json)
        {
            parts.Add($"default {json}");
        }

        return parts.Count == 0 ? null : string.Join(", ", parts);
    }

    private static void Scalar(ScalarType scalar, List<string> parts)
    {
        var kind = scalar.Scalar switch
        {
            ScalarKind.Timestamp => "microseconds since 1970-01-01T00:00:00Z",
            ScalarKind.Duration => "microseconds",
            ScalarKind.Uuid => "UUID",
            ScalarKind.Decimal => "decimal",
            ScalarKind.Int53 or ScalarKind.Float64 or ScalarKind.String or ScalarKind.Bool or ScalarKind.Json or ScalarKind.Bytes => null,
            _ => scalar.Kind,
        };
        if (kind is not null)
        {
            parts.Add(kind);
        }

        Range(parts, scalar.Ge?.ToString(CultureInfo.InvariantCulture), scalar.Le?.ToString(CultureInfo.InvariantCulture));
        Range(parts, scalar.FloatGe is { } least ? EcmaNumber.Text(least) : null, scalar.FloatLe is { } most ? EcmaNumber.Text(most) : null);
        Count(parts, scalar.MinLength, scalar.MaxLength, scalar.Scalar == ScalarKind.Bytes ? "bytes" : "characters");
        if (scalar.Format is { } format)
        {
            parts.Add($"format {format}");
        }

        if (scalar.Pattern is { } pattern)
        {
            parts.Add($"pattern {pattern}");
        }
    }

    private static void Range(List<string> parts, string? least, string? most)
    {
        if (least is not null || most is not null)
        {
            parts.Add(most is null ? $"{least} or more" : least is null ? $"{most} or less" : least == most ? least : $"{least} to {most}");
        }
    }

    private static void Count(List<string> parts, int? least, int? most, string what)
    {
        if (least is not null || most is not null)
        {
            var range = most is null ? $"at least {least}" : least is null ? $"at most {most}" : least == most ? $"{least}" : $"{least} to {most}";
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{range} {what}"));
        }
    }
}
