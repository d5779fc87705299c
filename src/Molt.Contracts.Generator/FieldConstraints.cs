using System.Globalization;
using Microsoft.CodeAnalysis;
using Molt.Contracts.Schemas;

namespace Molt.Contracts.Generator;

/// <summary>The constraint attributes of a field. Each is used once: by the list or map for lengths, by the scalar inside for the rest.</summary>
internal sealed class FieldConstraints(FieldSource source, List<Problem> problems)
{
    private static readonly string[] Kinds = ["Kind", "Range", "Length", "Pattern", "Format"];

    // The kinds in the order of ScalarKind.
    private static readonly string[] KindNames =
    [
        "bool", "int8", "int16", "int32", "int53", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64", "string", "bytes", "timestamp", "duration", "uuid", "decimal", "json",
    ];

    private readonly FieldSource _source = source;
    private readonly List<Problem> _problems = problems;
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    /// <summary>The kind of a scalar: the one of its C# type, or the one that [SchemaKind] says.</summary>
    public string Kind(string natural)
    {
        if (Take("Kind") is not { } attribute)
        {
            return natural;
        }

        var index = attribute.ConstructorArguments[0].Value is int value ? value : -1;
        var kind = index >= 0 && index < KindNames.Length ? KindNames[index] : "";
        if (Scalars.MayBe(natural, kind))
        {
            return kind;
        }

        Refuse($"[SchemaKind] says {kind}; the C# type is that of {natural}.");
        return natural;
    }

    /// <summary>The type of a scalar in the document.</summary>
    public string Scalar(string kind)
    {
        var constraints = "";
        if (kind is not ("bool" or "uuid" or "json" or "string" or "bytes") && Take("Range") is { } range)
        {
            constraints += Bound("ge", range.ConstructorArguments[0], kind) + Bound("le", range.ConstructorArguments[1], kind);
        }

        if (kind is "string" or "bytes")
        {
            constraints += Length("minLength", "maxLength");
        }

        if (kind == "string")
        {
            CheckPattern();
            constraints += Text("Pattern", "pattern") + Text("Format", "format");
        }

        return constraints.Length == 0 ? SchemaDocument.Quoted(kind) : "{\"kind\":" + SchemaDocument.Quoted(kind) + constraints + "}";
    }

    /// <summary>The bounds of a list or map in the document.</summary>
    public string Items() => Length("minItems", "maxItems");

    /// <summary>Complains about constraints that the type does not have.</summary>
    public void RefuseUnused()
    {
        foreach (var kind in Kinds)
        {
            if (!_used.Contains(kind) && _source.Attribute(kind) is not null)
            {
                Refuse($"[Schema{kind}] does not fit the type.");
            }
        }
    }

    private AttributeData? Take(string kind) => _source.Attribute(kind) is { } attribute && _used.Add(kind) ? attribute : null;

    private string Length(string least, string most)
    {
        if (Take("Length") is not { } attribute)
        {
            return "";
        }

        var from = (int)attribute.ConstructorArguments[0].Value!;
        var to = (int)attribute.ConstructorArguments[1].Value!;
        if (from < 0 || to < from)
        {
            Refuse("[SchemaLength] goes from a number of 0 or more to one that is not smaller.");
        }

        return (from > 0 ? $",\"{least}\":{from.ToString(CultureInfo.InvariantCulture)}" : "") + (to < int.MaxValue ? $",\"{most}\":{to.ToString(CultureInfo.InvariantCulture)}" : "");
    }

    private void CheckPattern()
    {
        if (_source.Attribute("Pattern")?.ConstructorArguments[0].Value is string pattern && PatternSyntax.TryTranslate(pattern, out var fault) is null)
        {
            Refuse($"[SchemaPattern] is refused: {fault}");
        }
    }

    private string Text(string kind, string key) =>
        Take(kind) is { } attribute ? $",\"{key}\":{SchemaDocument.Quoted(attribute.ConstructorArguments[0].Value as string ?? "")}" : "";

    private string Bound(string key, TypedConstant argument, string kind)
    {
        var text = argument.Value switch
        {
            long whole => whole.ToString(CultureInfo.InvariantCulture),
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            string written => written,
            _ => null,
        };
        if (text is null)
        {
            return "";
        }

        var style = Scalars.IsFloat(kind) ? NumberStyles.Float : kind == "decimal" ? NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint : NumberStyles.AllowLeadingSign;
        var isNumber = Scalars.IsFloat(kind)
            ? double.TryParse(text, style, CultureInfo.InvariantCulture, out var value) && !double.IsNaN(value) && !double.IsInfinity(value)
            : decimal.TryParse(text, style, CultureInfo.InvariantCulture, out _);
        if (!isNumber)
        {
            Refuse($"[SchemaRange] has the bound {text}, which is no value of {kind}.");
        }

        return $",\"{key}\":{(kind == "decimal" ? SchemaDocument.Quoted(text) : text)}";
    }

    private void Refuse(string message) => _problems.Add(Problem.At(_source.Location, Problem.BadConstraint, $"{_source.Property}: {message}"));
}
