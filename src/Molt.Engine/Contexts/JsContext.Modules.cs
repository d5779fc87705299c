namespace Molt.Engine;

/// <summary>Modules of the context.</summary>
public sealed partial class JsContext
{
    private ModuleMap? _moduleMap;

    /// <summary>Finds modules; null refuses every import that is not known yet.</summary>
    public IJsModuleLoader? Modules
    {
        get => ModuleMap.Loader;
        set => ModuleMap.Loader = value;
    }

    internal ModuleMap ModuleMap => _moduleMap ??= new ModuleMap(this);

    /// <summary>
    /// Imports a module: loads its graph, links and evaluates it, and waits for its top-level awaits. Call it inside the isolate.
    /// With a synchronous loader and no pending await it completes at once; otherwise it goes on in the isolate's turns
    /// (<see cref="JsIsolate.RunMicrotasks"/>).
    /// </summary>
    /// <exception cref="JsException">The module does not compile, link or evaluate.</exception>
    /// <exception cref="JsModuleException">A module was not found.</exception>
    public ValueTask<JsModule> ImportAsync(string specifier, string? referrer = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(specifier);
        Isolate.RequireEntered();
        return ModuleMap.ImportAsync(new JsModuleRequest(specifier, referrer, ModuleRecord.NoAttributes, IsDynamic: false), cancellationToken);
    }

    /// <summary>
    /// Enters a module that is evaluated already, such as one restored from a snapshot: imports of the name give this very
    /// namespace. Modules that import it statically see the exports' values of that moment.
    /// </summary>
    public void RegisterModule(string name, JsModuleKind kind, JsValue moduleNamespace)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(moduleNamespace);
        ModuleMap.Register(name, kind, moduleNamespace);
    }

    /// <summary>A module that was loaded before; null when there is none. Its evaluation may have failed or still be pending.</summary>
    public JsModule? FindModule(string name, JsModuleKind kind = JsModuleKind.EcmaScript) => ModuleMap.Find(name, kind);

    /// <summary>An exception to throw that carries a new JavaScript error.</summary>
    internal JsException MakeException(JsErrorKind kind, string message)
    {
        var error = NewError(kind, message);
        return new JsException(Describe(error), error);
    }
}
