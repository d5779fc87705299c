using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Molt.Cli.Reporting;
using Molt.Contracts;
using Molt.Contracts.Schemas;
using Molt.Runtime;

namespace Molt.Cli.Projects;

/// <summary>Turns a configuration into a <see cref="Project"/>. Values of a wrong type are the validator's to report and are skipped here.</summary>
internal sealed partial class ProjectBinder(ProjectPlace place, ConfigNode root, string? environment, List<Fault> faults)
{
    /// <summary>What a project without a compatibility date gets.</summary>
    public const string DefaultCompatibilityDate = "2026-11-01";

    private const int MaximumNameLength = 63;

    /// <summary>What an isolate needs to start; see <see cref="WorkerLimits"/>.</summary>
    private const int MinimumMemoryMegabytes = 8;

    private static readonly ModuleRule[] DefaultRules =
    [
        new(".wasm", WorkerModuleKind.Wasm),
        new(".txt", WorkerModuleKind.Text),
        new(".html", WorkerModuleKind.Text),
        new(".sql", WorkerModuleKind.Text),
        new(".bin", WorkerModuleKind.Bytes),
        new(".data", WorkerModuleKind.Bytes),
    ];

    private static readonly SearchValues<char> PatternCharacters = SearchValues.Create("*/{}[]");

    private ConfigNode? _environment;

    public Project? Bind(Dictionary<string, string> variables)
    {
        if (environment is not null && !SelectEnvironment(environment))
        {
            return null;
        }

        var main = BindMain();
        var project = new Project
        {
            Name = BindName(main),
            Root = place.Root,
            Main = main ?? "",
            ConfigFile = place.ConfigFile,
            CompatibilityDate = BindDate(),
            CompatibilityFlags = Texts(Inherited("compatibility_flags")),
            VarsJson = BindVariables(variables),
            Limits = BindLimits(),
            Grants = BindGrants(),
            CapabilityBindings = Table(Inherited("capabilities")?.Get("bindings")),
            Plugins = BindPlugins(),
            Bundle = BindBundle(),
            Build = BindBuild(),
            DevHost = Text(root.Get("dev")?.Get("ip")),
            DevPort = Number(root.Get("dev")?.Get("port")) is { } port ? (int)port : null,
        };
        if (project.DevPort is < 0 or > 65535)
        {
            Add(FaultCodes.InvalidValue, "\"dev.port\" must lie between 0 and 65535.", root.Get("dev")!.Get("port")!.Position);
        }

        return main is null ? null : project;
    }

    private bool SelectEnvironment(string name)
    {
        var environments = root.Get("env");
        _environment = environments?.Get(name);
        if (_environment is { Kind: JsonKind.Object })
        {
            return true;
        }

        var known = environments is null ? [] : new List<ConfigMember>(environments.Members).ConvertAll(m => m.Name);
        Add(FaultCodes.UnknownEnvironment, $"There is no environment \"{name}\" in this configuration.", environments?.Position ?? default,
            known.Count == 0 ? "The configuration has no \"env\"." : $"It has: {string.Join(", ", known)}.");
        return false;
    }

    private ConfigNode? Inherited(string name) => _environment?.Get(name) ?? root.Get(name);

    private ConfigNode? Own(string name) => environment is null ? root.Get(name) : _environment?.Get(name);

    private string BindName(string? main)
    {
        var node = Inherited("name");
        if (Text(node) is { } name)
        {
            if (!IsName(name))
            {
                Add(FaultCodes.InvalidValue, $"\"name\" must be 1 to {MaximumNameLength} lower-case letters, digits, dashes and underscores.", node!.Position, length: name.Length + 2);
            }

            return environment is not null && _environment?.Get("name") is null ? $"{name}-{environment}" : name;
        }

        // Two files of one directory are two workers, so a bare file gives its own name unless that says nothing.
        var file = Path.GetFileNameWithoutExtension(main) ?? "";
        return place.ConfigFile is null && file is not ("" or "index" or "worker") ? file : Path.GetFileName(place.Root);
    }

