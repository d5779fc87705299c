using System.Globalization;

namespace Molt.Contracts.Schemas;

/// <summary>One comparison of two schemas, type beside type.</summary>
internal sealed class SchemaComparison(Schema old, Schema changed)
{
    private readonly List<SchemaChange> _changes = [];
    private readonly HashSet<(SchemaType, SchemaType)> _seen = [];

    public List<SchemaChange> Run()
    {
        if (old.Coercion != changed.Coercion)
        {
            Add("$", changed.Coercion == SchemaCoercion.Strict, changed.Coercion == SchemaCoercion.Strict
                ? "coercion is strict now; JSON that was converted is refused."
                : "coercion is lax now; more JSON is accepted.");
        }

        Types(old.Type, changed.Type, "$");
        return _changes;
    }

    private void Types(SchemaType before, SchemaType after, string path)
    {
        before = old.Resolve(before);
        after = changed.Resolve(after);
        // A pair of types with parts that was met is compared already, or is being compared around this one.
        if (!(before is ScalarType && after is ScalarType) && !_seen.Add((before, after)))
        {
            return;
        }

        switch (before, after)
        {
            case (OptionalType a, OptionalType b):
                Defaults(a, b, path);
                Types(a.Of, b.Of, path);
                break;
            case (_, OptionalType b):
                BecomesOptional(before, b, path);
                break;
            case (OptionalType a, _):
                Breaking(path, "is required now; payloads may lack it.");
                Types(a.Of, after, path);
                break;
            case (ScalarType a, ScalarType b):
                Scalars(a, b, path);
                break;
            case (ListType a, ListType b):
                Bounds(a.MinItems, b.MinItems, a.MaxItems, b.MaxItems, "numbers of items", path);
                Types(a.Items, b.Items, path + "[]");
                break;
            case (MapType a, MapType b):
                Maps(a, b, path);
                break;
            case (RecordType a, RecordType b):
                Records(a, b, path);
                break;
            case (EnumType a, EnumType b):
                Names(a.Values, b.Values, "value", path);
                break;
            case (UnionType a, UnionType b):
                Unions(a, b, path);
                break;
            case (StreamType a, StreamType b):
                Types(a.Of, b.Of, path + "[]");
                break;
            default:
                Breaking(path, $"is {Described(after)} now, not {Described(before)}; payloads have another form.");
                break;
        }
    }

    private void BecomesOptional(SchemaType before, OptionalType after, string path)
    {
        if (before is ScalarType { Scalar: ScalarKind.Json })
        {
            Breaking(path, "is optional now; null, which was a value, means absent.");
        }
        else if (after.Default is not null)
        {
            Breaking(path, "has a default now; payloads that hold that value are not canonical any more. Make it optional without a default.");
        }
        else
        {
            Compatible(path, "is optional now; payloads that have it stay right.");
        }

        Types(before, after.Of, path);
    }

    private void Defaults(OptionalType before, OptionalType after, string path)
    {
        var was = old.DefaultPayload(before);
        var now = changed.DefaultPayload(after);
        if (was is null ? now is not null : now is null || !was.AsSpan().SequenceEqual(now))
        {
            Breaking(path, was is null ? "has a default now; payloads that lack it change their meaning."
                : now is null ? "has no default any more; payloads that lack it change their meaning."
                : "has another default; payloads that lack it change their meaning.");
        }
    }

    private void Scalars(ScalarType before, ScalarType after, string path)
    {
        if (before.Scalar != after.Scalar && !(ScalarKinds.IsInteger(before.Scalar) && ScalarKinds.IsInteger(after.Scalar)))
        {
            Breaking(path, $"is {after.Kind} now, not {before.Kind}; payloads have another form.");
            return;
        }

        if (ScalarKinds.IsIntegral(before.Scalar))
        {
            var was = ScalarKinds.RangeOf(before.Scalar);
            var now = ScalarKinds.RangeOf(after.Scalar);
            Limits(before.Kind, after.Kind, before.Ge ?? was.Least, after.Ge ?? now.Least, before.Le ?? was.Most, after.Le ?? now.Most, path);
            return;
        }

        Limits(before.Kind, after.Kind, before.Ge ?? decimal.MinValue, after.Ge ?? decimal.MinValue, before.Le ?? decimal.MaxValue, after.Le ?? decimal.MaxValue, path);
        FloatLimits(before, after, path);
        Bounds(before.MinLength, after.MinLength, before.MaxLength, after.MaxLength, "lengths", path);
        Text(before.Pattern, after.Pattern, "pattern", path);
        Text(before.Format, after.Format, "format", path);
    }

    private void Limits(string kindBefore, string kindAfter, decimal leastBefore, decimal leastAfter, decimal mostBefore, decimal mostAfter, string path)
    {
        if (leastAfter > leastBefore || mostAfter < mostBefore)
        {
            Breaking(path, string.Create(CultureInfo.InvariantCulture, $"allows {leastAfter} to {mostAfter} now, not {leastBefore} to {mostBefore}; payloads may hold what is left out."));
        }
        else if (leastAfter != leastBefore || mostAfter != mostBefore)
        {
            Compatible(path, string.Create(CultureInfo.InvariantCulture, $"allows {leastAfter} to {mostAfter} now, all of {leastBefore} to {mostBefore} included."));
        }
        else if (kindBefore != kindAfter)
        {
            Compatible(path, $"is {kindAfter} now, not {kindBefore}, with the same values.");
        }
    }

