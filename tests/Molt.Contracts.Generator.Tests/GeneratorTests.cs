using System.Collections.Immutable;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Molt.Contracts.Generator.Tests;

/// <summary>What the generator says about types that are no schemas, and how it goes about those that are. Tests of Molt.Contracts run what it writes.</summary>
public sealed class GeneratorTests
{
    [Theory]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] public sealed record R(int A);", "SCH020: R must be partial, so that its schema can be generated.")]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] public sealed partial class R { }", "SCH020: R must be a record to have a schema.")]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] public sealed partial record R<T>(T A);", "SCH020: R must not be generic to have a schema.")]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] public abstract partial record R(int A);", "SCH020: R must not be abstract to have a schema.")]
    [InlineData("public abstract record B(int A); [MoltSchema(\"schema://a/b/v1\")] public sealed partial record R() : B(1);", "SCH020: R must not derive from another record to have a schema; hold it in a field.")]
    [InlineData("public partial class C { [MoltSchema(\"schema://a/b/v1\")] public sealed partial record R(int A); }", "SCH020: R must not be nested in another type to have a schema.")]
    [InlineData("[MoltSchema(\"schema://A/b/v1\")] public sealed partial record R(int A);", "SCH021: \"schema://A/b/v1\" is not a schema id; write schema://area/name/v1 with area and name of a-z, 0-9 and _ (a letter first).")]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] public sealed partial record R(object A);", "SCH022: A is a object, which a schema cannot express; use bool, numbers, string, byte[], DateTimeOffset, TimeSpan, Guid, decimal, JsonElement, an enum, a list, array or dictionary of them, or a record with [MoltSchema].")]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] public sealed partial record R(Dictionary<long, int> A);", "SCH022: A has keys of long; keys are strings or integers of at most 32 bits.")]
    [InlineData("public enum E { } [MoltSchema(\"schema://a/b/v1\")] public sealed partial record R(E A);", "SCH022: E has no members; a schema's enum has at least one.")]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] public sealed partial record R([SchemaRange(1, 2)] string A);", "SCH023: A: [SchemaRange] does not fit the type.")]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] public sealed partial record R([SchemaRange(\"x\", null)] int A);", "SCH023: A: [SchemaRange] has the bound x, which is no value of int32.")]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] public sealed partial record R([SchemaLength(3, 2)] string A);", "SCH023: A: [SchemaLength] goes from a number of 0 or more to one that is not smaller.")]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] public sealed partial record R([property: SchemaLength(3, 2)] string A);", "SCH023: A: [SchemaLength] goes from a number of 0 or more to one that is not smaller.")]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] public sealed partial record R([SchemaLength(1, 2)][property: SchemaLength(1, 3)] string A);", "SCH023: A: [SchemaLength] is on the parameter and on its property; keep one of them.")]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] public sealed partial record R([SchemaPattern(@\"\\bx\")] string A);", "SCH023: A: [SchemaPattern] is refused: the pattern has the unknown escape \\b at character 2; patterns are literals, . ^ $ ( ) (?: ) | [ ], * + ? {m,n}, \\d \\w \\s \\D \\W \\S, \\uXXXX and escaped punctuation.")]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] public sealed partial record R([property: SchemaPattern(\"(?=x)\")] List<string?> A);", "SCH023: A: [SchemaPattern] is refused: the pattern has a group that is neither ( ) nor (?: ) at character 2; patterns are literals, . ^ $ ( ) (?: ) | [ ], * + ? {m,n}, \\d \\w \\s \\D \\W \\S, \\uXXXX and escaped punctuation.")]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] public sealed partial record R([SchemaKind(ScalarKind.Int8)] int A);", "SCH023: A: [SchemaKind] says int8; the C# type is that of int32.")]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] public sealed partial record R(int? A = 5);", "SCH024: the default of A cannot be expressed; defaults are constants of scalars and enums, and null for what is nullable.")]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] public sealed partial record R(DateTimeOffset A = default);", "SCH024: the default of A cannot be expressed; defaults are constants of scalars and enums, and null for what is nullable.")]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] public sealed partial record R(int A, [SchemaField(Name = \"a\")] int B);", "SCH025: two fields are called \"a\" in the schema; rename one, or give it [SchemaField(Name = \"…\")].")]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] public sealed partial record R(int Schema);", "SCH025: R.Schema has the name of a member that is generated; rename it, and keep its name in the schema with [SchemaField(Name = \"…\")].")]
    [InlineData("public enum E { A = 1, B = 1 } [MoltSchema(\"schema://a/b/v1\")] public sealed partial record R(E A);", "SCH025: E.B has the value of another member; a schema's enum has each once.")]
    public void Type_WhenNoSchemaExpressesIt_IsAnErrorAtItsPlace(string source, string error)
    {
        var (problems, output) = Run(source);
        var problem = Assert.Single(problems);
        Assert.Equal(error, $"{problem.Id}: {problem.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}");
        Assert.True(problem.Location.IsInSource || problem.Location.GetLineSpan().Path == "Source.cs");
        Assert.Empty(output);
    }

    [Theory]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] public partial record R(int A);")]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] internal readonly partial record struct R(int A, string? B = null);")]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] public sealed partial record R(List<Dictionary<string, int?[]?>?> A, IReadOnlyDictionary<byte, List<R>?>? B);")]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] public sealed partial record R(S A, S? B, T? C, T D); [MoltSchema(\"schema://a/c/v1\")] public partial record struct S(T A); [MoltSchema(\"schema://a/d/v1\")] public partial record T(R? A);")]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] public sealed partial record R(int A, float? Worth);")]
    [InlineData("public enum E { X } [MoltSchema(\"schema://a/b/v1\")] public sealed partial record R(E? A, ReadOnlyMemory<byte>? B, DateTimeOffset? C);")]
    [InlineData("[MoltSchema(\"schema://a/b/v1\")] public readonly partial record struct R(Guid? A = null);")]
    [InlineData("namespace Molt.Contracts.Schemas.Deep { [MoltSchema(\"schema://a/b/v1\")] public sealed partial record R(int A) { public string B { get; init; } = \"x\"; } }")]
    public void Type_WhenExpressed_GivesSourceThatCompiles(string source)
    {
        var (problems, output) = Run(source);
        Assert.Empty(problems);
        Assert.NotEmpty(output);
    }

    [Theory]
    [InlineData("R([property: SchemaLength(1, 80)] string To)", "{\"name\":\"to\",\"type\":{\"kind\":\"string\",\"minLength\":1,\"maxLength\":80}}")]
    [InlineData("R([property: SchemaField(Name = \"for\", Doc = \"Whom.\"), SchemaPattern(\"^a\")] string To)", "{\"name\":\"for\",\"type\":{\"kind\":\"string\",\"pattern\":\"^a\"},\"doc\":\"Whom.\"}")]
    [InlineData("R([property: Obsolete] [SchemaRange(0, 9)] int To)", "{\"name\":\"to\",\"type\":{\"kind\":\"int32\",\"ge\":0,\"le\":9},\"deprecated\":true}")]
    [InlineData("R(string To) { [SchemaLength(2)] public string To { get; init; } = To; }", "{\"name\":\"to\",\"type\":{\"kind\":\"string\",\"minLength\":2}}")]
    public void Attributes_WhenOnAParametersProperty_Count(string record, string field)
    {
        var end = record.EndsWith('}') ? "" : ";";
        var (problems, output) = Run($"[MoltSchema(\"schema://a/b/v1\")] public sealed partial record {record}{end}");
        Assert.Empty(problems);
        Assert.Contains($"\n    {field}\n", Assert.Single(output).ToString().Replace("\n        ", "\n", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Output_WhenNothingChanged_IsNotMadeAgain()
    {
        var compilation = Compilation("[MoltSchema(\"schema://a/b/v1\")] public sealed partial record R(int A);");
        GeneratorDriver driver = CSharpGeneratorDriver.Create([Generator()], driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        driver = driver.RunGenerators(compilation);
        driver = driver.RunGenerators(compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText("class Other { }")));
        foreach (var (_, steps) in driver.GetRunResult().Results[0].TrackedOutputSteps)
        {
            foreach (var step in steps)
            {
                Assert.All(step.Outputs, output => Assert.Equal(IncrementalStepRunReason.Cached, output.Reason));
            }
        }
    }

    private static (ImmutableArray<Diagnostic> Problems, ImmutableArray<SyntaxTree> Output) Run(string source)
    {
        GeneratorDriver driver = CSharpGeneratorDriver.Create(Generator());
        driver = driver.RunGeneratorsAndUpdateCompilation(Compilation(source), out var compilation, out _);
        var result = driver.GetRunResult();
        if (result.Diagnostics.IsEmpty)
        {
            Assert.Empty(compilation.GetDiagnostics().RemoveAll(diagnostic => diagnostic.Severity < DiagnosticSeverity.Warning));
        }

        return (result.Diagnostics, result.GeneratedTrees);
    }

    // The generator is the compiler's business, so it is not public.
    private static ISourceGenerator Generator() =>
        ((IIncrementalGenerator)Activator.CreateInstance(Assembly.Load("Molt.Contracts.Generator").GetType("Molt.Contracts.Generator.MoltSchemaGenerator", throwOnError: true)!)!).AsSourceGenerator();

    private static CSharpCompilation Compilation(string source)
    {
        var references = new List<MetadataReference>();
        foreach (var path in ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator))
        {
            references.Add(MetadataReference.CreateFromFile(path));
        }

        return CSharpCompilation.Create(
            "Tested",
            [CSharpSyntaxTree.ParseText("using System;\nusing System.Collections.Generic;\nusing Molt.Contracts.Schemas;\n" + source, path: "Source.cs")],
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
    }
}
