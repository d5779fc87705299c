namespace Molt.Wasm.Wasi;

/// <summary>Decides about each use of a capability behind WASI at the moment it is used, where somebody wants to know of it.</summary>
internal interface IWasiGate
{
    /// <summary>A function that needs one capability is about to be answered; false: as if the guest did not have it.</summary>
    bool TryUse(WasiGrants grant);
}
