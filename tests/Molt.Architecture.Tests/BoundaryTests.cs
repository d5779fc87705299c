using System.Collections;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Molt.Contracts.Capabilities;
using Molt.Contracts.Schemas;

namespace Molt.Architecture.Tests;

/// <summary>
/// Whatever a JavaScript guest can reach outside of itself is an operation of a declared capability. The guest runtime has two
/// objects, <c>host</c> and <c>native</c>, and nothing else of the process: these tests count what is in them.
/// </summary>
public sealed partial class BoundaryTests
{
    private const string Accept = "MOLT_ACCEPT_DOCS";

    // What V8's embedder computes for the guest: no clock, no randomness, no I/O. A name that is new here is argued for first.
    private static readonly string[] PureIntrinsics =
    [
        "asyncGet", "asyncSet", "compileFunction", "latin1Decode", "ownNames", "previewEntries", "promiseDetails", "proxyDetails", "structuredClone",
        "tellStacks", "urlCanParse", "urlParse", "urlSet", "utf16leDecode", "utf8Decode", "utf8Encode", "utf8EncodeInto",
    ];

    // The bytes carrier: it carries capabilities and is none.
    private static readonly string[] BytesCarrier =
    [
        "capabilityBuffer", "capabilityCall", "capabilityCancel", "capabilityFault", "capabilityFinish", "capabilityOpen", "capabilityRead",
        "capabilityStream", "capabilityWrite",
    ];

    private static readonly Assembly Runtime = Repository.Load("Molt.Runtime");

    private static IReadOnlyList<CapabilityDeclaration> Declarations =>
        (IReadOnlyList<CapabilityDeclaration>)Static("Molt.Runtime.Boundary.RuntimeCapabilities", "All");

    [Fact]
    public void HostFunctions_WhenCounted_AreOperationsOfCapabilitiesAndTheBytesCarrier()
    {
        var expected = new List<string>(BytesCarrier);
        foreach (var flat in Flat())
        {
            expected.Add(flat.Function);
        }

        var registered = new List<string>();
        foreach (var function in (IEnumerable)Static("Molt.Runtime.HostFunctions", "All"))
        {
            registered.Add(Read<string>(function, "Name"));
        }

        Assert.Equal(Sorted(expected), Sorted(registered), StringComparer.Ordinal);
        Assert.Equal(Sorted(registered), Sorted(MembersOf("Host")), StringComparer.Ordinal);
    }

    [Fact]
    public void FlatOperations_WhenCounted_AreThoseDeclaredEachOnce()
    {
        var declared = new List<string>();
        foreach (var capability in Declarations)
        {
            foreach (var operation in capability.Operations)
            {
                declared.Add($"{capability.Id} {operation.Name}");
            }
        }

        Assert.Equal(Sorted(declared), Sorted(Flat().ConvertAll(flat => $"{flat.Capability.Id} {flat.Operation.Name}")), StringComparer.Ordinal);
    }

    [Fact]
    public void FlatSignatures_WhenComparedWithTheirSchemas_SayTheSame()
    {
        foreach (var flat in Flat())
        {
            Assert.Equal($"{flat.Function} {SignatureOf(flat.Operation.Input)}", $"{flat.Function} {flat.Signature}");
        }
    }

    [Fact]
    public void Intrinsics_WhenCounted_ArePure()
    {
        var registered = new List<string> { "asyncGet", "asyncSet" };
        foreach (var file in Repository.Files("native/src", ".cc").FindAll(file => Path.GetFileName(file).StartsWith("intrinsics_", StringComparison.Ordinal) || file.EndsWith("clone.cc", StringComparison.Ordinal)))
        {
            var text = Repository.Read(file);
            Assert.DoesNotMatch("getrandom|clock_gettime|<ctime>|std::chrono|socket\\(|fopen|getenv", text);
            foreach (Match match in IntrinsicInSource().Matches(text))
            {
                registered.Add(match.Groups["name"].Value);
            }
        }

        Assert.Equal(PureIntrinsics, Sorted(registered), StringComparer.Ordinal);
        Assert.Equal(PureIntrinsics, Sorted(MembersOf("Native")), StringComparer.Ordinal);
    }

    [Fact]
    public void RequiredModules_WhenCounted_AreThoseOfTheGuestRuntime()
    {
        var offered = (string[])Repository.Load("Molt.Cli").GetType("Molt.Cli.Bundling.RequiredModules", throwOnError: true)!
            .GetField("Offered", BindingFlags.Static | BindingFlags.NonPublic)!.GetValue(null)!;
        var builtins = BuiltinInSource().Matches(Repository.Read("guest/src/worker/builtins.ts")).Select(match => match.Groups["name"].Value);
        Assert.Equal(Sorted([.. builtins]), Sorted([.. offered]), StringComparer.Ordinal);
    }

    [Fact]
    public void HostFunctions_WhenMade_AreMadeInTwoPlaces()
    {
        foreach (var file in Repository.Files("src/Molt.Runtime", ".cs"))
        {
            var text = Repository.Read(file);
            if (text.Contains("JsHostFunction", StringComparison.Ordinal))
            {
                Assert.Contains(Path.GetFileName(file), (string[])["BaseSnapshot.cs", "BytesCarrier.cs", "FlatOperation.cs", "HostFunctions.cs"], StringComparer.Ordinal);
            }
        }
    }

