using Molt.Contracts.Capabilities;
using Molt.Engine;
using Molt.Runtime.Scheduling;

namespace Molt.Runtime.Boundary;

/// <summary>The bytes carrier's state of one isolate: its session, the buffer between guest and host, and how pending calls get back in.</summary>
internal sealed class GuestCapabilities : ICapabilityCompletions, IDisposable
{
    private readonly WorkerIsolate _isolate;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(2 * BytesCarrier.Half, pinned: true);

    public GuestCapabilities(WorkerIsolate isolate)
    {
        _isolate = isolate;
        var runtime = isolate.Runtime;
        Session = new CapabilitySession(isolate.Worker.Name, runtime.Capabilities, isolate.Grants, isolate.Auditor, runtime.Time, this, isolate.ReportFault);
        Output = new CallOutput(_buffer.AsMemory(BytesCarrier.Half));
    }

    public CapabilitySession Session { get; }

    /// <summary>Where answers go: the buffer's second half.</summary>
    public CallOutput Output { get; }

    /// <summary>The whole buffer.</summary>
    public ReadOnlyMemory<byte> Buffer => _buffer;

    /// <summary>Why the last call failed.</summary>
    public string Fault { get; set; } = "";

    /// <summary>A request the guest put in the buffer's first half.</summary>
    public ReadOnlySpan<byte> Input(int length) => _buffer.AsSpan(0, Math.Clamp(length, 0, BytesCarrier.Half));

    /// <summary>The scope of an event: made when it first calls.</summary>
    public CallScope ScopeOf(WorkerEvent owner) => owner.Calls ??= new CallScope(_isolate.Limits.CapabilityUnits, owner);

    public void Completed(in CallCompletion completion) => _isolate.Post(new CallCompleted(completion));

    public void Dispose() => Session.Dispose();

    /// <summary>A pending call ended: its guest learns of it in a turn of its event.</summary>
    private sealed class CallCompleted(CallCompletion completion) : IsolateMessage
    {
        internal override void Run(WorkerIsolate isolate, Executor executor)
        {
            isolate.EndOperation();
            var owner = (WorkerEvent)completion.Scope.Owner!;
            var reply = completion.Reply;
            if (reply.Status != CapabilityStatus.Ok)
            {
                isolate.SettleCall(executor, owner, completion.Number, (int)reply.Status, reply.Message);
            }
            else if (reply.IsEnd)
            {
                isolate.SettleCall(executor, owner, completion.Number, 0, JsArg.Null);
            }
            else
            {
                isolate.SettleCall(executor, owner, completion.Number, 0, JsArg.Bytes(completion.Payload));
            }
        }

        internal override void Reject(EventFailure failure)
        {
        }
    }
}
