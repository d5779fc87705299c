namespace Molt.Contracts.Capabilities;

/// <summary>What an operation does to the world, from least to most.</summary>
public enum CapabilityEffect
{
    /// <summary>Nothing outside of the call.</summary>
    Pure,

    /// <summary>Reads state outside of the call.</summary>
    ReadOnly,

    /// <summary>Changes state outside of the call.</summary>
    Effectful,
}

/// <summary>How far an operation's answer is a function of its request, from most to least.</summary>
public enum CapabilityDeterminism
{
    /// <summary>The same request has the same answer, always and everywhere.</summary>
    Strict,

    /// <summary>The same while the resources it names stay as they are.</summary>
    Stable,

    /// <summary>Usually the same; it may drift.</summary>
    BestEffort,

    /// <summary>Declared to differ: clocks, randomness.</summary>
    Nondeterministic,
}

/// <summary>Which ways an operation streams.</summary>
[Flags]
public enum CapabilityStreams
{
    /// <summary>One request, one answer.</summary>
    None = 0,

    /// <summary>The caller sends items after the request.</summary>
    In = 1,

    /// <summary>The answer is a sequence of items.</summary>
    Out = 2,

    /// <summary>Both at once.</summary>
    Both = In | Out,
}

/// <summary>What an operation's arguments name, as audit lines tell it. Arguments themselves are never recorded.</summary>
public enum AuditArgumentKind
{
    /// <summary>Nothing worth telling apart.</summary>
    None,

    /// <summary>A path.</summary>
    Path,

    /// <summary>An address of a network.</summary>
    Network,

    /// <summary>A variable or secret of the environment.</summary>
    Env,

    /// <summary>A database.</summary>
    Db,

    /// <summary>Something the capability defines.</summary>
    Custom,
}
