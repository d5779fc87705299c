using Molt.Engine;

namespace Molt.Wasm.Instances;

/// <summary>
/// An isolate that holds instances of one plugin. One thread at a time uses it; whoever does has it to itself, so nothing in it is
/// locked.
/// </summary>
internal sealed class PluginLane : IDisposable
{
    // V8's own objects for a module and its instances; the memories are counted apart.
    private const long HeapBytes = 64L << 20;
    private const int StackBytes = 768 << 10;

    // Instances that wait for capabilities at once; each has a memory of its own.
    private const int MostInstances = 64;

    private readonly JsIsolate _isolate;
    private readonly JsContext _context;
    private readonly JsValue _module;
    private readonly JsValue _imports;
    private readonly JsValue _instantiate;
    private readonly CallClock _clock;
    private readonly Stack<PluginInstance> _free = new();
    private JsValue? _trampoline;
    private int _instances;
    private long _dropped;
    private volatile bool _hasWork;

    public PluginLane(PluginProgram program, PluginPool pool)
    {
        Program = program;
        Pool = pool;
        long memories = Math.Min(program.Limits.MemoryBytes * 4, 16L << 30);
        _isolate = JsIsolate.Create(new JsIsolateOptions
        {
            HeapLimitBytes = HeapBytes,
            ExternalLimitBytes = memories,
            StackLimitBytes = StackBytes,
            HostFunctions = ImportTable.Functions,
            Tag = this,
        });
        _isolate.WorkPosted = (_, _) => _hasWork = true;
        _clock = new CallClock(_isolate);
        CallWatchdog.Add(_clock);
        try
        {
            using (_isolate.Enter())
            {
                _context = _isolate.CreateContext(new JsContextOptions());
                _module = _context.CompileWasm(program.Bytes);
                _imports = Imports();
                _instantiate = _context.Run("(module, imports) => new WebAssembly.Instance(module, imports).exports", "molt:plugin");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public PluginProgram Program { get; }

    public PluginPool Pool { get; }

    /// <summary>Its calls that are pending. Used by whoever uses the lane.</summary>
    public HashSet<PendingPluginCall> Waiting { get; } = [];

    /// <summary>Those of them that have something to do; the pool's.</summary>
    public Queue<PendingPluginCall> Resuming { get; } = new();

    /// <summary>The instance that is running; imports are about it.</summary>
    public PluginInstance Current { get; set; } = null!;

    /// <summary>Instances made because one could not be brought back.</summary>
    public long Replacements { get; private set; }

    /// <summary>Whether its isolate was stopped for good.</summary>
    public bool IsCondemned { get; set; }

    public CallClock Clock => _clock;

    public JsContext Context => _context;

    /// <summary>What serves requests in this lane; made once by whoever does.</summary>
    public object? Http { get; set; }

    public JsScope Enter() => _isolate.Enter();

    /// <summary>Enters until <see cref="Release"/>, for a caller that cannot hold a scope.</summary>
    public void Hold() => _isolate.Enter();

    /// <summary>Ends <see cref="Hold"/>.</summary>
    public void Release() => _isolate.Leave();

    /// <summary>An instance in the state after init; null when there are as many as there may be. Inside the isolate.</summary>
    public PluginInstance? Rent()
    {
        if (_free.TryPop(out var instance))
        {
            return instance;
        }

        return _instances < MostInstances ? Make() : null;
    }

    /// <summary>Takes an instance back: clean, or to be dropped. Inside the isolate.</summary>
    public void Return(PluginInstance instance)
    {
        if (instance.IsUsable)
        {
            _free.Push(instance);
            return;
        }

        _instances--;
        Replacements++;
        _dropped += instance.MemoryLength;
        instance.Dispose();
        if (_dropped >= Program.Limits.MemoryBytes && !IsCondemned)
        {
            // V8 counts a dropped memory until it collects, and lets no other grow past its limit meanwhile.
            _dropped = 0;
            _isolate.LowMemory();
        }
    }

    /// <summary>An instance before init, for making the state after it.</summary>
    public PluginInstance Boot()
    {
        using var trampoline = _context.CompileWasm(Program.BootTrampoline);
        _instances++;
        return new PluginInstance(this, Instantiate(_module, _imports), trampoline);
    }

    /// <summary>Drops an instance that was only made to come up.</summary>
    public void Discard(PluginInstance instance)
    {
        _instances--;
        instance.Dispose();
    }

    /// <summary>Runs what V8 posted, such as the end of a compilation. Inside the isolate, between calls.</summary>
    public void Pump()
    {
        if (_hasWork)
        {
            _hasWork = false;
            _isolate.PumpTasks(out _);
        }
    }

    public JsValue Instantiate(JsValue module, JsValue imports) => _instantiate.Call(_context, module, imports);

    public long MemoryInUse()
    {
        using (Enter())
        {
            var statistics = _isolate.GetStatistics();
            return statistics.PhysicalHeap + statistics.External + statistics.Malloced;
        }
    }

    public void Dispose()
    {
        CallWatchdog.Remove(_clock);
        foreach (var call in (PendingPluginCall[])[.. Waiting])
        {
            call.Abandon();
        }

        while (_free.TryPop(out var instance))
        {
            instance.Dispose();
        }

        _trampoline?.Dispose();
        _instantiate?.Dispose();
        _imports?.Dispose();
        _module?.Dispose();
        _isolate.Dispose();
    }

    private PluginInstance Make()
    {
        _trampoline ??= _context.CompileWasm(Program.FrozenTrampoline!);
        _instances++;
        try
        {
            var instance = new PluginInstance(this, Instantiate(_module, _imports), _trampoline);
            instance.Thaw(Program.Frozen!);
            return instance;
        }
        catch
        {
            _instances--;
            throw;
        }
    }

    private JsValue Imports()
    {
        var imports = _context.NewObject();
        foreach (var import in Program.Module.Imports)
        {
            using var existing = imports.Get(import.Module);
            using var module = existing.IsUndefined ? _context.NewObject() : null;
            if (module is not null)
            {
                imports.Set(import.Module, module);
            }

            using var function = _context.HostFunction(ImportTable.IndexOf(import.Module, import.Name));
            (module ?? existing).Set(import.Name, function);
        }

        return imports;
    }
}