    [Fact]
    public void Reference_WhenCompared_HasTheTableOfTheCode()
    {
        const string Begin = "<!-- begin: generated from RuntimeCapabilities by BoundaryTests -->\n";
        const string End = "<!-- end -->";
        const string Document = "docs/reference/capabilities.md";
        var text = Repository.Read(Document);
        var from = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var to = text.IndexOf(End, from, StringComparison.Ordinal);
        var expected = Table();
        if (Environment.GetEnvironmentVariable(Accept) == "1")
        {
            File.WriteAllText(Path.Combine(Repository.Root, Document), text[..from] + expected + text[to..]);
            return;
        }

        Assert.True(expected == text[from..to], $"{Document} does not have the capabilities of the code. Run this test with {Accept}=1 and commit the file.");
    }

    /// <summary>The kinds of arguments a record's fields are lowered to.</summary>
    private static string SignatureOf(Schema schema)
    {
        var text = new StringBuilder();
        foreach (var field in ((RecordType)schema.Type).Fields)
        {
            text.Append(Lowered(field.Type));
        }

        return text.ToString();
    }

    private static string Lowered(SchemaType type) => type switch
    {
        OptionalType optional => Lowered(optional.Of) + "?",
        UnionType union => "(" + string.Concat(new List<UnionVariant>(union.Variants).ConvertAll(variant => Lowered(variant.Type))) + ")",
        EnumType => "s",
        ScalarType { Scalar: ScalarKind.Bool } => "b",
        ScalarType { Scalar: ScalarKind.String } => "s",
        ScalarType { Scalar: ScalarKind.Bytes } => "y",
        ScalarType { Scalar: ScalarKind.Json } => "a",
        ScalarType { Scalar: ScalarKind.Int64 or ScalarKind.UInt64 } => "i",
        ScalarType { Scalar: >= ScalarKind.Int8 and <= ScalarKind.Float64 } => "n",
        _ => throw new InvalidOperationException($"The flat carrier has no form for {type.Kind}."),
    };

    private static string Table()
    {
        var text = new StringBuilder();
        foreach (var capability in Declarations)
        {
            text.Append("\n### `").Append(capability).Append("`\n\n").Append(capability.Doc).Append("\n\n");
            text.Append("| operation | request | answer | effect | determinism | cost | what it does |\n|---|---|---|---|---|---|---|\n");
            foreach (var operation in capability.Operations)
            {
                text.Append("| `").Append(operation.Name).Append("` | ").Append(Fields(operation.Input)).Append(" | ").Append(Fields(operation.Output)).Append(" | ")
                    .Append(Name(operation.Traits.Effect)).Append(" | ").Append(Name(operation.Traits.Determinism)).Append(" | ")
                    .Append(operation.Traits.Cost).Append(" | ").Append(operation.Traits.Doc).Append(" |\n");
            }
        }

        return text.Append('\n').ToString();
    }

    private static string Fields(Schema schema)
    {
        var fields = new List<RecordField>(((RecordType)schema.Type).Fields).ConvertAll(field => $"`{field.Name}` {Kind(field.Type)}");
        return fields.Count == 0 ? "nothing" : string.Join(", ", fields);
    }

    private static string Kind(SchemaType type) => type switch
    {
        OptionalType optional => Kind(optional.Of) + "?",
        UnionType union => string.Join(" or ", new List<UnionVariant>(union.Variants).ConvertAll(variant => Kind(variant.Type))),
        _ => type.Kind,
    };

    private static string Name(Enum value) => SnakeCase().Replace(value.ToString(), "${before}_${after}").ToLowerInvariant();

    private static List<FlatOperation> Flat()
    {
        var operations = new List<FlatOperation>();
        foreach (var flat in (IEnumerable)Static("Molt.Runtime.HostFunctions", "Flat"))
        {
            operations.Add(new FlatOperation(
                Read<string>(flat, "Function"),
                Read<CapabilityDeclaration>(flat, "Capability"),
                Read<CapabilityOperation>(flat, "Operation"),
                Read<string>(flat, "Signature")));
        }

        return operations;
    }

    private static object Static(string type, string field) =>
        Runtime.GetType(type, throwOnError: true)!.GetField(field, BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;

    private static T Read<T>(object target, string property) => (T)target.GetType().GetProperty(property)!.GetValue(target)!;

    /// <summary>The members of an interface of the guest's bridge.</summary>
    private static List<string> MembersOf(string name)
    {
        var text = Repository.Read("guest/src/core/bridge.ts");
        var from = text.IndexOf($"export interface {name} {{", StringComparison.Ordinal);
        var members = new List<string>();
        foreach (Match match in MemberInBridge().Matches(text[from..text.IndexOf("\n}", from, StringComparison.Ordinal)]))
        {
            members.Add(match.Groups["name"].Value);
        }

        return members;
    }

    private static List<string> Sorted(List<string> names)
    {
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    [GeneratedRegex(@"\{""(?<name>\w+)"", \w+, \d+\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IntrinsicInSource();

    [GeneratedRegex(@"^    ""(?<name>[^""]+)"": \{", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex BuiltinInSource();

    [GeneratedRegex(@"^  (?<name>\w+)[(<]", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex MemberInBridge();

    [GeneratedRegex("(?<before>[a-z])(?<after>[A-Z])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SnakeCase();

    private sealed record FlatOperation(string Function, CapabilityDeclaration Capability, CapabilityOperation Operation, string Signature);
}
