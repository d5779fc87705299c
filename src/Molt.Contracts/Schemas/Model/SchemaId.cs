using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Molt.Contracts.Schemas;

/// <summary>
/// The id of a schema, <c>schema://area/name/vN</c>. Area and name are <c>[a-z][a-z0-9_]*</c>, at most 64 characters each;
/// the version is a number from 1, without leading zeros.
/// </summary>
public sealed record SchemaId
{
    private const string Scheme = "schema://";
    private const int LongestPart = 64;

    private SchemaId(string area, string name, int version)
    {
        Area = area;
        Name = name;
        Version = version;
    }

    public string Area { get; }

    public string Name { get; }

    public int Version { get; }

    /// <summary>Reads an id.</summary>
    /// <exception cref="SchemaException">SCH002: the text is not an id.</exception>
    public static SchemaId Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var id) ? id : throw new SchemaException("SCH002", [new SchemaFault("$", Rule(text))]);
    }

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out SchemaId? id)
    {
        id = null;
        if (text is null || !text.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return false;
        }

        var parts = text[Scheme.Length..].Split('/');
        if (parts.Length != 3 || !IsPart(parts[0]) || !IsPart(parts[1]) || parts[2].Length < 2 || parts[2][0] != 'v' || parts[2][1] == '0'
            || !int.TryParse(parts[2].AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            return false;
        }

        id = new SchemaId(parts[0], parts[1], version);
        return true;
    }

    /// <summary>The same schema in another version.</summary>
    public SchemaId WithVersion(int version)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        return new SchemaId(Area, Name, version);
    }

    /// <summary>Whether both ids name versions of one schema.</summary>
    public bool IsSameSchema(SchemaId other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Area == other.Area && Name == other.Name;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Scheme}{Area}/{Name}/v{Version}");

    internal static string Rule(string text) =>
        $"\"{text}\" is not a schema id; write schema://area/name/v1 with area and name of a-z, 0-9 and _ (a letter first).";

    private static bool IsPart(string part)
    {
        if (part.Length is 0 or > LongestPart || !char.IsAsciiLetterLower(part[0]))
        {
            return false;
        }

        foreach (var c in part)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '_')
            {
                return false;
            }
        }

        return true;
    }
}
