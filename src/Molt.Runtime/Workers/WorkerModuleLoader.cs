using System.Text;
using Molt.Engine;

namespace Molt.Runtime;

/// <summary>
/// Finds a worker's modules: relative specifiers against the importing module, bare ones by their name in the worker, and
/// the runtime's own (<c>cloudflare:workers</c>, <c>node:async_hooks</c> …). Nothing else exists: no files, no network.
/// </summary>
internal sealed class WorkerModuleLoader(Worker worker, CodeCache code, GuestEntry guest, JsContext context) : IJsModuleLoader
{
    private const string FfiModule = "molt:ffi";

    // What the bundler makes of an import of molt:ffi inside a package, so that the package has its own grants.
    private const string FfiOfPackage = "molt:ffi?package=";

    // npm's longest name, with every character escaped: each name makes a module, and a script can ask for any number.
    private const int LongestPackage = 3 * 214;

    public ValueTask<JsModuleSource> LoadAsync(JsModuleRequest request, CancellationToken cancellationToken)
    {
        var name = Resolve(request.Specifier, request.Referrer);
        if (worker.Modules.TryGetValue(name, out var module))
        {
            return ValueTask.FromResult(Source(module));
        }

        if (request.Specifier == FfiModule || (request.Specifier.StartsWith(FfiOfPackage, StringComparison.Ordinal) && request.Specifier.Length <= FfiOfPackage.Length + LongestPackage))
        {
            var package = request.Specifier == FfiModule ? "" : Uri.UnescapeDataString(request.Specifier[FfiOfPackage.Length..]);
            return ValueTask.FromResult(JsModuleSource.Synthetic(request.Specifier, guest.Ffi(context, package)));
        }

        using var builtins = guest.Builtins();
        using var exports = builtins.Get(request.Specifier);
        if (!exports.IsUndefined)
        {
            return ValueTask.FromResult(JsModuleSource.Synthetic(request.Specifier, builtins.Get(request.Specifier)));
        }

        throw new JsModuleException(Message(request, name));
    }

    /// <summary>The name a specifier means inside the worker.</summary>
    internal static string Resolve(string specifier, string? referrer)
    {
        if (specifier.StartsWith('/'))
        {
            return specifier.TrimStart('/');
        }

        if (!specifier.StartsWith("./", StringComparison.Ordinal) && !specifier.StartsWith("../", StringComparison.Ordinal))
        {
            return specifier;
        }

        var parts = new List<string>((referrer ?? "").Split('/'));
        parts.RemoveAt(parts.Count - 1);
        foreach (var part in specifier.Split('/'))
        {
            if (part == "..")
            {
                if (parts.Count > 0)
                {
                    parts.RemoveAt(parts.Count - 1);
                }
            }
            else if (part is not ("" or "."))
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }

    private JsModuleSource Source(WorkerModule module) => new()
    {
        Name = module.Name,
        Kind = module.Kind switch
        {
            WorkerModuleKind.EcmaScript => JsModuleKind.EcmaScript,
            WorkerModuleKind.CommonJs => JsModuleKind.CommonJs,
            WorkerModuleKind.Text => JsModuleKind.Text,
            WorkerModuleKind.Bytes => JsModuleKind.Data,
            WorkerModuleKind.Json => JsModuleKind.Json,
            _ => JsModuleKind.Wasm,
        },
        Content = module.Content,
        CodeCache = worker.CachedTexts.TryGetValue(module.Name, out var text) ? code.Find(text) : default,
        SourceMap = module.SourceMap,
    };

    private string Message(JsModuleRequest request, string name)
    {
        var text = new StringBuilder("No such module \"").Append(request.Specifier).Append('"');
        if (request.Referrer is not null)
        {
            text.Append(", imported from \"").Append(request.Referrer).Append('"');
        }

        text.Append('.');
        if (request.Specifier.StartsWith("node:", StringComparison.Ordinal) || request.Specifier.StartsWith("cloudflare:", StringComparison.Ordinal) || request.Specifier.StartsWith("molt:", StringComparison.Ordinal))
        {
            text.Append(" This runtime does not offer it.");
        }
        else if (worker.Modules.ContainsKey(name + ".js"))
        {
            text.Append(" Did you mean \"").Append(request.Specifier).Append(".js\"?");
        }

        return text.ToString();
    }
}
