namespace Molt.Contracts.Schemas;

/// <summary>What can be wrong with a payload. Every language with the codec has the same kinds, written in snake case.</summary>
public enum PayloadFaultKind
{
    /// <summary>A field, enum value or variant that the schema does not have.</summary>
    Unknown,

    /// <summary>A required field is absent.</summary>
    Missing,

    /// <summary>The value has another type than the schema says.</summary>
    Mistyped,

    /// <summary>The value has the type and breaks a constraint, or does not fit the type's size.</summary>
    OutOfRange,

    /// <summary>A limit on bytes or items is exceeded.</summary>
    TooLarge,

    /// <summary>Containers are nested deeper than the limit.</summary>
    TooDeep,

    /// <summary>The value is right, but its bytes are not its one form.</summary>
    NonCanonical,

    /// <summary>The payload ends in the middle of a value.</summary>
    Truncated,

    /// <summary>Bytes follow the value.</summary>
    Trailing,
}

/// <summary>The first thing that is wrong with a payload.</summary>
/// <param name="Kind">What sort of fault it is.</param>
/// <param name="Path">Where, as a path into the value: <c>$.lines[3].qty</c>.</param>
/// <param name="Message">What is wrong; without the value itself where it may be long or private.</param>
public sealed record PayloadFault(PayloadFaultKind Kind, string Path, string Message)
{
    private static readonly string[] Names =
        ["unknown", "missing", "mistyped", "out_of_range", "too_large", "too_deep", "non_canonical", "truncated", "trailing"];

    /// <summary>The kind as all languages write it.</summary>
    public string KindName => Names[(int)Kind];

    public override string ToString() => $"{Path}: {KindName}: {Message}";
}

/// <summary>A payload does not fit its schema.</summary>
public sealed class PayloadException : MoltException
{
    public PayloadException(PayloadFault fault)
        : base("SCH004", (fault ?? throw new ArgumentNullException(nameof(fault))).ToString()) => Fault = fault;

    public PayloadFault Fault { get; }
}

/// <summary>A fault on its way up: every container it passes adds its step to the path, innermost first.</summary>
internal sealed class PayloadFailure(PayloadFaultKind kind, string message)
{
    private readonly List<string> _steps = [];

    public void At(string step) => _steps.Add(step);

    public PayloadFault ToFault()
    {
        _steps.Reverse();
        return new PayloadFault(kind, "$" + string.Concat(_steps), message);
    }
}
