namespace Molt.Engine;

/// <summary>CommonJS: a function wrapper with exports, require, module, __filename and __dirname.</summary>
internal sealed partial class ModuleMap
{
    private const string RequireFactorySource = "(load, context, referrer) => { const require = (specifier) => load(context, referrer, specifier); return require; }";

    /// <summary>Answers require(): the exports of a CommonJS module (partial ones in a cycle), the value of any other kind.</summary>
    public JsValue Require(string? referrer, string specifier)
    {
        var request = new JsModuleRequest(specifier, referrer, ModuleRecord.NoAttributes, IsDynamic: false, IsRequire: true);
        var key = Key(request);
        if (!_answers.TryGetValue(key, out var record))
        {
            var loader = Loader ?? throw new JsModuleException($"Module \"{specifier}\" cannot be required: the context has no module loader.");
            var pending = loader.LoadAsync(request, CancellationToken.None);
            if (!pending.IsCompleted)
            {
                throw new JsModuleException($"Module \"{specifier}\" cannot be required: it is not available synchronously. Use import() instead.");
            }
#pragma warning disable VSTHRD002 // The task is completed.
            record = Define(pending.GetAwaiter().GetResult());
#pragma warning restore VSTHRD002
            if (record.Error is null)
            {
                _answers[key] = record;
            }
        }
        return RequiredValue(record, specifier);
    }

    private JsValue RequiredValue(ModuleRecord record, string specifier)
    {
        if (record.Error is not null)
        {
            _ = record.RequireModule();
        }
        switch (record.Kind)
        {
            case JsModuleKind.EcmaScript:
                var module = record.RequireModule();
                return module.Status == JsModuleStatus.Evaluated
                    ? module.Namespace
                    : throw new JsModuleException($"Module \"{specifier}\" is an ECMAScript module and cannot be required before it is evaluated. Use import() instead.");
            case JsModuleKind.CommonJs:
                return record.Source!.Get("exports");
            case JsModuleKind.Synthetic when Array.IndexOf(record.ExportNames, DefaultExport) >= 0:
                return record.Source!.Get(DefaultExport);
            default:
                return context.From(record.Source);
        }
    }

    private void RunCommonJs(ModuleRecord record, JsModuleSource source)
    {
        string text = source.Text ?? System.Text.Encoding.UTF8.GetString(source.Content.Span);
        using var function = context.CompileFunction(text, source.Name, "exports", "require", "module", "__filename", "__dirname");
        using var exports = context.NewObject();
        var module = context.NewObject();
        record.Source = module;
        module.Set("exports", exports);
        module.Set("id", source.Name);
        module.Set("filename", source.Name);
        module.Set("loaded", false);
        using var require = CreateRequire(source.Name);
        int slash = source.Name.LastIndexOf('/');
        string directory = slash > 0 ? source.Name[..slash] : ".";
        using var result = function.Call(context, exports, [exports, require, module, source.Name, directory]);
        module.Set("loaded", true);
    }

    private JsValue CreateRequire(string referrer)
    {
        _requireFactory ??= context.Run(RequireFactorySource, "molt:require");
        using var load = context.HostFunction(JsIsolate.EngineFunctionBase + EngineFunctions.Require, "require", 3);
        return _requireFactory.Call(context, load, context.Id, referrer);
    }
}
