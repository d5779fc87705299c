using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Molt.Engine;
using Molt.Runtime.Scheduling;

namespace Molt.Runtime.Io;

/// <summary>
/// The writing end of a body that the guest produces: one object for all its writes, of which one may be outstanding.
/// <para>
/// Guarantees: chunks leave in order; a write settles only when the receiver has room for more, so a slow reader slows
/// the guest; bytes are copied during the call, so the guest may reuse its buffer; what is copied of uploads counts as held by
/// the isolate until it was sent; nothing is flushed inside JavaScript.
/// </para>
/// </summary>
internal sealed class BodyWriteOperation : IsolateMessage
{
    private readonly WorkerIsolate _isolate;
    private readonly WorkerEvent _event;
    private readonly PipeWriter _writer;
    private readonly Action _continue;
    private ValueTaskAwaiter<FlushResult> _awaiter;
    private int _call;
    private int _held;
    private bool _pending;
    private bool _gone;
    private string? _error;
    private bool _ending;
    private Action<string?>? _ended;

    /// <param name="isolate">Where writes settle.</param>
    /// <param name="owner">The event that is charged.</param>
    /// <param name="writer">Where bytes go.</param>
    /// <param name="ended">Called once, outside JavaScript, when the body ended; with the reason when it broke off.</param>
    public BodyWriteOperation(WorkerIsolate isolate, WorkerEvent owner, PipeWriter writer, Action<string?> ended)
    {
        _isolate = isolate;
        _event = owner;
        _writer = writer;
        _ended = ended;
        _continue = () => _isolate.Post(this);
    }

    /// <summary>Takes a chunk. Called inside JavaScript; the flush happens after the turn.</summary>
    public void Begin(int call, ReadOnlySpan<byte> chunk)
    {
        if (_pending || _ending || _gone)
        {
            _isolate.PostSettlement(call, _event, _gone ? GoneMessage : "The body is closed or a write is outstanding.");
            return;
        }

        // A response has a client that waits for it; of uploads one event may have thousands.
        if (!IsResponse)
        {
            if (!_isolate.CanHold(chunk.Length))
            {
                _isolate.PostSettlement(call, _event, _isolate.HeldMessage);
                return;
            }

            _held = chunk.Length;
            _isolate.Hold(_held);
        }

        _call = call;
        _pending = true;
        _isolate.BeginOperation();
        try
        {
            _writer.Write(chunk);
        }
        catch (InvalidOperationException)
        {
            _gone = true;
        }

        _isolate.AfterTurn(this);
    }

    /// <summary>The guest ended the body, or broke it off with <paramref name="error"/>.</summary>
    public void End(string? error)
    {
        if (_ending)
        {
            return;
        }

        _ending = true;
        _error = error;
        if (!_pending)
        {
            _isolate.AfterTurn(this);
        }
    }

    /// <summary>The receiver is gone: nothing touches the pipe any more, and later writes fail.</summary>
    public void Close()
    {
        _gone = true;
        _ended = null;
    }

    /// <summary>Sends what was written. Called after the turn.</summary>
    public void Flush()
    {
        if (!_pending)
        {
            Finish();
            return;
        }

        try
        {
            _awaiter = (_gone ? ValueTask.FromResult(new FlushResult(isCanceled: true, isCompleted: true)) : _writer.FlushAsync(CancellationToken.None)).GetAwaiter();
        }
        catch (InvalidOperationException)
        {
            _awaiter = ValueTask.FromResult(new FlushResult(isCanceled: true, isCompleted: true)).GetAwaiter();
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

    internal override void Run(WorkerIsolate isolate, Executor executor)
    {
        isolate.EndOperation();
        var gone = Collect();
        if (gone)
        {
            _gone = true;
            if (IsResponse)
            {
                // Before the guest hears of the write: it would report a stream that broke.
                isolate.AbortEvent(_event, EventOutcome.Disconnected, FetchEvent.ClientGone, executor);
            }

            isolate.SettleError(executor, _event, _call, "Error", GoneMessage);
        }
        else
        {
            isolate.Settle(executor, _event, _call, JsArg.Undefined);
        }

        if (_ending && !_pending)
        {
            Finish();
        }
    }

    internal override void Reject(EventFailure failure)
    {
        _ = Collect();
        _error ??= failure.Message;
        Finish();
    }

    private bool IsResponse => ReferenceEquals(_event.ResponseBody, this);

    private string GoneMessage => IsResponse ? FetchEvent.ClientGone : "The receiver of the body closed it.";

    private bool Collect()
    {
        _pending = false;
        _isolate.Hold(-_held);
        _held = 0;
        try
        {
            var result = _awaiter.GetResult();
            return result.IsCanceled || result.IsCompleted;
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException or InvalidOperationException)
        {
            return true;
        }
    }

    private void Finish()
    {
        var ended = _ended;
        _ended = null;
        ended?.Invoke(_error);
    }
}
