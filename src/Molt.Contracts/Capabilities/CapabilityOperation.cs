using Molt.Contracts.Schemas;

namespace Molt.Contracts.Capabilities;

/// <summary>One operation of a capability, as guests and hosts see it alike.</summary>
public sealed class CapabilityOperation
{
    private readonly Lazy<Schema> _input;
    private readonly Lazy<Schema> _output;
    private readonly Lazy<Schema?> _item;

    internal CapabilityOperation(string name, Lazy<Schema> input, Lazy<Schema> output, Lazy<Schema?> item, OperationTraits traits, CapabilityStreams streams)
    {
        Name = name;
        _input = input;
        _output = output;
        _item = item;
        Traits = traits;
        Streams = streams;
    }

    /// <summary>The name, unique within the capability: a letter, then letters, digits and underscores; lower case.</summary>
    public string Name { get; }

    /// <summary>What a request is.</summary>
    public Schema Input => _input.Value;

    /// <summary>What the answer is; of an operation that streams out, each item of it.</summary>
    public Schema Output => _output.Value;

    /// <summary>What the caller sends after the request; null unless the operation streams in.</summary>
    public Schema? Item => _item.Value;

    /// <summary>Effect, determinism, cost and limits.</summary>
    public OperationTraits Traits { get; }

    /// <summary>Which ways it streams.</summary>
    public CapabilityStreams Streams { get; }
}

/// <summary>What a declaration says of an operation besides its name and schemas.</summary>
public sealed record OperationTraits
{
    /// <summary>The most a payload may have unless an operation says otherwise: 16 MiB.</summary>
    public const int DefaultPayloadBytes = 16 << 20;

    /// <summary>What it does to the world. Default: changes it.</summary>
    public CapabilityEffect Effect { get; init; } = CapabilityEffect.Effectful;

    /// <summary>How far its answer follows from its request. Default: it may drift.</summary>
    public CapabilityDeterminism Determinism { get; init; } = CapabilityDeterminism.BestEffort;

    /// <summary>What a call takes from its event's budget, in units. Default 1.</summary>
    public int Cost { get; init; } = 1;

    /// <summary>The most a request, or an item sent after it, may have. Default <see cref="DefaultPayloadBytes"/>.</summary>
    public int MaxInputBytes { get; init; } = DefaultPayloadBytes;

    /// <summary>The most an answer, or an item of it, may have. Default <see cref="DefaultPayloadBytes"/>.</summary>
    public int MaxOutputBytes { get; init; } = DefaultPayloadBytes;

    /// <summary>How long a call may take when its caller names no deadline. Default 30 s; of a stream, from its opening to its end.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the implementation uses a secret the guest must not see.</summary>
    public bool NeedsSecret { get; init; }

    /// <summary>What its arguments name.</summary>
    public AuditArgumentKind Arguments { get; init; }

    /// <summary>What it does, for people.</summary>
    public string Doc { get; init; } = "";
}
