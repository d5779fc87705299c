using System.Globalization;
using Molt.Contracts;
using Molt.Contracts.Capabilities;
using Molt.Runtime.Boundary;

namespace Molt.Wasm.Limits;

/// <summary><c>molt.capabilities.toml</c> (version 2.0): what a plugin is granted and what it may use.</summary>
internal sealed class CapabilitiesFile
{
    private static readonly string[] Sections = ["manifest", "capabilities", "resources", "io", "audit", "monty"];
    private static readonly string[] Resources = ["max_memory", "max_duration", "max_allocations", "max_recursion_depth", "operation_limits"];
    private static readonly string[] Operations = ["max_pow_result", "max_repeat_result", "max_shift_result", "max_string_result"];
    private static readonly string[] Modes = ["real", "virtual", "callback"];
    private static readonly string[] Sinks = ["null", "stderr", "jsonl", "buffered"];

    // Groups of the capabilities file and what they stand for.
    private static readonly Dictionary<string, string[]> Profiles = new(StringComparer.Ordinal)
    {
        ["core"] = ["console.log"],
        ["fs"] = ["fs.*"],
        ["fs.read"] = ["fs.bundle.read", "fs.tmp.read", "fs.state.read"],
        ["fs.write"] = ["fs.tmp.write", "fs.state.write"],
        ["net"] = ["http.fetch"],
        ["db"] = ["db.*"],
        ["time"] = ["time.*"],
        ["time.wall"] = ["time.*"],
        ["random"] = ["rand.bytes"],
    };

    // Known to the file's format; this host has nothing behind them.
    private static readonly string[] WithoutUse = ["env", "env.read", "env.write", "db.read", "db.write", "websocket.connect", "websocket.listen"];

    private static readonly string[] Files = ["fs.bundle.read", "fs.tmp.read", "fs.tmp.write", "fs.state.read", "fs.state.write"];

    private readonly List<PluginFault> _faults = [];
    private readonly List<PluginFault> _warnings = [];

    private CapabilitiesFile()
    {
    }

    /// <summary>What a plugin has without a file: its console and its bundle.</summary>
    public static CapabilityGrants DefaultGrants { get; } = new() { Allow = ["console.log", "fs.bundle.read"] };

    public CapabilityGrants Grants { get; private set; } = DefaultGrants;

    public PluginLimits Limits { get; private set; } = new();

    /// <summary>What is odd and does no harm.</summary>
    public IReadOnlyList<PluginFault> Warnings => _warnings;

    /// <summary>Reads a file; null is the defaults. Throws <see cref="PluginLoadException"/> (WSM003) with every fault.</summary>
    public static CapabilitiesFile Read(string? toml)
    {
        var file = new CapabilitiesFile();
        if (toml is null)
        {
            return file;
        }

        try
        {
            file.Top(TomlDocument.Parse(toml));
        }
        catch (TomlException exception)
        {
            file.Fault($"line {exception.Line}", exception.Message);
        }

        return file._faults.Count == 0 ? file : throw PluginLoadException.OfLimits(file._faults);
    }

    private void Top(TomlTable top)
    {
        Keys(top, "", Sections);
        if (Table(top, "", "manifest") is { } manifest && manifest.TryGetValue("version", out var version) && version.Value is not "2.0")
        {
            Fault("manifest.version", "This host reads version \"2.0\".");
        }

        if (Table(top, "", "capabilities") is { } capabilities)
        {
            Keys(capabilities, "capabilities", ["allow", "deny", "effects", "packages"]);
            if (capabilities.ContainsKey("effects"))
            {
                Warn("capabilities.effects", "A capability declares its effect itself; \"allow\" and \"deny\" decide.");
            }

            Grants = ReadGrants(capabilities, "capabilities");
            Packages(capabilities);
        }

        if (Table(top, "", "resources") is { } resources)
        {
            ReadResources(resources);
        }

        if (Table(top, "", "io") is { } io)
        {
            Keys(io, "io", ["mode", "virtual_mounts"]);
            if (Choice(io, "io", "mode", Modes) is "real" or "callback")
            {
                Fault("io.mode", "Plugins have virtual files only: \"virtual\".");
            }
        }

        if (Table(top, "", "audit") is { } audit)
        {
            Keys(audit, "audit", ["enabled", "sink", "output"]);
            Choice(audit, "audit", "sink", Sinks);
            Warn("audit", "Who is told of calls is the host's to say: \"molt dev --audit\", or WorkerRuntimeOptions.Audit.");
        }
    }

