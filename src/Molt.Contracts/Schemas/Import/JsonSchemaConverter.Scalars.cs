using System.Globalization;

namespace Molt.Contracts.Schemas.Import;

/// <summary>Strings, numbers, and schemas that list their values.</summary>
internal sealed partial class JsonSchemaConverter
{
    private const double LargestFloat32 = float.MaxValue;

    // What Pydantic writes for a Decimal as text, and what this project's own export writes.
    private const string PydanticDecimal = @"^(?!^[-+.]*$)[+-]?0*";
    internal const string OwnDecimal = @"^-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$";
    internal const string OwnInteger = "^(0|-?[1-9][0-9]*)$";

    private static readonly Dictionary<string, ScalarKind> IntegerFormats = new(StringComparer.Ordinal)
    {
        ["int8"] = ScalarKind.Int8,
        ["int16"] = ScalarKind.Int16,
        ["int32"] = ScalarKind.Int32,
        ["int53"] = ScalarKind.Int53,
        ["int64"] = ScalarKind.Int64,
        ["uint8"] = ScalarKind.UInt8,
        ["uint16"] = ScalarKind.UInt16,
        ["uint32"] = ScalarKind.UInt32,
        ["uint64"] = ScalarKind.UInt64,
    };

    private Mapped MapString(SourceNode node)
    {
        node.TryText("format", out var format);
        if (node.TryText("contentEncoding", out var encoding))
        {
            if (encoding is "base64" or "base64url")
            {
                return Special(ScalarKind.Bytes, node, encoding == "base64url" ? "Bytes are base64 in JSON, not base64url." : null);
            }

            Drop(node, "contentEncoding", "the text is taken as it is");
        }

        var pattern = node.TryText("pattern", out var written) ? written : null;
        switch (format)
        {
            case "uuid":
                return Special(ScalarKind.Uuid, node, null);
            case "date-time":
                return Special(ScalarKind.Timestamp, node, "Instants are kept in UTC to the microsecond; an offset is not kept.");
            case "duration":
                return Special(ScalarKind.Duration, node, "Durations are seconds, PT1.5S in JSON; years and months have no fixed length.");
            case "decimal":
                return Special(ScalarKind.Decimal, node, null);
            case "byte" or "base64":
                return Special(ScalarKind.Bytes, node, null);
            case "binary":
                return Special(ScalarKind.Bytes, node, "Bytes are base64 in JSON.");
            case null when pattern is not null && (pattern.StartsWith(PydanticDecimal, StringComparison.Ordinal) || pattern == OwnDecimal):
                return MapDecimal(node, node.Without("pattern"));
            default:
                break;
        }

        if (format is not null && !SchemaFormats.TryParse(format, out _))
        {
            _notes.Warning(NoteCodes.FormatDropped, node.At("format"), $"The format \"{format}\" is not checked.");
            format = null;
        }

        if (pattern is not null && PatternFault(pattern) is { } fault)
        {
            _notes.Warning(NoteCodes.PatternDropped, node.At("pattern"), $"The pattern is not checked: {fault}");
            pattern = null;
        }

        var (least, most) = Lengths(node, "minLength", "maxLength");
        return least > most
            ? Contradiction(node, "minLength is greater than maxLength")
            : new Mapped(SchemaBuilder.String(least, most, pattern, format), Nullable: false);
    }

    // Patterns are compiled to be judged, and documents repeat them.
    private string? PatternFault(string pattern)
    {
        if (!_patterns.TryGetValue(pattern, out var fault))
        {
            fault = SchemaPattern.TryCompile(pattern, out var why) is null ? why : null;
            _patterns.Add(pattern, fault);
        }

        return fault;
    }

