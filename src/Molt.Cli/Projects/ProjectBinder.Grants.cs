using Molt.Cli.Reporting;
using Molt.Contracts.Capabilities;
using Molt.Contracts.Schemas;

namespace Molt.Cli.Projects;

/// <summary>The key <c>capabilities</c>: what the worker and its packages may reach.</summary>
internal sealed partial class ProjectBinder
{
    // What a package's table may have.
    private static readonly string[] PackageKeys = ["allow", "deny"];

    private CapabilityGrants BindGrants()
    {
        if (Inherited("capabilities") is not { Kind: JsonKind.Object } node)
        {
            return CapabilityGrants.RuntimeOwn;
        }

        var packages = new Dictionary<string, CapabilityGrants>(StringComparer.Ordinal);
        var own = BindGrants(node);
        foreach (var package in node.Get("packages")?.Members ?? [])
        {
            foreach (var member in package.Value.Members)
            {
                if (Array.IndexOf(PackageKeys, member.Name) < 0)
                {
                    Add(FaultCodes.UnknownKey, $"\"capabilities.packages.{package.Name}\" has \"allow\" and \"deny\", not \"{member.Name}\".", member.Position, length: member.Name.Length + 2);
                }
            }

            packages[package.Name] = BindGrants(package.Value, own);
        }

        return own with { Packages = packages };
    }

    /// <summary>
    /// A worker has what the runtime offers and what it allows besides; a package has what its worker has, or what it allows
    /// instead. Either is without what it denies.
    /// </summary>
    private CapabilityGrants BindGrants(ConfigNode node, CapabilityGrants? within = null)
    {
        var allow = Texts(node.Get("allow"));
        var deny = Texts(node.Get("deny"));
        CheckPatterns(node.Get("allow"));
        CheckPatterns(node.Get("deny"));
        if (within is null)
        {
            return CapabilityGrants.RuntimeOwn.And(allow).Without(deny);
        }

        return node.Get("allow") is null ? within.Without(deny) : new CapabilityGrants { Allow = allow, Deny = deny };
    }

    private void CheckPatterns(ConfigNode? list)
    {
        foreach (var item in list is { Kind: JsonKind.Array } ? list.Items : [])
        {
            if (item.Kind == JsonKind.String && CapabilityPattern.Parse(item.Text, out var fault) is null)
            {
                Add(FaultCodes.InvalidValue, fault!, item.Position, length: item.Text.Length + 2);
            }
        }
    }
}