    private CapabilityGrants ReadGrants(TomlTable table, string path) =>
        new() { Allow = Tokens(table, path, "allow"), Deny = Tokens(table, path, "deny") };

    private void Packages(TomlTable capabilities)
    {
        if (Table(capabilities, "capabilities", "packages") is not { } packages)
        {
            return;
        }

        foreach (var (name, value) in packages)
        {
            string path = $"capabilities.packages.{name}";
            if (value.Value is not TomlTable package)
            {
                Fault(path, "It is a table with \"allow\" and \"deny\".");
                continue;
            }

            Keys(package, path, ["allow", "deny", "effects"]);
            Warn(path, "A module is one package: what its parts may reach is what the plugin may.");
            foreach (string token in Tokens(package, path, "allow"))
            {
                if (!GrantPatterns.Covers(Grants, token))
                {
                    Fault(path + ".allow", $"\"{token}\" is more than the plugin itself has.");
                }
            }
        }
    }

    private List<string> Tokens(TomlTable table, string path, string key)
    {
        var tokens = new List<string>();
        if (!table.TryGetValue(key, out var list))
        {
            return tokens;
        }

        if (list.Value is not List<TomlValue> values)
        {
            Fault($"{path}.{key}", "It is a list of capabilities: [\"time.now\"].");
            return tokens;
        }

        foreach (var value in values)
        {
            if (value.Value is not string token)
            {
                Fault($"{path}.{key}", "A capability is a string.");
            }
            else if (Profiles.TryGetValue(token, out var expanded))
            {
                tokens.AddRange(expanded);
            }
            else if (Array.IndexOf(WithoutUse, token) >= 0)
            {
                Warn($"{path}.{key}", $"\"{token}\" is known and stands for nothing on this host.");
            }
            else if (token != "*" && CapabilityPattern.Parse(token, out string? wrong) is null)
            {
                Warn($"{path}.{key}", wrong!);
            }
            else
            {
                if (!IsKnown(token))
                {
                    Warn($"{path}.{key}", $"The runtime itself has no \"{token}\"; it is the application's to offer. {NearestName.AdviceSentence(token, KnownIds())}");
                }

                tokens.Add(token);
            }
        }

        return tokens;
    }

    private void ReadResources(TomlTable table)
    {
        const string Path = "resources";
        Keys(table, Path, Resources);
        var limits = new PluginLimits();
        if (Size(table, Path, "max_memory") is { } memory)
        {
            limits = limits with { MemoryBytes = memory };
        }

        if (Duration(table, Path, "max_duration") is { } duration)
        {
            limits = limits with { Duration = duration };
        }

        if (Number(table, Path, "max_allocations") is not null)
        {
            Warn(Path + ".max_allocations", "A module allocates in its own memory, which max_memory bounds.");
        }

        if (Number(table, Path, "max_recursion_depth") is { } depth)
        {
            limits = limits with { RecursionDepth = (int)Math.Min(depth, 256) };
        }

        if (Table(table, Path, "operation_limits") is { } operations)
        {
            string path = Path + ".operation_limits";
            Keys(operations, path, Operations);
            foreach (string key in Operations)
            {
                var size = Size(operations, path, key);
                if (key == "max_string_result" && size is { } bytes)
                {
                    limits = limits with { OperationBytes = (int)Math.Min(bytes, int.MaxValue), OutputBytes = (int)Math.Min(bytes, limits.OutputBytes) };
                }
                else if (size is not null)
                {
                    Warn($"{path}.{key}", "It bounds operations of an interpreter; a module computes within max_memory and max_duration.");
                }
            }
        }

        foreach (string fault in limits.Validate())
        {
            Fault(Path, fault);
        }

        Limits = limits;
    }

