using System.Buffers;

namespace Molt.Runtime.Boundary;

/// <summary>
/// Serves the frames of a guest in another place: makes each a call of the session of its worker and answers with a frame. The
/// checks are the session's, whatever the other side says of itself.
/// <para>Frames are given to it by one thread at a time; answers leave it on any, one at a time.</para>
/// </summary>
internal sealed class FrameServer : ICapabilityCompletions
{
    private readonly Lock _sending = new();
    private readonly Action<ReadOnlyMemory<byte>> _send;
    private readonly CallOutput _output = new(new byte[4096]);
    private readonly CallScope _scope;
    private ICapabilityCaller? _caller;

    /// <param name="scope">What the calls are made for.</param>
    /// <param name="send">Takes the bytes of an answer; it must not keep them.</param>
    public FrameServer(CallScope scope, Action<ReadOnlyMemory<byte>> send)
    {
        _scope = scope;
        _send = send;
    }

    /// <summary>Begins to serve with this session, whose completions it takes.</summary>
    public void Start(ICapabilityCaller caller) => _caller = caller;

    /// <summary>Serves one frame. False for one that is no request: its sender is not to be talked to any longer.</summary>
    public bool Serve(in BoundaryFrame frame)
    {
        var caller = _caller!;
        _output.Clear();
        switch (frame.Kind)
        {
            case FrameKind.Open:
                var text = frame.Text;
                var at = text.IndexOf('@', StringComparison.Ordinal);
                var opened = caller.Open(at < 0 ? text : text[..at], at < 0 ? null : text[(at + 1)..], null, out var handle);
                Send(BoundaryFrame.Answer(frame.Number, opened, default, handle));
                return true;
            case FrameKind.Call:
                Answer(frame.Number, caller.Call(_scope, frame.Number, frame.Handle, frame.Operation, frame.Body.Span, _output, frame.Timeout));
                return true;
            case FrameKind.OpenStream:
                Answer(frame.Number, caller.OpenStream(_scope, frame.Number, frame.Handle, frame.Operation, frame.Body.Span, frame.Timeout));
                return true;
            case FrameKind.Read:
                Answer(frame.Number, caller.Read(frame.Number, frame.Handle, _output));
                return true;
            case FrameKind.Write:
                Answer(frame.Number, caller.Write(frame.Number, frame.Handle, frame.Body.Span));
                return true;
            case FrameKind.Finish:
                caller.Finish(frame.Handle);
                return true;
            case FrameKind.Cancel:
                caller.Cancel(frame.Handle, frame.Text);
                return true;
            default:
                return false;
        }
    }

    public void Completed(in CallCompletion completion) => Send(BoundaryFrame.Answer(completion.Number, completion.Reply, completion.Payload));

    private void Answer(int number, in CallReply reply)
    {
        if (!reply.IsPending)
        {
            Send(BoundaryFrame.Answer(number, reply, _output.WrittenMemory));
        }
    }

    private void Send(in BoundaryFrame frame)
    {
        var bytes = new ArrayBufferWriter<byte>(BoundaryFrame.HeaderBytes + frame.Body.Length);
        frame.WriteTo(bytes);
        lock (_sending)
        {
            _send(bytes.WrittenMemory);
        }
    }
}
