namespace Molt.Contracts.Capabilities;

/// <summary>
/// What a worker may reach: the patterns of <see cref="Allow"/> without those of <see cref="Deny"/>. Packages may be given less
/// than their worker; one that is not named has what its worker has.
/// </summary>
public sealed record CapabilityGrants
{
    /// <summary>Nothing but the worker's own life (<c>molt.*</c>).</summary>
    public static CapabilityGrants None { get; } = new();

    /// <summary>Everything the runtime itself offers, and nothing of applications: what a JavaScript worker has by default.</summary>
    public static CapabilityGrants RuntimeOwn { get; } = new() { Allow = ["console.log", "time.*", "rand.bytes", "http.fetch"] };

    /// <summary>What is granted.</summary>
    public IReadOnlyList<string> Allow { get; init; } = [];

    /// <summary>What is not, whatever <see cref="Allow"/> says.</summary>
    public IReadOnlyList<string> Deny { get; init; } = [];

    /// <summary>What a package of <c>node_modules</c> has instead, by its name. It must lie within the worker's.</summary>
    public IReadOnlyDictionary<string, CapabilityGrants> Packages { get; init; } = new Dictionary<string, CapabilityGrants>(StringComparer.Ordinal);

    /// <summary>These grants and more patterns.</summary>
    public CapabilityGrants And(params IReadOnlyList<string> patterns)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        return this with { Allow = [.. Allow, .. patterns] };
    }

    /// <summary>These grants without some.</summary>
    public CapabilityGrants Without(params IReadOnlyList<string> patterns)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        return this with { Deny = [.. Deny, .. patterns] };
    }

    /// <summary>
    /// Every fault of these grants against the capabilities there are: malformed patterns, patterns that allow nothing, packages
    /// that are given more than their worker. Empty when they are good.
    /// </summary>
    public IReadOnlyList<string> Validate(IReadOnlyCollection<CapabilityDeclaration> known)
    {
        ArgumentNullException.ThrowIfNull(known);
        var faults = new List<string>();
        Check(this, "capabilities", known, faults);
        foreach (var (package, grants) in Packages)
        {
            var where = $"capabilities.packages[\"{package}\"]";
            if (grants.Packages.Count > 0)
            {
                faults.Add($"{where}.packages: packages of packages have no grants of their own.");
            }

            Check(grants, where, known, faults);
            foreach (var capability in known)
            {
                if (grants.Includes(capability) && !Includes(capability))
                {
                    faults.Add($"{where} allows {capability.Id}, which the worker itself does not have.");
                }
            }
        }

        return faults;
    }

    /// <summary>Whether a capability is granted to the worker. Malformed patterns grant nothing; <c>molt.*</c> is, always.</summary>
    public bool Includes(CapabilityDeclaration capability)
    {
        ArgumentNullException.ThrowIfNull(capability);
        return capability.Id.StartsWith("molt.", StringComparison.Ordinal)
            || (Matches(Allow, capability) && !Matches(Deny, capability));
    }

    /// <summary>What a package has: its own grants, or its worker's when it is not named.</summary>
    public CapabilityGrants OfPackage(string? package) =>
        package is not null && Packages.TryGetValue(package, out var grants) ? grants : this;

    private static void Check(CapabilityGrants grants, string where, IReadOnlyCollection<CapabilityDeclaration> known, List<string> faults)
    {
        CheckPatterns(grants.Allow, where + ".allow", known, faults);
        CheckPatterns(grants.Deny, where + ".deny", known, faults);
        foreach (var text in grants.Deny)
        {
            if (CapabilityPattern.Parse(text, out _)?.SingleId?.StartsWith("molt.", StringComparison.Ordinal) == true || text == "molt.*")
            {
                faults.Add($"{where}.deny: \"{text}\" is the worker's own life and can not be denied.");
            }
        }
    }

    private static void CheckPatterns(IReadOnlyList<string> patterns, string where, IReadOnlyCollection<CapabilityDeclaration> known, List<string> faults)
    {
        foreach (var text in patterns)
        {
            var pattern = CapabilityPattern.Parse(text, out var fault);
            if (pattern is null)
            {
                faults.Add($"{where}: {fault}");
            }
            else if (pattern.SingleId is { } id && !Exists(pattern, known))
            {
                faults.Add($"{where}: there is no capability \"{text}\".{Suggestion(id, known)}");
            }
        }
    }

    private static bool Exists(CapabilityPattern pattern, IReadOnlyCollection<CapabilityDeclaration> known)
    {
        foreach (var capability in known)
        {
            if (pattern.Matches(capability.Id, capability.Version))
            {
                return true;
            }
        }

        return false;
    }

    private static string Suggestion(string id, IReadOnlyCollection<CapabilityDeclaration> known)
    {
        foreach (var capability in known)
        {
            if (capability.Id == id)
            {
                return $" This host offers {capability.Id}@{capability.Version}.";
            }
        }

        var ids = new List<string>();
        foreach (var capability in known)
        {
            if (!capability.Id.StartsWith("molt.", StringComparison.Ordinal))
            {
                ids.Add(capability.Id);
            }
        }

        ids.Sort(StringComparer.Ordinal);
        return $" This host offers {string.Join(", ", ids)}.";
    }

    private static bool Matches(IReadOnlyList<string> patterns, CapabilityDeclaration capability)
    {
        foreach (var text in patterns)
        {
            if (CapabilityPattern.Parse(text, out _)?.Matches(capability.Id, capability.Version) == true)
            {
                return true;
            }
        }

        return false;
    }
}
