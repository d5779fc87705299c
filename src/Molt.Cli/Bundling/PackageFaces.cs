using System.Text;
using Molt.Engine;

namespace Molt.Cli.Bundling;

/// <summary>
/// Gives each package of a bundle its own <c>molt:ffi</c>: an import of it that comes from <c>node_modules/X</c> becomes
/// <c>molt:ffi?package=X</c>, whatever it said. Where code of the bundle comes from, its source map knows.
/// </summary>
internal static class PackageFaces
{
    private const string Folder = "node_modules/";
    private const string Specifier = "\"molt:ffi";

    /// <summary>The bundle's code with the imports of packages named after them.</summary>
    public static byte[] Name(byte[] code, byte[] map)
    {
        if (code.AsSpan().IndexOf("\"molt:ffi"u8) < 0)
        {
            return code;
        }

        var text = Encoding.UTF8.GetString(code);
        var sources = SourceMap.Parse(map);
        var named = new StringBuilder(text.Length + 64);
        var copied = 0;
        for (var at = text.IndexOf(Specifier, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Specifier, at + 1, StringComparison.Ordinal))
        {
            var end = text.IndexOf('"', at + 1);
            if (end < 0 || text[at + Specifier.Length] is not ('"' or '?') || PackageAt(sources, text.AsSpan(0, at)) is not { } package)
            {
                continue;
            }

            named.Append(text, copied, at - copied).Append(Specifier).Append("?package=").Append(Uri.EscapeDataString(package));
            copied = end;
        }

        return Encoding.UTF8.GetBytes(named.Append(text, copied, text.Length - copied).ToString());
    }

    /// <summary>The package whose code follows what is before it in the bundle.</summary>
    private static string? PackageAt(SourceMap sources, ReadOnlySpan<char> before)
    {
        var column = before.Length - before.LastIndexOf('\n');
        return sources.TryMap(before.Count('\n') + 1, column, out var source, out _, out _, out _) ? PackageOf(source) : null;
    }

    /// <summary>The package a source belongs to, or null for the project's own.</summary>
    internal static string? PackageOf(string source)
    {
        var at = source.LastIndexOf(Folder, StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        var parts = source[(at + Folder.Length)..].Split('/');
        return parts[0].StartsWith('@') && parts.Length > 1 ? $"{parts[0]}/{parts[1]}" : parts[0];
    }
}
