using System.Buffers;
using System.Collections.Concurrent;
using Molt.Contracts.Capabilities;
using Molt.Runtime.Boundary;

namespace Molt.Runtime.Tests;

/// <summary>How something that was asked of a carrier ended.</summary>
internal sealed record CarrierOutcome(CapabilityStatus Status, bool IsEnd, byte[] Payload, string? Message);

/// <summary>A carrier as the conformance kit uses it: everything is asynchronous, whatever it is inside.</summary>
internal abstract class CarrierUnderTest : IDisposable
{
    private readonly ConcurrentDictionary<int, TaskCompletionSource<CarrierOutcome>> _waiting = new();
    private int _number;

    protected CarrierUnderTest(Greeter greeter, CapabilityGrants grants, IAuditSink audit, TimeProvider time, long units)
    {
        Registry.Add(greeter.Capability);
        Grants = new WorkerGrants(grants);
        Auditor = Auditor.Create(new AuditOptions { Sink = audit }, time);
        Scope = new CallScope(units);
        Time = time;
    }

    public WorkerGrants Grants { get; }

    public CallScope Scope { get; }

    /// <summary>What the host was told of implementations that failed.</summary>
    public ConcurrentQueue<Exception> Faults { get; } = new();

    protected CapabilityRegistry Registry { get; } = new();

    protected Auditor? Auditor { get; }

    protected TimeProvider Time { get; }

    public abstract Task<(CarrierOutcome Outcome, int Handle)> OpenAsync(string id, string? version = null);

    public (int Number, Task<CarrierOutcome> Outcome) Call(int handle, int operation, byte[] payload, TimeSpan? timeout = null) =>
        Ask(number => StartCall(number, handle, operation, payload, timeout));

    public (int Number, Task<CarrierOutcome> Outcome) OpenStream(int handle, int operation, byte[] payload) => Ask(number => StartStream(number, handle, operation, payload));

    public (int Number, Task<CarrierOutcome> Outcome) Read(int stream) => Ask(number => StartRead(number, stream));

    public Task<CarrierOutcome> ReadAsync(int stream) => Read(stream).Outcome;

    public Task<CarrierOutcome> WriteAsync(int stream, byte[] item) => Ask(number => StartWrite(number, stream, item)).Outcome;

    public abstract void Finish(int stream);

    public abstract void Cancel(int number, string reason);

    public abstract void Dispose();

    protected CapabilitySession Session(ICapabilityCompletions completions) => new("test", Registry, Grants, Auditor, Time, completions, Faults.Enqueue);

    protected abstract void StartCall(int number, int handle, int operation, byte[] payload, TimeSpan? timeout);

    protected abstract void StartStream(int number, int handle, int operation, byte[] payload);

    protected abstract void StartRead(int number, int stream);

    protected abstract void StartWrite(int number, int stream, byte[] item);

    protected (int Number, Task<CarrierOutcome> Outcome) Ask(Action<int> start)
    {
        var number = Interlocked.Increment(ref _number);
        var waiting = _waiting.GetOrAdd(number, static _ => new TaskCompletionSource<CarrierOutcome>(TaskCreationOptions.RunContinuationsAsynchronously));
        start(number);
        return (number, waiting.Task);
    }

    protected void Arrived(int number, in CallReply reply, ReadOnlyMemory<byte> payload)
    {
        Assert.True(_waiting.TryRemove(number, out var waiting), $"Number {number} was answered twice.");
        waiting.SetResult(new CarrierOutcome(reply.Status, reply.IsEnd, reply.Status == CapabilityStatus.Ok ? payload.ToArray() : [], reply.Message));
    }
}

/// <summary>In process: calls of a session.</summary>
internal sealed class DirectCarrier : CarrierUnderTest, ICapabilityCompletions
{
    private readonly CapabilitySession _session;
    private readonly CallOutput _output = new(new byte[64]);

    public DirectCarrier(Greeter greeter, CapabilityGrants grants, IAuditSink audit, TimeProvider time, long units)
        : base(greeter, grants, audit, time, units) => _session = Session(this);

    public override Task<(CarrierOutcome Outcome, int Handle)> OpenAsync(string id, string? version = null)
    {
        var reply = _session.Open(id, version, null, out var handle);
        return Task.FromResult((new CarrierOutcome(reply.Status, false, [], reply.Message), handle));
    }

