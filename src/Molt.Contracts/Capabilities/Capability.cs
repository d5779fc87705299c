using System.Buffers;

namespace Molt.Contracts.Capabilities;

/// <summary>Serves a call at once: writes the answer before it returns. Must not block; it runs where the guest runs.</summary>
/// <param name="context">The call.</param>
/// <param name="input">The request, validated; valid during the call only.</param>
/// <param name="output">Where the answer goes.</param>
public delegate void ImmediateOperation(CapabilityContext context, ReadOnlySpan<byte> input, IBufferWriter<byte> output);

/// <summary>Serves a call that may take its time. The part before its first await must not block.</summary>
/// <inheritdoc cref="ImmediateOperation"/>
public delegate ValueTask PendingOperation(CapabilityContext context, ReadOnlySpan<byte> input, IBufferWriter<byte> output);

/// <summary>Serves a call that streams, until the returned task completes.</summary>
/// <param name="context">The call.</param>
/// <param name="input">The request, validated; valid until the first await only.</param>
/// <param name="pipe">The items of both sides.</param>
public delegate ValueTask StreamOperation(CapabilityContext context, ReadOnlySpan<byte> input, CapabilityPipe pipe);

/// <summary>
/// A capability a host offers: its declaration and what implements it. Made once with <see cref="Declare"/>, given to any number
/// of runtimes, called by many isolates at the same time.
/// </summary>
public sealed class Capability
{
    private readonly Delegate[] _implementations;

    internal Capability(CapabilityDeclaration declaration, Delegate[] implementations)
    {
        Declaration = declaration;
        _implementations = implementations;
    }

    /// <summary>What guests see of it.</summary>
    public CapabilityDeclaration Declaration { get; }

    /// <summary>Begins a declaration; <see cref="CapabilityBuilder.Build"/> reports every fault of it at once.</summary>
    /// <param name="id">Lower-case names with dots between them; the first one is yours (<c>acme.greeter</c>). Those of the runtime are taken.</param>
    /// <param name="version">The semantic version, <c>1.0.0</c>.</param>
    /// <param name="doc">What it is, for people.</param>
    public static CapabilityBuilder Declare(string id, string version, string doc = "") => new(id, version, doc);

    /// <summary>Whether an operation answers before it returns.</summary>
    public bool IsImmediate(int operation) => _implementations[operation] is ImmediateOperation;

    /// <summary>What serves an operation: an <see cref="ImmediateOperation"/>, a <see cref="PendingOperation"/> or a <see cref="StreamOperation"/>.</summary>
    public Delegate Implementation(int operation) => _implementations[operation];
}
