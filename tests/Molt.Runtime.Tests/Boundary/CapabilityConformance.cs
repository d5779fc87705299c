using System.Text;
using Molt.Contracts.Capabilities;
using Molt.Contracts.Schemas;

namespace Molt.Runtime.Tests;

/// <summary>What every carrier of capability calls does alike. A carrier that is new derives from this.</summary>
public abstract class CapabilityConformance
{
    private readonly Greeter _greeter = new();
    private readonly BufferedAuditSink _audit = new();
    private readonly FakeTime _time = new();

    internal abstract CarrierUnderTest Connect(Greeter greeter, CapabilityGrants grants, IAuditSink audit, TimeProvider time, long units);

    private CarrierUnderTest Connect(CapabilityGrants? grants = null, long units = 1000) => Connect(_greeter, grants ?? new CapabilityGrants { Allow = ["acme.*"] }, _audit, _time, units);

    private int Operation(string name) => _greeter.Capability.Declaration.IndexOf(name);

    private static byte[] Request(string name, int times = 1) => SchemaRecord.Encode(new Greet(name, times));

    private static string Text(CarrierOutcome outcome) => outcome.Status == CapabilityStatus.Ok ? SchemaRecord.Decode<Greeting>(outcome.Payload).Text : $"{(int)outcome.Status} {outcome.Message}";

    private static async Task<int> HandleAsync(CarrierUnderTest carrier) => (await carrier.OpenAsync(Greeter.Id)).Handle;

    [Theory]
    [InlineData("greet", "AdaAda")]
    [InlineData("promptly", "Promptly, Ada")]
    public async Task Call_WhenRight_Answers(string operation, string expected)
    {
        using var carrier = Connect();
        var handle = await HandleAsync(carrier);

        Assert.Equal(expected, Text(await carrier.Call(handle, Operation(operation), Request("Ada", 2)).Outcome));
        Assert.Equal(["acme.greeter"], new List<AuditEvent>(_audit.Read()).ConvertAll(audited => audited.Capability));
    }

    [Fact]
    public async Task Call_WhenLarge_AnswersWhole()
    {
        using var carrier = Connect();
        var handle = await HandleAsync(carrier);

        Assert.Equal(new string('x', 100_000), Text(await carrier.Call(handle, Operation("greet"), Request(new string('x', 20_000), 5)).Outcome));
    }

