using System.Globalization;
using System.Text;

namespace Molt.Contracts.Schemas;

/// <summary>Judges what a schema means, whoever wrote it: a document or a builder. Finds all faults in one pass.</summary>
internal sealed class SchemaChecks
{
    private const int LongestName = 128;
    private const int DeepestType = 100;

    private readonly SchemaDraft _draft;
    private readonly List<SchemaFault> _faults;
    private readonly Dictionary<OptionalType, byte[]> _defaults = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, bool> _finite = new(StringComparer.Ordinal);

    public SchemaChecks(SchemaDraft draft, List<SchemaFault> faults)
    {
        _draft = draft;
        _faults = faults;
    }

    /// <summary>Adds what is wrong to the faults; gives the payloads of the defaults.</summary>
    public Dictionary<OptionalType, byte[]> Run()
    {
        FindFinite();
        foreach (var (name, type) in _draft.Definitions)
        {
            var path = PayloadPath.Member("$.definitions", name);
            if (!IsDefinitionName(name))
            {
                Fault(path, "a definition's name is a letter or _, then letters, digits and _, at most 128 in all.");
            }

            Type(type, path, Place.Elsewhere, 0);
            if (!_finite[name])
            {
                Fault(path, $"\"{name}\" contains itself without end; make a part of it optional, a list or a variant of a union.");
            }
        }

        Type(_draft.Type, "$.type", Place.Top, 0);
        return _defaults;
    }

    /// <summary>What may stand at a place: streams only at the top, defaults only in fields.</summary>
    private enum Place
    {
        Top,
        TopField,
        Field,
        Elsewhere,
    }

    private void Type(SchemaType type, string path, Place place, int depth)
    {
        if (depth > DeepestType)
        {
            Fault(path, string.Create(CultureInfo.InvariantCulture, $"is more than {DeepestType} types deep; name parts of it in \"definitions\"."));
            return;
        }

        switch (type)
        {
            case ScalarType scalar:
                Scalar(scalar, path);
                break;
            case ListType list:
                Counts(list.MinItems, list.MaxItems, "minItems", "maxItems", path);
                Type(list.Items, path + ".items", Place.Elsewhere, depth + 1);
                break;
            case MapType map:
                if (!ScalarKinds.IsMapKey(map.Keys))
                {
                    Fault(path + ".keys", $"\"{ScalarKinds.NameOf(map.Keys)}\" cannot be the type of keys; use \"string\" or an integer of at most 53 bits.");
                }

                Counts(map.MinItems, map.MaxItems, "minItems", "maxItems", path);
                Type(map.Values, path + ".values", Place.Elsewhere, depth + 1);
                break;
            case RecordType record:
                Record(record, path, place == Place.Top ? Place.TopField : Place.Field, depth);
                break;
            case EnumType choice:
                Enum(choice, path);
                break;
            case UnionType union:
                Union(union, path, depth);
                break;
            case OptionalType optional:
                Optional(optional, path, place, depth);
                break;
            case StreamType stream:
                if (place is not (Place.Top or Place.TopField))
                {
                    Fault(path, "a stream can only be the whole type or a field of the top record.");
                }

                Type(stream.Of, path + ".of", Place.Elsewhere, depth + 1);
                break;
            case RefType reference when !_draft.Definitions.ContainsKey(reference.Name):
                Fault(path + ".name", $"\"{reference.Name}\" is not defined; {NearestName.Advice(reference.Name, [.. _draft.Definitions.Keys])}");
                break;
        }
    }

