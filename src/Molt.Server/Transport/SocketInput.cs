using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;
using Microsoft.AspNetCore.Connections;
using Molt.Server.Transport.Interop;

namespace Molt.Server.Transport;

/// <summary>
/// The receiving side of a connection: reads from the socket straight into the buffer that the reader sees.
/// <para>
/// Guarantees: a byte is received only when somebody asks for it and the kernel said that there is some; a read that
/// waits is completed on the thread that polls, except when it is cancelled or aborted, which happens on the thread pool.
/// While no read waits, an idle connection holds no buffer.
/// </para>
/// <para>
/// <see cref="Gate"/> covers every field but the buffer; the buffer belongs to the reader from a completed read until its
/// next one, and to the holder of the gate while a read waits. Readiness is cleared only under the gate and by the very
/// call that found the socket empty, so no edge is lost.
/// </para>
/// </summary>
internal sealed unsafe class SocketInput : PipeReader, IValueTaskSource<ReadResult>
{
    // Reads served without returning to the poller, after which the other connections have their turn.
    private const int MaxInlineReads = 16;

    private readonly EpollConnection _connection;
    private readonly BufferPool _pool;
    private readonly int _socket;
    private ManualResetValueTaskSourceCore<ReadResult> _read;
    private CancellationTokenRegistration _cancellation;
    private Block? _block;
    private Exception? _error;
    private int _blockSize = BufferPool.SmallSize;
    private int _inlineReads;
    private bool _allExamined;
    private bool _detecting;
    private bool _ready;
    private bool _pending;
    private bool _canceled;
    private bool _peerFinished;
    private bool _ended;
    private bool _closed;
    private bool _completed;

    public SocketInput(EpollConnection connection, BufferPool pool, int socket, bool detecting)
    {
        _connection = connection;
        _pool = pool;
        _socket = socket;
        _detecting = detecting;
    }

    /// <summary>Taken before the output's gate by whoever needs both.</summary>
    public SpinGate Gate { get; } = new();

    private bool HasFresh => _block is not null && !_allExamined;

    public override bool TryRead(out ReadResult result)
    {
        using (Gate.Enter())
        {
            ThrowIfUnusable();
            if (TryTake(out result))
            {
                return true;
            }

            return _error is null ? false : throw _error;
        }
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        }

