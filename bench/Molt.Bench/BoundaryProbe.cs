using System.Buffers;
using Molt.Contracts.Capabilities;
using Molt.Contracts.Schemas;
using Molt.Runtime;

namespace Molt.Bench;

/// <summary>Calls a capability of the process from a JavaScript worker, with 100 bytes each way.</summary>
internal static class BoundaryProbe
{
    private const string Source = """
        import ffi from "molt:ffi";

        const batch = 100;
        const median = (samples) => samples.sort((a, b) => a - b)[samples.length >> 1];

        // Microseconds of one call, for each of a number of batches; the first half is warm-up.
        async function measure(batches, run) {
          const samples = [];
          for (let i = 0; i < batches; i++) {
            const from = performance.now();
            await run();
            samples.push((performance.now() - from) * 1000 / batch);
          }
          return median(samples.slice(batches >> 1));
        }

        export default {
          async fetch(request, env) {
            const handle = ffi.open("bench.echo");
            const payload = Uint8Array.of(0x91, 0xd9, 97, ...new Uint8Array(97).fill(97));
            const value = { text: "a".repeat(97) };
            if ((await ffi.call(handle, "echo", payload)).length !== 100 || (await env.ECHO.echo(value)).text !== value.text) throw new Error("The echo is wrong.");
            const batches = 6000;
            return Response.json({
              p50_us: await measure(batches, async () => { for (let i = 0; i < batch; i++) await ffi.call(handle, "echo", payload); }),
              sync_p50_us: await measure(batches, () => { for (let i = 0; i < batch; i++) ffi.callSync(handle, "echo", payload); }),
              typed_p50_us: await measure(batches, async () => { for (let i = 0; i < batch; i++) await env.ECHO.echo(value); }),
            });
          },
        };
        """;

    /// <summary>One line: the medians of one call as bytes, without a promise, and through a typed stub.</summary>
    public static async Task<int> RunAsync(string snapshotPath)
    {
        var text = new SchemaBuilder("schema://bench/text/v1").Field("text", SchemaBuilder.String(maxLength: 1000)).Build();
        var echo = Capability.Declare("bench.echo", "1.0.0")
            .Operation("echo", text, text, static (_, input, output) => output.Write(input), new OperationTraits { Effect = CapabilityEffect.Pure, Determinism = CapabilityDeterminism.Strict })
            .Build();
        await using var runtime = WorkerRuntime.Create(new WorkerRuntimeOptions { BaseSnapshotPath = snapshotPath });
        runtime.AddCapability(echo);
        var worker = await runtime.LoadAsync(new WorkerDefinition
        {
            Name = "boundary",
            MainModule = "main.js",
            Modules = [new WorkerModule("main.js", WorkerModuleKind.EcmaScript, System.Text.Encoding.UTF8.GetBytes(Source))],
            Grants = CapabilityGrants.RuntimeOwn.And("bench.echo"),
            CapabilityBindings = new Dictionary<string, string>(StringComparer.Ordinal) { ["ECHO"] = "bench.echo" },
            Limits = new WorkerLimits { CapabilityUnits = long.MaxValue, Cpu = TimeSpan.FromMinutes(5) },
        });
        var fetch = new ProbeFetch();
        Console.WriteLine(worker.TryPost(fetch) ? await fetch.Body : throw new InvalidOperationException("The worker takes no events."));
        return 0;
    }
}
