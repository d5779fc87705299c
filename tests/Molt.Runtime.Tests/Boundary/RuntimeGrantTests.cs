using System.Linq;
using Molt.Contracts.Capabilities;

namespace Molt.Runtime.Tests;

/// <summary>The runtime's own capabilities: what a worker sees without them.</summary>
public sealed class RuntimeGrantTests : RuntimeTest
{
    private readonly BufferedAuditSink _audit = new();
    private readonly FakeOutbound _outbound = new();

    public RuntimeGrantTests()
    {
        Options.Audit = new AuditOptions { Sink = _audit };
        Options.Outbound = _outbound;
    }

    private Task<Worker> LoadDeniedAsync(string body, params string[] denied) =>
        LoadAsync(Define($$"""
            const told = async (f) => { try { return await f(); } catch (e) { return `${e instanceof TypeError} ${e.name} ${e.status} ${e.capability}: ${e.message}`; } };
            export default { async fetch(request, env, ctx) { {{body}} } };
            """) with
        {
            Grants = CapabilityGrants.RuntimeOwn.Without(denied),
        });

    private List<string> Denials() => [.. _audit.Read().Where(audited => audited.Decision == AuditDecision.Denied).Select(audited => $"{audited.Capability} {audited.Operation}: {audited.Detail}")];

    [Fact]
    public async Task Fetch_WhenDenied_IsATypeErrorThatNamesTheCapability()
    {
        var worker = await LoadDeniedAsync("""return new Response(await told(() => fetch("http://example.com/")));""", "http.fetch");

        Assert.Equal("true CapabilityError 6 http.fetch: The capability \"http.fetch\" is denied to this worker: it is not granted.", await TextAsync(worker));
        Assert.Equal(["http.fetch send: it is not granted"], Denials());
        Assert.Equal(0, _outbound.Count);
    }

    [Fact]
    public async Task Random_WhenDenied_Throws()
    {
        var worker = await LoadDeniedAsync("""return new Response(await told(() => crypto.randomUUID()) + await told(() => crypto.getRandomValues(new Uint8Array(4))));""", "rand.*");

        Assert.Contains("CapabilityError 6 rand.bytes", await TextAsync(worker), StringComparison.Ordinal);
        Assert.Equal(["rand.bytes uuid: it is not granted", "rand.bytes fill: it is not granted"], Denials());
    }

    [Fact]
    public async Task Timer_WhenDenied_Throws()
    {
        var worker = await LoadDeniedAsync("""return new Response(await told(() => setTimeout(() => {}, 1)));""", "time.timer");

        Assert.Contains("CapabilityError 6 time.timer", await TextAsync(worker), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clock_WhenDenied_StandsStill()
    {
        var worker = await LoadDeniedAsync("""
            const parts = [Date.now(), new Date().getTime(), new Date(5).getTime(), Date().slice(0, 15), performance.now(), performance.timeOrigin,
              new (new Date().constructor)().getTime(), new Intl.DateTimeFormat("en", { year: "numeric", timeZone: "UTC" }).format(), typeof globalThis.Temporal?.Now];
            return new Response(parts.join(" "));
            """, "time.now");

        Assert.Equal("0 0 5 Thu Jan 01 1970 0 0 0 1970 undefined", await TextAsync(worker));
    }

    [Fact]
    public async Task Console_WhenDenied_DropsLinesAndIsAudited()
    {
        var worker = await LoadDeniedAsync("""console.log("secret"); return new Response("ok");""", "console.log");

        Assert.Equal("ok", await TextAsync(worker));
        Assert.Empty(Observer.Lines);
        Assert.Equal(["console.log write: it is not granted"], Denials());
    }

    [Fact]
    public async Task Worker_WhenItHasNothing_StillAnswers()
    {
        var worker = await LoadAsync(Define("""export default { async fetch(request) { return new Response(await request.text()); } };""") with { Grants = CapabilityGrants.None });

        Assert.Equal("", await TextAsync(worker));
        Assert.Empty(Denials());
    }

    [Fact]
    public async Task Revoke_WhenAFetchIsOpen_CancelsItAndDeniesTheNext()
    {
        var worker = await LoadDeniedAsync("""
            const first = told(() => fetch("http://example.com/"));
            return new Response(`${await first} | ${await told(() => fetch("http://example.com/"))}`);
            """);
        var exchange = Post(worker);
        using var call = await Soon(_outbound.NextAsync(TestContext.Current.CancellationToken).AsTask());
        worker.Grants.Revoke("http.fetch", "the quota is spent");
        var answer = await Soon(exchange.Answering);
        await Soon(exchange.Ending);

        Assert.Equal(
            "true CapabilityError 4 http.fetch: the quota is spent | true CapabilityError 6 http.fetch: The capability \"http.fetch\" is denied to this worker: the quota is spent.",
            answer.Text);
        Assert.True(call.Cancelled.IsCancellationRequested);
    }

    [Fact]
    public async Task Load_WhenGrantsAreWrong_NamesEveryFault()
    {
        var failure = await Assert.ThrowsAsync<CapabilityDeclarationException>(() => LoadAsync(Define("export default {}") with
        {
            Grants = CapabilityGrants.RuntimeOwn.And("http.fetsh", "Http") with
            {
                Deny = ["molt.event"],
                Packages = new Dictionary<string, CapabilityGrants>(StringComparer.Ordinal) { ["left-pad"] = new() { Allow = ["*"] } },
            },
        }));

        Assert.Equal("CAP002", failure.Code);
        Assert.Equal(3, failure.Faults.Count);
    }

    [Fact]
    public async Task Random_WhenGranted_FillsSmallAndLargeViewsInPlace()
    {
        var worker = await LoadDeniedAsync("""
            const zero = (view) => view.every((byte) => byte === 0);
            const small = crypto.getRandomValues(new Uint8Array(16)), large = crypto.getRandomValues(new Uint32Array(1000));
            const middle = new Uint8Array(48); crypto.getRandomValues(middle.subarray(16, 32));
            return new Response(`${zero(small)} ${zero(large)} ${zero(middle.subarray(0, 16))} ${zero(middle.subarray(16, 32))} ${zero(middle.subarray(32))} ${/^[0-9a-f-]{36}$/.test(crypto.randomUUID())}`);
            """);

        Assert.Equal("false false true false true true", await TextAsync(worker));
    }
}
