using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Molt.Engine;
using Molt.Runtime.Scheduling;

namespace Molt.Runtime.Io;

/// <summary>
/// The reading end of a body on its way to the guest: one object for all its reads, of which one may be outstanding.
/// <para>
/// Guarantees: every <see cref="Begin"/> is followed by exactly one settlement; nothing is read ahead of the guest, so a
/// guest that stops reading stops the sender; the pipe is not touched after <see cref="Complete"/>.
/// </para>
/// </summary>
internal sealed class BodyReadOperation : IsolateMessage
{
    // What one read hands to the guest at most: large enough to amortise the crossing, small enough to stay fair.
    private const int MaxChunk = 64 << 10;

    private readonly WorkerIsolate _isolate;
    private readonly IBodyOwner _owner;
    private readonly PipeReader _reader;
    private readonly Action _continue;
    private ValueTaskAwaiter<ReadResult> _awaiter;
    private int _call;
    private bool _pending;
    private bool _delivering;
    private bool _ended;
    private Action? _completed;

    public BodyReadOperation(WorkerIsolate isolate, IBodyOwner owner, PipeReader reader)
    {
        _isolate = isolate;
        _owner = owner;
        _reader = reader;
        _continue = () => _isolate.Post(this);
    }

    /// <summary>Starts a read for the guest's call. Called inside JavaScript.</summary>
    public void Begin(int call)
    {
        if (_pending || _completed is not null || _ended)
        {
            _isolate.PostSettlement(call, _owner.Event, _pending ? "A read of this body is already outstanding." : null);
            return;
        }

        _call = call;
        _pending = true;
        _isolate.BeginOperation();
        if (!_delivering)
        {
            Read();
        }
    }

    private void Read()
    {
        try
        {
            _awaiter = _reader.ReadAsync(CancellationToken.None).GetAwaiter();
        }
        catch (InvalidOperationException)
        {
            // The connection's side was completed under us: the same as a disconnect.
            _awaiter = ValueTask.FromResult(new ReadResult(default, isCanceled: true, isCompleted: true)).GetAwaiter();
        }

        if (_awaiter.IsCompleted)
        {
            _isolate.Post(this);
        }
        else
        {
            _awaiter.UnsafeOnCompleted(_continue);
        }
    }

    /// <summary>The guest wants no more.</summary>
    public void Cancel()
    {
        if (_pending)
        {
            _reader.CancelPendingRead();
        }
    }

    /// <summary>Ends reading and calls <paramref name="done"/> once no read is outstanding: at once, or when it came back.</summary>
    public void Complete(Action done)
    {
        _completed = done;
        if (_delivering)
        {
            // What the guest is being given is still in the pipe: Run finishes when it has it.
            return;
        }

        if (_pending)
        {
            _reader.CancelPendingRead();
        }
        else
        {
            done();
        }
    }

    internal override void Run(WorkerIsolate isolate, Executor executor)
    {
        _pending = false;
        isolate.EndOperation();
        var call = _call;
        ReadResult result;
        try
        {
            result = _awaiter.GetResult();
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException or InvalidOperationException)
        {
            _ended = true;
            if (_completed is not null)
            {
                _completed();
            }
            else
            {
                if (_owner is FetchEvent incoming && incoming.IsDisconnect(fault))
                {
                    // Else the guest's failure at this read would look like a fault of the worker.
                    isolate.AbortEvent(incoming, EventOutcome.Disconnected, FetchEvent.ClientGone, executor);
                }

                isolate.SettleError(executor, _owner.Event, call, "Error", PeerMessage(fault));
            }

            return;
        }

        if (_completed is not null)
        {
            Advance(result.Buffer.Start);
            _completed();
            return;
        }

        if (result.IsCanceled)
        {
            Advance(result.Buffer.Start);
            isolate.SettleError(executor, _owner.Event, call, "AbortError", "The body was cancelled.");
            return;
        }

        var chunk = result.Buffer.First;
        if (chunk.IsEmpty)
        {
            if (result.IsCompleted)
            {
                Advance(result.Buffer.End);
                _ended = true;
                isolate.Settle(executor, _owner.Event, call, JsArg.Null);
            }
            else
            {
                Advance(result.Buffer.Start);
                Begin(call);
            }

            return;
        }

        if (chunk.Length > MaxChunk)
        {
            chunk = chunk[..MaxChunk];
        }

        Deliver(isolate, executor, result.Buffer, chunk);
    }

    /// <summary>Gives the guest a chunk. It may ask for the next one or end the body meanwhile; both wait until the pipe has this one back.</summary>
    private void Deliver(WorkerIsolate isolate, Executor executor, ReadOnlySequence<byte> buffer, ReadOnlyMemory<byte> chunk)
    {
        _delivering = true;
        isolate.Settle(executor, _owner.Event, _call, chunk);
        _delivering = false;
        Advance(buffer.GetPosition(chunk.Length));
        if (_completed is not null)
        {
            if (_pending)
            {
                _pending = false;
                isolate.EndOperation();
            }

            _completed();
        }
        else if (_pending)
        {
            Read();
        }
    }

    internal override void Reject(EventFailure failure)
    {
        _pending = false;
        try
        {
            _ = _awaiter.GetResult();
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The body is dropped with its isolate.
        }

        _completed?.Invoke();
    }

    private string PeerMessage(Exception fault) =>
        fault is ResponseBodyException guestVisible ? guestVisible.Message
        : (_owner as FetchEvent)?.GuestMessage(fault) ?? "The connection was closed before the body ended.";

    private void Advance(SequencePosition consumed)
    {
        try
        {
            _reader.AdvanceTo(consumed);
        }
        catch (InvalidOperationException)
        {
            _ended = true;
        }
    }
}

/// <summary>A fault of a body whose message may be shown to the guest.</summary>
internal sealed class ResponseBodyException : IOException
{
    public ResponseBodyException(string message)
        : base(message)
    {
    }

    public ResponseBodyException()
    {
    }

    public ResponseBodyException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
