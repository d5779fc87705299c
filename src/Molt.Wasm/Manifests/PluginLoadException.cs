using System.Text;
using Molt.Contracts;

namespace Molt.Wasm;

/// <summary>Something that keeps a plugin from being loaded.</summary>
/// <param name="File">The file it is in, relative to the plugin.</param>
/// <param name="Path">Where in the file, such as <c>exports[0].codec</c>; empty for the whole.</param>
/// <param name="Message">What is wrong and how to mend it.</param>
public sealed record PluginFault(string File, string Path, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => Path.Length == 0 ? $"{File}: {Message}" : $"{File}: {Path}: {Message}";
}

/// <summary>A plugin cannot be loaded; the message lists every fault.</summary>
public sealed class PluginLoadException : MoltException
{
    internal PluginLoadException(string code, IReadOnlyList<PluginFault> faults)
        : base(code, Text(faults))
    {
        Faults = faults;
    }

    /// <summary>Everything that is wrong.</summary>
    public IReadOnlyList<PluginFault> Faults { get; }

    /// <summary>WSM001: the manifest, a schema or the module is not what the ABI asks for.</summary>
    internal static PluginLoadException OfPackage(IReadOnlyList<PluginFault> faults) => new("WSM001", faults);

    /// <summary>WSM002: the snapshot is damaged or of something else.</summary>
    internal static PluginLoadException OfSnapshot(string message) => new("WSM002", [new PluginFault("molt.snapshot", "", message)]);

    /// <summary>WSM003: the limits are wrong.</summary>
    internal static PluginLoadException OfLimits(IReadOnlyList<PluginFault> faults) => new("WSM003", faults);

    /// <summary>WSM004: the module did not come up.</summary>
    internal static PluginLoadException OfStart(string file, string message) => new("WSM004", [new PluginFault(file, "", message)]);

    private static string Text(IReadOnlyList<PluginFault> faults)
    {
        var text = new StringBuilder("The plugin cannot be loaded.");
        foreach (var fault in faults)
        {
            text.Append('\n').Append(fault);
        }

        return text.ToString();
    }
}
