namespace Molt.Engine;

/// <summary>Modules without ECMAScript source: JSON, text, bytes, WebAssembly, objects of the host, CommonJS.</summary>
internal sealed partial class ModuleMap
{
    private const string DefaultExport = "default";

    private void DefineSynthetic(ModuleRecord record, JsModuleSource source)
    {
        switch (source.Kind)
        {
            case JsModuleKind.CommonJs:
                RunCommonJs(record, source);
                using (var exports = record.Source!.Get("exports"))
                {
                    record.ExportNames = NamesOf(exports, withDefault: true);
                }
                break;
            case JsModuleKind.Synthetic:
                record.Source = source.Exports ?? throw new JsUsageException($"Module \"{source.Name}\" is synthetic and has no exports object.");
                record.ExportNames = NamesOf(record.Source, withDefault: false);
                break;
            default:
                record.Source = DefaultOf(source);
                record.ExportNames = [DefaultExport];
                break;
        }
        record.Module = CreateSynthetic(record, fixedNamespace: null);
    }

    private JsValue DefaultOf(JsModuleSource source)
    {
        switch (source.Kind)
        {
            case JsModuleKind.Json:
                return ParseJson(source);
            case JsModuleKind.Text:
                return context.From(source.ToArg());
            case JsModuleKind.Bytes:
                return context.From(JsArg.Bytes(source.Content));
            case JsModuleKind.Data:
                using (var view = context.From(JsArg.Bytes(source.Content)))
                {
                    return view.Get("buffer");
                }
            case JsModuleKind.Wasm:
                return CompileWasm(source);
            default:
                throw new JsUsageException($"Module \"{source.Name}\" has kind {source.Kind}, which has no default export.");
        }
    }

    private JsValue ParseJson(JsModuleSource source)
    {
        try
        {
            return context.Json(source.ToArg());
        }
        catch (JsException exception) when (string.Equals(exception.Info.Name, "SyntaxError", StringComparison.Ordinal))
        {
            throw context.MakeException(JsErrorKind.SyntaxError, $"Module \"{source.Name}\" is not valid JSON: {exception.Info.Message}");
        }
    }

    private JsValue CompileWasm(JsModuleSource source)
    {
        try
        {
            return context.CompileWasm(source.Content.Span);
        }
        catch (JsException exception) when (string.Equals(exception.Info.Name, "CompileError", StringComparison.Ordinal))
        {
            // V8 begins with the name of its own function: "WasmModuleObject::Compile(): expected magic word …".
            var reason = exception.Info.Message;
            throw context.MakeException(JsErrorKind.Error, $"Module \"{source.Name}\" is not valid WebAssembly: {reason[(reason.IndexOf("(): ", StringComparison.Ordinal) is >= 0 and var at ? at + 4 : 0)..]}");
        }
    }

    private unsafe JsModule CreateSynthetic(ModuleRecord record, JsValue? fixedNamespace)
    {
        using var names = new PinnedStrings(record.ExportNames);
        long cookie = context.Isolate.NextSynthetic(this);
        nint pointer;
        int status;
        fixed (char* name = record.Name)
        fixed (Slot* slots = names.Slots)
        {
            var nameSlot = JsContext.Text(name, record.Name.Length);
            status = Native.molt_module_synthetic(context.Pointer, &nameSlot, slots, names.Slots.Length, cookie, &pointer);
        }
        Status.Check(context.Isolate, status);
        _synthetics.Add(cookie, record);
        return new JsModule(context, pointer, record.Name, record.Kind, fixedNamespace: fixedNamespace);
    }

    private bool SetExports(ModuleRecord record)
    {
        var module = record.RequireModule();
        switch (record.Kind)
        {
            case JsModuleKind.CommonJs when record.Source!.Type == JsType.Object:
                using (var exports = record.Source.Get("exports"))
                {
                    SetExport(module, DefaultExport, exports);
                    SetProperties(record, module, exports, DefaultExport);
                }
                break;
            case JsModuleKind.Json or JsModuleKind.Text or JsModuleKind.Bytes or JsModuleKind.Data or JsModuleKind.Wasm
                when record.Source!.Type != JsType.Namespace:
                SetExport(module, DefaultExport, record.Source);
                break;
            default:
                SetProperties(record, module, record.Source!, except: null);
                break;
        }
        return true;
    }

    private void SetProperties(ModuleRecord record, JsModule module, JsValue source, string? except)
    {
        foreach (string name in record.ExportNames)
        {
            if (!string.Equals(name, except, StringComparison.Ordinal))
            {
                using var value = source.Get(name);
                SetExport(module, name, value);
            }
        }
    }

    private unsafe void SetExport(JsModule module, string name, JsValue value)
    {
        int status;
        value.ToArg().Write(out var slot, null);
        fixed (char* data = name)
        {
            var nameSlot = JsContext.Text(data, name.Length);
            status = Native.molt_module_set_export(module.Pointer, &nameSlot, &slot);
        }
        GC.KeepAlive(value);
        Status.Check(context.Isolate, status);
    }

    private static string[] NamesOf(JsValue source, bool withDefault)
    {
        var names = new List<string>();
        if (withDefault)
        {
            names.Add(DefaultExport);
        }
        if (source.Type is not (JsType.Undefined or JsType.Null or JsType.Boolean or JsType.Number or JsType.BigInt or JsType.String or JsType.Symbol))
        {
            foreach (string key in source.Keys())
            {
                if (!withDefault || !string.Equals(key, DefaultExport, StringComparison.Ordinal))
                {
                    names.Add(key);
                }
            }
        }
        return [.. names];
    }
}
