using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Molt.Contracts.Generator;

/// <summary>Something that a schema cannot express, at a place in the source. Holds no symbols, so that it can be compared and kept.</summary>
internal sealed class Problem(string code, string message, string file, TextSpan span, LinePositionSpan lines) : IEquatable<Problem>
{
    public const string NotARecord = "SCH020";
    public const string BadId = "SCH021";
    public const string BadType = "SCH022";
    public const string BadConstraint = "SCH023";
    public const string BadDefault = "SCH024";
    public const string BadName = "SCH025";

    private readonly string _code = code;
    private readonly string _message = message;
    private readonly string _file = file;
    private readonly TextSpan _span = span;
    private readonly LinePositionSpan _lines = lines;

    public static Problem At(Location? location, string code, string message) => location is null || !location.IsInSource
        ? new Problem(code, message, "", default, default)
        : new Problem(code, message, location.SourceTree!.FilePath, location.SourceSpan, location.GetLineSpan().Span);

    public Diagnostic ToDiagnostic()
    {
        var rule = new DiagnosticDescriptor(_code, "A type cannot be expressed as a schema", "{0}", "Molt.Schemas", DiagnosticSeverity.Error, isEnabledByDefault: true);
        return Diagnostic.Create(rule, _file.Length == 0 ? Location.None : Location.Create(_file, _span, _lines), _message);
    }

    public bool Equals(Problem? other) => other is not null && _code == other._code && _message == other._message && _file == other._file && _span == other._span;

    public override bool Equals(object? obj) => Equals(obj as Problem);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_message);
}
