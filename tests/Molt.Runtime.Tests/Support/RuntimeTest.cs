using System.Runtime.CompilerServices;
using System.Text;
using Molt.Engine;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Molt.Runtime.Tests;

/// <summary>A runtime of its own per test; afterwards nothing native may be left and no fault may have been reported.</summary>
public abstract class RuntimeTest : IAsyncDisposable
{
    /// <summary>How long anything may take before a test calls it stuck.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Lazy<WorkerRuntime> _runtime;
    private WorkerRuntimeOptions? _options;

    protected RuntimeTest() => _runtime = new Lazy<WorkerRuntime>(() => WorkerRuntime.Create(Options));

    protected RecordingObserver Observer { get; } = new();

    protected WorkerRuntime Runtime => _runtime.Value;

    /// <summary>The options of the runtime, to change before the first worker is loaded.</summary>
    protected WorkerRuntimeOptions Options => _options ??= new WorkerRuntimeOptions
    {
        BaseSnapshotPath = GuestSnapshot.FilePath,
        Observer = Observer,
        Executors = 2,
        Outbound = new NoOutboundFetch(),
    };

    /// <summary>Whether a fault of the runtime is part of the test.</summary>
    protected bool FaultsAreExpected { get; set; }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_runtime.IsValueCreated)
        {
            await Runtime.DisposeAsync().AsTask().WaitAsync(Patience);
        }

        for (var i = 0; i < 5 && JsEngine.LiveHandles != 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(0, JsEngine.LiveIsolates);
        Assert.Equal(0, JsEngine.LiveHandles);
        if (!FaultsAreExpected)
        {
            Assert.Empty(Observer.Faults);
        }
    }

    /// <summary>A worker of one module.</summary>
    protected static WorkerDefinition Define(string source, WorkerLimits? limits = null, params WorkerModule[] others) => new()
    {
        Name = "test",
        MainModule = "main.js",
        Modules = [Script("main.js", source), .. others],
        Limits = limits ?? new WorkerLimits(),
    };

    protected static WorkerModule Script(string name, string source) => new(name, WorkerModuleKind.EcmaScript, Encoding.UTF8.GetBytes(source));

    protected async Task<Worker> LoadAsync(WorkerDefinition definition) =>
        await Soon(Runtime.LoadAsync(definition, TestContext.Current.CancellationToken).AsTask());

    protected Task<Worker> LoadAsync(string source, WorkerLimits? limits = null, params WorkerModule[] others) =>
        LoadAsync(Define(source, limits, others));

    protected static Task Drain(Worker worker) => worker.DrainAsync(TestContext.Current.CancellationToken);

    /// <summary>A worker whose fetch handler has this body; request, env and ctx are in scope.</summary>
    protected Task<Worker> LoadHandlerAsync(string body, WorkerLimits? limits = null) =>
        LoadAsync($"export default {{ async fetch(request, env, ctx) {{ {body} }} }}", limits);

    internal static InMemoryExchange Post(Worker worker, InMemoryExchange? exchange = null)
    {
        exchange ??= new InMemoryExchange();
        Assert.True(worker.TryPost(exchange));
        return exchange;
    }

    /// <summary>The text a worker answers with, once the exchange is over.</summary>
    internal static async Task<string> TextAsync(Worker worker, InMemoryExchange? exchange = null)
    {
        exchange = Post(worker, exchange);
        var answer = await Soon(exchange.Answering);
        var text = answer.Kind == BodyKind.Stream ? await Soon(exchange.ReadTextAsync()) : answer.Text;
        await Soon(exchange.Ending);
        return text;
    }

    /// <summary>The outcome of an event that has to fail.</summary>
    internal static async Task<EventFailure> FailureAsync(Worker worker, InMemoryExchange? exchange = null)
    {
        exchange = Post(worker, exchange);
        var failure = await Soon(exchange.Failed);
        await Soon(exchange.Ending);
        return failure;
    }

    /// <summary>Waits, but not for ever.</summary>
    protected static async Task<T> Soon<T>(Task<T> task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        await Soon((Task)task, what);
        return await task;
    }

    protected static async Task Soon(Task task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        try
        {
            await task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"Nothing came of {what}.");
        }
    }
}
