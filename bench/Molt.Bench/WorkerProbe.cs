using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Molt.Runtime;

namespace Molt.Bench;

/// <summary>Loads workers into a running process and asks each once.</summary>
internal static class WorkerProbe
{
    // As many stay loaded as a busy server has; older ones go, so that a long warm-up does not fill the machine.
    private const int Kept = 100;

    /// <summary>For every line of standard input: a new worker, its first answer, the milliseconds from code to answer and, of these, from request to answer.</summary>
    public static async Task<int> LoadOnDemandAsync(string snapshotPath, string file, bool known)
    {
        var source = await File.ReadAllBytesAsync(file);
        await using var runtime = WorkerRuntime.Create(new WorkerRuntimeOptions { BaseSnapshotPath = snapshotPath });
        var workers = new Queue<Worker>();
        for (var number = 1; await Console.In.ReadLineAsync() is not null; number++)
        {
            var started = Stopwatch.GetTimestamp();
            var worker = await runtime.LoadAsync(known ? Define(source, number) : Copy(source, number), CancellationToken.None);
            var asked = Stopwatch.GetTimestamp();
            var body = await AskAsync(worker);
            var answer = Stopwatch.GetElapsedTime(asked).TotalMilliseconds;
            var milliseconds = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            workers.Enqueue(worker);
            if (workers.Count > Kept)
            {
                await workers.Dequeue().DrainAsync(CancellationToken.None);
            }

            Console.WriteLine(JsonSerializer.Serialize(new { milliseconds, answer, body }));
        }

        return 0;
    }

    /// <summary>Loads copies of the worker, asks each once and keeps them until standard input ends.</summary>
    public static async Task<int> HoldAsync(string snapshotPath, string file, int count)
    {
        var source = await File.ReadAllBytesAsync(file);
        await using var runtime = WorkerRuntime.Create(new WorkerRuntimeOptions { BaseSnapshotPath = snapshotPath });
        for (var number = 1; number <= count; number++)
        {
            await AskAsync(await runtime.LoadAsync(Copy(source, number), CancellationToken.None));
        }

        Console.WriteLine("{}");
        await Console.In.ReadLineAsync();
        return 0;
    }

    private static async Task<string> AskAsync(Worker worker)
    {
        var fetch = new ProbeFetch();
        return worker.TryPost(fetch) ? await fetch.Body : throw new InvalidOperationException("The worker takes no events.");
    }

    /// <summary>A worker whose code the process has not seen: the copy's number ends it.</summary>
    private static WorkerDefinition Copy(byte[] source, int number) =>
        Define([.. source, .. Encoding.ASCII.GetBytes($"// {number}\n")], number);

    private static WorkerDefinition Define(byte[] content, int number) => new()
    {
        Name = $"copy-{number}",
        MainModule = "main.js",
        Modules = [new WorkerModule("main.js", WorkerModuleKind.EcmaScript, content)],
    };
}
