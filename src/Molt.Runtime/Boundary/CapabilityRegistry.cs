using System.Collections.Immutable;
using Molt.Contracts.Capabilities;

namespace Molt.Runtime.Boundary;

/// <summary>The capabilities of a runtime: its own, and those a host application adds. All members may be used by any thread.</summary>
internal sealed class CapabilityRegistry
{
    private ImmutableDictionary<string, BoundCapability> _added = ImmutableDictionary<string, BoundCapability>.Empty;

    /// <summary>Every declaration, the runtime's own first.</summary>
    public IReadOnlyList<CapabilityDeclaration> Declarations
    {
        get
        {
            var declarations = new List<CapabilityDeclaration>(RuntimeCapabilities.All);
            foreach (var bound in _added.Values)
            {
                declarations.Add(bound.Declaration);
            }

            return declarations;
        }
    }

    /// <summary>Adds a capability; throws when its id is taken.</summary>
    public void Add(Capability capability)
    {
        ArgumentNullException.ThrowIfNull(capability);
        var id = capability.Declaration.Id;
        if (id.StartsWith("molt.", StringComparison.Ordinal) || RuntimeCapabilities.Find(id) is not null)
        {
            throw new ArgumentException($"The id \"{id}\" belongs to the runtime. Begin it with a name of your own.", nameof(capability));
        }

        var bound = new BoundCapability(capability);
        if (!ImmutableInterlocked.TryAdd(ref _added, id, bound))
        {
            throw new ArgumentException($"There is a capability \"{id}\" already.", nameof(capability));
        }
    }

    public BoundCapability? Find(string id) => _added.GetValueOrDefault(id);
}
