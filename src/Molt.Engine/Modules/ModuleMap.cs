namespace Molt.Engine;

/// <summary>
/// The modules of a context: resolves and fetches through the loader, compiles each name once, links and evaluates graphs.
/// </summary>
/// <remarks>
/// Every method runs inside the isolate; after each wait on the loader it resumes there. Requests already answered are
/// answered again without the loader (ECMA-262 HostLoadImportedModule), as far as their names are remembered; failed ones are asked for again, modules that failed to
/// compile or evaluate fail again with the same error.
/// </remarks>
internal sealed partial class ModuleMap(JsContext context) : IDisposable
{
    // A script can write one module's name in any number of ways. Beyond this the loader is asked again.
    private const int MostDynamicAnswers = 64 << 10;

    private readonly Dictionary<(string? Referrer, string Specifier, string Type), ModuleRecord> _answers = [];
    private readonly Dictionary<(string Name, JsModuleKind Kind), ModuleRecord> _records = [];
    private readonly Dictionary<long, ModuleRecord> _synthetics = [];
    private JsValue? _requireFactory;
    private long _dynamicAnswers;

    public IJsModuleLoader? Loader { get; set; }

    /// <summary>Loads, links and evaluates a module and waits for its top-level awaits.</summary>
    public async ValueTask<JsModule> ImportAsync(JsModuleRequest request, CancellationToken cancellationToken)
    {
        var root = await ResolveAsync(request, cancellationToken);
        await LoadGraphAsync(root, cancellationToken);
        // V8 must not be asked to evaluate from within an evaluation.
        await context.Isolate.Resume();
        var module = root.RequireModule();
        using var promise = Evaluate(module);
        using var result = await promise.AsTask(context);
        return module;
    }

