using System.Buffers;
using Molt.Contracts.Capabilities;

namespace Molt.Runtime.Boundary;

/// <summary>
/// A stream between a guest and an implementation.
/// <para>
/// Guarantees: each side waits while the other has <see cref="Items"/> items, or <see cref="Bytes"/> bytes, that it has not
/// taken; items arrive in order; what was sent before the implementation ended is read before its end is; whatever ends the
/// stream from outside wakes both sides. The guest's side is used by one thread at a time, and so is the implementation's.
/// </para>
/// </summary>
internal sealed class StreamCall : OpenCall
{
    /// <summary>How many items may wait in one direction.</summary>
    public const int Items = 16;

    /// <summary>How many bytes may wait in one direction; one item may be larger.</summary>
    public const int Bytes = 256 << 10;

    private readonly Lock _gate = new();
    private readonly Pipe _pipe;
    private readonly Lane _toGuest = new();
    private readonly Lane _fromGuest = new();
    private TaskCompletionSource? _room;
    private TaskCompletionSource<ReadOnlyMemory<byte>?>? _item;
    private int _reading;
    private (int Number, byte[] Item)? _writing;
    private bool _guestFinished;
    private CallReply? _over;

    public StreamCall(CapabilitySession session, CallScope scope, int number, OpenedCapability opened, BoundOperation operation, TimeSpan timeout)
        : base(session, scope, number, opened, operation, timeout)
    {
        _pipe = new Pipe(this);
    }

    /// <summary>Starts the implementation.</summary>
    public CallReply Start(ReadOnlySpan<byte> input)
    {
        Open();
        ValueTask serving;
        try
        {
            serving = Bound.Stream!(this, input, _pipe);
        }
#pragma warning disable CA1031 // Whatever an implementation throws ends this stream and nothing else.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            serving = ValueTask.FromException(fault);
        }

