using Molt.Cli.Reporting;
using Molt.Runtime;
using Molt.Wasm;

namespace Molt.Cli.Plugins;

/// <summary>What is wrong with a plugin, as the command reports it.</summary>
internal static class PluginFaults
{
    /// <summary>The faults of a failed load.</summary>
    public static List<Fault> Of(string directory, PluginLoadException exception) =>
        Convert(directory, exception.Faults, exception.Code, FaultSeverity.Error);

    /// <summary>Things that are odd.</summary>
    public static List<Fault> Of(string directory, IReadOnlyList<PluginFault> faults, bool isWarning) =>
        Convert(directory, faults, FaultCodes.PluginLimits, isWarning ? FaultSeverity.Warning : FaultSeverity.Error);

    /// <summary>A plugin that cannot be served.</summary>
    public static Fault WithoutHttp(string directory) => new(FaultCodes.PluginPackage, "The plugin answers no HTTP requests.")
    {
        File = Path.Combine(directory, PluginManifest.FileName),
        Hint = "Name the function that does: \"http\": {\"function\": \"fetch\"}.",
    };

    /// <summary>How loud a line of a plugin's console is.</summary>
    public static GuestLogLevel Severity(int level) => level switch
    {
        0 => GuestLogLevel.Debug,
        2 => GuestLogLevel.Info,
        3 => GuestLogLevel.Warn,
        4 => GuestLogLevel.Error,
        _ => GuestLogLevel.Log,
    };

    private static List<Fault> Convert(string directory, IReadOnlyList<PluginFault> faults, string code, FaultSeverity severity)
    {
        var converted = new List<Fault>();
        foreach (var fault in faults)
        {
            converted.Add(new Fault(code, fault.Path.Length == 0 ? fault.Message : $"{fault.Path}: {fault.Message}")
            {
                File = Path.Combine(directory, fault.File),
                Severity = severity,
            });
        }

        return converted;
    }
}
