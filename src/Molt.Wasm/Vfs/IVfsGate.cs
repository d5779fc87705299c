namespace Molt.Wasm.Vfs;

/// <summary>Decides about each use of a capability of files at the moment it is used, where somebody wants to know of it.</summary>
internal interface IVfsGate
{
    /// <summary>An operation that needs one capability is about to reach a mount; false: it does not.</summary>
    bool TryUse(VfsGrants grant);
}
