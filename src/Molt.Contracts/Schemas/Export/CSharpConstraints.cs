using System.Globalization;

namespace Molt.Contracts.Schemas.Export;

/// <summary>
/// The attributes of one field. The generator gives a length to the outermost list or map, else to the scalar, and everything else to
/// the scalar inside; what falls between is lossy.
/// </summary>
internal sealed class CSharpConstraints
{
    private bool _hasContainer;

    public List<string> Attributes { get; } = [];

    public bool IsLossy { get; private set; }

    /// <summary>How many definitions were followed on the way to the field's scalar.</summary>
    public int Depth { get; set; }

    public void Add(ScalarType scalar)
    {
        if (scalar.Scalar == ScalarKind.Int53)
        {
            Attributes.Add("SchemaKind(ScalarKind.Int53)");
        }

        Range(scalar.Ge?.ToString(CultureInfo.InvariantCulture), scalar.Le?.ToString(CultureInfo.InvariantCulture));
        Range(scalar.FloatGe is { } least ? EcmaNumber.Text(least) : null, scalar.FloatLe is { } most ? EcmaNumber.Text(most) : null);
        AddLength(scalar.MinLength, scalar.MaxLength, isContainer: false);
        if (scalar.Pattern is { } pattern)
        {
            Attributes.Add($"SchemaPattern({CSharpExporter.Quoted(pattern)})");
        }

        if (scalar.Format is { } format)
        {
            Attributes.Add($"SchemaFormat({CSharpExporter.Quoted(format)})");
        }
    }

    public void AddLength(int? least, int? most, bool isContainer)
    {
        if (least is not null || most is not null)
        {
            if (_hasContainer)
            {
                IsLossy = true;
            }
            else
            {
                Attributes.Add(string.Create(CultureInfo.InvariantCulture, $"SchemaLength({least ?? 0}{(most is null ? "" : $", {most}")})"));
            }
        }

        _hasContainer |= isContainer;
    }

    private void Range(string? least, string? most)
    {
        if (least is not null || most is not null)
        {
            Attributes.Add($"SchemaRange({(least is null ? "null" : $"\"{least}\"")}, {(most is null ? "null" : $"\"{most}\"")})");
        }
    }
}
