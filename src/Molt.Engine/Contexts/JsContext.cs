namespace Molt.Engine;

/// <summary>
/// A context: globals, functions and modules of its own in an isolate, which owns it. Members need the calling thread inside
/// the isolate.
/// </summary>
public sealed partial class JsContext : IDisposable
{
    private readonly ContextHandle _handle;

    internal JsContext(JsIsolate isolate, int id, nint pointer, JsContextOptions options)
    {
        Isolate = isolate;
        Id = id;
        Options = options;
        _handle = new ContextHandle(pointer);
    }

    public JsIsolate Isolate { get; }

    /// <summary>What the context was made with.</summary>
    public JsContextOptions Options { get; }

    /// <summary>The global object; a new handle each time.</summary>
    public unsafe JsValue Global
    {
        get
        {
            nint value;
            return Wrap(Native.molt_context_global(Pointer, &value), value);
        }
    }

    internal int Id { get; }

    internal nint Pointer
    {
        get
        {
            if (_handle.IsClosed)
            {
                throw Isolate.IsDisposed ? new JsDisposedException() : new ObjectDisposedException(nameof(JsContext));
            }
            return _handle.DangerousGetHandle();
        }
    }

    /// <summary>Changes what code may generate from now on.</summary>
    public void SetOptions(JsContextOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Native.molt_context_set_flags(Pointer, options.Flags);
    }

    /// <summary>Value number <paramref name="index"/> of those given to <see cref="JsIsolate.CreateSnapshot"/>. Each can be taken once per context.</summary>
    public unsafe JsValue TakeData(int index)
    {
        Slot slot = default;
        return Read(Native.molt_context_data(Pointer, index, &slot), in slot);
    }

    /// <summary>Runs a classic script; its completion value. Microtasks do not run.</summary>
    public JsValue Run(string source, string name) => Run(source, name, default, out _);

    /// <summary>Runs a classic script whose text stays where it is.</summary>
    /// <param name="source">One of the isolate's <see cref="JsIsolateOptions.Sources"/>.</param>
    /// <param name="name">What stacks call the script.</param>
    public unsafe JsValue Run(JsSource source, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var index = Isolate.IndexOf(source);
        Slot result = default;
        fixed (char* nameData = name)
        {
            var nameSlot = Text(nameData, name.Length);
            return Read(Native.molt_source_run(Pointer, index, &nameSlot, &result), in result);
        }
    }

