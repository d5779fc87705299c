using System.Buffers;
using System.Diagnostics;
using Molt.Contracts;
using Molt.Contracts.Capabilities;
using Molt.Engine;
using Molt.Runtime;
using Molt.Runtime.Boundary;
using Molt.Wasm.Instances;
using Molt.Wasm.Limits;
using Molt.Wasm.Manifests;

namespace Molt.Wasm;

/// <summary>
/// A plugin that is loaded: functions behind schemas, in WebAssembly.
/// <para>
/// Guarantees: a call is dispatched in the order of the ABI (function, schema, payload, grants, call, result), so a plugin sees only
/// payloads its schemas allow and a caller only results they allow; with reset <c>call</c> each begins in the state after init,
/// whatever ran before; it ends within its duration. All members may be used by any thread.
/// </para>
/// </summary>
public sealed class Plugin : IDisposable
{
    // Payloads up to this have a place in the frozen state.
    private const uint InputLength = 4096;

    // The record without fields that init gets.
    private static readonly byte[] NoConfig = [0x90];

    private readonly PluginProgram _program;
    private readonly PluginPool _pool;
    private long _calls;

    private Plugin(PluginProgram program, PluginPool pool, PluginSnapshot snapshot)
    {
        _program = program;
        _pool = pool;
        Snapshot = snapshot;
    }

    /// <summary>What it is.</summary>
    public PluginManifest Manifest => _program.Manifest;

    /// <summary>What it may use.</summary>
    public PluginLimits Limits => _program.Limits;

    /// <summary>The state its calls begin with.</summary>
    public PluginSnapshot Snapshot { get; }

    /// <summary>What may be taken away at run time.</summary>
    public WorkerGrants Grants => _program.Host.Grants;

    /// <summary>Things worth knowing about its capabilities file, such as names nobody knows.</summary>
    public IReadOnlyList<PluginFault> Warnings { get; private init; } = [];

    /// <summary>Calls so far.</summary>
    public long Calls => Volatile.Read(ref _calls);

    /// <summary>Instances that had to be made anew, because a call grew its memory, changed a table or ran out of memory.</summary>
    public long Replacements => _pool.Replacements;

    /// <summary>Isolates it has.</summary>
    public int Isolates => _pool.Lanes;

    internal PluginProgram Program => _program;

    internal PluginPool Pool => _pool;

    /// <summary>
    /// Loads a plugin: from its snapshot, or by running its init. Throws <see cref="PluginLoadException"/> with everything that is
    /// wrong, <see cref="OptionsException"/> when the limits given are.
    /// </summary>
    public static Plugin Load(PluginPackage package, PluginOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(package);
        options ??= new PluginOptions();
        var capabilities = CapabilitiesFile.Read(package.CapabilitiesToml);
        var limits = options.Limits ?? capabilities.Limits;
        OptionsException.ThrowIfAny(limits.Validate());
        var faults = new List<PluginFault>();
        var module = ModuleCheck.Read(package.Manifest, package.Module, limits.MemoryPages, faults);
        if (module is null || faults.Count > 0)
        {
            throw PluginLoadException.OfPackage(faults);
        }

        var program = new PluginProgram(package.Manifest, module, limits, options, Host(options, options.Grants ?? capabilities.Grants));
        var config = options.Config.IsEmpty ? NoConfig : options.Config;
        var identity = PluginSnapshot.Identify(package, limits, options.Bundle, config.Span);
        if (package.Snapshot is null && options.RequireSnapshot)
        {
            throw PluginLoadException.OfSnapshot("There is none, and deployments need one. Build it: molt snapshot build.");
        }

        var pool = new PluginPool(program);
        try
        {
            var snapshot = package.Snapshot is { } file ? PluginSnapshot.Read(file) : Boot(program, pool, identity, config.Span);
            if (program.Frozen is null)
            {
                program.Freeze(snapshot.Thaw(identity, module, limits));
            }

            var plugin = new Plugin(program, pool, snapshot) { Warnings = capabilities.Warnings };
            plugin.WarmUp();
            return plugin;
        }
        catch (JsException exception)
        {
            pool.Dispose();
            throw PluginLoadException.OfPackage([new PluginFault(package.Manifest.Module, "", $"V8 refuses the module: {exception.Info.Message}")]);
        }
        catch
        {
            pool.Dispose();
            throw;
        }
    }

    /// <summary>Calls a function by its name; see <see cref="Call(uint, string?, ReadOnlySpan{byte}, IBufferWriter{byte})"/>.</summary>
    public PluginReply Call(string function, string? schemaId, ReadOnlySpan<byte> payload, IBufferWriter<byte> output) =>
        Call(_program.Functions.GetValueOrDefault(function), function, schemaId, payload, output);

    /// <summary>
    /// Calls a function and waits for it, on this thread as far as it does not wait for capabilities. <paramref name="schemaId"/> says
    /// what the payload is; null where the function has a default. The result is written to <paramref name="output"/>.
    /// </summary>
    public PluginReply Call(uint functionId, string? schemaId, ReadOnlySpan<byte> payload, IBufferWriter<byte> output) =>
        Call(_program.FunctionsById.GetValueOrDefault(functionId), null, schemaId, payload, output);