    // A string whose format makes it another kind; the format says all that a pattern or length could.
    private Mapped Special(ScalarKind kind, SourceNode node, string? remark)
    {
        foreach (var keyword in (ReadOnlySpan<string>)["pattern", "minLength", "maxLength"])
        {
            if (node[keyword] is { } value)
            {
                _notes.Info(NoteCodes.KeywordDropped, value.Pointer, $"{keyword} is not checked besides what every {ScalarKinds.NameOf(kind)} is.");
            }
        }

        if (remark is not null)
        {
            _notes.Info(NoteCodes.ValuesChanged, node.Pointer, remark);
        }

        return new Mapped(new ScalarType(kind), Nullable: false);
    }

    private Mapped MapDecimal(SourceNode node, SourceNode bounds)
    {
        if (node.TryText("pattern", out var pattern) && pattern != OwnDecimal && pattern != PydanticDecimal + @"\d*\.?\d*$")
        {
            _notes.Warning(NoteCodes.PatternDropped, node.At("pattern"), "The number of digits is not checked; a decimal has up to 28.");
        }

        var (ge, le) = (Bound(bounds, "minimum"), Bound(bounds, "maximum"));
        foreach (var keyword in (ReadOnlySpan<string>)["exclusiveMinimum", "exclusiveMaximum"])
        {
            Drop(bounds, keyword, "a decimal has no next one");
        }

        return new Mapped(SchemaBuilder.Integer(ScalarKind.Decimal, ge, le), Nullable: false);
    }

    private decimal? Bound(SourceNode node, string keyword)
    {
        if (node[keyword] is not { Kind: JsonKind.Number } bound)
        {
            return null;
        }

        if (bound.TryDecimal(out var value) && DecimalText.Of(value) is not null)
        {
            return value;
        }

        Drop(node, keyword, "it has too many digits");
        return null;
    }

    private Mapped MapNumber(SourceNode node, bool isInteger)
    {
        var step = node["multipleOf"];
        if (step is { Kind: JsonKind.Number } && step.Double == 1)
        {
            isInteger = true;
        }
        else if (step is not null)
        {
            Drop(node, "multipleOf", "the schema language has no word for it");
        }

        node.TryText("format", out var format);
        if (format == "decimal")
        {
            return MapDecimal(node, node);
        }

        return isInteger ? MapInteger(node, format) : MapFloat(node, format);
    }

    private Mapped MapInteger(SourceNode node, string? format)
    {
        var ge = Tightest(IntegerBound(node, "minimum", isLeast: true), IntegerBound(node, "exclusiveMinimum", isLeast: true), isLeast: true);
        var le = Tightest(IntegerBound(node, "maximum", isLeast: false), IntegerBound(node, "exclusiveMaximum", isLeast: false), isLeast: false);
        var kind = ScalarKind.Int53;
        if (format is not null && !IntegerFormats.TryGetValue(format, out kind))
        {
            kind = ScalarKind.Int53;
            _notes.Warning(NoteCodes.FormatDropped, node.At("format"), $"The format \"{format}\" is not checked.");
        }
        else if (format is null)
        {
            kind = KindOf(ge, le);
        }

        var (least, most) = ScalarKinds.RangeOf(kind);
        if (ge > most || le < least || ge > le)
        {
            return Contradiction(node, "no number is within its bounds");
        }

        // A bound beyond the kind's own says that larger numbers were meant to be valid.
        if (ge < least || le > most)
        {
            _notes.Warning(NoteCodes.ValuesChanged, node.Pointer, string.Create(CultureInfo.InvariantCulture, $"Numbers go from {least} to {most} here."));
        }

        return new Mapped(SchemaBuilder.Integer(kind, ge <= least ? null : ge, le >= most ? null : le), Nullable: false);
    }

    // The kind whose own range the bounds are; else the one that JSON's numbers are safe in; else one wide enough.
    internal static ScalarKind KindOf(decimal? ge, decimal? le)
    {
        foreach (var kind in IntegerFormats.Values)
        {
            if (ScalarKinds.RangeOf(kind) == (ge, le))
            {
                return kind;
            }
        }

        if (ge >= 0 && le > ScalarKinds.SafeInteger)
        {
            return ScalarKind.UInt64;
        }

        return ge < -ScalarKinds.SafeInteger || le > ScalarKinds.SafeInteger ? ScalarKind.Int64 : ScalarKind.Int53;
    }

