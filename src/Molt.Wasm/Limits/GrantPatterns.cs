using Molt.Contracts.Capabilities;

namespace Molt.Wasm.Limits;

/// <summary>Grants of capabilities nobody declares an object for, such as those of files.</summary>
internal static class GrantPatterns
{
    private static readonly CapabilityVersion First = new(1, 0, 0);

    /// <summary>Whether grants include an id.</summary>
    public static bool Include(CapabilityGrants grants, string id) => Matches(grants.Allow, id) && !Matches(grants.Deny, id);

    /// <summary>Whether everything a pattern names is granted.</summary>
    public static bool Covers(CapabilityGrants grants, string pattern)
    {
        string name = pattern.Split('@')[0];
        string probe = name.EndsWith(".*", StringComparison.Ordinal) ? name[..^1] + "any" : name;
        return name != "*" ? Include(grants, probe) : Matches(grants.Allow, "any.any") && grants.Deny.Count == 0;
    }

    private static bool Matches(IReadOnlyList<string> patterns, string id)
    {
        foreach (string text in patterns)
        {
            if (CapabilityPattern.Parse(text, out _) is { } pattern && (pattern.SingleId == id || pattern.Matches(id, First)))
            {
                return true;
            }
        }

        return false;
    }
}
