using Molt.Contracts.Schemas;

namespace Molt.Contracts.Capabilities;

/// <summary>
/// Builds a capability, operation by operation. Nothing is checked before <see cref="Build"/>, which names every fault at once.
/// </summary>
public sealed partial class CapabilityBuilder
{
    private readonly string _id;
    private readonly string _version;
    private readonly string _doc;
    private readonly List<CapabilityOperation> _operations = [];
    private readonly List<Delegate?> _implementations = [];

    internal CapabilityBuilder(string id, string version, string doc)
    {
        _id = id;
        _version = version;
        _doc = doc;
    }

    /// <summary>An operation over bytes that answers at once.</summary>
    public CapabilityBuilder Operation(string name, Schema input, Schema output, ImmediateOperation implementation, OperationTraits? traits = null)
    {
        ArgumentNullException.ThrowIfNull(implementation);
        return Add(name, input, output, null, CapabilityStreams.None, implementation, traits);
    }

    /// <summary>An operation over bytes that may take its time.</summary>
    public CapabilityBuilder Pending(string name, Schema input, Schema output, PendingOperation implementation, OperationTraits? traits = null)
    {
        ArgumentNullException.ThrowIfNull(implementation);
        return Add(name, input, output, null, CapabilityStreams.None, implementation, traits);
    }

    /// <summary>
    /// An operation that streams. <paramref name="output"/> is what the guest reads: each item, or, when only the guest streams,
    /// the one answer. <paramref name="item"/> is what the guest writes.
    /// </summary>
    public CapabilityBuilder Stream(string name, CapabilityStreams streams, Schema input, Schema? item, Schema output, StreamOperation implementation, OperationTraits? traits = null)
    {
        ArgumentNullException.ThrowIfNull(implementation);
        return Add(name, input, output, item, streams, implementation, traits);
    }

    /// <summary>
    /// An operation that is implemented elsewhere: by a carrier of its own, or in another process. Its schemas are asked for when
    /// somebody needs them.
    /// </summary>
    public CapabilityBuilder Describe(string name, Func<Schema> input, Func<Schema> output, OperationTraits? traits = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(output);
        _operations.Add(new CapabilityOperation(name, new Lazy<Schema>(input), new Lazy<Schema>(output), new Lazy<Schema?>((Schema?)null), traits ?? new OperationTraits(), CapabilityStreams.None));
        _implementations.Add(null);
        return this;
    }

    /// <summary>The declaration and what implements it. Throws <see cref="CapabilityDeclarationException"/> with every fault.</summary>
    public Capability Build()
    {
        var faults = Faults();
        for (var i = 0; i < _implementations.Count; i++)
        {
            if (_implementations[i] is null)
            {
                faults.Add($"{_id}.{_operations[i].Name} has no implementation here.");
            }
        }

        var declaration = Declaration(faults);
        return new Capability(declaration, _implementations.ConvertAll(implementation => implementation!).ToArray());
    }

    /// <summary>The declaration alone. Throws <see cref="CapabilityDeclarationException"/> with every fault.</summary>
    public CapabilityDeclaration BuildDeclaration() => Declaration(Faults());

    private CapabilityBuilder Add(string name, Schema input, Schema output, Schema? item, CapabilityStreams streams, Delegate implementation, OperationTraits? traits)
    {
        _operations.Add(new CapabilityOperation(name, new Lazy<Schema>(input), new Lazy<Schema>(output), new Lazy<Schema?>(item), traits ?? new OperationTraits(), streams));
        _implementations.Add(implementation);
        return this;
    }

    private CapabilityDeclaration Declaration(List<string> faults)
    {
        if (faults.Count > 0)
        {
            throw new CapabilityDeclarationException("CAP001", faults);
        }

        _ = CapabilityVersion.TryParse(_version, out var version);
        return new CapabilityDeclaration(_id, version, _doc, [.. _operations]);
    }

    private List<string> Faults()
    {
        var faults = new List<string>();
        if (!CapabilityId.IsValid(_id))
        {
            faults.Add($"\"{_id}\" is not a capability id: write lower-case names with dots between them, such as \"acme.greeter\".");
        }

        if (!CapabilityVersion.TryParse(_version, out _))
        {
            faults.Add($"{_id}: \"{_version}\" is not a version; write it as \"1.0.0\".");
        }

        if (_operations.Count is 0 or > 256)
        {
            faults.Add($"{_id} must have 1 to 256 operations.");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var operation in _operations)
        {
            Check(operation, names, faults);
        }

        return faults;
    }

    private void Check(CapabilityOperation operation, HashSet<string> names, List<string> faults)
    {
        var where = $"{_id}.{operation.Name}";
        var traits = operation.Traits;
        if (!CapabilityId.IsName(operation.Name))
        {
            faults.Add($"{where}: an operation's name is a letter and then letters, digits and underscores, in lower case.");
        }

        if (!names.Add(operation.Name))
        {
            faults.Add($"{where} is declared twice.");
        }

        if (traits.Cost < 0)
        {
            faults.Add($"{where}: OperationTraits.{nameof(traits.Cost)} must not be negative.");
        }

        Positive(traits.MaxInputBytes > 0, nameof(traits.MaxInputBytes));
        Positive(traits.MaxOutputBytes > 0, nameof(traits.MaxOutputBytes));
        Positive(traits.Timeout > TimeSpan.Zero, nameof(traits.Timeout));
        if (traits.Effect == CapabilityEffect.Pure && traits.Determinism == CapabilityDeterminism.Nondeterministic)
        {
            faults.Add($"{where}: what has no effect and reads nothing can not be nondeterministic; a clock or a source of randomness is read_only.");
        }

        if (operation.Streams.HasFlag(CapabilityStreams.In) != operation.Item is not null)
        {
            faults.Add($"{where}: an operation that streams in, and no other, has a schema for what the guest writes.");
        }

        void Positive(bool holds, string name)
        {
            if (!holds)
            {
                faults.Add($"{where}: OperationTraits.{name} must be greater than zero.");
            }
        }
    }
}
