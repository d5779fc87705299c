using System.Globalization;
using Microsoft.CodeAnalysis.CSharp;

namespace Molt.Contracts.Generator;

/// <summary>A default: in the document, in C#, and as the test that a value is another one.</summary>
internal sealed class FieldDefault(string? json, string csharp, string differs)
{
    /// <summary>Null when absence means null.</summary>
    public string? Json { get; } = json;

    public string CSharp { get; } = csharp;

    public string Differs { get; } = differs;
}

/// <summary>Reads the constants that fields default to.</summary>
internal static class FieldDefaults
{
    public static FieldDefault? Of(FieldSource source, FieldType type)
    {
        if (type.Form == FieldForm.Optional)
        {
            // A nullable field could not say null if absence meant something else.
            return source.Default is null ? new FieldDefault(null, "null", "") : null;
        }

        if (type.Form == FieldForm.Enum)
        {
            return OfEnum(source, type);
        }

        if (type.Form != FieldForm.Scalar)
        {
            return null;
        }

        return source.Default switch
        {
            bool value => Simple(value ? "true" : "false"),
            string value => new FieldDefault(SchemaDocument.Quoted(value), SymbolDisplay.FormatLiteral(value, quote: true), "{0} != " + Braced(SymbolDisplay.FormatLiteral(value, quote: true))),
            float value => OfFloat(value, type.CSharp),
            double value => OfFloat(value, type.CSharp),
            decimal value => OfDecimal(value),
            long or ulong or int or uint or short or ushort or sbyte or byte => OfInteger(source.Default, type.Kind),
            // default of a struct that has no literals.
            null when type.Kind == "uuid" => new FieldDefault("\"00000000-0000-0000-0000-000000000000\"", "default", "{0} != default"),
            null when type.Kind == "duration" => new FieldDefault("\"PT0S\"", "default", "{0} != default"),
            _ => null,
        };
    }

    private static FieldDefault Simple(string literal) => new(literal, literal, "{0} != " + literal);

    private static FieldDefault OfInteger(object value, string kind)
    {
        var digits = Convert.ToString(value, CultureInfo.InvariantCulture);
        return kind switch
        {
            "float32" or "float64" => OfFloat(Convert.ToDouble(value, CultureInfo.InvariantCulture), kind == "float32" ? "float" : "double"),
            "decimal" => OfDecimal(Convert.ToDecimal(value, CultureInfo.InvariantCulture)),
            _ => Simple(digits),
        };
    }

    private static FieldDefault OfDecimal(decimal value)
    {
        var text = value.ToString(CultureInfo.InvariantCulture);
        return new FieldDefault(SchemaDocument.Quoted(text), text + "m", "{0} != " + text + "m");
    }

    // Floats are compared by their bits: 0 and -0 are two values, and NaN is one.
    private static FieldDefault OfFloat(double value, string csharp)
    {
        if (double.IsNaN(value))
        {
            return new FieldDefault("\"NaN\"", csharp + ".NaN", "!" + csharp + ".IsNaN({0})");
        }

        var bits = csharp == "float" ? "global::System.BitConverter.SingleToInt32Bits" : "global::System.BitConverter.DoubleToInt64Bits";
        var literal = double.IsInfinity(value) ? csharp + (value > 0 ? ".PositiveInfinity" : ".NegativeInfinity") : Digits(value, csharp) + (csharp == "float" ? "f" : "d");
        var json = double.IsInfinity(value) ? value > 0 ? "\"Infinity\"" : "\"-Infinity\"" : Digits(value, csharp);
        return new FieldDefault(json, literal, $"{bits}({{0}}) != {bits}({literal})");
    }

    private static string Digits(double value, string csharp) =>
        value == 0 && 1 / value < 0 ? "-0.0" : csharp == "float" ? ((float)value).ToString("R", CultureInfo.InvariantCulture) : value.ToString("R", CultureInfo.InvariantCulture);

    private static FieldDefault? OfEnum(FieldSource source, FieldType type)
    {
        foreach (var member in ((Microsoft.CodeAnalysis.INamedTypeSymbol)source.Type).GetMembers())
        {
            if (member is Microsoft.CodeAnalysis.IFieldSymbol { HasConstantValue: true } field && Equals(field.ConstantValue, source.Default))
            {
                var name = FieldSource.Named(FieldSource.Attribute(field.GetAttributes(), "SchemaFieldAttribute"), "Name") as string ?? TypeReader.CamelCase(field.Name);
                var literal = $"{type.CSharp}.{field.Name}";
                return new FieldDefault(SchemaDocument.Quoted(name), literal, "{0} != " + literal);
            }
        }

        return null;
    }

    /// <summary>Text that goes through string.Format unharmed.</summary>
    private static string Braced(string text) => text.Replace("{", "{{").Replace("}", "}}");
}