    private static decimal? Tightest(decimal? a, decimal? b, bool isLeast) =>
        a is { } x && b is { } y ? (isLeast ? Math.Max(x, y) : Math.Min(x, y)) : a ?? b;

    private static decimal? IntegerBound(SourceNode node, string keyword, bool isLeast)
    {
        if (ExactBound(node, keyword, out var isExclusive) is not { } bound)
        {
            return null;
        }

        // Beyond every integer kind, where a decimal still counts in ones.
        const decimal Far = 1e27m;
        if (!bound.TryDecimal(out var value) || Math.Abs(value) > Far)
        {
            value = bound.Double < 0 ? -Far : Far;
        }

        var whole = isLeast ? Math.Ceiling(value) : Math.Floor(value);
        return isExclusive && whole == value ? whole + (isLeast ? 1 : -1) : whole;
    }

    // A bound's number; in draft 4 the exclusive keyword is a flag beside it.
    private static SourceNode? ExactBound(SourceNode node, string keyword, out bool isExclusive)
    {
        isExclusive = keyword.StartsWith("exclusive", StringComparison.Ordinal) ||
            node.IsTrue(keyword == "minimum" ? "exclusiveMinimum" : "exclusiveMaximum");
        return node[keyword] is { Kind: JsonKind.Number } bound ? bound : null;
    }

    private Mapped MapFloat(SourceNode node, string? format)
    {
        if (format is not (null or "float" or "double"))
        {
            _notes.Warning(NoteCodes.FormatDropped, node.At("format"), $"The format \"{format}\" is not checked.");
        }

        var ge = FloatBound(node, "minimum", "exclusiveMinimum", isLeast: true);
        var le = FloatBound(node, "maximum", "exclusiveMaximum", isLeast: false);
        if (ge > le)
        {
            return Contradiction(node, "no number is within its bounds");
        }

        var isSingle = format == "float" || (ge == -LargestFloat32 && le == LargestFloat32);
        if (isSingle)
        {
            (ge, le) = (ge <= -LargestFloat32 ? null : ge, le >= LargestFloat32 ? null : le);
        }

        return new Mapped(new ScalarType(isSingle ? ScalarKind.Float32 : ScalarKind.Float64) { FloatGe = ge, FloatLe = le }, Nullable: false);
    }

    // x > 0 is x >= the next double above 0: nothing is lost.
    private static double? FloatBound(SourceNode node, string inclusive, string exclusive, bool isLeast)
    {
        double? result = null;
        foreach (var keyword in (ReadOnlySpan<string>)[inclusive, exclusive])
        {
            if (ExactBound(node, keyword, out var isExclusive) is { } bound && double.IsFinite(bound.Double))
            {
                var value = !isExclusive ? bound.Double : isLeast ? double.BitIncrement(bound.Double) : double.BitDecrement(bound.Double);
                result = result is not { } other ? value : isLeast ? Math.Max(value, other) : Math.Min(value, other);
            }
        }

        return result;
    }

    private static (int? Least, int? Most) Lengths(SourceNode node, string least, string most)
    {
        int? from = node[least] is { } low && low.TryCount(out var count) && count > 0 ? count : null;
        int? to = node[most] is { } high && high.TryCount(out count) ? count : null;
        return (from, to);
    }

    private Mapped Contradiction(SourceNode node, string why)
    {
        _notes.Warning(NoteCodes.ValuesChanged, node.Pointer, $"No value is valid: {why}.");
        return Mapped.Never;
    }

