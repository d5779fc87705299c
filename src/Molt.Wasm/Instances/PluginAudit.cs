using Molt.Contracts.Capabilities;
using Molt.Runtime;
using Molt.Runtime.Boundary;

namespace Molt.Wasm.Instances;

/// <summary>
/// Tells the audit of what the boundary does not see: imports that stand for capabilities of the runtime, and calls that are refused
/// before they reach it.
/// </summary>
internal sealed class PluginAudit(string plugin, Auditor? auditor, WorkerGrants grants)
{
    // What the imports do, in the order of OwnCapability.
    private static readonly (CapabilityDeclaration Capability, CapabilityOperation Operation)[] Own =
        [Find("console.log", "write"), Find("time.now", "wall"), Find("rand.bytes", "fill")];

    public void Allowed(OwnCapability capability)
    {
        var (declaration, operation) = Own[(int)capability];
        auditor?.Allowed(plugin, null, declaration.Id, operation);
    }

    /// <summary>Files are about to be read or written.</summary>
    public void Allowed(CapabilityDeclaration files) => auditor?.Allowed(plugin, null, files.Id, files.Operations[0]);

    /// <summary>An import was refused; without a reason, because the grant is missing or gone.</summary>
    public void Denied(OwnCapability capability, string? reason)
    {
        if (auditor is not null)
        {
            var (declaration, operation) = Own[(int)capability];
            auditor.Refused(plugin, null, declaration.Id, operation.Name, operation.Traits.Arguments, AuditDecision.Denied, reason ?? grants.RefusalOf(declaration));
        }
    }

    /// <summary>A function was not called, or may not call an operation.</summary>
    public void Denied(string capability, CapabilityOperation? operation, string reason) =>
        auditor?.Refused(plugin, null, capability, operation?.Name ?? "", operation?.Traits.Arguments ?? AuditArgumentKind.None, AuditDecision.Denied, reason);

    private static (CapabilityDeclaration Capability, CapabilityOperation Operation) Find(string capability, string operation)
    {
        var declaration = RuntimeCapabilities.Find(capability)!;
        return (declaration, declaration.Operations[declaration.IndexOf(operation)]);
    }
}
