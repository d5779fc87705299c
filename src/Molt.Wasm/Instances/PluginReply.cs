namespace Molt.Wasm;

/// <summary>How a call ended: the statuses of the ABI, then what the host finds before it calls.</summary>
public enum PluginStatus
{
    /// <summary>There is a result.</summary>
    Ok = 0,

    /// <summary>The plugin refused the value.</summary>
    InvalidInput = 1,

    /// <summary>The plugin could not read the payload.</summary>
    DecodeError = 2,

    /// <summary>The result is no value of the output schema.</summary>
    EncodeError = 3,

    /// <summary>The call was cancelled.</summary>
    Cancelled = 4,

    /// <summary>The call took longer than it may.</summary>
    Timeout = 5,

    /// <summary>A capability it needs is not granted.</summary>
    CapabilityDenied = 6,

    /// <summary>The plugin trapped, broke the ABI or said that it failed.</summary>
    InternalError = 7,

    /// <summary>The plugin exports no such function.</summary>
    FunctionNotFound = 100,

    /// <summary>The function takes several schemas, none is the default, and the caller named none.</summary>
    SchemaRequired = 101,

    /// <summary>The plugin has no such schema.</summary>
    SchemaNotFound = 102,

    /// <summary>The function does not take this schema.</summary>
    SchemaMismatch = 103,

    /// <summary>The payload is no value of its schema.</summary>
    InvalidPayload = 104,
}

/// <summary>The limit that ended a call.</summary>
public enum PluginLimit
{
    /// <summary>None did.</summary>
    None,

    /// <summary>Duration.</summary>
    Duration,

    /// <summary>Memory.</summary>
    Memory,

    /// <summary>The size of the result.</summary>
    Output,

    /// <summary>The depth of calls.</summary>
    Recursion,
}

/// <summary>What came of a call.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Message">Why, when it failed: of the plugin or of the host; without the plugin's insides.</param>
/// <param name="Limit">The limit that ended it.</param>
public readonly record struct PluginReply(PluginStatus Status, string? Message = null, PluginLimit Limit = PluginLimit.None)
{
    /// <summary>Whether there is a result.</summary>
    public bool IsOk => Status == PluginStatus.Ok;

    internal static PluginReply Internal(string message) => new(PluginStatus.InternalError, message);
}