    private static bool IsName(string name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('-' or '_'))
            {
                return false;
            }
        }

        return name.Length is > 0 and <= MaximumNameLength;
    }

    private string? BindMain()
    {
        var node = Inherited("main");
        var main = place.Main ?? (Text(node) is { } text ? Path.GetFullPath(Path.Combine(place.Root, text)) : null);
        if (main is null)
        {
            var isToml = place.ConfigFile?.EndsWith(".toml", StringComparison.OrdinalIgnoreCase) == true;
            if (node is null && !faults.Exists(f => string.Equals(f.Hint, ConfigValidator.Suggestion("main"), StringComparison.Ordinal)))
            {
                Add(FaultCodes.MissingKey, "The configuration names no \"main\" module.", default, isToml ? "Add main = \"src/index.js\"." : "Add \"main\": \"src/index.js\".");
            }

            return null;
        }

        if (main.EndsWith(".py", StringComparison.OrdinalIgnoreCase))
        {
            Add(FaultCodes.NotAvailableYet, "Python workers are not available in Molt yet.", node?.Position ?? default);
            return null;
        }

        return main;
    }

    private string BindDate()
    {
        var node = Inherited("compatibility_date");
        if (Text(node) is not { } date)
        {
            return DefaultCompatibilityDate;
        }

        if (!DateOnly.TryParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
        {
            Add(FaultCodes.InvalidValue, $"\"compatibility_date\" must be a date such as \"{DefaultCompatibilityDate}\".", node!.Position, length: date.Length + 2);
        }

        return date;
    }

    /// <summary>The configuration's variables as they are, JSON values included, with the variable files' strings over them.</summary>
    private string BindVariables(Dictionary<string, string> variables)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            if (Own("vars") is { Kind: JsonKind.Object } vars)
            {
                foreach (var member in vars.Members)
                {
                    if (!variables.ContainsKey(member.Name))
                    {
                        writer.WritePropertyName(member.Name);
                        member.Value.WriteTo(writer);
                    }
                }
            }

            foreach (var variable in variables)
            {
                writer.WriteString(variable.Key, variable.Value);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private WorkerLimits BindLimits()
    {
        var node = Inherited("limits");
        var defaults = new WorkerLimits();
        if (node is not { Kind: JsonKind.Object })
        {
            return defaults;
        }

        foreach (var member in node.Members)
        {
            var least = member.Name is "memory_mb" ? MinimumMemoryMegabytes : 1;
            if (Number(member.Value) < least)
            {
                Add(FaultCodes.InvalidValue, $"\"limits.{member.Name}\" must be at least {least}.", member.Value.Position, length: member.Value.Text.Length);
            }
        }

        return new WorkerLimits
        {
            Cpu = Milliseconds("cpu_ms") ?? defaults.Cpu,
            Startup = Milliseconds("startup_ms") ?? defaults.Startup,
            WaitUntil = Milliseconds("wait_until_ms") ?? defaults.WaitUntil,
            MemoryBytes = Number(node.Get("memory_mb")) is { } megabytes ? megabytes << 20 : defaults.MemoryBytes,
            Subrequests = Count("subrequests") ?? defaults.Subrequests,
            Connections = Count("connections") ?? defaults.Connections,
            Timers = Count("timers") ?? defaults.Timers,
            Isolates = Count("isolates") ?? defaults.Isolates,
        };

        TimeSpan? Milliseconds(string name) => Number(node.Get(name)) is { } value ? TimeSpan.FromMilliseconds(Math.Min(value, int.MaxValue)) : null;

        int? Count(string name) => Number(node.Get(name)) is { } value ? (int)Math.Min(value, int.MaxValue) : null;
    }

    private BundleSettings BindBundle()
    {
        var defaults = new BundleSettings();
        return new BundleSettings
        {
            Rules = BindRules(),
            Define = Table(Own("define")),
            Alias = Table(root.Get("alias")),
            Minify = Flag(Inherited("minify")) ?? defaults.Minify,
            KeepNames = Flag(Inherited("keep_names")) ?? defaults.KeepNames,
            TsConfig = Existing("tsconfig", File.Exists),
            JsxFactory = Text(Inherited("jsx_factory")),
            JsxFragment = Text(Inherited("jsx_fragment")),
            NoBundle = Flag(Inherited("no_bundle")) ?? defaults.NoBundle,
            FindAdditionalModules = Flag(Inherited("find_additional_modules")) ?? defaults.FindAdditionalModules,
            BaseDirectory = Existing("base_dir", Directory.Exists),
        };
    }

    /// <summary>The configured rules before the default ones; the first rule of an extension counts.</summary>
    private List<ModuleRule> BindRules()
    {
        var rules = new List<ModuleRule>();
        foreach (var rule in Inherited("rules") is { Kind: JsonKind.Array } list ? list.Items : [])
        {
            var type = rule.Get("type");
            WorkerModuleKind? kind = Text(type) switch
            {
                "ESModule" => WorkerModuleKind.EcmaScript,
                "CommonJS" => WorkerModuleKind.CommonJs,
                "CompiledWasm" => WorkerModuleKind.Wasm,
                "Text" => WorkerModuleKind.Text,
                "Data" => WorkerModuleKind.Bytes,
                _ => null,
            };
            if (kind is null)
            {
                AddRuleFault(rule, type);
                continue;
            }

            foreach (var glob in rule.Get("globs") is { Kind: JsonKind.Array } globs ? globs.Items : [])
            {
                if (GlobExtension(glob.Text) is { } extension)
                {
                    rules.Add(new ModuleRule(extension, kind.Value));
                }
                else if (glob.Kind == JsonKind.String)
                {
                    Add(FaultCodes.InvalidValue, $"The glob \"{glob.Text}\" does not name an extension.", glob.Position, "Write it as \"**/*.ext\".", glob.Text.Length + 2);
                }
            }
        }

        foreach (var rule in DefaultRules)
        {
            if (!rules.Exists(r => string.Equals(r.Extension, rule.Extension, StringComparison.Ordinal)))
            {
                rules.Add(rule);
            }
        }

        return rules;
    }

    private void AddRuleFault(ConfigNode rule, ConfigNode? type)
    {
        if (type is null)
        {
            Add(FaultCodes.MissingKey, "Each rule needs a \"type\".", rule.Position);
        }
        else if (type.Text.StartsWith("Python", StringComparison.Ordinal))
        {
            Add(FaultCodes.NotAvailableYet, $"The rule type \"{type.Text}\" is not available in Molt yet.", type.Position, length: type.Text.Length + 2);
        }
        else if (type.Kind == JsonKind.String)
        {
            Add(FaultCodes.InvalidValue, $"There is no rule type \"{type.Text}\".", type.Position,
                NearestName.AdviceSentence(type.Text, ConfigSchema.RuleTypes), type.Text.Length + 2);
        }
    }

    /// <summary>The extension of <c>**/*.ext</c> or <c>*.ext</c>; null for any other pattern. A <c>?module</c> suffix means nothing to a file.</summary>
    private static string? GlobExtension(string glob)
    {
        var query = glob.IndexOf('?', StringComparison.Ordinal);
        var pattern = query < 0 ? glob : glob[..query];
        var star = pattern.LastIndexOf("*.", StringComparison.Ordinal);
        var extension = star < 0 ? "" : pattern[(star + 1)..];
        return extension.Length > 1 && extension.AsSpan().IndexOfAny(PatternCharacters) < 0 && pattern[..star] is "" or "**/" or "./**/" ? extension : null;
    }

    private BuildCommand? BindBuild()
    {
        var node = Inherited("build");
        if (Text(node?.Get("command")) is not { Length: > 0 } command)
        {
            return null;
        }

        var directory = Path.GetFullPath(Path.Combine(place.Root, Text(node!.Get("cwd")) ?? "."));
        var watch = node.Get("watch_dir");
        var directories = watch is { Kind: JsonKind.Array } ? Texts(watch) : Text(watch) is { } one ? [one] : [];
        return new BuildCommand(command, directory, [.. System.Linq.Enumerable.Select(directories, d => Path.GetFullPath(Path.Combine(place.Root, d)))]);
    }

    private string? Existing(string name, Func<string, bool> exists)
    {
        var node = Inherited(name);
        if (Text(node) is not { } text)
        {
            return null;
        }

        var path = Path.GetFullPath(Path.Combine(place.Root, text));
        if (!exists(path))
        {
            Add(FaultCodes.InvalidValue, $"\"{name}\" names \"{text}\", which does not exist.", node!.Position, length: text.Length + 2);
        }

        return path;
    }

    private static string? Text(ConfigNode? node) => node is { Kind: JsonKind.String } ? node.Text : null;

    private static bool? Flag(ConfigNode? node) => node is { Kind: JsonKind.Boolean } ? node.Truth : null;

    private static long? Number(ConfigNode? node) =>
        node is { Kind: JsonKind.Number } && long.TryParse(node.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static List<string> Texts(ConfigNode? node)
    {
        var result = new List<string>();
        foreach (var item in node?.Items ?? [])
        {
            if (item.Kind == JsonKind.String)
            {
                result.Add(item.Text);
            }
        }

        return result;
    }

    private static Dictionary<string, string> Table(ConfigNode? node)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in node?.Members ?? [])
        {
            result[member.Name] = member.Value.Text;
        }

        return result;
    }

    private void Add(string code, string message, SourcePosition position, string? hint = null, int length = 1) =>
        faults.Add(new Fault(code, message) { File = place.ConfigFile ?? place.Root, Position = position, Hint = hint, Length = length });
}
