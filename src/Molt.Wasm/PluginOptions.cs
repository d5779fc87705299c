using Molt.Contracts.Capabilities;
using Molt.Engine;
using Molt.Runtime;
using Molt.Wasm.Vfs.Bundles;
using Molt.Wasm.Vfs.State;

namespace Molt.Wasm;

/// <summary>How a plugin is loaded.</summary>
public sealed record PluginOptions
{
    /// <summary>What the plugin may reach of what its manifest asks for; null takes what <c>molt.capabilities.toml</c> says, and nothing without one.</summary>
    public CapabilityGrants? Grants { get; init; }

    /// <summary>What it may use; null takes what <c>molt.capabilities.toml</c> says, and the defaults without one.</summary>
    public PluginLimits? Limits { get; init; }

    /// <summary>The runtime whose capabilities, audit and executors it shares; null: it has none but its own.</summary>
    public WorkerRuntime? Runtime { get; init; }

    /// <summary>Capabilities to offer where there is no <see cref="Runtime"/> that does; with one, they are added to it.</summary>
    public IReadOnlyList<Capability> Capabilities { get; init; } = [];

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>What hears the plugin's console; null: nobody does.</summary>
    public Action<PluginLogLine>? Log { get; init; }

    /// <summary>What hears defects of the host and of capabilities; null: nobody does.</summary>
    public Action<Exception>? Fault { get; init; }

    /// <summary>Payload of <c>schema://molt/runtime_config/v1</c> that init gets; empty: a map without entries.</summary>
    public ReadOnlyMemory<byte> Config { get; init; }

    /// <summary>Refuse to load without a valid <c>molt.snapshot</c>, as deployments do; otherwise one is made at load.</summary>
    public bool RequireSnapshot { get; init; }

    /// <summary>The files of <c>/bundle</c>, or null.</summary>
    public Bundle? Bundle { get; init; }

    /// <summary>What keeps the files of <c>/state</c>, or null.</summary>
    public IStateStore? State { get; init; }

    /// <summary>How memory goes back; anything but the default is for measuring.</summary>
    public WasmResetKind ResetKind { get; init; }
}