        using (Gate.Enter())
        {
            ThrowIfUnusable();
            if (TryTake(out var result))
            {
                return new ValueTask<ReadResult>(result);
            }

            if (_error is not null)
            {
                return ValueTask.FromException<ReadResult>(_error);
            }

            _read.Reset();
            _read.RunContinuationsAsynchronously = false;
            _pending = true;
        }

        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(
                static (state, token) => ((SocketInput)state!).FailPending(new OperationCanceledException(token)), this);
        }

        return new ValueTask<ReadResult>(this, _read.Version);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_block is not { } block || consumed.GetObject() is null)
        {
            return;
        }

        var start = IndexIn(block, consumed);
        var seen = IndexIn(block, examined);
        if (start < block.Start || seen < start || seen > block.End)
        {
            throw new ArgumentOutOfRangeException(nameof(consumed), "The position is outside of what was read.");
        }

        block.Start = start;
        _allExamined = seen == block.End;
        ReleaseIfEmpty();
    }

    public override void CancelPendingRead()
    {
        using (Gate.Enter())
        {
            if (!_pending)
            {
                _canceled = true;
                return;
            }

            _pending = false;
        }

        _read.RunContinuationsAsynchronously = true;
        _read.SetResult(Take(canceled: true));
    }

    public override void Complete(Exception? exception = null)
    {
        using (Gate.Enter())
        {
            if (_completed)
            {
                return;
            }

            _completed = true;
            if (_block is { } block)
            {
                _block = null;
                _pool.Return(block);
            }
        }
    }

    /// <summary>The poller's call: the kernel reports <paramref name="events"/> for the socket.</summary>
    public void OnReadable(uint events)
    {
        var deliver = false;
        var halfClosed = false;
        ReadResult result = default;
        Exception? error = null;
        using (Gate.Enter())
        {
            if (_closed)
            {
                return;
            }

            NoteReadiness(events);
            if (_pending)
            {
                Receive();
                error = _error;
                deliver = HasFresh || _ended || error is not null;
                _pending = !deliver;
                if (deliver && error is null)
                {
                    result = Take(canceled: false);
                }
            }

            halfClosed = _peerFinished && !_ended && error is null;
        }

        if ((events & EpollEvent.Error) != 0)
        {
            _connection.OnPeerGone();
        }
        else if (halfClosed)
        {
            _connection.OnPeerFinished();
        }

        if (deliver)
        {
            Deliver(result, error);
        }
    }

    /// <summary>
    /// The poller's call while it is not known what the connection speaks. False when that has been decided meanwhile.
    /// </summary>
    public bool TryDetect(uint events, out DetectedProtocol protocol)
    {
        using (Gate.Enter())
        {
            protocol = DetectedProtocol.Undecided;
            if (!_detecting)
            {
                return false;
            }

            if (_closed)
            {
                return true;
            }

            NoteReadiness(events);
            while (_ready && protocol == DetectedProtocol.Undecided)
            {
                Receive();
                protocol = Detect();
            }

            _detecting = protocol == DetectedProtocol.Undecided;
            return true;
        }
    }

    /// <summary>Ends the detection undecided. False when it had ended already.</summary>
    public bool EndDetection()
    {
        using (Gate.Enter())
        {
            var detecting = _detecting;
            _detecting = false;
            return detecting;
        }
    }

    /// <summary>Throws away what the client sent and nobody will read, so that closing does not reset the connection.</summary>
    public void DiscardUnread()
    {
        const int MostReads = 16;
        var scratch = _pool.Take(BufferPool.LargeSize);
        for (var i = 0; i < MostReads; i++)
        {
            if (Libc.Receive(_socket, scratch.Pointer, (nuint)scratch.Bytes.Length, 0) <= 0)
            {
                break;
            }
        }

        _pool.Return(scratch);
    }

    /// <summary>The socket is being closed; the caller holds the gate and calls <see cref="FailPending"/> after it.</summary>
    public void MarkClosed(Exception reason)
    {
        _closed = true;
        _ready = false;
        _error ??= reason;
    }

    /// <summary>Fails the read that waits, if one does, on the thread pool.</summary>
    public void FailPending(Exception error)
    {
        using (Gate.Enter())
        {
            if (!_pending)
            {
                return;
            }

            _pending = false;
        }

        _read.RunContinuationsAsynchronously = true;
        _read.SetException(error);
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        _cancellation.Dispose();
        _cancellation = default;
        return _read.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);

    private static int IndexIn(Block block, SequencePosition position) =>
        ReferenceEquals(position.GetObject(), block.Bytes)
            ? position.GetInteger() & int.MaxValue
            : throw new InvalidOperationException("The position is not of the last read.");

    private DetectedProtocol Detect()
    {
        var over = _ended || _error is not null;
        if (_block is not { } block)
        {
            return over ? DetectedProtocol.Gone : DetectedProtocol.Undecided;
        }

        var protocol = ProtocolDetection.Detect(block.Bytes.AsSpan(block.Start, block.Length));
        return over && protocol == DetectedProtocol.Undecided ? DetectedProtocol.Http1 : protocol;
    }

    private void NoteReadiness(uint events)
    {
        _ready = true;
        _inlineReads = 0;
        _peerFinished |= (events & (EpollEvent.PeerFinished | EpollEvent.HangUp | EpollEvent.Error)) != 0;
    }

    private bool TryTake(out ReadResult result)
    {
        if (!_canceled && !HasFresh && !_ended && _ready && _error is null)
        {
            if (++_inlineReads <= MaxInlineReads)
            {
                Receive();
            }
            else
            {
                _ready = false;
                _connection.Rearm();
            }
        }

        if (_error is null && (_canceled || HasFresh || _ended))
        {
            result = Take(_canceled);
            _canceled = false;
            return true;
        }

        result = default;
        return false;
    }

    private ReadResult Take(bool canceled)
    {
        var buffer = _block is { } block
            ? new ReadOnlySequence<byte>(block.Bytes, block.Start, block.Length)
            : ReadOnlySequence<byte>.Empty;
        return new ReadResult(buffer, canceled, _ended);
    }

    private void Deliver(in ReadResult result, Exception? error)
    {
        if (error is null)
        {
            _read.SetResult(result);
        }
        else
        {
            _read.SetException(error);
        }
    }

    /// <summary>Receives once, whatever there is.</summary>
    private void Receive()
    {
        var block = MakeRoom();
        while (true)
        {
            var room = block.Room;
            var count = (int)Libc.Receive(_socket, block.Pointer + block.End, (nuint)room, 0);
            if (count > 0)
            {
                block.End += count;
                _allExamined = false;
                Adapt(count, room);

                // Fewer bytes than there was room for means that the socket is empty; the end of the stream, once
                // announced, has no edge of its own any more.
                _ready = count == room || _peerFinished;
                return;
            }

            if (count < 0)
            {
                var code = Marshal.GetLastPInvokeError();
                if (code == Errno.Interrupted)
                {
                    continue;
                }

                if (code != Errno.Again)
                {
                    _error = new ConnectionResetException(Marshal.GetPInvokeErrorMessage(code));
                }
            }
            else
            {
                _ended = true;
            }

            _ready = false;
            ReleaseIfEmpty();
            return;
        }
    }

    private void Adapt(int count, int room)
    {
        if (count == room)
        {
            _blockSize = _blockSize == BufferPool.SmallSize ? BufferPool.MediumSize : BufferPool.LargeSize;
        }
        else if (count <= BufferPool.SmallSize)
        {
            _blockSize = BufferPool.SmallSize;
        }
    }

    private Block MakeRoom()
    {
        if (_block is not { } block)
        {
            return _block = _pool.Take(_blockSize);
        }

        var capacity = block.Bytes.Length;
        if (block.Room >= capacity / 4)
        {
            return block;
        }

        var length = block.Length;
        var data = block.Bytes.AsSpan(block.Start, length);
        if (length <= capacity / 2)
        {
            data.CopyTo(block.Bytes);
            block.Start = 0;
            block.End = length;
            return block;
        }

        var larger = _pool.Take(Math.Max(capacity * 2, _blockSize));
        data.CopyTo(larger.Bytes);
        larger.End = length;
        _block = larger;
        _pool.Return(block);
        return larger;
    }

    private void ReleaseIfEmpty()
    {
        if (_block is { Length: 0 } block)
        {
            _block = null;
            _pool.Return(block);
        }
    }

    private void ThrowIfUnusable()
    {
        if (_completed)
        {
            throw new InvalidOperationException("The reader has been completed.");
        }

        if (_pending)
        {
            throw new InvalidOperationException("A read is in progress.");
        }
    }
}
