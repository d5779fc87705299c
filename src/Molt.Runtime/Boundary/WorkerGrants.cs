using Molt.Contracts.Capabilities;
using Molt.Runtime.Boundary;

namespace Molt.Runtime;

/// <summary>
/// What a loaded worker may reach at this moment. Given when it is loaded; the host may take capabilities away, never add any.
/// <para>
/// Guarantees: after <see cref="Revoke"/> returned, no further call of what it names reaches an implementation, and the calls and
/// streams that were open end as cancelled with the reason. All members may be used by any thread.
/// </para>
/// </summary>
public sealed class WorkerGrants
{
    private readonly CapabilityGrants _grants;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Grant> _known = new(StringComparer.Ordinal);
    private readonly List<(CapabilityPattern Pattern, string Reason)> _revoked = [];
    private readonly HashSet<IRevocable> _listeners = [];
    private ulong _own;

    internal WorkerGrants(CapabilityGrants grants)
    {
        _grants = grants;
        for (var i = 0; i < RuntimeCapabilities.All.Count; i++)
        {
            if (grants.Includes(RuntimeCapabilities.All[i]))
            {
                _own |= 1UL << i;
            }
        }
    }

    /// <summary>One bit for each of the runtime's own capabilities, by its position in <see cref="RuntimeCapabilities.All"/>.</summary>
    internal ulong Own => Volatile.Read(ref _own);

    /// <summary>Whether the worker has a capability at this moment.</summary>
    public bool Includes(CapabilityDeclaration capability) => Find(capability, null).Refusal is null;

    /// <summary>
    /// Takes capabilities away. What is open of them ends as cancelled with <paramref name="reason"/>; later calls are denied.
    /// </summary>
    /// <param name="pattern">An id or pattern, as in grants. <c>molt.*</c> stays.</param>
    /// <param name="reason">What guests and the audit are told.</param>
    public void Revoke(string pattern, string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        var parsed = CapabilityPattern.Parse(pattern, out var fault) ?? throw new ArgumentException(fault, nameof(pattern));
        IRevocable[] listeners;
        List<Grant> ended = [];
        lock (_gate)
        {
            _revoked.Add((parsed, reason));
            foreach (var grant in _known.Values)
            {
                if (grant.Refusal is null && parsed.Matches(grant.Declaration.Id, grant.Declaration.Version))
                {
                    grant.Refusal = reason;
                    ended.Add(grant);
                }
            }

            var own = _own;
            for (var i = 0; i < RuntimeCapabilities.All.Count; i++)
            {
                var capability = RuntimeCapabilities.All[i];
                if (!IsLife(capability) && parsed.Matches(capability.Id, capability.Version))
                {
                    own &= ~(1UL << i);
                }
            }

            Volatile.Write(ref _own, own);
            listeners = [.. _listeners];
        }

        foreach (var listener in listeners)
        {
            listener.Revoked(parsed, ended, reason);
        }
    }

    /// <summary>The grant of one capability; it holds why it is refused when it is.</summary>
    internal Grant Find(CapabilityDeclaration capability, string? package)
    {
        lock (_gate)
        {
            // A package has an object of its own only where it has less: what is taken from the worker is taken from all.
            if (package is not null && _grants.Packages.ContainsKey(package) && !_grants.OfPackage(package).Includes(capability))
            {
                return new Grant(capability) { Refusal = $"it is not granted to the package \"{package}\"" };
            }

            if (!_known.TryGetValue(capability.Id, out var grant))
            {
                grant = new Grant(capability) { Refusal = _grants.Includes(capability) ? RevokedReason(capability) : "it is not granted" };
                _known.Add(capability.Id, grant);
            }

            return grant;
        }
    }

    /// <summary>Why one of the runtime's own capabilities is refused.</summary>
    internal string RefusalOf(CapabilityDeclaration capability) => Find(capability, null).Refusal ?? "it was revoked";

    internal void Listen(IRevocable listener)
    {
        lock (_gate)
        {
            _listeners.Add(listener);
        }
    }

    internal void Unlisten(IRevocable listener)
    {
        lock (_gate)
        {
            _listeners.Remove(listener);
        }
    }

    private static bool IsLife(CapabilityDeclaration capability) => capability.Id.StartsWith("molt.", StringComparison.Ordinal);

    private string? RevokedReason(CapabilityDeclaration capability)
    {
        if (IsLife(capability))
        {
            return null;
        }

        foreach (var (pattern, reason) in _revoked)
        {
            if (pattern.Matches(capability.Id, capability.Version))
            {
                return reason;
            }
        }

        return null;
    }
}
