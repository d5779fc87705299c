using System.Net;
using System.Runtime.InteropServices;
using Embed;
using Molt.Runtime;
using Molt.Server;

// The base snapshot is part of an installation; ./molt builds it.
await using var runtime = WorkerRuntime.Create(new WorkerRuntimeOptions
{
    BaseSnapshotPath = args[0],
    Observer = new ConsoleObserver(),
});

var worker = await runtime.LoadAsync(new WorkerDefinition
{
    Name = "greeter",
    MainModule = "index.js",
    Modules =
    [
        new WorkerModule("index.js", WorkerModuleKind.EcmaScript, """
            export default {
              async fetch(request, env) {
                console.log(request.method, request.url);
                return new Response(`${env.GREETING}, ${new URL(request.url).pathname.slice(1)}!\n`);
              },
            };
            """u8.ToArray()),
    ],
    VarsJson = """{"GREETING": "Hello"}""",
    Limits = new WorkerLimits { Cpu = TimeSpan.FromMilliseconds(50), MemoryBytes = 32 << 20 },
});

await using var server = new MoltServer(new ServerOptions { Endpoint = new IPEndPoint(IPAddress.Loopback, 8787) }, runtime);
server.SetWorker(worker);
await server.StartAsync();
Console.WriteLine($"ready {server.Address}");

// Stopping answers what was accepted, for ten seconds at most.
var stop = new TaskCompletionSource();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
await stop.Task;
using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
await server.StopAsync(deadline.Token);

void OnSignal(PosixSignalContext context)
{
    context.Cancel = true;
    stop.TrySetResult();
}
