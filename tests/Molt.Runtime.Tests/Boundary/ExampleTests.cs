using Molt.Contracts.Capabilities;

namespace Molt.Runtime.Tests;

/// <summary>examples/capability: its capability and its worker, as they are.</summary>
public sealed class ExampleTests : RuntimeTest
{
    private readonly BufferedAuditSink _audit = new();

    public ExampleTests()
    {
        Options.Audit = new AuditOptions { Sink = _audit };
    }

    private Task<Worker> LoadExampleAsync(CapabilityGrants grants)
    {
        Runtime.AddCapability(Greetings.Greeter.Capability);
        return LoadAsync(new WorkerDefinition
        {
            Name = "greeter",
            MainModule = "worker.js",
            Modules = [new WorkerModule("worker.js", WorkerModuleKind.EcmaScript, File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "example-capability.js")))],
            Grants = grants,
            CapabilityBindings = new Dictionary<string, string>(StringComparer.Ordinal) { ["GREETER"] = "acme.greeter@1" },
        });
    }

    [Fact]
    public async Task Example_WhenCalled_Greets()
    {
        var worker = await LoadExampleAsync(CapabilityGrants.RuntimeOwn.And("acme.greeter"));

        Assert.Equal("Hello Ada! Hello Ada!\n", await TextAsync(worker, new InMemoryExchange("http://localhost/Ada")));
        Assert.Equal("Hello stream, 1!\nHello stream, 2!\nHello stream, 3!\n", await TextAsync(worker, new InMemoryExchange("http://localhost/stream")));
        Assert.Contains(_audit.Read(), audited => audited is { Capability: "acme.greeter", Operation: "keep_greeting", Decision: AuditDecision.Allowed });
    }

    [Fact]
    public async Task Example_WhenNotGranted_DoesNotStartAndIsAudited()
    {
        await Assert.ThrowsAsync<WorkerStartException>(() => LoadExampleAsync(CapabilityGrants.RuntimeOwn));

        Assert.Contains(_audit.Read(), audited => audited is { Capability: "acme.greeter", Decision: AuditDecision.Denied });
    }
}
