using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Molt.Runtime.Scheduling;

namespace Molt.Runtime;

/// <summary>
/// Answers HTTP exchanges beside workers, on the same executor threads, by code that is no JavaScript worker.
/// <para>
/// Guarantees: an event that was taken is answered or failed exactly once; requests start in the order they came; each lane is
/// used by one executor at a time, and there are never more lanes in use than executors. A second executor joins when several
/// requests wait and it has nothing to do.
/// </para>
/// </summary>
public abstract class FetchResponder : IFetchTarget
{
    // The same proportions as a worker's isolates: a queue worth a second thread, a batch that lets others in between.
    private const int QueueWorthALane = 4;
    private const int MaxBatch = 64;

    private readonly WorkerRuntime _runtime;
    private readonly ConcurrentQueue<FetchTask> _waiting = new();
    private readonly Slot[] _slots;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private volatile bool _draining;

    /// <summary>Makes one whose lanes run on <paramref name="runtime"/>'s executors.</summary>
    protected FetchResponder(WorkerRuntime runtime)
    {
        ArgumentNullException.ThrowIfNull(runtime);
        _runtime = runtime;
        _slots = new Slot[runtime.Executors.Count];
        for (var i = 0; i < _slots.Length; i++)
        {
            _slots[i] = new Slot(this);
        }
    }

    /// <summary>The longest streamed body that is gathered; a longer one is answered 413.</summary>
    protected virtual long MaxBodyBytes => 16 << 20;

    /// <summary>Requests taken and not yet begun.</summary>
    public int Waiting => Volatile.Read(ref _count);

    /// <summary>Takes no more events; those that were taken are answered.</summary>
    public void Drain()
    {
        _draining = true;
        Interlocked.MemoryBarrier();
        if (Waiting == 0)
        {
            _drained.TrySetResult();
        }
    }

    /// <summary>Completes after <see cref="Drain"/> once every event that was taken has begun: no further lane is going to be asked for.</summary>
    public Task Drained => _drained.Task;

    /// <inheritdoc/>
    public bool TryPost(FetchEvent posted)
    {
        ArgumentNullException.ThrowIfNull(posted);

        // Counted before the look: either this sees that it drains, or Drain sees the event.
        Interlocked.Increment(ref _count);
        if (_draining)
        {
            Uncount();
            return false;
        }

        if (posted.RequestBodyKind == BodyKind.Stream)
        {
            _ = GatherAsync(posted);
        }
        else
        {
            Enqueue(new FetchTask(posted, null));
        }

        return true;
    }

    /// <summary>A lane nobody else uses until it is given back. Executor threads only.</summary>
    protected abstract IFetchLane Rent();

    /// <summary>Takes a lane back.</summary>
    protected abstract void Return(IFetchLane lane);

    /// <summary>A lane threw instead of failing its request.</summary>
    protected abstract EventFailure OnFault(Exception fault);

    private void Enqueue(FetchTask task)
    {
        _waiting.Enqueue(task);
        if (_slots[0].TrySchedule() || Waiting < QueueWorthALane || !_runtime.Executors.HasIdle)
        {
            return;
        }

        for (var i = 1; i < _slots.Length && !_slots[i].TrySchedule(); i++)
        {
        }
    }

    /// <summary>An event begins, or never will.</summary>
    private void Uncount()
    {
        if (Interlocked.Decrement(ref _count) == 0 && _draining)
        {
            _drained.TrySetResult();
        }
    }

    private async Task GatherAsync(FetchEvent posted)
    {
        byte[]? body = null;
        try
        {
            body = await ReadBodyAsync(posted.RequestReader);
        }
#pragma warning disable CA1031 // Whatever the transport throws, the exchange ends; Kestrel closes the connection.
        catch (Exception)
#pragma warning restore CA1031
        {
            posted.Reject(new EventFailure(EventOutcome.Disconnected, "The request body could not be read."));
            Uncount();
            return;
        }

        if (body is null)
        {
            var refused = new FetchTask(posted, null);
            refused.Answer(413, default, default);
            refused.Close(TimeSpan.Zero);
            Uncount();
            return;
        }

        Enqueue(new FetchTask(posted, body));
    }

    /// <summary>The whole body, or null when it is too long.</summary>
    private async ValueTask<byte[]?> ReadBodyAsync(PipeReader reader)
    {
        while (true)
        {
            var result = await reader.ReadAsync();
            if (result.Buffer.Length > MaxBodyBytes)
            {
                reader.AdvanceTo(result.Buffer.End);
                return null;
            }

            if (result.IsCompleted)
            {
                var body = result.Buffer.ToArray();
                reader.AdvanceTo(result.Buffer.End);
                return body;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private sealed class Slot(FetchResponder owner) : IExecutorWork
    {
        private int _scheduled;

        public long RecentTurn { get; private set; } = Stopwatch.Frequency / 100_000;

        public bool TrySchedule(bool returning = false)
        {
            if (Interlocked.Exchange(ref _scheduled, 1) != 0)
            {
                return false;
            }

            owner._runtime.Executors.Schedule(this, returning);
            return true;
        }

        public void RunBatch(Executor executor)
        {
            var started = Stopwatch.GetTimestamp();
            var served = 0;
            if (!owner._waiting.IsEmpty)
            {
                served = Serve();
            }

            RecentTurn = ((RecentTurn * 7) + ((Stopwatch.GetTimestamp() - started) / Math.Max(1, served))) / 8;

            // Exchange, not a plain write: the look after it must not move before it.
            Interlocked.Exchange(ref _scheduled, 0);
            if (!owner._waiting.IsEmpty)
            {
                TrySchedule(returning: true);
            }
        }

        private int Serve()
        {
            var served = 0;
            if (!TryRent(out var lane))
            {
                return served;
            }

            try
            {
                try
                {
                    for (; served < MaxBatch && owner._waiting.TryDequeue(out var task); served++)
                    {
                        owner.Uncount();
                        ServeOne(lane, task);
                    }
                }
                finally
                {
                    lane.End();
                }
            }
            finally
            {
                owner.Return(lane);
            }

            return served;
        }

        /// <summary>A lane that is entered. Without one, what waits fails: it would wait for ever.</summary>
        private bool TryRent([NotNullWhen(true)] out IFetchLane? lane)
        {
            lane = null;
            try
            {
                lane = owner.Rent();
                lane.Begin();
                return true;
            }
#pragma warning disable CA1031 // An executor outlives a responder that is gone or cannot make a lane.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                if (lane is not null)
                {
                    owner.Return(lane);
                }

                var failure = owner.OnFault(fault);
                while (owner._waiting.TryDequeue(out var task))
                {
                    owner.Uncount();
                    task.Fail(failure);
                    task.Close(TimeSpan.Zero);
                }

                return false;
            }
        }

        private void ServeOne(IFetchLane lane, in FetchTask task)
        {
            try
            {
                lane.Serve(task);
            }
#pragma warning disable CA1031 // An executor outlives any fault of one lane: the request fails.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                task.Fail(owner.OnFault(fault));
                task.Close(TimeSpan.Zero);
            }
        }
    }
}
