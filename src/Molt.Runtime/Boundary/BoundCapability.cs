using Molt.Contracts.Capabilities;
using Molt.Contracts.Schemas;

namespace Molt.Runtime.Boundary;

/// <summary>A capability with all that its calls need looked up.</summary>
internal sealed class BoundCapability
{
    public BoundCapability(Capability capability)
    {
        Capability = capability;
        var operations = capability.Declaration.Operations;
        Operations = new BoundOperation[operations.Count];
        for (var i = 0; i < Operations.Length; i++)
        {
            Operations[i] = new BoundOperation(operations[i], capability.Implementation(i));
        }
    }

    public Capability Capability { get; }

    public CapabilityDeclaration Declaration => Capability.Declaration;

    public BoundOperation[] Operations { get; }
}

/// <summary>An operation with its codecs and its implementation.</summary>
internal sealed class BoundOperation(CapabilityOperation operation, Delegate implementation)
{
    public readonly CapabilityOperation Operation = operation;
    public readonly ImmediateOperation? Immediate = implementation as ImmediateOperation;
    public readonly PendingOperation? Pending = implementation as PendingOperation;
    public readonly StreamOperation? Stream = implementation as StreamOperation;
    public readonly PayloadCodec Input = PayloadCodec.For(operation.Input);
    public readonly PayloadCodec Output = PayloadCodec.For(operation.Output);
    public readonly PayloadCodec? Item = operation.Item is { } item ? PayloadCodec.For(item) : null;
    public readonly PayloadLimits InputLimits = new() { MaxBytes = operation.Traits.MaxInputBytes };
    public readonly PayloadLimits OutputLimits = new() { MaxBytes = operation.Traits.MaxOutputBytes };
    public readonly int Cost = operation.Traits.Cost;

    /// <summary>Refuses what is not a request, or not an item.</summary>
    public CallReply CheckInput(PayloadCodec codec, ReadOnlySpan<byte> payload) =>
        codec.TryValidate(payload, out var fault, InputLimits) ? CallReply.Ok : Refuse(fault);

    /// <summary>Refuses what is not an answer.</summary>
    public CallReply CheckOutput(ReadOnlySpan<byte> payload) =>
        Output.TryValidate(payload, out var fault, OutputLimits)
            ? CallReply.Ok
            : CallReply.Failed(CapabilityStatus.EncodeError, $"The answer is not a value of {Operation.Output.Id}: {fault.Path}: {fault.Message}");

    private CallReply Refuse(PayloadFault fault)
    {
        // Bytes that are no MessagePack of the schema's shape are one thing, values it does not allow another.
        var status = fault.Kind is PayloadFaultKind.Truncated or PayloadFaultKind.Trailing or PayloadFaultKind.NonCanonical or PayloadFaultKind.Mistyped
            ? CapabilityStatus.DecodeError
            : CapabilityStatus.InvalidInput;
        return CallReply.Failed(status, $"{Operation.Name}: {fault.Path}: {fault.Message}");
    }
}

/// <summary>A capability one caller opened.</summary>
internal sealed class OpenedCapability(BoundCapability bound, Grant grant, string? package)
{
    public readonly BoundCapability Bound = bound;
    public readonly Grant Grant = grant;
    public readonly string? Package = package;
}
