using Molt.Contracts.Capabilities;
using Molt.Engine;

namespace Molt.Runtime.Boundary;

/// <summary>Serves a flat call: reads its arguments, which fit the signature.</summary>
internal delegate void FlatImplementation(WorkerIsolate isolate, ref JsCall call);

/// <summary>What a guest sees of a flat call that is denied.</summary>
internal enum FlatDenial
{
    /// <summary>An exception that names the capability.</summary>
    Throw,

    /// <summary>Nothing: the guest's own function has something to answer without it.</summary>
    Ignore,
}

/// <summary>
/// An operation of one of the runtime's own capabilities on the flat carrier: the fields of the request's record are the
/// arguments, in their order.
/// <para>
/// The checks are those of the bytes carrier, made ready in advance: a bit of the worker's grants, and a signature, which is the
/// request's schema with a kind for each field. A test compares each signature with its schema.
/// </para>
/// </summary>
internal sealed class FlatOperation
{
    private readonly FlatImplementation _implementation;
    private readonly JsSignature _signature;
    private readonly ulong _bit;
    private readonly FlatDenial _denial;

    public FlatOperation(string function, string capability, string operation, string signature, FlatImplementation implementation, FlatDenial denial = FlatDenial.Throw)
    {
        Function = function;
        var index = RuntimeCapabilities.IndexOf(capability);
        Capability = RuntimeCapabilities.All[index];
        Operation = Capability.Operations[Capability.IndexOf(operation)];
        Signature = signature;
        _bit = 1UL << index;
        _signature = JsSignature.Parse(signature);
        _implementation = implementation;
        _denial = denial;
    }

    /// <summary>The function's name in the guest runtime.</summary>
    public string Function { get; }

    public CapabilityDeclaration Capability { get; }

    public CapabilityOperation Operation { get; }

    /// <summary>The kinds of its arguments; see <see cref="JsSignature.Parse"/>.</summary>
    public string Signature { get; }

    public JsHostFunction ToHostFunction() => new(Function, _signature.Count, Invoke);

    private void Invoke(ref JsCall call)
    {
        var isolate = (WorkerIsolate)call.Isolate.Tag!;
        if ((isolate.Grants.Own & _bit) == 0)
        {
            Deny(isolate, ref call);
            return;
        }

        if (!call.Matches(_signature))
        {
            isolate.ThrowCapability(ref call, CapabilityStatus.InvalidInput, Capability.Id, Operation.Name, $"{Capability.Id} {Operation.Name} was called with arguments it does not take.");
            return;
        }

        isolate.Auditor?.Allowed(isolate.Worker.Name, null, Capability.Id, Operation);
        _implementation(isolate, ref call);
    }

    private void Deny(WorkerIsolate isolate, ref JsCall call)
    {
        var refusal = isolate.Grants.RefusalOf(Capability);
        isolate.Auditor?.Refused(isolate.Worker.Name, null, Capability.Id, Operation.Name, Operation.Traits.Arguments, AuditDecision.Denied, refusal);
        if (_denial == FlatDenial.Throw)
        {
            isolate.ThrowCapability(ref call, CapabilityStatus.Denied, Capability.Id, Operation.Name, $"The capability \"{Capability.Id}\" is denied to this worker: {refusal}.");
        }
    }
}
