using System.Collections.Concurrent;
using System.Globalization;
using Molt.Contracts.Capabilities;
using Molt.Contracts.Schemas;

namespace Molt.Runtime.Boundary;

/// <summary>
/// The capabilities one guest has open, and its calls of them. See <see cref="ICapabilityCaller"/> for what it guarantees.
/// </summary>
internal sealed class CapabilitySession : ICapabilityCaller, IRevocable, IDisposable
{
    // What one guest may have pending at a time; each costs the host some hundred bytes.
    private const int MaxOpen = 10_000;

    private readonly CapabilityRegistry _registry;
    private readonly WorkerGrants _grants;
    private readonly Auditor? _auditor;
    private readonly ICapabilityCompletions _completions;
    private readonly Action<Exception> _report;
    private readonly List<OpenedCapability> _opened = [];
    private readonly ConcurrentDictionary<int, OpenCall> _open = new();
    private readonly ImmediateContext _immediate;
    private int _count;

    public CapabilitySession(
        string worker,
        CapabilityRegistry registry,
        WorkerGrants grants,
        Auditor? auditor,
        TimeProvider time,
        ICapabilityCompletions completions,
        Action<Exception> report)
    {
        Worker = worker;
        Time = time;
        _registry = registry;
        _grants = grants;
        _auditor = auditor;
        _completions = completions;
        _report = report;
        _immediate = new ImmediateContext(this);
        grants.Listen(this);
    }

    public string Worker { get; }

    public TimeProvider Time { get; }

    /// <summary>Ends what is open.</summary>
    public void Dispose()
    {
        _grants.Unlisten(this);
        foreach (var call in _open.Values)
        {
            call.End(CapabilityStatus.Cancelled, "The worker was shut down.");
        }
    }

    public CallReply Open(string id, string? version, string? package, out int handle)
    {
        handle = 0;
        var bound = _registry.Find(id);
        if (bound is null)
        {
            var own = RuntimeCapabilities.Find(id) is not null;
            return Refuse(package, id, "", AuditArgumentKind.None, own
                ? $"\"{id}\" is behind the runtime's own functions and can not be opened."
                : $"There is no capability \"{id}\" for this worker.");
        }

        if (version is not null && !Satisfies(bound.Declaration.Version, version))
        {
            return CallReply.Failed(CapabilityStatus.InvalidInput, $"The host offers {bound.Declaration.Id}@{bound.Declaration.Version}, which does not do for @{version}.");
        }

        var grant = _grants.Find(bound.Declaration, package);
        if (grant.Refusal is { } refusal)
        {
            // A guest learns no more of what it is not given than of what does not exist.
            _auditor?.Refused(Worker, package, id, "", AuditArgumentKind.None, AuditDecision.Denied, refusal);
            return CallReply.Failed(CapabilityStatus.Denied, $"There is no capability \"{id}\" for this worker. Grant it in \"capabilities.allow\".");
        }

        for (var i = 0; i < _opened.Count; i++)
        {
            if (ReferenceEquals(_opened[i].Bound, bound) && _opened[i].Package == package)
            {
                handle = i + 1;
                return CallReply.Ok;
            }
        }

        _opened.Add(new OpenedCapability(bound, grant, package));
        handle = _opened.Count;
        return CallReply.Ok;
    }

    public Capability? Find(int handle) => (uint)(handle - 1) < (uint)_opened.Count ? _opened[handle - 1].Bound.Capability : null;

    public CallReply Call(CallScope scope, int number, int handle, int operation, ReadOnlySpan<byte> input, CallOutput output, TimeSpan? timeout = null)
    {
        var reply = Check(scope, handle, operation, input, out var opened, out var bound);
        if (reply.Status != CapabilityStatus.Ok)
        {
            return reply;
        }

        output.Begin(bound.OutputLimits.MaxBytes);
        var within = Least(timeout, bound.Operation.Traits.Timeout);
        if (bound.Immediate is { } immediate)
        {
            _immediate.Set(scope, opened, bound, within);
            try
            {
                immediate(_immediate, input, output);
            }
#pragma warning disable CA1031 // Whatever an implementation throws ends this call and nothing else.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                return ReplyTo(fault);
            }

            return bound.CheckOutput(output.Written);
        }

        if (bound.Pending is null)
        {
            return CallReply.Failed(CapabilityStatus.InvalidInput, $"{opened.Bound.Declaration.Id} {bound.Operation.Name} streams: open a stream of it.");
        }

