namespace Molt.Contracts.Capabilities;

/// <summary>
/// What an entry of an allow or deny list names: <c>*</c>, <c>acme.*</c> (everything below a name), <c>acme.greeter</c>, or
/// with a version <c>acme.greeter@1</c>, <c>acme.greeter@1.2</c> (the same major number, at least that minor one).
/// </summary>
public sealed record CapabilityPattern
{
    private readonly string _prefix;
    private readonly string? _id;
    private readonly int _major;
    private readonly int _minor;

    private CapabilityPattern(string text, string? id, string prefix, int major, int minor)
    {
        Text = text;
        _id = id;
        _prefix = prefix;
        _major = major;
        _minor = minor;
    }

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; }

    /// <summary>Reads a pattern; <paramref name="fault"/> says what is wrong with it otherwise.</summary>
    public static CapabilityPattern? Parse(string text, out string? fault)
    {
        ArgumentNullException.ThrowIfNull(text);
        fault = null;
        if (text == "*")
        {
            return new CapabilityPattern(text, null, "", -1, -1);
        }

        var at = text.IndexOf('@', StringComparison.Ordinal);
        var name = at < 0 ? text : text[..at];
        int major = -1, minor = -1;
        if (at >= 0)
        {
            var numbers = text[(at + 1)..].Split('.');
            if (numbers.Length > 2 || !CapabilityVersion.TryNumber(numbers[0], out major) || (numbers.Length == 2 && !CapabilityVersion.TryNumber(numbers[1], out minor)))
            {
                fault = $"\"{text}\" does not end in a version such as @1 or @1.2.";
                return null;
            }
        }

        var isPrefix = name.EndsWith(".*", StringComparison.Ordinal);
        if (!CapabilityId.IsValid(isPrefix ? name[..^2] : name, segments: isPrefix ? 1 : 2) || (isPrefix && at >= 0))
        {
            fault = $"\"{text}\" names no capability. Write an id such as \"acme.greeter\", \"acme.greeter@1.2\", \"acme.*\" or \"*\".";
            return null;
        }

        return isPrefix ? new CapabilityPattern(text, null, name[..^1], -1, -1) : new CapabilityPattern(text, name, "", major, minor);
    }

    /// <summary>Whether the pattern names this capability.</summary>
    public bool Matches(string id, CapabilityVersion version)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (_id is null)
        {
            return id.StartsWith(_prefix, StringComparison.Ordinal);
        }

        return _id == id && (_major < 0 || (version.Major == _major && version.Minor >= _minor));
    }

    /// <summary>The one id it names, or null when it may name several.</summary>
    public string? SingleId => _id;

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>Capability ids: at least two lower-case names with dots between them.</summary>
public static class CapabilityId
{
    private const int MaxLength = 128;

    /// <summary>Whether a text is an id.</summary>
    public static bool IsValid(string? text) => IsValid(text, segments: 2);

    internal static bool IsValid(string? text, int segments)
    {
        if (text is null || text.Length is 0 or > MaxLength)
        {
            return false;
        }

        var parts = text.Split('.');
        foreach (var part in parts)
        {
            if (!IsName(part))
            {
                return false;
            }
        }

        return parts.Length >= segments;
    }

    /// <summary>A letter, then letters, digits and underscores; lower case.</summary>
    internal static bool IsName(string text)
    {
        if (text.Length is 0 or > 64 || !char.IsAsciiLetterLower(text[0]))
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '_')
            {
                return false;
            }
        }

        return true;
    }
}