    /// <summary>Runs a classic script with a code cache made from the same source by the same engine; a foreign one is ignored.</summary>
    public unsafe JsValue Run(string source, string name, ReadOnlySpan<byte> codeCache, out bool cacheRejected)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(name);
        Slot result = default;
        int rejected = 0;
        fixed (char* sourceData = source)
        fixed (char* nameData = name)
        fixed (byte* cache = codeCache)
        {
            var sourceSlot = Text(sourceData, source.Length);
            var nameSlot = Text(nameData, name.Length);
            int status = Native.molt_script_run(Pointer, &sourceSlot, &nameSlot, cache, codeCache.Length, &rejected, &result);
            cacheRejected = rejected != 0;
            return Read(status, in result);
        }
    }

    /// <summary>A function whose body is <paramref name="source"/>.</summary>
    public unsafe JsValue CompileFunction(string source, string name, params ReadOnlySpan<string> parameters)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(name);
        nint value;
        using var names = new PinnedStrings(parameters);
        fixed (char* sourceData = source)
        fixed (char* nameData = name)
        fixed (Slot* slots = names.Slots)
        {
            var sourceSlot = Text(sourceData, source.Length);
            var nameSlot = Text(nameData, name.Length);
            int status = Native.molt_function_compile(Pointer, &sourceSlot, &nameSlot, slots, names.Slots.Length, &value);
            return Wrap(status, value);
        }
    }

    /// <summary>The code cache of a function made by <see cref="CompileFunction"/>.</summary>
    public unsafe byte[] FunctionCodeCache(JsValue function)
    {
        ArgumentNullException.ThrowIfNull(function);
        Blob blob = default;
        Status.Check(Isolate, Native.molt_function_code_cache(function.Live, &blob));
        GC.KeepAlive(function);
        return blob.TakeBytes();
    }

    /// <summary>A JavaScript function that calls host function <paramref name="id"/>. Survives snapshots.</summary>
    public JsValue HostFunction(int id)
    {
        var function = Isolate.HostFunctionAt(id);
        return HostFunction(id, function.Name, function.Length);
    }

    /// <summary>An object with every host function under its name. Survives snapshots.</summary>
    public JsValue HostObject()
    {
        var result = NewObject();
        for (int id = 0; id < Isolate.HostFunctionCount; id++)
        {
            using var function = HostFunction(id);
            result.Set(Isolate.HostFunctionAt(id).Name, function);
        }
        return result;
    }

    /// <summary>The object of functions implemented natively. Survives snapshots.</summary>
    public unsafe JsValue Intrinsics()
    {
        nint value;
        return Wrap(Native.molt_intrinsics(Pointer, &value), value);
    }

    public unsafe JsValue NewObject()
    {
        nint value;
        return Wrap(Native.molt_object_new(Pointer, &value), value);
    }

    /// <summary>JSON.parse of UTF-8 text.</summary>
    public unsafe JsValue Json(ReadOnlySpan<byte> utf8)
    {
        fixed (byte* data = utf8)
        {
            return Json(JsArg.Utf8((nint)data, utf8.Length));
        }
    }

    /// <summary>JSON.parse of a string argument.</summary>
    public unsafe JsValue Json(in JsArg text)
    {
        Slot result = default;
        int status;
        fixed (byte* pinned = text.Pinned)
        {
            text.Write(out var slot, pinned);
            status = Native.molt_json_parse(Pointer, &slot, &result);
        }
        return Read(status, in result);
    }

    /// <summary>JSON.stringify; "undefined" when the value has no JSON form.</summary>
    public unsafe string Stringify(JsValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        value.ToArg().Write(out var slot, null);
        Slot result = default;
        int status = Native.molt_json_stringify(Pointer, &slot, &result);
        GC.KeepAlive(value);
        using var text = Read(status, in result);
        return text.IsString ? text.GetString() : "undefined";
    }

    /// <summary>A WebAssembly.Module, whatever <see cref="JsContextOptions.AllowWasmFromBytes"/> says.</summary>
    public unsafe JsValue CompileWasm(ReadOnlySpan<byte> bytes)
    {
        nint value;
        byte none = 0;
        fixed (byte* data = bytes)
        {
            return Wrap(Native.molt_wasm_compile(Pointer, data is null ? &none : data, bytes.Length, &value), value);
        }
    }

    /// <summary>Structured serialization (HTML section 2.7). Throws DataCloneError for what cannot be cloned.</summary>
    public unsafe byte[] Serialize(JsValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        using var source = value.Materialize(this);
        Blob blob = default;
        Status.Check(Isolate, Native.molt_serialize(Pointer, source.Live, &blob));
        GC.KeepAlive(source);
        return blob.TakeBytes();
    }

    /// <summary>The reverse of <see cref="Serialize"/>. Malformed data throws; never pass data of an untrusted origin.</summary>
    public unsafe JsValue Deserialize(ReadOnlySpan<byte> data)
    {
        byte none = 0;
        fixed (byte* bytes = data)
        {
            Slot result = default;
            return Read(Native.molt_deserialize(Pointer, bytes is null ? &none : bytes, data.Length, &result), in result);
        }
    }

    /// <summary>A promise the host settles.</summary>
    public unsafe JsDeferred CreateDeferred()
    {
        nint resolver;
        nint promise;
        Status.Check(Isolate, Native.molt_resolver_new(Pointer, &resolver, &promise));
        return new JsDeferred(this, new JsValue(Isolate, resolver), new JsValue(Isolate, promise));
    }

    /// <summary>A new error object.</summary>
    public unsafe JsValue NewError(JsErrorKind kind, string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        nint value;
        fixed (char* data = message)
        {
            var text = Text(data, message.Length);
            return Wrap(Native.molt_error_new(Pointer, (int)kind, &text, &value), value);
        }
    }

    /// <summary>A value that stays: inline for undefined, null, booleans and numbers, else a handle.</summary>
    public unsafe JsValue From(in JsArg arg)
    {
        Slot slot;
        switch (arg.Kind)
        {
            case SlotKind.Undefined or SlotKind.Null or SlotKind.Bool or SlotKind.Int32 or SlotKind.Number or SlotKind.BigInt:
                arg.Write(out slot, null);
                return JsValue.FromSlot(Isolate, in slot);
            default:
                return Handle(in arg);
        }
    }

    /// <summary>Describes any value as an error, positions mapped through the isolate's source maps. May run a guest's getter.</summary>
    public unsafe JsErrorInfo Describe(JsValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        using var source = value.Materialize(this);
        Blob details = default;
        Status.Check(Isolate, Native.molt_exception_describe(Pointer, source.Live, &details));
        GC.KeepAlive(source);
        var info = JsErrorInfo.Parse(details.Span);
        details.Free();
        return Isolate.SourceMaps.Map(info);
    }

    /// <summary>Releases the context and its modules' handles; the isolate's end does it too. Inside the isolate.</summary>
    public void Dispose()
    {
        if (!_handle.IsClosed)
        {
            Isolate.Forget(this);
            ReleaseHandles();
        }
    }

    internal void ReleaseHandles()
    {
        _handle.Dispose();
        _moduleMap?.Dispose();
    }

    internal unsafe JsValue Handle(in JsArg arg)
    {
        nint value;
        int status;
        fixed (byte* pinned = arg.Pinned)
        {
            arg.Write(out var slot, pinned);
            status = Native.molt_value_from(Pointer, &slot, &value);
        }
        arg.KeepAlive();
        return Wrap(status, value);
    }

    internal unsafe JsValue HostFunction(int id, string name, int length)
    {
        nint value;
        fixed (char* data = name)
        {
            var text = Text(data, name.Length);
            return Wrap(Native.molt_host_function(Pointer, id, &text, length, &value), value);
        }
    }

    internal static unsafe Slot Text(char* data, int length) => new() { Kind = SlotKind.Utf16, Length = length, Data = (nint)data };

    private JsValue Wrap(int status, nint value)
    {
        Status.Check(Isolate, status);
        return new JsValue(Isolate, value);
    }

    private JsValue Read(int status, in Slot slot)
    {
        Status.Check(Isolate, status);
        return JsValue.FromSlot(Isolate, in slot);
    }

    private sealed class ContextHandle(nint pointer) : NativeHandle(pointer)
    {
        protected override bool ReleaseHandle()
        {
            Native.molt_context_release(handle);
            return true;
        }
    }
}
