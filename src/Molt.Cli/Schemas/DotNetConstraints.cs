using System.Globalization;
using System.Reflection;
using Molt.Cli.Reporting;
using Molt.Contracts.Schemas;

namespace Molt.Cli.Schemas;

/// <summary>Constraints that attributes put on a field: those of the schema language, and those of DataAnnotations that mean the same.</summary>
internal static class DotNetConstraints
{
    private const string Annotations = "System.ComponentModel.DataAnnotations.";

    public static SchemaType Apply(SchemaType type, IList<CustomAttributeData> attributes, string place, List<SchemaNote> notes)
    {
        var given = new Constraints(type, place, notes);
        foreach (var attribute in attributes)
        {
            var arguments = attribute.ConstructorArguments;
            switch (attribute.AttributeType.FullName)
            {
                case "Molt.Contracts.Schemas.SchemaRangeAttribute":
                    given.Range(Text(arguments[0].Value), Text(arguments[1].Value));
                    break;
                case "Molt.Contracts.Schemas.SchemaLengthAttribute":
                    given.Length((int)arguments[0].Value!, arguments.Count > 1 ? (int)arguments[1].Value! : int.MaxValue);
                    break;
                case "Molt.Contracts.Schemas.SchemaPatternAttribute" or Annotations + "RegularExpressionAttribute":
                    var pattern = (string)arguments[0].Value!;
                    given.Pattern(attribute.AttributeType.Namespace == "Molt.Contracts.Schemas" ? pattern : $"^(?:{pattern})$");
                    break;
                case "Molt.Contracts.Schemas.SchemaFormatAttribute":
                    given.Format((string)arguments[0].Value!);
                    break;
                case Annotations + "EmailAddressAttribute":
                    given.Format("email");
                    break;
                case Annotations + "UrlAttribute":
                    given.Format("uri");
                    break;
                case Annotations + "RangeAttribute" when arguments.Count == 2:
                    given.Range(Text(arguments[0].Value), Text(arguments[1].Value));
                    break;
                case Annotations + "StringLengthAttribute":
                    given.Length(DotNetAttributes.Named(attribute, "MinimumLength") as int? ?? 0, (int)arguments[0].Value!);
                    break;
                case Annotations + "LengthAttribute":
                    given.Length((int)arguments[0].Value!, (int)arguments[1].Value!);
                    break;
                case Annotations + "MinLengthAttribute":
                    given.Length((int)arguments[0].Value!, int.MaxValue);
                    break;
                case Annotations + "MaxLengthAttribute" when arguments.Count == 1:
                    given.Length(0, (int)arguments[0].Value!);
                    break;
                case { } name when name.StartsWith(Annotations, StringComparison.Ordinal) && name is not (Annotations + "RequiredAttribute" or Annotations + "DisplayAttribute"):
                    given.Lost($"[{attribute.AttributeType.Name.Replace("Attribute", "", StringComparison.Ordinal)}] is not checked: the schema language has no word for it.");
                    break;
                default:
                    break;
            }
        }

        return given.Type;
    }

    private static string? Text(object? value) => value switch
    {
        null => null,
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    /// <summary>A type that takes on constraints; in a list or map, bounds and patterns are about the items and lengths about the whole.</summary>
    private sealed class Constraints(SchemaType type, string place, List<SchemaNote> notes)
    {
        public SchemaType Type { get; private set; } = type;

        public void Range(string? least, string? most) => Type = OnScalar(Type, scalar =>
        {
            if (scalar.Scalar is ScalarKind.Float32 or ScalarKind.Float64)
            {
                return Copy(scalar, floatGe: Number(least), floatLe: Number(most));
            }

            return Copy(scalar, ge: Whole(least), le: Whole(most));
        });

        public void Length(int least, int most)
        {
            int? from = least > 0 ? least : null;
            int? to = most < int.MaxValue && most >= 0 ? most : null;
            Type = Type switch
            {
                ListType list => new ListType(list.Items) { MinItems = from ?? list.MinItems, MaxItems = to ?? list.MaxItems },
                MapType map => new MapType(map.Keys, map.Values) { MinItems = from ?? map.MinItems, MaxItems = to ?? map.MaxItems },
                ScalarType scalar => Copy(scalar, minLength: from, maxLength: to),
                _ => Type,
            };
        }

        public void Pattern(string pattern) => Type = OnScalar(Type, scalar => Copy(scalar, pattern: pattern));

        public void Format(string format) => Type = OnScalar(Type, scalar => Copy(scalar, format: format));

        public void Lost(string message) => notes.Add(new SchemaNote(FaultCodes.SchemaTypeChanged, NoteSeverity.Warning, place, message));

        private static SchemaType OnScalar(SchemaType type, Func<ScalarType, ScalarType> change) => type switch
        {
            ScalarType scalar => change(scalar),
            ListType list => new ListType(OnScalar(list.Items, change)) { MinItems = list.MinItems, MaxItems = list.MaxItems },
            MapType map => new MapType(map.Keys, OnScalar(map.Values, change)) { MinItems = map.MinItems, MaxItems = map.MaxItems },
            OptionalType optional => new OptionalType(OnScalar(optional.Of, change)) { Default = optional.Default },
            _ => type,
        };

        private static ScalarType Copy(
            ScalarType from,
            decimal? ge = null,
            decimal? le = null,
            double? floatGe = null,
            double? floatLe = null,
            int? minLength = null,
            int? maxLength = null,
            string? pattern = null,
            string? format = null) => new(from.Scalar)
            {
                Ge = ge ?? from.Ge,
                Le = le ?? from.Le,
                FloatGe = floatGe ?? from.FloatGe,
                FloatLe = floatLe ?? from.FloatLe,
                MinLength = minLength ?? from.MinLength,
                MaxLength = maxLength ?? from.MaxLength,
                Pattern = pattern ?? from.Pattern,
                Format = format ?? from.Format,
            };

        private static double? Number(string? text) =>
            text is not null && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;

        private static decimal? Whole(string? text) =>
            text is not null && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;
    }
}
