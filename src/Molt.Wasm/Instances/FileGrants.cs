using Molt.Contracts.Capabilities;
using Molt.Contracts.Schemas;
using Molt.Runtime;
using Molt.Runtime.Boundary;
using Molt.Wasm.Vfs;

namespace Molt.Wasm.Instances;

/// <summary>
/// The capabilities of files as they are granted, revoked and audited. They have no operations that could be called: what is used of
/// one is what its last name says.
/// </summary>
internal sealed class FileGrants
{
    private static readonly (VfsGrants Grant, CapabilityDeclaration Declaration)[] All =
    [
        Declare(VfsGrants.BundleRead, "Files deployed with the module."),
        Declare(VfsGrants.TmpRead, "Files in memory, to be read."),
        Declare(VfsGrants.TmpWrite, "Files in memory, to be written."),
        Declare(VfsGrants.StateRead, "Durable files, to be read."),
        Declare(VfsGrants.StateWrite, "Durable files, to be written."),
    ];

    private readonly Grant[] _grants;

    public FileGrants(WorkerGrants grants) => _grants = Array.ConvertAll(All, file => grants.Find(file.Declaration, null));

    /// <summary>The grant of a capability by its id; null when it is none of files.</summary>
    public Grant? Find(string id) => Array.Find(_grants, grant => grant.Declaration.Id == id);

    /// <summary>The grant of one capability.</summary>
    public Grant Of(VfsGrants file) => _grants[Array.FindIndex(All, known => known.Grant == file)];

    private static (VfsGrants Grant, CapabilityDeclaration Declaration) Declare(VfsGrants grant, string doc)
    {
        string id = VfsCapabilities.IdOf(grant);
        string operation = id[(id.LastIndexOf('.') + 1)..];
        var traits = new OperationTraits
        {
            Effect = operation == "read" ? CapabilityEffect.ReadOnly : CapabilityEffect.Effectful,
            Arguments = AuditArgumentKind.Path,
        };
        return (grant, Capability.Declare(id, "1.0.0", doc).Describe(operation, Nothing, Nothing, traits).BuildDeclaration());
    }

    private static Schema Nothing() => Schema.Parse("""{"sir":1,"id":"schema://molt/nothing/v1","type":{"kind":"record","fields":[]}}"""u8);
}
