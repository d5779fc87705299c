using System.IO.Pipelines;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;
using Molt.Server.Transport.Interop;

namespace Molt.Server.Transport;

/// <summary>
/// The sending side of a connection: a flush is a send on the thread that flushes.
/// <para>
/// Guarantees: bytes leave in the order they were written; a flush completes when the kernel has taken all of them, which
/// is the backpressure, or at once when the client is gone (<see cref="FlushResult.IsCompleted"/>). A flush that waits is
/// completed on the thread that polls, a cancelled one on the thread pool. Between flushes a connection holds no buffer.
/// </para>
/// <para>
/// Only the writer touches the chain of blocks while <c>_blocked</c> is false, and needs no lock to fill it. A flush that
/// the kernel does not take whole sets it, and from then on every touch is under <see cref="Gate"/> until it is sent.
/// </para>
/// </summary>
internal sealed unsafe class SocketOutput : PipeWriter, IValueTaskSource<FlushResult>
{
    private const int MaxVectors = 16;

    private readonly EpollConnection _connection;
    private readonly BufferPool _pool;
    private readonly int _socket;
    private ManualResetValueTaskSourceCore<FlushResult> _flush;
    private CancellationTokenRegistration _cancellation;
    private TaskCompletionSource? _drained;
    private Block? _head;
    private Block? _tail;
    private long _unflushed;
    private volatile bool _blocked;
    private bool _reserved;
    private bool _pending;
    private bool _canceled;
    private bool _failed;
    private bool _completed;

    public SocketOutput(EpollConnection connection, BufferPool pool, int socket)
    {
        _connection = connection;
        _pool = pool;
        _socket = socket;
    }