    /// <summary>Calls a function by its name without holding a thread while it waits for capabilities.</summary>
    public ValueTask<PluginReply> CallAsync(string function, string? schemaId, ReadOnlyMemory<byte> payload, IBufferWriter<byte> output, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(output);
        var found = _program.Functions.GetValueOrDefault(function);
        var reply = Resolve(found, function, schemaId, payload.Span, out int schema);
        if (!reply.IsOk)
        {
            return new ValueTask<PluginReply>(reply);
        }

        reply = Start(found!, schema, payload.Span, output, out var pending);
        return pending is null ? new ValueTask<PluginReply>(reply) : new ValueTask<PluginReply>(pending.CompleteAsync(cancellationToken));
    }

    /// <summary>Bytes its isolates that are free now hold: heaps, code and memories.</summary>
    public long MemoryInUse() => _pool.MemoryInUse();

    /// <summary>Takes no more calls, and disposes its isolates; those in use go when their calls end, be they running or pending.</summary>
    public void Dispose() => _pool.Dispose();

    /// <summary>The part of the dispatch that comes before the call.</summary>
    internal PluginReply Resolve(PluginFunction? function, string? name, string? schemaId, ReadOnlySpan<byte> payload, out int schema)
    {
        schema = -1;
        if (function is null)
        {
            return new PluginReply(PluginStatus.FunctionNotFound, name is null ? "The plugin has no function of this number." : $"The plugin has no function \"{name}\".");
        }

        var reply = function.Schemas.Resolve(schemaId, out schema, out int written);
        if (!reply.IsOk)
        {
            return reply;
        }

        if (!_program.Codec(written).TryValidate(payload, out var fault, _program.PayloadLimits))
        {
            return new PluginReply(PluginStatus.InvalidPayload, $"The payload is no value of {_program.Manifest.Schemas[written].Id}: {fault}");
        }

        return function.Denied() is { } denied
            ? new PluginReply(PluginStatus.CapabilityDenied, $"\"{function.Export.Name}\" needs the capability \"{denied}\", which is not granted.")
            : default;
    }

    private PluginReply Call(PluginFunction? function, string? name, string? schemaId, ReadOnlySpan<byte> payload, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var reply = Resolve(function, name, schemaId, payload, out int schema);
        if (!reply.IsOk)
        {
            return reply;
        }

        reply = Start(function!, schema, payload, output, out var pending);
        if (pending is null)
        {
            return reply;
        }

#pragma warning disable VSTHRD002 // The caller asked to wait; completions arrive on threads of the pool.
        return pending.CompleteAsync(CancellationToken.None).GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }

    private PluginReply Start(PluginFunction function, int schema, ReadOnlySpan<byte> payload, IBufferWriter<byte> output, out PendingPluginCall? pending)
    {
        pending = null;
        Interlocked.Increment(ref _calls);
        var lane = _pool.Rent();
        try
        {
            using (lane.Enter())
            {
                var instance = lane.Rent();
                if (instance is null)
                {
                    return new PluginReply(PluginStatus.InternalError, "Too many calls of the plugin are waiting.");
                }

                var reply = instance.Call(function, schema, payload, Deadline(), null, out var result, out int task);
                if (task != 0)
                {
                    pending = new PendingPluginCall(instance, task, Manifest.Reset != PluginReset.Never, (_, late) => output.Write(late));
                    return reply;
                }

                output.Write(result);
                instance.End(Manifest.Reset != PluginReset.Never);
                lane.Return(instance);
                lane.Pump();
                return reply;
            }
        }
        finally
        {
            _pool.Return(lane);
        }
    }

    internal long Deadline() => Stopwatch.GetTimestamp() + (long)(_program.Limits.Duration.TotalSeconds * Stopwatch.Frequency);

    internal void Count() => Interlocked.Increment(ref _calls);

    private static PluginHost Host(PluginOptions options, CapabilityGrants grants)
    {
        var registry = options.Runtime?.Capabilities ?? new CapabilityRegistry();
        foreach (var capability in options.Capabilities)
        {
            registry.Add(capability);
        }

        return new PluginHost(registry, new WorkerGrants(grants), options.Runtime?.Auditor, options.Fault ?? (static _ => { }));
    }

    /// <summary>Runs init and freezes what it leaves.</summary>
    private static PluginSnapshot Boot(PluginProgram program, PluginPool pool, SnapshotHeader identity, ReadOnlySpan<byte> config)
    {
        var lane = pool.Rent();
        try
        {
            using (lane.Enter())
            {
                var instance = lane.Boot();
                var reply = instance.Boot(config, InputLength);
                if (!reply.IsOk)
                {
                    instance.Dispose();
                    throw PluginLoadException.OfStart(program.Manifest.Module, $"The plugin's init failed: {reply.Message}");
                }

                if (instance.OpenPaths is { Count: > 0 } open)
                {
                    instance.Dispose();
                    throw PluginLoadException.OfStart(program.Manifest.Module, $"The plugin's init left open {string.Join(", ", open)}. A snapshot cannot keep open files: close them before init returns.");
                }

                var state = instance.Freeze();
                program.Freeze(state);
                var snapshot = PluginSnapshot.Of(identity, state, instance.Memory);
                lane.Discard(instance);
                return snapshot;
            }
        }
        finally
        {
            pool.Return(lane);
        }
    }

    /// <summary>Makes the first instance, so that what V8 refuses is found now.</summary>
    private void WarmUp()
    {
        var lane = _pool.Rent();
        try
        {
            using (lane.Enter())
            {
                if (lane.Rent() is { } instance)
                {
                    lane.Return(instance);
                }
            }
        }
        finally
        {
            _pool.Return(lane);
        }
    }
}