    public override void Finish(int stream) => _session.Finish(stream);

    public override void Cancel(int number, string reason) => _session.Cancel(number, reason);

    public override void Dispose() => _session.Dispose();

    void ICapabilityCompletions.Completed(in CallCompletion completion) => Arrived(completion.Number, completion.Reply, completion.Payload);

    protected override void StartCall(int number, int handle, int operation, byte[] payload, TimeSpan? timeout) =>
        Take(number, _session.Call(Scope, number, handle, operation, payload, _output, timeout));

    protected override void StartStream(int number, int handle, int operation, byte[] payload) => Take(number, _session.OpenStream(Scope, number, handle, operation, payload));

    protected override void StartRead(int number, int stream) => Take(number, _session.Read(number, stream, _output));

    protected override void StartWrite(int number, int stream, byte[] item) => Take(number, _session.Write(number, stream, item));

    private void Take(int number, in CallReply reply)
    {
        if (!reply.IsPending)
        {
            Arrived(number, reply, _output.WrittenMemory);
            _output.Clear();
        }
    }
}

/// <summary>Across a process boundary, without the processes: frames that are written, cut into pieces and read again, both ways.</summary>
internal sealed class FrameCarrier : CarrierUnderTest
{
    private readonly FrameServer _server;
    private readonly CapabilitySession _session;
    private readonly ConcurrentDictionary<int, int> _handles = new();
    private ReadOnlyMemory<byte> _arrived;

    public FrameCarrier(Greeter greeter, CapabilityGrants grants, IAuditSink audit, TimeProvider time, long units)
        : base(greeter, grants, audit, time, units)
    {
        _server = new FrameServer(Scope, Receive);
        _session = Session(_server);
        _server.Start(_session);
    }

    public override async Task<(CarrierOutcome Outcome, int Handle)> OpenAsync(string id, string? version = null)
    {
        var (number, outcome) = Ask(number => Send(BoundaryFrame.Ask(FrameKind.Open, number, version is null ? id : $"{id}@{version}")));
        return (await outcome, _handles.GetValueOrDefault(number));
    }

    public override void Finish(int stream) => Send(BoundaryFrame.Ask(FrameKind.Finish, 1, stream));

    public override void Cancel(int number, string reason) => Send(BoundaryFrame.Ask(FrameKind.Cancel, 1, reason, number));

    public override void Dispose() => _session.Dispose();

    protected override void StartCall(int number, int handle, int operation, byte[] payload, TimeSpan? timeout) =>
        Send(BoundaryFrame.Ask(FrameKind.Call, number, handle, operation, payload, timeout));

    protected override void StartStream(int number, int handle, int operation, byte[] payload) =>
        Send(BoundaryFrame.Ask(FrameKind.OpenStream, number, handle, operation, payload));

    protected override void StartRead(int number, int stream) => Send(BoundaryFrame.Ask(FrameKind.Read, number, stream));

    protected override void StartWrite(int number, int stream, byte[] item) => Send(BoundaryFrame.Ask(FrameKind.Write, number, stream, body: item));

    private void Send(in BoundaryFrame frame)
    {
        var bytes = new ArrayBufferWriter<byte>();
        frame.WriteTo(bytes);

        // The bytes come in two pieces, wherever the cut is.
        var all = bytes.WrittenMemory;
        ReadOnlyMemory<byte> first = all[..(all.Length / 2)];
        Assert.False(BoundaryFrame.TryRead(ref first, 1 << 20, out _, out var fault));
        Assert.Null(fault);
        Assert.True(BoundaryFrame.TryRead(ref all, 1 << 20, out var read, out fault), fault);
        Assert.Equal(0, all.Length);
        Assert.True(_server.Serve(read));
    }

    private void Receive(ReadOnlyMemory<byte> bytes)
    {
        _arrived = bytes.ToArray();
        Assert.True(BoundaryFrame.TryRead(ref _arrived, 1 << 20, out var frame, out var fault), fault);
        _handles[frame.Number] = frame.Handle;
        Arrived(frame.Number, frame.Reply, frame.Body);
    }
}