    /// <summary>Serves import(): settles the resolver with the namespace or the error.</summary>
    public async Task ImportDynamicAsync(JsModuleRequest request, JsValue resolver)
    {
        using (resolver)
        {
            JsValue? error = null;
            bool owned = true;
            try
            {
                var module = await ImportAsync(request, CancellationToken.None);
                using var result = module.Namespace;
                resolver.SettleResolver(context, reject: false, result);
                return;
            }
            catch (JsException exception) when (exception.Value is { IsClosed: false })
            {
                error = exception.Value;
                owned = false;
            }
            catch (Exception exception) when (exception is JsTerminatedException or JsDisposedException)
            {
                return;
            }
            catch (JsModuleException exception)
            {
                error = context.NewError(JsErrorKind.Error, exception.Message);
            }
#pragma warning disable CA1031 // A loader's failure becomes a rejection; its text stays on this side.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                JsEngine.ReportFault(context.Isolate, exception);
                error = context.NewError(JsErrorKind.Error, "Internal error");
            }
            try
            {
                resolver.SettleResolver(context, reject: true, error);
            }
            finally
            {
                if (owned)
                {
                    error.Dispose();
                }
            }
        }
    }

    /// <summary>Enters a module that is evaluated already, such as one restored from a snapshot, under its name.</summary>
    public void Register(string name, JsModuleKind kind, JsValue moduleNamespace)
    {
        var record = new ModuleRecord(name, kind) { Source = context.From(moduleNamespace), ExportNames = moduleNamespace.Keys() };
        record.Module = CreateSynthetic(record, context.From(moduleNamespace));
        _records.Add((name, kind), record);
    }

    /// <summary>A module that is in the map already.</summary>
    public JsModule? Find(string name, JsModuleKind kind) => _records.GetValueOrDefault((name, kind))?.Module;

    public bool Evaluate(long cookie)
    {
        if (!_synthetics.TryGetValue(cookie, out var record))
        {
            return false;
        }
        return SetExports(record);
    }

    public void Dispose()
    {
        foreach (var record in _records.Values)
        {
            record.Release();
        }
        _records.Clear();
        _answers.Clear();
        _synthetics.Clear();
        _requireFactory?.Dispose();
    }

    private async ValueTask<ModuleRecord> ResolveAsync(JsModuleRequest request, CancellationToken cancellationToken)
    {
        var key = Key(request);
        if (_answers.TryGetValue(key, out var known))
        {
            _ = known.RequireModule();
            return known;
        }
        ModuleAttributes.Validate(context, request);
        var loader = Loader ?? throw new JsModuleException($"Module \"{request.Specifier}\" cannot be imported: the context has no module loader.");
        var pending = loader.LoadAsync(request, cancellationToken);
        JsModuleSource source;
        if (pending.IsCompleted)
        {
            source = await pending;
        }
        else
        {
            try
            {
                source = await pending;
            }
            finally
            {
                await context.Isolate.Resume();
            }
        }
        ModuleAttributes.Check(context, request, source.Kind);
        var record = Define(source);
        _ = record.RequireModule();
        if (!request.IsDynamic || (_dynamicAnswers += request.Specifier.Length) <= MostDynamicAnswers)
        {
            _answers[key] = record;
        }
        return record;
    }

    /// <summary>Resolves and links everything the module imports, directly or not.</summary>
    private async ValueTask LoadGraphAsync(ModuleRecord root, CancellationToken cancellationToken)
    {
        var seen = new HashSet<ModuleRecord> { root };
        var waiting = new Stack<ModuleRecord>();
        waiting.Push(root);
        while (waiting.TryPop(out var record))
        {
            for (int i = 0; i < record.Imports.Length; i++)
            {
                var import = record.Imports[i];
                if (record.Targets[i] is not { } target)
                {
                    target = await ResolveAsync(new JsModuleRequest(import.Specifier, record.Name, import.Attributes, IsDynamic: false), cancellationToken);
                    // Another import may have linked the same statement while this one waited.
                    if (record.Targets[i] is null)
                    {
                        Status.Check(context.Isolate, Native.molt_module_link(record.RequireModule().Pointer, i, target.RequireModule().Pointer));
                        record.Targets[i] = target;
                    }
                }
                if (seen.Add(target))
                {
                    waiting.Push(target);
                }
            }
        }
    }

    /// <summary>The record of a source: the existing one of that name, else compiled now.</summary>
    private ModuleRecord Define(JsModuleSource source)
    {
        if (_records.TryGetValue((source.Name, source.Kind), out var record))
        {
            return record;
        }
        record = new ModuleRecord(source.Name, source.Kind);
        _records.Add((source.Name, source.Kind), record);
        if (!source.SourceMap.IsEmpty)
        {
            context.Isolate.SourceMaps.Register(source.Name, source.SourceMap);
        }
        try
        {
            if (source.Kind == JsModuleKind.EcmaScript)
            {
                CompileEcmaScript(record, source);
            }
            else
            {
                DefineSynthetic(record, source);
            }
        }
        catch (JsException exception)
        {
            record.Error = exception;
        }
        catch
        {
            _records.Remove((source.Name, source.Kind));
            throw;
        }
        return record;
    }

    private unsafe void CompileEcmaScript(ModuleRecord record, JsModuleSource source)
    {
        nint pointer;
        int rejected = 0;
        int status;
        var text = source.ToArg();
        fixed (byte* pinned = text.Pinned)
        fixed (char* name = source.Name)
        fixed (byte* cache = source.CodeCache.Span)
        {
            text.Write(out var textSlot, pinned);
            var nameSlot = JsContext.Text(name, source.Name.Length);
            status = Native.molt_module_compile(context.Pointer, &textSlot, &nameSlot, cache, source.CodeCache.Length, &rejected, &pointer);
        }
        Status.Check(context.Isolate, status);
        record.Module = new JsModule(context, pointer, source.Name, source.Kind, rejected != 0);
        Blob blob = default;
        Status.Check(context.Isolate, Native.molt_module_requests(pointer, &blob));
        record.Imports = ModuleImport.ParseList(blob.Span);
        blob.Free();
        record.Targets = new ModuleRecord?[record.Imports.Length];
    }

    private unsafe JsValue Evaluate(JsModule module)
    {
        if (module.Status < JsModuleStatus.Linked)
        {
            Status.Check(context.Isolate, Native.molt_module_instantiate(module.Pointer));
        }
        Slot promise = default;
        Status.Check(context.Isolate, Native.molt_module_evaluate(module.Pointer, &promise));
        return JsValue.FromSlot(context.Isolate, in promise);
    }

    private static (string? Referrer, string Specifier, string Type) Key(JsModuleRequest request) =>
        (request.Referrer, request.Specifier, request.Attributes.GetValueOrDefault(ModuleAttributes.Type, ""));
}
