using System.Net;
using System.Runtime.InteropServices;
using Greetings;
using Molt.Contracts.Capabilities;
using Molt.Runtime;
using Molt.Server;

// Every call that a worker makes is a line of JSON on standard error.
await using var audit = JsonLinesAuditSink.ToStandardError();
await using var runtime = WorkerRuntime.Create(new WorkerRuntimeOptions
{
    BaseSnapshotPath = args[0],
    Audit = new AuditOptions { Sink = audit },
});

// The capability is offered to all workers; this one is granted it, and has it as env.GREETER.
runtime.AddCapability(Greeter.Capability);
var worker = await runtime.LoadAsync(new WorkerDefinition
{
    Name = "greeter",
    MainModule = "worker.js",
    Modules = [new WorkerModule("worker.js", WorkerModuleKind.EcmaScript, await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "worker.js")))],
    Grants = CapabilityGrants.RuntimeOwn.And("acme.greeter"),
    CapabilityBindings = new Dictionary<string, string>(StringComparer.Ordinal) { ["GREETER"] = "acme.greeter@1" },
});

await using var server = new MoltServer(new ServerOptions { Endpoint = new IPEndPoint(IPAddress.Loopback, 8787) }, runtime);
server.SetWorker(worker);
await server.StartAsync();
Console.WriteLine($"ready {server.Address}");

var stop = new TaskCompletionSource();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
await stop.Task;
await server.StopAsync(CancellationToken.None);

void OnSignal(PosixSignalContext context)
{
    context.Cancel = true;
    stop.TrySetResult();
}
