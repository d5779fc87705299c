using Molt.Engine;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Molt.Engine.Tests;

/// <summary>One isolate and context per test; afterwards nothing native may be left.</summary>
public abstract class EngineTest : IDisposable
{
    private readonly Lazy<JsIsolate> _isolate;
    private JsContext? _context;

    protected EngineTest() => _isolate = new Lazy<JsIsolate>(() => JsIsolate.Create(Options));

    protected virtual JsIsolateOptions Options => new() { HostFunctions = Host.Functions };

    protected virtual JsContextOptions ContextOptions => new();

    protected HostFunctions Host { get; } = new();

    protected JsIsolate Isolate => _isolate.Value;

    protected JsContext Context => _context ??= MakeContext();

    public virtual void Dispose()
    {
        if (_isolate.IsValueCreated)
        {
            Isolate.Dispose();
        }
        AssertNothingIsLeft();
        GC.SuppressFinalize(this);
    }

    protected static void AssertNothingIsLeft()
    {
        for (int i = 0; i < 5 && JsEngine.LiveHandles != 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.Equal(0, JsEngine.LiveIsolates);
        Assert.Equal(0, JsEngine.LiveHandles);
        Assert.Equal(0, AdoptedBuffers.Count);
    }

    protected JsValue Eval(string source) => Context.Run(source, "test.js");

    protected string EvalString(string source)
    {
        using var value = Eval(source);
        return value.GetString();
    }

    protected double EvalNumber(string source)
    {
        using var value = Eval(source);
        return value.Number;
    }

    /// <summary>JSON of a script's completion value.</summary>
    protected string EvalJson(string source)
    {
        using var value = Eval(source);
        return Context.Stringify(value);
    }

    protected JsException Throws(string source) => Assert.Throws<JsException>(() => { Eval(source).Dispose(); });

    /// <summary>The result of a task that has to be complete.</summary>
    protected static T Completed<T>(ValueTask<T> task)
    {
        Assert.True(task.IsCompleted, "The task is still pending.");
#pragma warning disable VSTHRD002 // It is completed.
        return task.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }

    private JsContext MakeContext()
    {
        var context = Isolate.CreateContext(ContextOptions);
        using var host = context.HostObject();
        using var global = context.Global;
        global.Set("host", host);
        return context;
    }
}

/// <summary>Host functions a test fills in: host.f, host.g and host.log.</summary>
public sealed class HostFunctions
{
    public JsHostCallback? F { get; set; }

    public JsHostCallback? G { get; set; }

    public IList<string> Log { get; } = [];

    public IReadOnlyList<JsHostFunction> Functions =>
    [
        new("f", 2, (ref JsCall call) => F!(ref call)),
        new("g", 0, (ref JsCall call) => G!(ref call)),
        new("log", 1, (ref JsCall call) => Log.Add(call.String(0))),
    ];
}
