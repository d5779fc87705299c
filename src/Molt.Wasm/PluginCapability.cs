using System.Buffers;
using Molt.Contracts.Capabilities;

namespace Molt.Wasm;

/// <summary>
/// Offers the functions of a plugin to workers as the capability <c>plugin.NAME</c>: one operation for each function that has a default
/// schema. The plugin behind it can be replaced while it is in use, as long as the functions stay the same.
/// </summary>
public sealed class PluginCapability
{
    private Plugin _plugin;

    /// <summary>Declares the capability. Throws <see cref="CapabilityDeclarationException"/> when the plugin's name, version or functions cannot be one.</summary>
    public PluginCapability(Plugin plugin)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        _plugin = plugin;
        Capability = Declare(plugin.Manifest);
    }

    /// <summary>What to add to a runtime.</summary>
    public Capability Capability { get; }

    /// <summary>Takes another load of the plugin for the calls that begin from now on, and returns the one before. Null, and no change, where its functions are others.</summary>
    public Plugin? Replace(Plugin plugin)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        return HasFunctionsOf(plugin.Manifest) ? Interlocked.Exchange(ref _plugin, plugin) : null;
    }

    private Capability Declare(PluginManifest manifest)
    {
        var builder = Capability.Declare($"plugin.{manifest.ModuleName}", manifest.ModuleVersion);
        foreach (var export in manifest.Exports)
        {
            if (export.DefaultSchema is { } input)
            {
                builder.Pending(export.Name, input, export.OutputSchema, (context, payload, output) => CallAsync(export.Name, payload.ToArray(), output, context.Cancellation), Traits(export));
            }
        }

        return builder.Build();
    }

    private static OperationTraits Traits(PluginExport export) => new()
    {
        Effect = export.IsDeterministic ? CapabilityEffect.Pure : CapabilityEffect.Effectful,
        Determinism = export.IsDeterministic ? CapabilityDeterminism.Strict : CapabilityDeterminism.BestEffort,
    };

    private bool HasFunctionsOf(PluginManifest manifest)
    {
        var now = Declare(manifest).Declaration;
        var then = Capability.Declaration;
        if (now.Id != then.Id || now.Version != then.Version || now.Operations.Count != then.Operations.Count)
        {
            return false;
        }

        for (int i = 0; i < now.Operations.Count; i++)
        {
            if (now.Operations[i].Name != then.Operations[i].Name || now.Operations[i].Input.Identity != then.Operations[i].Input.Identity ||
                now.Operations[i].Output.Identity != then.Operations[i].Output.Identity)
            {
                return false;
            }
        }

        return true;
    }

    private async ValueTask CallAsync(string function, byte[] payload, IBufferWriter<byte> output, CancellationToken cancellation)
    {
        // The caller is inside the isolate of its worker; the plugin runs in one of its own, on another thread.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        PluginReply reply;
        var plugin = Volatile.Read(ref _plugin);
        while (true)
        {
            try
            {
                reply = await plugin.CallAsync(function, schemaId: null, payload, output, cancellation).ConfigureAwait(false);
                break;
            }
            catch (ObjectDisposedException) when (plugin != Volatile.Read(ref _plugin))
            {
                // It was replaced and disposed of after the look: nothing of the call has run.
                plugin = Volatile.Read(ref _plugin);
            }
        }

        if (!reply.IsOk)
        {
            var status = reply.Status <= PluginStatus.InternalError ? (CapabilityStatus)(int)reply.Status : CapabilityStatus.InvalidInput;
            throw new CapabilityException(status, reply.Message ?? $"The plugin's function \"{function}\" ended with status {(int)status}.");
        }
    }
}
