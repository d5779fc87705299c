using System.Globalization;
using System.Runtime.InteropServices;

namespace Molt.Contracts.Capabilities;

/// <summary>A semantic version without pre-release parts: what has the same major number and at least the same minor one takes its place.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct CapabilityVersion(int Major, int Minor, int Patch) : IComparable<CapabilityVersion>
{
    /// <summary>Reads <c>1.2.3</c>.</summary>
    public static bool TryParse(string? text, out CapabilityVersion version)
    {
        version = default;
        var parts = (text ?? "").Split('.');
        if (parts.Length != 3 || !TryNumber(parts[0], out var major) || !TryNumber(parts[1], out var minor) || !TryNumber(parts[2], out var patch))
        {
            return false;
        }

        version = new CapabilityVersion(major, minor, patch);
        return true;
    }

    /// <summary>Whether this version does all that <paramref name="wanted"/> does.</summary>
    public bool Satisfies(CapabilityVersion wanted) =>
        Major == wanted.Major && (Minor > wanted.Minor || (Minor == wanted.Minor && Patch >= wanted.Patch));

    /// <inheritdoc/>
    public int CompareTo(CapabilityVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    public static bool operator <(CapabilityVersion left, CapabilityVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(CapabilityVersion left, CapabilityVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(CapabilityVersion left, CapabilityVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(CapabilityVersion left, CapabilityVersion right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}");

    /// <summary>Digits without a leading zero.</summary>
    internal static bool TryNumber(string text, out int number)
    {
        number = 0;
        return text.Length is > 0 and <= 9
            && (text.Length == 1 || text[0] != '0')
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