    private void Scalar(ScalarType scalar, string path)
    {
        var isText = scalar.Scalar == ScalarKind.String;
        var hasRange = ScalarKinds.IsIntegral(scalar.Scalar) || scalar.Scalar == ScalarKind.Decimal;
        Allowed(hasRange || (scalar.Ge is null && scalar.Le is null), path, scalar, "ge or le");
        Allowed(ScalarKinds.IsFloat(scalar.Scalar) || (scalar.FloatGe is null && scalar.FloatLe is null), path, scalar, "bounds that are floats");
        Allowed(isText || scalar.Scalar == ScalarKind.Bytes || (scalar.MinLength is null && scalar.MaxLength is null), path, scalar, "a length");
        Allowed(isText || (scalar.Pattern is null && scalar.Format is null), path, scalar, "a pattern or format");
        Counts(scalar.MinLength, scalar.MaxLength, "minLength", "maxLength", path);
        if (hasRange)
        {
            Bounds(scalar, path);
        }

        if (scalar.FloatGe > scalar.FloatLe)
        {
            Fault(path, "no value satisfies its bounds: \"ge\" is greater than \"le\".");
        }

        if (!double.IsFinite(scalar.FloatGe ?? 0) || !double.IsFinite(scalar.FloatLe ?? 0))
        {
            Fault(path, "bounds must be finite numbers.");
        }

        if (scalar.Pattern is { } pattern && SchemaPattern.TryCompile(pattern, out var fault) is null)
        {
            Fault(path + ".pattern", fault);
        }

        if (scalar.Format is { } format && !SchemaFormats.TryParse(format, out _))
        {
            Fault(path + ".format", $"\"{format}\" is no format; {NearestName.Advice(format, SchemaFormats.All)}");
        }
    }

    private void Bounds(ScalarType scalar, string path)
    {
        if (scalar.Scalar == ScalarKind.Decimal)
        {
            foreach (var (key, bound) in new[] { ("ge", scalar.Ge), ("le", scalar.Le) })
            {
                if (bound is { } number && DecimalText.Of(number) is null)
                {
                    Fault($"{path}.{key}", "has more than 28 digits.");
                }
            }
        }
        else
        {
            var (least, most) = ScalarKinds.RangeOf(scalar.Scalar);
            foreach (var (key, bound) in new[] { ("ge", scalar.Ge), ("le", scalar.Le) })
            {
                if (bound is { } number && (number < least || number > most || !decimal.IsInteger(number)))
                {
                    Fault($"{path}.{key}", string.Create(CultureInfo.InvariantCulture, $"{number} is not a value of {scalar.Kind}, which goes from {least} to {most}."));
                }
            }
        }

        if (scalar.Ge > scalar.Le)
        {
            Fault(path, "no value satisfies its bounds: \"ge\" is greater than \"le\".");
        }
    }

