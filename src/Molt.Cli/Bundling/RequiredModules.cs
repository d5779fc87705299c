using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Molt.Cli.Bundling;

/// <summary>
/// Gives CommonJS packages a <c>require</c> for the runtime's own modules: esbuild leaves such a call as it is, and an ECMAScript module has no
/// <c>require</c>. Modules the runtime has are imported ahead of the bundle; a call for any other throws, and says who made it.
/// </summary>
internal static class RequiredModules
{
    /// <summary>What the runtime offers, as guest/src/worker/builtins.ts has it (a test compares them). <c>molt:ffi</c> is not of it: whose grants it has is told by the place of its import.</summary>
    private static readonly string[] Offered = ["node:async_hooks", "cloudflare:workers"];

    /// <summary>The code ahead of a bundle that calls for the modules; "" when there is no such call.</summary>
    /// <param name="callers">Each module that is called for, with the input that does.</param>
    public static string Banner(IReadOnlyDictionary<string, string> callers)
    {
        if (callers.Count == 0)
        {
            return "";
        }

        var imports = new StringBuilder();
        var known = new StringBuilder();
        var missing = new StringBuilder();
        foreach (var (module, input) in callers)
        {
            var name = Quoted(module);
            var offered = Array.IndexOf(Offered, module);
            if (offered >= 0)
            {
                var local = string.Create(CultureInfo.InvariantCulture, $"__molt_required_{offered}");
                imports.Append("import * as ").Append(local).Append(" from ").Append(name).Append(';');
                known.Append("if (name === ").Append(name).Append(") return ").Append(local).Append(".default ?? ").Append(local).Append(';');
            }
            else if (!module.StartsWith("molt:", StringComparison.Ordinal))
            {
                var caller = PackageFaces.PackageOf(input) is { } package ? $"the package \"{package}\"" : $"\"{input}\"";
                missing.Append("if (name === ").Append(name).Append(") by = ").Append(Quoted(", required by " + caller)).Append(';');
            }
        }

        return $$"""{{imports}}const require = (name) => {{{known}}let by = "";{{missing}}throw new Error(`No such module "${name}"${by}. This runtime does not offer it to require().`);};""";
    }

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
