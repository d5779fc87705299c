using System.Text.Json;

namespace Molt.Cli.Bundling;

/// <summary>
/// What esbuild's metafile says: the inputs, the exports of the main module, the specifiers of copied files, and the modules outside of the bundle, each with
/// an input that asks for it: those that are imported, and those that <c>require</c> is called for.
/// </summary>
internal sealed record BundleMetadata(
    IReadOnlyList<string> Inputs, IReadOnlyList<string> Exports, IReadOnlyList<string> Imports,
    IReadOnlyDictionary<string, string> External, IReadOnlyDictionary<string, string> Required)
{
    public static BundleMetadata Read(ReadOnlySpan<byte> json, string root)
    {
        var document = JsonDocument.Parse(json.ToArray());
        using (document)
        {
            var inputs = new List<string>();
            var seen = new HashSet<string>(StringComparer.Ordinal);
            var external = new SortedDictionary<string, string>(StringComparer.Ordinal);
            var required = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var input in document.RootElement.GetProperty("inputs").EnumerateObject())
            {
                foreach (var import in input.Value.GetProperty("imports").EnumerateArray())
                {
                    if (import.TryGetProperty("external", out _))
                    {
                        var asked = import.GetProperty("kind").ValueEquals("require-call") ? required : external;
                        asked.TryAdd(import.GetProperty("path").GetString()!, input.Name);
                    }
                }

                var query = input.Name.IndexOf('?', StringComparison.Ordinal);
                var path = query < 0 ? input.Name : input.Name[..query];
                if (!path.StartsWith('<') && !path.Contains(':', StringComparison.Ordinal))
                {
                    var full = Path.GetFullPath(Path.Combine(root, path));
                    if (seen.Add(full))
                    {
                        inputs.Add(full);
                    }
                }
            }

            var exports = new List<string>();
            var imports = new List<string>();
            foreach (var output in document.RootElement.GetProperty("outputs").EnumerateObject())
            {
                if (!output.Value.TryGetProperty("entryPoint", out _))
                {
                    continue;
                }

                foreach (var name in output.Value.GetProperty("exports").EnumerateArray())
                {
                    exports.Add(name.GetString()!);
                }

                foreach (var import in output.Value.GetProperty("imports").EnumerateArray())
                {
                    imports.Add(import.GetProperty("path").GetString()!);
                }
            }

            return new BundleMetadata(inputs, exports, imports, external, required);
        }
    }
}