    private Mapped MapValues(SourceNode node)
    {
        var given = node["const"] is { } single ? [single] : node["enum"]!.Items;
        var names = new List<string>();
        var numbers = new List<SourceNode>();
        var (isTrue, isFalse, isNull, isOther) = (false, false, false, false);
        var allowed = node["type"] is null ? null : TypesOf(node, out _);
        foreach (var value in given)
        {
            switch (value.Kind)
            {
                case JsonKind.String when allowed is null || allowed.Contains("string"):
                    if (!names.Contains(value.Text))
                    {
                        names.Add(value.Text);
                    }

                    break;
                case JsonKind.Number when allowed is null || allowed.Contains("number") || allowed.Contains("integer"):
                    numbers.Add(value);
                    break;
                case JsonKind.Boolean when allowed is null || allowed.Contains("boolean"):
                    isTrue |= value.Truth;
                    isFalse |= !value.Truth;
                    break;
                case JsonKind.Null:
                    isNull = true;
                    break;
                case JsonKind.Array or JsonKind.Object:
                    isOther = true;
                    break;
                default:
                    break;
            }
        }

        if (isOther)
        {
            _notes.Warning(NoteCodes.AnyValue, node.Pointer, "Values that are lists or objects cannot be listed; any JSON value is accepted.");
            return Mapped.Json;
        }

        var variants = new List<UnionVariant>();
        if (names.Count > 0)
        {
            variants.Add(new UnionVariant("string", EnumOf(names, node)));
        }

        if (numbers.Count > 0)
        {
            variants.Add(new UnionVariant("number", NumbersOf(numbers, node)));
        }

        if (isTrue || isFalse)
        {
            if (isTrue != isFalse)
            {
                _notes.Warning(NoteCodes.ValuesChanged, node.Pointer, $"Both true and false are accepted, not only {(isTrue ? "true" : "false")}.");
            }

            variants.Add(new UnionVariant("boolean", SchemaBuilder.Bool));
        }

        isNull |= node.IsTrue("nullable");
        if (variants.Count > 1)
        {
            WarnOfUnion(node, variants);
        }

        return variants switch
        {
            [] => new Mapped(null, isNull),
            [var only] => new Mapped(only.Type, isNull),
            _ => new Mapped(new UnionType(variants), isNull),
        };
    }

    private SchemaType EnumOf(List<string> names, SourceNode node)
    {
        if (names.TrueForAll(IsName))
        {
            return new EnumType(names);
        }

        _notes.Warning(NoteCodes.ValuesChanged, node.Pointer, "Any string is accepted: one of the listed is empty, longer than 128 characters or has control characters, which no enum value is.");
        return SchemaBuilder.Text;
    }

    private ScalarType NumbersOf(List<SourceNode> numbers, SourceNode node)
    {
        var (least, most) = (double.PositiveInfinity, double.NegativeInfinity);
        var distinct = new HashSet<double>();
        var areWhole = true;
        foreach (var number in numbers)
        {
            var value = number.Double;
            areWhole &= double.IsInteger(value) && Math.Abs(value) <= ScalarKinds.SafeInteger;
            (least, most) = (Math.Min(least, value), Math.Max(most, value));
            distinct.Add(value);
        }

        if (distinct.Count > 1 && (!areWhole || most - least + 1 != distinct.Count))
        {
            _notes.Warning(NoteCodes.ValuesChanged, node.Pointer, string.Create(CultureInfo.InvariantCulture, $"All numbers from {EcmaNumber.Text(least)} to {EcmaNumber.Text(most)} are accepted, not only the listed ones."));
        }

        return areWhole ? SchemaBuilder.Integer(ScalarKind.Int53, (decimal)least, (decimal)most) : SchemaBuilder.Float(least, most);
    }

    private static bool IsName(string name)
    {
        if (name.Length is 0 or > 128)
        {
            return false;
        }

        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsControl(name[i]) || (char.IsSurrogate(name[i]) && !(i + 1 < name.Length && char.IsSurrogatePair(name[i], name[i + 1]))))
            {
                return false;
            }

            i += char.IsSurrogate(name[i]) ? 1 : 0;
        }

        return true;
    }
}
