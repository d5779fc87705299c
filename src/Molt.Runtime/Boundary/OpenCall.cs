using Molt.Contracts.Capabilities;

namespace Molt.Runtime.Boundary;

/// <summary>
/// A call as its implementation sees it, and as what may end it does.
/// <para>Guarantees: it ends once, whoever is first; what its end leads to runs on the thread that ended it.</para>
/// </summary>
#pragma warning disable CA1001 // Its token source has no timer and no wait handle: disposing it would free nothing.
internal abstract class OpenCall : CapabilityContext
#pragma warning restore CA1001
{
    private readonly Lock _gate = new();
    private CancellationTokenSource? _cancellation;
    private string? _reason;
    private ITimer? _timer;
    private int _ended;

    protected OpenCall(CapabilitySession session, CallScope scope, int number, OpenedCapability opened, BoundOperation operation, TimeSpan timeout)
    {
        Session = session;
        Scope = scope;
        Number = number;
        Opened = opened;
        Bound = operation;
        Timeout = session.Cut(scope, timeout);
        Deadline = session.Time.GetUtcNow() + Timeout;
    }

    public CapabilitySession Session { get; }

    public CallScope Scope { get; }

    public int Number { get; }

    public OpenedCapability Opened { get; }

    public BoundOperation Bound { get; }

    public TimeSpan Timeout { get; }

    public bool IsEnded => Volatile.Read(ref _ended) != 0;

    public override string Worker => Session.Worker;

    public override string? Package => Opened.Package;

    public override string Capability => Opened.Bound.Declaration.Id;

    public override string Operation => Bound.Operation.Name;

    public override DateTimeOffset Deadline { get; }

    public override long Budget => Scope.Left;

    public override string? CancellationReason => Volatile.Read(ref _reason);

    public override CancellationToken Cancellation
    {
        get
        {
            lock (_gate)
            {
                if (_cancellation is null)
                {
                    _cancellation = new CancellationTokenSource();
                    if (_reason is not null)
                    {
                        _cancellation.Cancel();
                    }
                }

                return _cancellation.Token;
            }
        }
    }

    /// <summary>Ends it from outside; what it still does is told to stop.</summary>
    public void End(CapabilityStatus status, string reason)
    {
        if (!TryEnd())
        {
            return;
        }

        CancellationTokenSource? cancellation;
        lock (_gate)
        {
            Volatile.Write(ref _reason, reason);
            cancellation = _cancellation;
        }

        OnEnded(CallReply.Failed(status, reason));
        try
        {
            cancellation?.Cancel();
        }
#pragma warning disable CA1031 // What an implementation registered on its token is its own.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Session.Report(fault);
        }
    }

    /// <summary>Makes the call known to what may end it, and starts its deadline.</summary>
    protected void Open()
    {
        Session.Add(this);
        _timer = Session.Time.CreateTimer(static state => ((OpenCall)state!).TimeOut(), this, Timeout, System.Threading.Timeout.InfiniteTimeSpan);

        // A deadline or a revocation may have come while it was being made known.
        if (IsEnded)
        {
            _timer.Dispose();
        }
        else if (Opened.Grant.Refusal is { } refusal)
        {
            End(CapabilityStatus.Cancelled, refusal);
        }
    }

    /// <summary>Claims the end; false when it ended already.</summary>
    protected bool TryEnd()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
        {
            return false;
        }

        _timer?.Dispose();
        if (!OutlivesItsEnd)
        {
            Session.Forget(this);
        }

        return true;
    }

    /// <summary>Waits until the implementation is done, and ends the call with what came of it unless it was ended before.</summary>
    protected async Task FinishAsync(ValueTask serving)
    {
        CallReply reply;
        try
        {
            await serving.ConfigureAwait(false);
            reply = ReplyWhenServed();
        }
#pragma warning disable CA1031 // Whatever an implementation throws ends this call and nothing else.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            if (IsEnded && fault is OperationCanceledException)
            {
                return;
            }

            reply = Session.ReplyTo(fault);
        }

        if (TryEnd())
        {
            OnFinished(reply);
        }
    }

    /// <summary>Whether the guest has something to read after the end.</summary>
    protected virtual bool OutlivesItsEnd => false;

    /// <summary>What the guest hears of an implementation that is done without a fault.</summary>
    protected abstract CallReply ReplyWhenServed();

    /// <summary>It ended because its implementation did.</summary>
    protected abstract void OnFinished(in CallReply reply);

    /// <summary>It was ended from outside.</summary>
    protected abstract void OnEnded(in CallReply reply);

    private void TimeOut() => End(CapabilityStatus.Timeout, $"{Capability} {Operation} took longer than {Timeout.TotalMilliseconds:0} ms.");
}

/// <summary>The context of operations that answer at once: one per session, used again for each.</summary>
internal sealed class ImmediateContext(CapabilitySession session) : CapabilityContext
{
    private CallScope? _scope;
    private OpenedCapability? _opened;
    private BoundOperation? _operation;
    private TimeSpan _timeout;

    public override string Worker => session.Worker;

    public override string? Package => _opened!.Package;

    public override string Capability => _opened!.Bound.Declaration.Id;

    public override string Operation => _operation!.Operation.Name;

    public override DateTimeOffset Deadline => session.Time.GetUtcNow() + session.Cut(_scope!, _timeout);

    public override long Budget => _scope!.Left;

    public override CancellationToken Cancellation => CancellationToken.None;

    public override string? CancellationReason => null;

    public void Set(CallScope scope, OpenedCapability opened, BoundOperation operation, TimeSpan timeout)
    {
        _scope = scope;
        _opened = opened;
        _operation = operation;
        _timeout = timeout;
    }
}
