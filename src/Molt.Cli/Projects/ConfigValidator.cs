using System.Globalization;
using Molt.Cli.Reporting;
using Molt.Contracts;
using Molt.Contracts.Schemas;

namespace Molt.Cli.Projects;

/// <summary>
/// Checks a configuration against the schema and collects every fault: unknown keys with the nearest known one, wrong types,
/// keys of capabilities that are not there yet, and one warning that lists the keys without meaning here.
/// </summary>
internal sealed class ConfigValidator(string file, List<Fault> faults)
{
    private readonly bool _isMoltConfig = Path.GetFileName(file).StartsWith("molt.", StringComparison.Ordinal);
    private readonly List<ConfigMember> _ignored = [];

    public static string Suggestion(string nearest) => $"Did you mean \"{nearest}\"?";

    public void Validate(ConfigNode root)
    {
        foreach (var member in root.Members)
        {
            CheckMember(member, ConfigSchema.Keys, inEnvironment: false, "the configuration");
            if (string.Equals(member.Name, "env", StringComparison.Ordinal) && member.Value.Kind == JsonKind.Object)
            {
                ValidateEnvironments(member.Value);
            }
        }

        if (_ignored.Count > 0)
        {
            var names = string.Join(", ", _ignored.ConvertAll(m => m.Name));
            Add(FaultCodes.NoMeaningHere, $"No meaning outside Cloudflare, ignored: {names}.", _ignored[0].Position, FaultSeverity.Warning);
        }
    }

    private void ValidateEnvironments(ConfigNode environments)
    {
        foreach (var environment in environments.Members)
        {
            if (environment.Value.Kind != JsonKind.Object)
            {
                Add(FaultCodes.WrongType, $"The environment \"{environment.Name}\" must be {Describe(ConfigShape.Table)}.", environment.Value.Position);
                continue;
            }

            foreach (var member in environment.Value.Members)
            {
                CheckMember(member, ConfigSchema.Keys, inEnvironment: true, $"the environment \"{environment.Name}\"");
            }
        }
    }

    private void CheckMember(ConfigMember member, IReadOnlyList<ConfigKey> keys, bool inEnvironment, string place)
    {
        var key = Find(keys, member.Name);
        if (key is null || (key.MoltOnly && !_isMoltConfig))
        {
            AddUnknown(member, key, keys, place);
            return;
        }

        if (inEnvironment && key.Scope == KeyScope.Top)
        {
            Add(FaultCodes.InvalidValue, $"\"{key.Name}\" belongs at the top of the file, not in {place}.", member.Position, length: key.Name.Length);
            return;
        }

        switch (key.Support)
        {
            case KeySupport.Later when !IsIdle(member.Value):
                Add(FaultCodes.NotAvailableYet, $"\"{key.Name}\" ({key.What}) is not available in Molt yet.", member.Position, length: key.Name.Length,
                    hint: $"Remove \"{key.Name}\" to run the worker without it.");
                return;
            case KeySupport.Ignored when !IsIdle(member.Value):
                if (!_ignored.Exists(m => string.Equals(m.Name, member.Name, StringComparison.Ordinal)))
                {
                    _ignored.Add(member);
                }

                return;
        }

        if (key.Support == KeySupport.Served)
        {
            CheckShape(member, key, inEnvironment);
        }
    }

    /// <summary>An empty list, or a table of empty lists, asks for nothing.</summary>
    private static bool IsIdle(ConfigNode value)
    {
        if (value.IsEmpty)
        {
            return true;
        }

        if (value.Kind != JsonKind.Object)
        {
            return false;
        }

        foreach (var member in value.Members)
        {
            if (!member.Value.IsEmpty)
            {
                return false;
            }
        }

        return true;
    }

    private void CheckShape(ConfigMember member, ConfigKey key, bool inEnvironment)
    {
        var value = member.Value;
        if (!Fits(value, key.Shape))
        {
            Add(FaultCodes.WrongType, $"\"{key.Name}\" must be {Describe(key.Shape)}, not {Describe(value)}.", value.Position, length: Math.Max(1, value.Text.Length));
            return;
        }

        if (key.Members is null)
        {
            return;
        }

        var tables = key.Shape == ConfigShape.List ? value.Items : [value];
        foreach (var table in tables)
        {
            if (table.Kind != JsonKind.Object)
            {
                Add(FaultCodes.WrongType, $"Each item of \"{key.Name}\" must be {Describe(ConfigShape.Table)}, not {Describe(table)}.", table.Position);
                continue;
            }

            foreach (var inner in table.Members)
            {
                CheckMember(inner, key.Members, inEnvironment, $"\"{key.Name}\"");
            }
        }
    }

    private void AddUnknown(ConfigMember member, ConfigKey? key, IReadOnlyList<ConfigKey> keys, string place)
    {
        var known = new List<string>();
        foreach (var candidate in keys)
        {
            if (!candidate.MoltOnly || _isMoltConfig)
            {
                known.Add(candidate.Name);
            }
        }

        var hint = key is not null
            ? "Only molt.jsonc may have this key."
            : NearestName.Find(member.Name, known) is { } nearest ? Suggestion(nearest) : null;
        if (hint is null && known.Count <= 8)
        {
            hint = $"Known here: {string.Join(", ", known)}.";
        }

        Add(FaultCodes.UnknownKey, $"Unknown key \"{member.Name}\" in {place}.", member.Position, hint: hint, length: member.Name.Length);
    }

    private static ConfigKey? Find(IReadOnlyList<ConfigKey> keys, string name)
    {
        foreach (var key in keys)
        {
            if (string.Equals(key.Name, name, StringComparison.Ordinal))
            {
                return key;
            }
        }

        return null;
    }

    private static bool Fits(ConfigNode value, ConfigShape shape) => shape switch
    {
        ConfigShape.Text => value.Kind == JsonKind.String,
        ConfigShape.WholeNumber => value.Kind == JsonKind.Number &&
            long.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out _),
        ConfigShape.Flag => value.Kind == JsonKind.Boolean,
        ConfigShape.Texts => value.Kind == JsonKind.Array && AllText(value.Items),
        ConfigShape.Table => value.Kind == JsonKind.Object,
        ConfigShape.TextTable => value.Kind == JsonKind.Object && AllText([.. System.Linq.Enumerable.Select(value.Members, m => m.Value)]),
        ConfigShape.List => value.Kind == JsonKind.Array,
        _ => true,
    };

    private static bool AllText(IReadOnlyList<ConfigNode> nodes)
    {
        foreach (var node in nodes)
        {
            if (node.Kind != JsonKind.String)
            {
                return false;
            }
        }

        return true;
    }

    private static string Describe(ConfigShape shape) => shape switch
    {
        ConfigShape.Text => "a string",
        ConfigShape.WholeNumber => "a whole number",
        ConfigShape.Flag => "true or false",
        ConfigShape.Texts => "a list of strings",
        ConfigShape.Table => "an object",
        ConfigShape.TextTable => "an object of strings",
        _ => "a list",
    };

    private static string Describe(ConfigNode value) => value.Kind switch
    {
        JsonKind.String => $"the string \"{value.Text}\"",
        JsonKind.Number or JsonKind.Boolean => value.Text,
        JsonKind.Null => "null",
        JsonKind.Array => "a list",
        _ => "an object",
    };

    private void Add(string code, string message, SourcePosition position, FaultSeverity severity = FaultSeverity.Error, string? hint = null, int length = 1) =>
        faults.Add(new Fault(code, message) { File = file, Position = position, Severity = severity, Hint = hint, Length = length });
}
