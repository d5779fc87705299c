using Molt.Contracts.Capabilities;

namespace Molt.Runtime.Boundary;

/// <summary>Tells a sink of calls: of every denial, and of one in so many that were allowed.</summary>
internal sealed class Auditor
{
    private readonly IAuditSink _sink;
    private readonly TimeProvider _time;
    private readonly int _every;
    private int _count;

    private Auditor(IAuditSink sink, TimeProvider time, int every)
    {
        _sink = sink;
        _time = time;
        _every = every;
    }

    /// <summary>An auditor, or null when nobody listens.</summary>
    public static Auditor? Create(AuditOptions options, TimeProvider time) =>
        options.Sink is { } sink ? new Auditor(sink, time, options.SampleEvery) : null;

    public void Allowed(string worker, string? package, string capability, CapabilityOperation operation)
    {
        // The first of each so many: a count that begins anew shows a call at once.
        if (_every == 1 || (uint)(Interlocked.Increment(ref _count) - 1) % (uint)_every == 0)
        {
            Record(worker, package, capability, operation.Name, operation.Traits.Arguments, AuditDecision.Allowed, null);
        }
    }

    public void Refused(string worker, string? package, string capability, string operation, AuditArgumentKind arguments, AuditDecision decision, string detail) =>
        Record(worker, package, capability, operation, arguments, decision, detail);

    private void Record(string worker, string? package, string capability, string operation, AuditArgumentKind arguments, AuditDecision decision, string? detail)
    {
        var nanoseconds = (_time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) * 100;
        _sink.Record(new AuditEvent(nanoseconds, worker, package, capability, operation, arguments, decision, detail));
    }
}