    private void FloatLimits(ScalarType before, ScalarType after, string path)
    {
        // A bound refuses NaN, whatever it is.
        var narrower = (after.FloatGe is { } least && !(least <= before.FloatGe)) || (after.FloatLe is { } most && !(most >= before.FloatLe));
        var gainsNothing = before.FloatGe == after.FloatGe && before.FloatLe == after.FloatLe;
        if (!gainsNothing)
        {
            Add(path, narrower, narrower ? "has narrower bounds; payloads may hold what is left out." : "has wider bounds.");
        }
    }

    private void Bounds(int? leastBefore, int? leastAfter, int? mostBefore, int? mostAfter, string what, string path)
    {
        var (a, b) = (leastBefore ?? 0, leastAfter ?? 0);
        var (c, d) = (mostBefore ?? int.MaxValue, mostAfter ?? int.MaxValue);
        if (a != b || c != d)
        {
            var narrower = b > a || d < c;
            Add(path, narrower, narrower ? $"allows fewer {what}; payloads may have the others." : $"allows more {what}.");
        }
    }

    private void Text(string? before, string? after, string what, string path)
    {
        if (before != after)
        {
            Add(path, after is not null, after is null ? $"has no {what} any more." : before is null ? $"has a {what} now; payloads may break it." : $"has another {what}; payloads may break it.");
        }
    }

    private void Maps(MapType before, MapType after, string path)
    {
        if ((before.Keys == ScalarKind.String) != (after.Keys == ScalarKind.String))
        {
            Breaking(path, $"has keys of {ScalarKinds.NameOf(after.Keys)} now, not {ScalarKinds.NameOf(before.Keys)}; payloads have another form.");
        }
        else if (before.Keys != after.Keys)
        {
            var was = ScalarKinds.RangeOf(before.Keys);
            var now = ScalarKinds.RangeOf(after.Keys);
            Add(path, now.Least > was.Least || now.Most < was.Most, $"has keys of {ScalarKinds.NameOf(after.Keys)} now, not {ScalarKinds.NameOf(before.Keys)}.");
        }

        Bounds(before.MinItems, after.MinItems, before.MaxItems, after.MaxItems, "numbers of entries", path);
        Types(before.Values, after.Values, path + "[]");
    }

    private void Records(RecordType before, RecordType after, string path)
    {
        var common = Math.Min(before.Fields.Count, after.Fields.Count);
        for (var i = 0; i < common; i++)
        {
            var (was, now) = (before.Fields[i], after.Fields[i]);
            var at = PayloadPath.Member(path, now.Name);
            if (was.Name != now.Name)
            {
                Breaking(at, Has(after, was.Name) || Has(before, now.Name)
                    ? $"stands where \"{was.Name}\" stood; fields keep their places. Add new ones at the end."
                    : $"was called \"{was.Name}\"; JSON and code know fields by name.");
                if (Has(after, was.Name) || Has(before, now.Name))
                {
                    continue;
                }
            }

            Types(was.Type, now.Type, at);
        }

        for (var i = common; i < after.Fields.Count; i++)
        {
            var isOptional = changed.Resolve(after.Fields[i].Type) is OptionalType;
            Add(PayloadPath.Member(path, after.Fields[i].Name), !isOptional, isOptional
                ? "is new, optional and at the end."
                : "is new and required; payloads lack it. Make it optional.");
        }

        for (var i = common; i < before.Fields.Count; i++)
        {
            Breaking(PayloadPath.Member(path, before.Fields[i].Name), Has(after, before.Fields[i].Name)
                ? "stands at another place; fields keep their places."
                : "is removed; payloads that have it are refused. Mark it deprecated and keep it.");
        }
    }

    private static bool Has(RecordType record, string name)
    {
        foreach (var field in record.Fields)
        {
            if (field.Name == name)
            {
                return true;
            }
        }

        return false;
    }

    private void Unions(UnionType before, UnionType after, string path)
    {
        Names(Names(before), Names(after), "variant", path);
        for (var i = 0; i < Math.Min(before.Variants.Count, after.Variants.Count); i++)
        {
            if (before.Variants[i].Name == after.Variants[i].Name)
            {
                Types(before.Variants[i].Type, after.Variants[i].Type, PayloadPath.Member(path, after.Variants[i].Name));
            }
        }
    }

    private static List<string> Names(UnionType union)
    {
        var names = new List<string>();
        foreach (var variant in union.Variants)
        {
            names.Add(variant.Name);
        }

        return names;
    }

    private void Names(IReadOnlyList<string> before, IReadOnlyList<string> after, string what, string path)
    {
        for (var i = 0; i < Math.Max(before.Count, after.Count); i++)
        {
            if (i >= before.Count)
            {
                Compatible(path, $"the {what} \"{after[i]}\" is new, at the end; no payload has it yet.");
            }
            else if (i >= after.Count)
            {
                Breaking(path, $"the {what} \"{before[i]}\" is removed; payloads may have it.");
            }
            else if (before[i] != after[i])
            {
                Breaking(path, $"the {what} \"{after[i]}\" stands where \"{before[i]}\" stood; payloads know it by its place.");
            }
        }
    }

    private static string Described(SchemaType type) => (type.Kind[0] is 'e' or 'i' or 'o' ? "an " : "a ") + type.Kind;

    private void Breaking(string path, string message) => Add(path, isBreaking: true, message);

    private void Compatible(string path, string message) => Add(path, isBreaking: false, message);

    private void Add(string path, bool isBreaking, string message) =>
        _changes.Add(new SchemaChange(path, isBreaking ? SchemaChangeKind.Breaking : SchemaChangeKind.Compatible, message));
}