    private void Record(RecordType record, string path, Place place, int depth)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < record.Fields.Count; i++)
        {
            var field = record.Fields[i];
            var at = PayloadPath.Index(path + ".fields", i);
            Name(field.Name, field.Type, names, at);
            Type(field.Type, at + ".type", place, depth + 1);
        }
    }

    private void Union(UnionType union, string path, int depth)
    {
        if (union.Variants.Count == 0)
        {
            Fault(path + ".variants", "is empty; a union needs at least one variant.");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < union.Variants.Count; i++)
        {
            var variant = union.Variants[i];
            var at = PayloadPath.Index(path + ".variants", i);
            Name(variant.Name, variant.Type, names, at);
            Type(variant.Type, at + ".type", Place.Elsewhere, depth + 1);
        }
    }

    private void Enum(EnumType choice, string path)
    {
        if (choice.Values.Count == 0)
        {
            Fault(path + ".values", "is empty; an enum needs at least one value.");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < choice.Values.Count; i++)
        {
            Name(choice.Values[i], type: null, names, PayloadPath.Index(path + ".values", i));
        }
    }

    private void Optional(OptionalType optional, string path, Place place, int depth)
    {
        var before = _faults.Count;
        if (Follow(optional.Of) is OptionalType or StreamType)
        {
            Fault(path + ".of", "must not be optional or a stream itself.");
        }

        Type(optional.Of, path + ".of", Place.Elsewhere, depth + 1);
        if (optional.Default is not { } json || Follow(optional.Of) is UnreadableType or null)
        {
            return;
        }

        if (place is not (Place.TopField or Place.Field))
        {
            Fault(path + ".default", "only a field of a record can have a default.");
        }
        else if (Follow(optional.Of) is not (ScalarType or EnumType))
        {
            Fault(path + ".default", "only scalars and enums can have a default.");
        }
        else if (_faults.Count == before)
        {
            Default(optional, json, path + ".default");
        }
    }

    private void Default(OptionalType optional, string json, string path)
    {
        var plan = PayloadPlan.OfLeaf(Follow(optional.Of)!);
        var bytes = PayloadJsonReader.Read(plan, Encoding.UTF8.GetBytes(json), isLax: false, PayloadLimits.Default, out var fault);
        if (fault is not null)
        {
            Fault(path, $"is no value of {Follow(optional.Of)!.Kind}: {fault.Message}");
        }
        else if (bytes is [PayloadCode.Nil])
        {
            Fault(path, "must not be null; without a default an absent field is null anyway.");
        }
        else
        {
            _defaults[optional] = bytes!;
        }
    }

    /// <summary>The type behind references; null when they lead nowhere or in a circle.</summary>
    private SchemaType? Follow(SchemaType type)
    {
        var seen = 0;
        while (type is RefType reference)
        {
            if (++seen > _draft.Definitions.Count || !_draft.Definitions.TryGetValue(reference.Name, out type!))
            {
                return null;
            }
        }

        return type;
    }

    /// <summary>Finds the definitions that have a value of finite size: at first none, then more until no more are found.</summary>
    private void FindFinite()
    {
        foreach (var name in _draft.Definitions.Keys)
        {
            _finite[name] = false;
        }

        bool changed;
        do
        {
            changed = false;
            foreach (var (name, type) in _draft.Definitions)
            {
                if (!_finite[name] && IsFinite(type, 0))
                {
                    _finite[name] = changed = true;
                }
            }
        }
        while (changed);
    }

    private bool IsFinite(SchemaType type, int depth)
    {
        // Deeper types are refused elsewhere.
        if (depth > DeepestType)
        {
            return true;
        }

        switch (type)
        {
            case RefType reference:
                return _finite.GetValueOrDefault(reference.Name, defaultValue: true);
            case ListType list:
                return list.MinItems is null or 0 || IsFinite(list.Items, depth + 1);
            case MapType map:
                return map.MinItems is null or 0 || IsFinite(map.Values, depth + 1);
            case RecordType record:
                foreach (var field in record.Fields)
                {
                    if (!IsFinite(field.Type, depth + 1))
                    {
                        return false;
                    }
                }

                return true;
            case UnionType union:
                foreach (var variant in union.Variants)
                {
                    if (IsFinite(variant.Type, depth + 1))
                    {
                        return true;
                    }
                }

                return union.Variants.Count == 0;
            default:
                return true;
        }
    }

    private void Name(string name, SchemaType? type, HashSet<string> names, string path)
    {
        // A member that could not be read has had its fault.
        if (type is UnreadableType && name.Length == 0)
        {
            return;
        }

        if (name.Length is 0 or > LongestName || HasControlOrHalf(name))
        {
            Fault(path, "a name has 1 to 128 characters and no control characters.");
        }
        else if (!names.Add(name))
        {
            Fault(path, $"the name \"{name}\" is used twice; rename one.");
        }
    }

    private static bool HasControlOrHalf(string name)
    {
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsControl(name[i]) || !Rune.TryGetRuneAt(name, i, out var rune))
            {
                return true;
            }

            i += rune.Utf16SequenceLength - 1;
        }

        return false;
    }

    private static bool IsDefinitionName(string name)
    {
        if (name.Length is 0 or > LongestName || char.IsAsciiDigit(name[0]))
        {
            return false;
        }

        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                return false;
            }
        }

        return true;
    }

    private void Counts(int? least, int? most, string leastKey, string mostKey, string path)
    {
        if (least < 0 || most < 0)
        {
            Fault(path, $"\"{leastKey}\" and \"{mostKey}\" must not be negative.");
        }
        else if (least > most)
        {
            Fault(path, $"no value satisfies it: \"{leastKey}\" is greater than \"{mostKey}\".");
        }
    }

    private void Allowed(bool isAllowed, string path, ScalarType scalar, string what)
    {
        if (!isAllowed)
        {
            Fault(path, $"{scalar.Kind} cannot have {what}.");
        }
    }

    private void Fault(string path, string message) => _faults.Add(new SchemaFault(path, message));
}
