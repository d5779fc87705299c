using System.Buffers;

namespace Molt.Runtime.Boundary;

/// <summary>A call whose answer comes later.</summary>
internal sealed class PendingCall : OpenCall
{
    private readonly ArrayBufferWriter<byte> _output = new();

    public PendingCall(CapabilitySession session, CallScope scope, int number, OpenedCapability opened, BoundOperation operation, TimeSpan timeout)
        : base(session, scope, number, opened, operation, timeout)
    {
    }

    /// <summary>Starts it. The reply is pending, or the answer is in <paramref name="output"/>.</summary>
    public CallReply Start(ReadOnlySpan<byte> input, CallOutput output)
    {
        ValueTask serving;
        try
        {
            serving = Bound.Pending!(this, input, _output);
            if (serving.IsCompleted)
            {
                serving.GetAwaiter().GetResult();
                var reply = ReplyWhenServed();
                if (reply.Status == default)
                {
                    output.Write(_output.WrittenSpan);
                }

                return reply;
            }
        }
#pragma warning disable CA1031 // Whatever an implementation throws ends this call and nothing else.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            return Session.ReplyTo(fault);
        }

        Open();
        _ = FinishAsync(serving);
        return CallReply.Pending;
    }

    protected override void OnEnded(in CallReply reply) => Session.Complete(new CallCompletion(Scope, Number, reply, default));

    protected override CallReply ReplyWhenServed() => Bound.CheckOutput(_output.WrittenSpan);

    protected override void OnFinished(in CallReply reply) =>
        Session.Complete(new CallCompletion(Scope, Number, reply, reply.Status == default ? _output.WrittenMemory : default));
}