    private long? Size(TomlTable table, string path, string key)
    {
        if (!table.TryGetValue(key, out var value))
        {
            return null;
        }

        decimal? bytes = value.Value switch
        {
            long number => number,
            string text => Quantity(text, [("TB", 1L << 40), ("GB", 1L << 30), ("MB", 1L << 20), ("KB", 1L << 10), ("B", 1)]),
            _ => null,
        };
        if (bytes is null or <= 0 or > long.MaxValue)
        {
            Fault($"{path}.{key}", "It is a size above zero, such as \"64MB\": B, KB, MB, GB or TB.");
            return null;
        }

        return (long)bytes.Value;
    }

    private TimeSpan? Duration(TomlTable table, string path, string key)
    {
        if (!table.TryGetValue(key, out var value))
        {
            return null;
        }

        decimal? ticks = value.Value is string text
            ? Quantity(text, [("ms", TimeSpan.TicksPerMillisecond), ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour)])
            : null;
        if (ticks is null or <= 0 or > 36_000_000_000_000m)
        {
            Fault($"{path}.{key}", "It is a time above zero, such as \"500ms\": ms, s, m or h.");
            return null;
        }

        return TimeSpan.FromTicks((long)ticks.Value);
    }

    private long? Number(TomlTable table, string path, string key)
    {
        if (!table.TryGetValue(key, out var value))
        {
            return null;
        }

        if (value.Value is not long number || number <= 0)
        {
            Fault($"{path}.{key}", "It is a number above zero.");
            return null;
        }

        return number;
    }

    private string? Choice(TomlTable table, string path, string key, string[] choices)
    {
        if (!table.TryGetValue(key, out var value))
        {
            return null;
        }

        if (value.Value is string text && Array.IndexOf(choices, text) >= 0)
        {
            return text;
        }

        Fault($"{path}.{key}", $"It is one of {string.Join(", ", choices)}.");
        return null;
    }

    private TomlTable? Table(TomlTable parent, string path, string key)
    {
        if (!parent.TryGetValue(key, out var value))
        {
            return null;
        }

        if (value.Value is TomlTable table)
        {
            return table;
        }

        Fault(path.Length == 0 ? key : $"{path}.{key}", "It is a table.");
        return null;
    }

    private void Keys(TomlTable table, string path, string[] known)
    {
        foreach (string key in table.Keys)
        {
            if (Array.IndexOf(known, key) < 0)
            {
                Fault(path.Length == 0 ? key : $"{path}.{key}", $"Nobody knows this key. {NearestName.AdviceSentence(key, known)}");
            }
        }
    }

    private static decimal? Quantity(string text, (string Unit, long Factor)[] units)
    {
        foreach (var (unit, factor) in units)
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                && decimal.TryParse(text.AsSpan(0, text.Length - unit.Length).Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number)
                && number < 1_000_000_000)
            {
                return number * factor;
            }
        }

        return null;
    }

    private static bool IsKnown(string token) => token.Contains('*', StringComparison.Ordinal) || KnownIds().Contains(token.Split('@')[0]);

    private static List<string> KnownIds()
    {
        var ids = new List<string>(Files) { "resource.limits" };
        foreach (var capability in RuntimeCapabilities.All)
        {
            if (!capability.Id.StartsWith("molt.", StringComparison.Ordinal) && !ids.Contains(capability.Id))
            {
                ids.Add(capability.Id);
            }
        }

        return ids;
    }

    private void Fault(string path, string message) => _faults.Add(new PluginFault(PluginPackage.CapabilitiesFileName, path, message));

    private void Warn(string path, string message) => _warnings.Add(new PluginFault(PluginPackage.CapabilitiesFileName, path, message));
}