        _ = FinishAsync(serving);
        return CallReply.Ok;
    }

    /// <summary>The guest takes an item.</summary>
    public CallReply Read(int number, CallOutput output)
    {
        TaskCompletionSource? room;
        byte[]? item;
        lock (_gate)
        {
            if (_reading != 0)
            {
                return CallReply.Failed(CapabilityStatus.InvalidInput, "A read of this stream is pending already.");
            }

            if (!_toGuest.TryTake(out item))
            {
                if (_over is { } over)
                {
                    Session.Forget(this);
                    return over;
                }

                _reading = number;
                return CallReply.Pending;
            }

            room = TakeRoom();
        }

        room?.TrySetResult();
        output.Begin(int.MaxValue);
        output.Write(item);
        return CallReply.Ok;
    }

    /// <summary>What the guest would find.</summary>
    public StreamState Look()
    {
        lock (_gate)
        {
            return _toGuest.IsEmpty && _over is null ? StreamState.Idle : StreamState.Ready;
        }
    }

    /// <summary>The guest sends an item.</summary>
    public CallReply Write(int number, ReadOnlySpan<byte> item)
    {
        if (Bound.Item is null || _guestFinished)
        {
            return CallReply.Failed(CapabilityStatus.InvalidInput, $"{Capability} {Operation} takes no {(Bound.Item is null ? "items" : "more items")}.");
        }

        var reply = Bound.CheckInput(Bound.Item, item);
        if (reply.Status != default)
        {
            return reply;
        }

        TaskCompletionSource<ReadOnlyMemory<byte>?>? waiting;
        var copy = item.ToArray();
        lock (_gate)
        {
            if (_over is { } over)
            {
                return over.IsEnd ? CallReply.Failed(CapabilityStatus.Cancelled, $"{Capability} {Operation} ended and takes no more items.") : over;
            }

            waiting = _item;
            _item = null;
            if (waiting is null && !_fromGuest.TryAdd(copy))
            {
                if (_writing is not null)
                {
                    return CallReply.Failed(CapabilityStatus.InvalidInput, "A write to this stream is pending already.");
                }

                _writing = (number, copy);
                return CallReply.Pending;
            }
        }

        waiting?.TrySetResult(copy);
        return CallReply.Ok;
    }

    /// <summary>The guest no longer waits for a read or a write; false when none of this number is pending here.</summary>
    public bool TryWithdraw(int number, string reason)
    {
        lock (_gate)
        {
            if (number != 0 && _reading == number)
            {
                _reading = 0;
            }
            else if (_writing?.Number == number)
            {
                _writing = null;
            }
            else
            {
                return false;
            }
        }

        Session.Complete(new CallCompletion(Scope, number, CallReply.Failed(CapabilityStatus.Cancelled, reason), default));
        return true;
    }

    /// <summary>The guest sends nothing more.</summary>
    public void FinishWriting()
    {
        TaskCompletionSource<ReadOnlyMemory<byte>?>? waiting;
        lock (_gate)
        {
            _guestFinished = true;
            waiting = _item;
            _item = null;
        }

        waiting?.TrySetResult(null);
    }

    protected override bool OutlivesItsEnd => true;

    protected override void OnEnded(in CallReply reply) => Settle(reply, dropItems: true);

    protected override CallReply ReplyWhenServed() => CallReply.Ended;

    protected override void OnFinished(in CallReply reply) => Settle(reply, dropItems: false);

    private void Settle(in CallReply reply, bool dropItems)
    {
        int reading;
        (int Number, byte[] Item)? writing;
        TaskCompletionSource? room;
        TaskCompletionSource<ReadOnlyMemory<byte>?>? item;
        lock (_gate)
        {
            _over ??= reply;
            if (dropItems)
            {
                _toGuest.Clear();
            }

            _fromGuest.Clear();
            (reading, _reading) = (_reading, 0);
            (writing, _writing) = (_writing, null);
            (room, _room) = (_room, null);
            (item, _item) = (_item, null);
            if (reading != 0)
            {
                Session.Forget(this);
            }
        }

        room?.TrySetException(new OperationCanceledException(reply.Message));
        item?.TrySetException(new OperationCanceledException(reply.Message));
        if (reading != 0)
        {
            Session.Complete(new CallCompletion(Scope, reading, reply, default));
        }
        else
        {
            Session.BecameReadable(this);
        }

        if (writing is { } refused)
        {
            var failure = reply.IsEnd ? CallReply.Failed(CapabilityStatus.Cancelled, $"{Capability} {Operation} ended and takes no more items.") : reply;
            Session.Complete(new CallCompletion(Scope, refused.Number, failure, default));
        }
    }

    private TaskCompletionSource? TakeRoom()
    {
        var room = _room;
        _room = null;
        return room;
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> item)
    {
        var reply = Bound.CheckOutput(item.Span);
        if (reply.Status != default)
        {
            throw new CapabilityException(reply.Status, reply.Message!);
        }

        var copy = item.ToArray();
        while (true)
        {
            int reading;
            bool isFirst;
            Task? wait = null;
            lock (_gate)
            {
                ThrowIfOver();
                (reading, _reading) = (_reading, 0);
                isFirst = _toGuest.IsEmpty;
                if (reading == 0 && !_toGuest.TryAdd(copy))
                {
                    _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    wait = _room.Task;
                }
            }

            if (reading != 0)
            {
                Session.Complete(new CallCompletion(Scope, reading, CallReply.Ok, copy));
                return;
            }

            if (wait is null)
            {
                if (isFirst)
                {
                    Session.BecameReadable(this);
                }

                return;
            }

            await wait.ConfigureAwait(false);
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync()
    {
        (int Number, byte[] Item)? written = null;
        byte[]? item;
        Task<ReadOnlyMemory<byte>?>? wait = null;
        lock (_gate)
        {
            ThrowIfOver();
            if (_fromGuest.TryTake(out item))
            {
                if (_writing is { } waiting && _fromGuest.TryAdd(waiting.Item))
                {
                    written = waiting;
                    _writing = null;
                }
            }
            else if (_guestFinished)
            {
                return null;
            }
            else
            {
                _item = new TaskCompletionSource<ReadOnlyMemory<byte>?>(TaskCreationOptions.RunContinuationsAsynchronously);
                wait = _item.Task;
            }
        }

        if (written is { } accepted)
        {
            Session.Complete(new CallCompletion(Scope, accepted.Number, CallReply.Ok, default));
        }

        return wait is null ? item : await wait.ConfigureAwait(false);
    }

    private void ThrowIfOver()
    {
        if (_over is { } over)
        {
            throw new OperationCanceledException(over.Message);
        }
    }

    /// <summary>The implementation's side.</summary>
    private sealed class Pipe(StreamCall stream) : CapabilityPipe
    {
        public override ValueTask<ReadOnlyMemory<byte>?> ReadAsync() => stream.ReceiveAsync();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> item) => stream.SendAsync(item);
    }

    /// <summary>What waits in one direction.</summary>
    private sealed class Lane
    {
        private readonly Queue<byte[]> _items = new();
        private int _bytes;

        public bool IsEmpty => _items.Count == 0;

        public bool TryAdd(byte[] item)
        {
            if (_items.Count > 0 && (_items.Count == Items || _bytes + item.Length > Bytes))
            {
                return false;
            }

            _items.Enqueue(item);
            _bytes += item.Length;
            return true;
        }

        public bool TryTake(out byte[]? item)
        {
            if (!_items.TryDequeue(out item))
            {
                return false;
            }

            _bytes -= item.Length;
            return true;
        }

        public void Clear()
        {
            _items.Clear();
            _bytes = 0;
        }
    }
}