    /// <summary>Taken after the input's gate by whoever needs both.</summary>
    public SpinGate Gate { get; } = new();

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        var block = Reserve(sizeHint);
        return MemoryMarshal.CreateFromPinnedArray(block.Bytes, block.End, block.Room);
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        var block = Reserve(sizeHint);
        return block.Bytes.AsSpan(block.End);
    }

    public override void Advance(int bytes)
    {
        if (_tail is not { } tail || (uint)bytes > (uint)tail.Room)
        {
            throw new ArgumentOutOfRangeException(nameof(bytes));
        }

        if (_blocked)
        {
            using (Gate.Enter())
            {
                tail.End += bytes;
            }
        }
        else
        {
            tail.End += bytes;
        }

        _unflushed += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        }

        bool failedNow;
        bool wait;
        FlushResult result = default;
        using (Gate.Enter())
        {
            if (_pending)
            {
                throw new InvalidOperationException("A flush is in progress.");
            }

            _unflushed = 0;
            _reserved = false;
            failedNow = SendUnlessBlocked();
            wait = _blocked && !_canceled;
            if (wait)
            {
                _flush.Reset();
                _flush.RunContinuationsAsynchronously = false;
                _pending = true;
            }
            else
            {
                result = new FlushResult(_canceled, _failed);
                _canceled = false;
            }
        }

        if (failedNow)
        {
            _connection.OnPeerGone();
        }

        if (!wait)
        {
            return new ValueTask<FlushResult>(result);
        }

        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(
                static (state, token) => ((SocketOutput)state!).CancelPending(new OperationCanceledException(token)), this);
        }

        return new ValueTask<FlushResult>(this, _flush.Version);
    }

    public override void CancelPendingFlush()
    {
        using (Gate.Enter())
        {
            if (!_pending)
            {
                _canceled = true;
                return;
            }
        }

        CancelPending(error: null);
    }

    public override void Complete(Exception? exception = null)
    {
        var failedNow = false;
        using (Gate.Enter())
        {
            if (_completed)
            {
                return;
            }

            _completed = true;
            _reserved = false;
            _unflushed = 0;
            if (exception is null)
            {
                failedNow = SendUnlessBlocked();
            }
            else
            {
                Drop();
            }
        }

        if (failedNow)
        {
            _connection.OnPeerGone();
        }
    }

    /// <summary>The poller's call: the socket takes data again, or never will.</summary>
    public void OnWritable()
    {
        bool failedNow;
        bool deliver;
        TaskCompletionSource? drained;
        FlushResult result;
        using (Gate.Enter())
        {
            if (!_blocked)
            {
                return;
            }

            failedNow = !_failed && !Send();
            if (_blocked)
            {
                return;
            }

            deliver = _pending;
            _pending = false;
            drained = _drained;
            result = new FlushResult(isCanceled: false, _failed);
        }

        if (failedNow)
        {
            _connection.OnPeerGone();
        }

        drained?.TrySetResult();
        if (deliver)
        {
            _flush.SetResult(result);
        }
    }

    /// <summary>Ends when all that was written has been sent, or never will be.</summary>
    public Task DrainAsync()
    {
        TaskCompletionSource? drained = null;
        using (Gate.Enter())
        {
            if (_blocked)
            {
                drained = _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        return drained?.Task ?? Task.CompletedTask;
    }

    /// <summary>Nothing can be sent any more: drops what waits. A flush that waits ends on the thread pool.</summary>
    public void Fail()
    {
        bool deliver;
        using (Gate.Enter())
        {
            deliver = MarkFailed();
        }

        FinishFailure(deliver);
    }

    /// <summary>As <see cref="Fail"/>, for a caller that holds the gate; its result goes to <see cref="FinishFailure"/>.</summary>
    public bool MarkFailed()
    {
        _failed = true;
        if (_blocked)
        {
            Drop();
        }

        var deliver = _pending;
        _pending = false;
        return deliver;
    }

    /// <summary>Completes what <see cref="MarkFailed"/> ended, outside of the gates.</summary>
    public void FinishFailure(bool deliver)
    {
        _drained?.TrySetResult();
        if (deliver)
        {
            _flush.RunContinuationsAsynchronously = true;
            _flush.SetResult(new FlushResult(isCanceled: false, isCompleted: true));
        }
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token)
    {
        _cancellation.Dispose();
        _cancellation = default;
        return _flush.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _flush.GetStatus(token);

    void IValueTaskSource<FlushResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _flush.OnCompleted(continuation, state, token, flags);

    private void CancelPending(OperationCanceledException? error)
    {
        using (Gate.Enter())
        {
            if (!_pending)
            {
                return;
            }

            _pending = false;
        }

        _flush.RunContinuationsAsynchronously = true;
        if (error is null)
        {
            _flush.SetResult(new FlushResult(isCanceled: true, isCompleted: false));
        }
        else
        {
            _flush.SetException(error);
        }
    }

    private Block Reserve(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        if (!_blocked)
        {
            return ReserveExclusively(sizeHint);
        }

        using (Gate.Enter())
        {
            return ReserveExclusively(sizeHint);
        }
    }

    private Block ReserveExclusively(int sizeHint)
    {
        if (_completed)
        {
            throw new InvalidOperationException("The writer has been completed.");
        }

        _reserved = true;
        var size = BufferPool.SmallSize;
        if (_tail is { } tail)
        {
            if (tail.Room >= Math.Max(sizeHint, 1))
            {
                return tail;
            }

            size = tail.Bytes.Length == BufferPool.SmallSize ? BufferPool.MediumSize : BufferPool.LargeSize;
        }

        var block = _pool.Take(Math.Max(size, sizeHint));
        if (_tail is null)
        {
            _head = block;
        }
        else
        {
            _tail.Next = block;
        }

        _tail = block;
        return block;
    }

    /// <summary>True when this call found that the client is gone.</summary>
    private bool SendUnlessBlocked()
    {
        if (_failed)
        {
            Drop();
            return false;
        }

        return !_blocked && !Send();
    }

    /// <summary>Sends until all is sent or the kernel takes no more. False when the client is gone.</summary>
    private bool Send()
    {
        while (_head is { } head)
        {
            if (head.Length == 0)
            {
                if (!RemoveHead())
                {
                    break;
                }

                continue;
            }

            var count = head.Next is null
                ? Libc.Send(_socket, head.Pointer + head.Start, (nuint)head.Length, Libc.NoSignal)
                : SendChain(head);
            if (count >= 0)
            {
                Consume(count);
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Errno.Interrupted:
                    break;
                case Errno.Again:
                    _blocked = true;
                    return true;
                default:
                    _failed = true;
                    Drop();
                    return false;
            }
        }

        _blocked = false;
        return true;
    }

    private nint SendChain(Block head)
    {
        var vectors = stackalloc Libc.Vector[MaxVectors];
        var count = 0;
        for (var block = head; block is not null && count < MaxVectors; block = block.Next)
        {
            if (block.Length > 0)
            {
                vectors[count++] = new Libc.Vector { Base = block.Pointer + block.Start, Length = (nuint)block.Length };
            }
        }

        var message = new Libc.MessageHeader { Vectors = vectors, VectorCount = (nuint)count };
        return Libc.SendMessage(_socket, &message, Libc.NoSignal);
    }

    private void Consume(nint count)
    {
        while (count > 0)
        {
            var head = _head!;
            var part = (int)Math.Min(count, head.Length);
            head.Start += part;
            count -= part;
            if (head.Length == 0 && !RemoveHead())
            {
                return;
            }
        }
    }

    /// <summary>Gives the empty first block back. False when it is the last one and the writer is filling it.</summary>
    private bool RemoveHead()
    {
        var head = _head!;
        if (head.Next is null)
        {
            if (_reserved)
            {
                return false;
            }

            _tail = null;
        }

        _head = head.Next;
        _pool.Return(head);
        return true;
    }

    private void Drop()
    {
        while (_head is { } head)
        {
            head.Start = head.End;
            if (!RemoveHead())
            {
                break;
            }
        }

        _blocked = false;
    }
}
