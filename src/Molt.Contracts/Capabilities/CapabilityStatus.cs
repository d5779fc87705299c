namespace Molt.Contracts.Capabilities;

/// <summary>How a capability call ended. The numbers are the wire's and every guest's.</summary>
public enum CapabilityStatus
{
    /// <summary>The call did what it was asked.</summary>
    Ok = 0,

    /// <summary>The request is not what the operation takes: an unknown handle or operation, or a value outside of what the schema allows.</summary>
    InvalidInput = 1,

    /// <summary>The bytes of the request are not a value of the schema in its one form.</summary>
    DecodeError = 2,

    /// <summary>The answer could not be written as a value of the schema.</summary>
    EncodeError = 3,

    /// <summary>The call was ended before it had an answer: by its caller, with its event, or because its grant was revoked.</summary>
    Cancelled = 4,

    /// <summary>The deadline passed.</summary>
    Timeout = 5,

    /// <summary>The caller may not do this: no grant, or its budget is used up.</summary>
    Denied = 6,

    /// <summary>The implementation failed.</summary>
    Internal = 7,
}

/// <summary>What kind of error a status is.</summary>
public enum CapabilityErrorFamily
{
    /// <summary>No error.</summary>
    None,

    /// <summary>The caller asked for something it must not or cannot have; asking again changes nothing.</summary>
    Validation,

    /// <summary>The service failed.</summary>
    Runtime,

    /// <summary>The call was cancelled.</summary>
    Cancellation,
}

/// <summary>Facts about statuses.</summary>
public static class CapabilityStatuses
{
    /// <summary>The family of a status.</summary>
    public static CapabilityErrorFamily Family(this CapabilityStatus status) => status switch
    {
        CapabilityStatus.Ok => CapabilityErrorFamily.None,
        CapabilityStatus.InvalidInput or CapabilityStatus.DecodeError or CapabilityStatus.EncodeError or CapabilityStatus.Denied => CapabilityErrorFamily.Validation,
        CapabilityStatus.Cancelled => CapabilityErrorFamily.Cancellation,
        _ => CapabilityErrorFamily.Runtime,
    };
}
