using System.Text.Json;

namespace Molt.Engine;

/// <summary>v8::Module::Status.</summary>
public enum JsModuleStatus
{
    Unlinked = 0,
    Linking = 1,
    Linked = 2,
    Evaluating = 3,
    Evaluated = 4,
    Errored = 5,
}

/// <summary>A top-level await that never settles.</summary>
public sealed record JsStalledAwait(string Message, string? Resource, int Line, int Column, string? SourceLine);

/// <summary>A module of a context, which owns it. Members need the calling thread inside the isolate.</summary>
#pragma warning disable CA1001 // The context's module map releases it.
public sealed class JsModule
#pragma warning restore CA1001
{
    private readonly ModuleHandle _handle;
    private readonly JsContext _context;
    private readonly JsValue? _namespace;

    internal JsModule(JsContext context, nint pointer, string name, JsModuleKind kind, bool cacheRejected = false, JsValue? fixedNamespace = null)
    {
        _context = context;
        _handle = new ModuleHandle(pointer);
        _namespace = fixedNamespace;
        Name = name;
        Kind = kind;
        IsCodeCacheRejected = cacheRejected;
    }

    /// <summary>The resolved name.</summary>
    public string Name { get; }

    public JsModuleKind Kind { get; }

    /// <summary>The code cache that came with the source did not fit this engine or source.</summary>
    public bool IsCodeCacheRejected { get; }

    /// <summary>How far the module has come.</summary>
    public JsModuleStatus Status => (JsModuleStatus)Native.molt_module_status(Pointer);

    /// <summary>The module namespace object; a new handle each time.</summary>
    public unsafe JsValue Namespace
    {
        get
        {
            if (_namespace is not null)
            {
                return _context.From(_namespace);
            }
            nint value;
            Engine.Status.Check(_context.Isolate, Native.molt_module_namespace(Pointer, &value));
            return new JsValue(_context.Isolate, value);
        }
    }

    internal nint Pointer
    {
        get
        {
            if (_handle.IsClosed)
            {
                throw _context.Isolate.IsDisposed ? new JsDisposedException() : new ObjectDisposedException(nameof(JsModule));
            }
            return _handle.DangerousGetHandle();
        }
    }

    /// <summary>A code cache; taken after evaluation it holds the functions that ran.</summary>
    public unsafe byte[] CodeCache()
    {
        Blob blob = default;
        Engine.Status.Check(_context.Isolate, Native.molt_module_code_cache(Pointer, &blob));
        return blob.TakeBytes();
    }

    /// <summary>The top-level awaits that keep this module from completing.</summary>
    public unsafe IReadOnlyList<JsStalledAwait> StalledAwaits()
    {
        Blob blob = default;
        Engine.Status.Check(_context.Isolate, Native.molt_module_stalled(Pointer, &blob));
        using var document = JsonDocument.Parse(blob.TakeBytes());
        var result = new List<JsStalledAwait>();
        foreach (var item in document.RootElement.EnumerateArray())
        {
            result.Add(new JsStalledAwait(
                item.GetProperty("message").GetString() ?? "",
                item.TryGetProperty("resource", out var resource) ? resource.GetString() : null,
                item.GetProperty("line").GetInt32(),
                item.GetProperty("column").GetInt32(),
                item.TryGetProperty("sourceLine", out var line) ? line.GetString() : null));
        }
        return result;
    }

    internal void Release()
    {
        _handle.Dispose();
        _namespace?.Dispose();
    }

    private sealed class ModuleHandle(nint pointer) : NativeHandle(pointer)
    {
        protected override bool ReleaseHandle()
        {
            Native.molt_module_release(handle);
            return true;
        }
    }
}