    [Fact]
    public async Task Call_WhenThePayloadIsWrong_SaysWhereAndReachesNoImplementation()
    {
        using var carrier = Connect();
        var handle = await HandleAsync(carrier);
        var greet = Operation("greet");

        Assert.StartsWith("1 greet: $.name: ", Text(await carrier.Call(handle, greet, [0x92, 0xA0, 1]).Outcome), StringComparison.Ordinal);
        Assert.StartsWith("1 greet: $.times: ", Text(await carrier.Call(handle, greet, [0x92, 0xA1, 0x61, 0xFF]).Outcome), StringComparison.Ordinal);
        Assert.StartsWith("2 greet: ", Text(await carrier.Call(handle, greet, []).Outcome), StringComparison.Ordinal);
        Assert.StartsWith("2 greet: ", Text(await carrier.Call(handle, greet, [.. Request("Ada"), 0]).Outcome), StringComparison.Ordinal);
        Assert.StartsWith("2 greet: ", Text(await carrier.Call(handle, greet, [0x92, 0xD9, 3, 0x41, 0x64, 0x61, 1]).Outcome), StringComparison.Ordinal);
        Assert.Empty(_audit.Read());
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, 0)]
    [InlineData(2, 0)]
    [InlineData(int.MaxValue, 0)]
    [InlineData(int.MinValue, 0)]
    [InlineData(1, -1)]
    [InlineData(1, 1000)]
    [InlineData(1, int.MinValue)]
    public async Task Call_WhenHandleOrOperationIsForged_IsInvalid(int handle, int operation)
    {
        using var carrier = Connect();
        Assert.Equal(1, await HandleAsync(carrier));

        Assert.Equal(CapabilityStatus.InvalidInput, (await carrier.Call(handle, operation, Request("Ada")).Outcome).Status);
        Assert.Equal(CapabilityStatus.InvalidInput, (await carrier.OpenStream(handle, operation, Request("Ada")).Outcome).Status);
    }

    [Fact]
    public async Task Stream_WhenTheNumberIsForged_IsInvalid()
    {
        using var carrier = Connect();
        var handle = await HandleAsync(carrier);
        var (call, _) = carrier.Call(handle, Operation("later"), Request("Ada"));

        foreach (var number in new[] { 0, -1, call, int.MaxValue })
        {
            Assert.Equal(CapabilityStatus.InvalidInput, (await carrier.ReadAsync(number)).Status);
            Assert.Equal(CapabilityStatus.InvalidInput, (await carrier.WriteAsync(number, Request("Ada"))).Status);
            carrier.Finish(number);
        }

        carrier.Cancel(12345, "nothing");
    }

    [Fact]
    public async Task Open_WhenNotGranted_IsDeniedAndAudited()
    {
        using var carrier = Connect(CapabilityGrants.None);
        var (outcome, handle) = await carrier.OpenAsync(Greeter.Id);

        Assert.Equal((CapabilityStatus.Denied, 0), (outcome.Status, handle));
        var line = Assert.Single(_audit.Read());
        Assert.Equal((AuditDecision.Denied, "it is not granted"), (line.Decision, line.Detail));
    }

    [Fact]
    public async Task Open_WhenTheVersionDoesNotDo_IsInvalid()
    {
        using var carrier = Connect();

        Assert.Equal(CapabilityStatus.Ok, (await carrier.OpenAsync(Greeter.Id, "1.2.0")).Outcome.Status);
        Assert.Equal(CapabilityStatus.InvalidInput, (await carrier.OpenAsync(Greeter.Id, "1.3")).Outcome.Status);
        Assert.Equal(CapabilityStatus.InvalidInput, (await carrier.OpenAsync(Greeter.Id, "one")).Outcome.Status);
    }

    [Fact]
    public async Task Call_WhenTheImplementationFails_HasTheRightStatus()
    {
        using var carrier = Connect();
        var handle = await HandleAsync(carrier);

        Assert.Equal("1 Nobody greets Ada.", Text(await carrier.Call(handle, Operation("refuse"), Request("Ada")).Outcome));
        Assert.Equal("7 The capability failed.", Text(await carrier.Call(handle, Operation("break"), Request("Ada")).Outcome));
        Assert.Equal(CapabilityStatus.EncodeError, (await carrier.Call(handle, Operation("lie"), Request("Ada")).Outcome).Status);
        Assert.Equal("/secret/path", Assert.Single(carrier.Faults).Message);
    }

    [Fact]
    public async Task Call_WhenCancelled_EndsOnceWithTheReason()
    {
        using var carrier = Connect();
        var handle = await HandleAsync(carrier);
        var (number, outcome) = carrier.Call(handle, Operation("later"), Request("Ada"));
        carrier.Cancel(number, "never mind");
        carrier.Cancel(number, "again");
        _greeter.Gate.SetResult();

        Assert.Equal("4 never mind", Text(await outcome));
    }

    [Fact]
    public async Task Call_WhenItsTimeIsOver_EndsAsTimeout()
    {
        using var carrier = Connect();
        var handle = await HandleAsync(carrier);
        var (_, hurried) = carrier.Call(handle, Operation("later"), Request("Ada"), TimeSpan.FromSeconds(1));
        var (_, patient) = carrier.Call(handle, Operation("later"), Request("Ada"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(CapabilityStatus.Timeout, (await hurried).Status);
        Assert.False(patient.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(CapabilityStatus.Timeout, (await patient).Status);
    }

    [Fact]
    public async Task Scope_WhenItEnds_EndsWhatIsOpen()
    {
        using var carrier = Connect();
        var handle = await HandleAsync(carrier);
        var (_, call) = carrier.Call(handle, Operation("later"), Request("Ada"));
        var (stream, opened) = carrier.OpenStream(handle, Operation("echo"), Request("re "));
        await opened;
        var read = carrier.ReadAsync(stream);
        carrier.Scope.Cancel("the client left");

        Assert.Equal("4 the client left", Text(await call));
        Assert.Equal("4 the client left", Text(await read));
        Assert.Equal(CapabilityStatus.InvalidInput, (await carrier.ReadAsync(stream)).Status);
    }

    [Fact]
    public async Task Budget_WhenUsedUp_DeniesAndAuditsTheExcess()
    {
        using var carrier = Connect(units: 5);
        var handle = await HandleAsync(carrier);
        Assert.Equal(CapabilityStatus.Ok, (await carrier.Call(handle, Operation("greet"), Request("a")).Outcome).Status);
        Assert.Equal(CapabilityStatus.Ok, (await carrier.Call(handle, Operation("greet"), Request("a")).Outcome).Status);
        Assert.Equal(CapabilityStatus.Denied, (await carrier.Call(handle, Operation("greet"), Request("a")).Outcome).Status);
        Assert.Equal(AuditDecision.ResourceExceeded, _audit.Read()[^1].Decision);
    }

    [Fact]
    public async Task Revoke_WhenThingsAreOpen_EndsThemAndDeniesLaterOnes()
    {
        using var carrier = Connect();
        var handle = await HandleAsync(carrier);
        var (_, call) = carrier.Call(handle, Operation("later"), Request("Ada"));
        var (stream, opened) = carrier.OpenStream(handle, Operation("count"), Request("n", 0));
        await opened;
        Assert.Equal("n 0", Text(await carrier.ReadAsync(stream)));
        carrier.Grants.Revoke("acme.greeter", "the contract ended");

        Assert.Equal("4 the contract ended", Text(await call));
        Assert.Equal("4 the contract ended", Text(await carrier.ReadAsync(stream)));
        Assert.Equal("6 acme.greeter is denied: the contract ended", Text(await carrier.Call(handle, Operation("greet"), Request("a")).Outcome));
        Assert.Equal(CapabilityStatus.Denied, (await carrier.OpenAsync(Greeter.Id)).Outcome.Status);
        Assert.Equal("the contract ended", await _greeter.Ended.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Stream_WhenBothSidesSend_KeepsOrderAndEnds()
    {
        using var carrier = Connect();
        var handle = await HandleAsync(carrier);
        var (stream, opened) = carrier.OpenStream(handle, Operation("echo"), Request("re "));
        Assert.Equal(CapabilityStatus.Ok, (await opened).Status);
        var writes = new List<Task<CarrierOutcome>>();
        for (var i = 0; i < 10; i++)
        {
            writes.Add(carrier.WriteAsync(stream, Request($"{i}")));
        }

        var text = new StringBuilder();
        for (var i = 0; i < 10; i++)
        {
            text.Append(Text(await carrier.ReadAsync(stream))).Append(';');
        }

        carrier.Finish(stream);
        Assert.True((await carrier.ReadAsync(stream)).IsEnd);
        Assert.Equal("re 0;re 1;re 2;re 3;re 4;re 5;re 6;re 7;re 8;re 9;", text.ToString());
        Assert.All(await Task.WhenAll(writes), outcome => Assert.Equal(CapabilityStatus.Ok, outcome.Status));
    }

    [Fact]
    public async Task Cancel_WhenAReadIsPending_WithdrawsItAndTheStreamGoesOn()
    {
        using var carrier = Connect();
        var handle = await HandleAsync(carrier);
        var (stream, opened) = carrier.OpenStream(handle, Operation("echo"), Request("re "));
        await opened;
        var (number, read) = carrier.Read(stream);
        carrier.Cancel(number, "too late");
        Assert.Equal("4 too late", Text(await read));
        Assert.Equal(CapabilityStatus.Ok, (await carrier.WriteAsync(stream, Request("a"))).Status);
        Assert.Equal("re a", Text(await carrier.ReadAsync(stream)));
    }

    [Fact]
    public async Task Write_WhenTheImplementationDoesNotRead_WaitsForRoom()
    {
        using var carrier = Connect();
        var handle = await HandleAsync(carrier);
        var (stream, opened) = carrier.OpenStream(handle, Operation("ignore"), Request("x"));
        await opened;
        for (var i = 0; i < 16; i++)
        {
            Assert.Equal(CapabilityStatus.Ok, (await carrier.WriteAsync(stream, Request("x"))).Status);
        }

        var write = carrier.WriteAsync(stream, Request("x"));
        Assert.False(write.IsCompleted);
        carrier.Cancel(stream, "enough");
        Assert.Equal("4 enough", Text(await write));
    }
}

/// <summary>The conformance kit in process.</summary>
public sealed class DirectCarrierTests : CapabilityConformance
{
    internal override CarrierUnderTest Connect(Greeter greeter, CapabilityGrants grants, IAuditSink audit, TimeProvider time, long units) => new DirectCarrier(greeter, grants, audit, time, units);
}

/// <summary>The conformance kit over frames.</summary>
public sealed class FrameCarrierTests : CapabilityConformance
{
    internal override CarrierUnderTest Connect(Greeter greeter, CapabilityGrants grants, IAuditSink audit, TimeProvider time, long units) => new FrameCarrier(greeter, grants, audit, time, units);
}
