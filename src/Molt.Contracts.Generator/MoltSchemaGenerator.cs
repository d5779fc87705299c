using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Molt.Contracts.Generator;

/// <summary>
/// Makes partial records with <c>[MoltSchema("schema://area/name/v1")]</c> into schema records: their schema from their C# types,
/// and code that writes and reads them without reflection.
/// </summary>
[Generator(LanguageNames.CSharp)]
internal sealed class MoltSchemaGenerator : IIncrementalGenerator
{
    private const string Attribute = "Molt.Contracts.Schemas.MoltSchemaAttribute";

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var records = context.SyntaxProvider.ForAttributeWithMetadataName(
            Attribute,
            (node, _) => node is TypeDeclarationSyntax,
            (found, cancel) => RecordOutput.Of((INamedTypeSymbol)found.TargetSymbol, (TypeDeclarationSyntax)found.TargetNode, found.Attributes[0], found.SemanticModel.Compilation, cancel));
        context.RegisterSourceOutput(records, (output, record) =>
        {
            foreach (var problem in record.Problems)
            {
                output.ReportDiagnostic(problem.ToDiagnostic());
            }

            if (record.Source.Length > 0)
            {
                output.AddSource(record.FileName, record.Source);
            }
        });
    }
}

/// <summary>What comes of one type. Equal outputs are equal, so that the compiler does not repeat its work.</summary>
internal sealed class RecordOutput : IEquatable<RecordOutput>
{
    private RecordOutput(string fileName, string source, ImmutableArray<Problem> problems)
    {
        FileName = fileName;
        Source = source;
        Problems = problems;
    }

    public string FileName { get; }

    /// <summary>Empty when there are problems.</summary>
    public string Source { get; }

    public ImmutableArray<Problem> Problems { get; }

    public static RecordOutput Of(INamedTypeSymbol type, TypeDeclarationSyntax syntax, AttributeData attribute, Compilation compilation, CancellationToken cancel)
    {
        var problems = new List<Problem>();
        var model = new RecordReader(compilation, problems, cancel).Read(type, syntax, attribute);
        var source = problems.Count == 0 && model is not null ? new RecordSource(model).ToString() : "";
        return new RecordOutput(type.ToDisplayString() + ".Schema.g.cs", source, [.. problems]);
    }

    public bool Equals(RecordOutput? other)
    {
        if (other is null || FileName != other.FileName || Source != other.Source || Problems.Length != other.Problems.Length)
        {
            return false;
        }

        for (var i = 0; i < Problems.Length; i++)
        {
            if (!Problems[i].Equals(other.Problems[i]))
            {
                return false;
            }
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as RecordOutput);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Source) ^ StringComparer.Ordinal.GetHashCode(FileName);
}