        return IsFull(opened, bound, out var full) ? full : new PendingCall(this, scope, number, opened, bound, within).Start(input, output);
    }

    public CallReply OpenStream(CallScope scope, int number, int handle, int operation, ReadOnlySpan<byte> input, TimeSpan? timeout = null)
    {
        var reply = Check(scope, handle, operation, input, out var opened, out var bound);
        if (reply.Status != CapabilityStatus.Ok)
        {
            return reply;
        }

        if (bound.Stream is null)
        {
            return CallReply.Failed(CapabilityStatus.InvalidInput, $"{opened.Bound.Declaration.Id} {bound.Operation.Name} does not stream: call it.");
        }

        return IsFull(opened, bound, out var full)
            ? full
            : new StreamCall(this, scope, number, opened, bound, Least(timeout, bound.Operation.Traits.Timeout)).Start(input);
    }

    public CallReply Read(int number, int stream, CallOutput output) =>
        _open.TryGetValue(stream, out var open) && open is StreamCall call ? call.Read(number, output) : NoStream;

    public CallReply Write(int number, int stream, ReadOnlySpan<byte> item) =>
        _open.TryGetValue(stream, out var open) && open is StreamCall call ? call.Write(number, item) : NoStream;

    public StreamState Look(int stream) =>
        _open.TryGetValue(stream, out var open) && open is StreamCall call ? call.Look() : StreamState.Gone;

    public void Finish(int stream)
    {
        if (_open.TryGetValue(stream, out var open) && open is StreamCall call)
        {
            call.FinishWriting();
        }
    }

    public void Cancel(int number, string reason)
    {
        if (_open.TryGetValue(number, out var open))
        {
            open.End(CapabilityStatus.Cancelled, reason);
            return;
        }

        foreach (var (_, call) in _open)
        {
            if (call is StreamCall stream && stream.TryWithdraw(number, reason))
            {
                return;
            }
        }
    }

    public void Revoked(CapabilityPattern pattern, IReadOnlyList<Grant> grants, string reason)
    {
        foreach (var call in _open.Values)
        {
            if (call.Opened.Grant.Refusal is not null)
            {
                call.End(CapabilityStatus.Cancelled, reason);
            }
        }
    }

    /// <summary>How long a call may take: as long as it wants, but not past its scope's deadline.</summary>
    public TimeSpan Cut(CallScope scope, TimeSpan timeout)
    {
        if (scope.Deadline is not { } deadline)
        {
            return timeout;
        }

        var left = Time.GetElapsedTime(Time.GetTimestamp(), deadline);
        return left < timeout ? left < TimeSpan.Zero ? TimeSpan.Zero : left : timeout;
    }

    internal void Add(OpenCall call)
    {
        Interlocked.Increment(ref _count);
        _open[call.Number] = call;
        call.Scope.Add(call);
    }

    internal void Forget(OpenCall call)
    {
        if (_open.TryRemove(new KeyValuePair<int, OpenCall>(call.Number, call)))
        {
            Interlocked.Decrement(ref _count);
            call.Scope.Remove(call);
        }
    }

    internal void Complete(in CallCompletion completion) => _completions.Completed(in completion);

    internal void BecameReadable(StreamCall stream) => _completions.Readable(stream.Number);

    internal void Report(Exception fault) => _report(fault);

    /// <summary>What a guest may know of an exception.</summary>
    internal CallReply ReplyTo(Exception fault)
    {
        switch (fault)
        {
            case CapabilityException known:
                return CallReply.Failed(known.Status, known.Message);
            case PayloadException unwritable:
                // The request was validated before, so it is the answer that is no value of its schema.
                return CallReply.Failed(CapabilityStatus.EncodeError, unwritable.Message);
            case OperationCanceledException:
                return CallReply.Failed(CapabilityStatus.Cancelled, "The capability cancelled the call.");
            default:
                Report(fault);
                return CallReply.Failed(CapabilityStatus.Internal, "The capability failed.");
        }
    }

    private static CallReply NoStream => CallReply.Failed(CapabilityStatus.InvalidInput, "There is no such stream.");

    private static TimeSpan Least(TimeSpan? wanted, TimeSpan most) => wanted is { } asked && asked < most ? asked : most;

    private static bool Satisfies(CapabilityVersion offered, string wanted)
    {
        var parts = wanted.Split('.');
        Span<int> numbers = [0, 0, 0];
        for (var i = 0; i < parts.Length; i++)
        {
            if (i >= numbers.Length || !int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
            {
                return false;
            }
        }

        return offered.Satisfies(new CapabilityVersion(numbers[0], numbers[1], numbers[2]));
    }

    private CallReply Check(CallScope scope, int handle, int operation, ReadOnlySpan<byte> input, out OpenedCapability opened, out BoundOperation bound)
    {
        bound = null!;
        opened = null!;
        if ((uint)(handle - 1) >= (uint)_opened.Count)
        {
            return CallReply.Failed(CapabilityStatus.InvalidInput, "There is no such capability handle.");
        }

        opened = _opened[handle - 1];
        var operations = opened.Bound.Operations;
        if ((uint)operation >= (uint)operations.Length)
        {
            return CallReply.Failed(CapabilityStatus.InvalidInput, $"{opened.Bound.Declaration.Id} has no operation number {operation}.");
        }

        bound = operations[operation];
        if (opened.Grant.Refusal is { } refusal)
        {
            return Refuse(opened.Package, opened.Bound.Declaration.Id, bound.Operation.Name, bound.Operation.Traits.Arguments, $"{opened.Bound.Declaration.Id} is denied: {refusal}", refusal);
        }

        var reply = bound.CheckInput(bound.Input, input);
        if (reply.Status != CapabilityStatus.Ok)
        {
            return reply;
        }

        if (!scope.TryTake(bound.Cost))
        {
            return Exceed(opened, bound, "The event has used up its budget for capability calls.");
        }

        _auditor?.Allowed(Worker, opened.Package, opened.Bound.Declaration.Id, bound.Operation);
        return CallReply.Ok;
    }

    private bool IsFull(OpenedCapability opened, BoundOperation bound, out CallReply reply)
    {
        reply = default;
        if (Volatile.Read(ref _count) < MaxOpen)
        {
            return false;
        }

        reply = Exceed(opened, bound, $"The worker has {MaxOpen} capability calls open already.");
        return true;
    }

    private CallReply Exceed(OpenedCapability opened, BoundOperation bound, string message)
    {
        _auditor?.Refused(Worker, opened.Package, opened.Bound.Declaration.Id, bound.Operation.Name, bound.Operation.Traits.Arguments, AuditDecision.ResourceExceeded, message);
        return CallReply.Failed(CapabilityStatus.Denied, message);
    }

    private CallReply Refuse(string? package, string capability, string operation, AuditArgumentKind arguments, string message, string? reason = null)
    {
        _auditor?.Refused(Worker, package, capability, operation, arguments, AuditDecision.Denied, reason ?? message);
        return CallReply.Failed(CapabilityStatus.Denied, message);
    }
}
