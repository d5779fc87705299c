using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Molt.Contracts.Generator;

/// <summary>Reads the symbols of a record into a model, and says what a schema cannot express.</summary>
internal sealed class RecordReader(Compilation compilation, List<Problem> problems, CancellationToken cancel)
{
    private static readonly string[] OwnMembers = ["Schema", "Write", "Read"];

    private readonly Compilation _compilation = compilation;
    private readonly List<Problem> _problems = problems;
    private readonly CancellationToken _cancel = cancel;

    public RecordModel? Read(INamedTypeSymbol type, TypeDeclarationSyntax syntax, AttributeData attribute)
    {
        if (Shape(type, syntax) is { } shape)
        {
            _problems.Add(Problem.At(syntax.Identifier.GetLocation(), Problem.NotARecord, $"{type.Name} {shape}"));
            return null;
        }

        var id = attribute.ConstructorArguments.Length == 1 ? attribute.ConstructorArguments[0].Value as string ?? "" : "";
        if (!SchemaIds.IsValid(id))
        {
            _problems.Add(Problem.At(attribute.ApplicationSyntaxReference?.GetSyntax(_cancel).GetLocation(), Problem.BadId, $"\"{id}\" is not a schema id; write schema://area/name/v1 with area and name of a-z, 0-9 and _ (a letter first)."));
        }

        var definitions = new Definitions(type);
        var types = new TypeReader(_problems, definitions);
        var fields = Fields(type, types);
        foreach (var member in type.GetMembers())
        {
            if (Array.IndexOf(OwnMembers, member.Name) >= 0)
            {
                _problems.Add(Problem.At(member.Locations[0], Problem.BadName, $"{type.Name}.{member.Name} has the name of a member that is generated; rename it, and keep its name in the schema with [SchemaField(Name = \"…\")]."));
            }
        }

        // Definitions are complete when nothing they use is missing; each may ask for more.
        while (definitions.Next() is { } nested)
        {
            definitions.Complete(nested, RecordJson(Fields(nested, types)));
        }

        var document = SchemaDocument.Of(id, FieldSource.Named(attribute, "Doc") as string, FieldSource.Named(attribute, "Coercion") is 1, definitions, RecordJson(fields));
        return new RecordModel(
            type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString(),
            type.IsValueType ? "record struct" : "record",
            type.Name,
            type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat),
            document,
            fields.ConvertAll(field => field.Model));
    }

    private static string? Shape(INamedTypeSymbol type, TypeDeclarationSyntax syntax)
    {
        if (!type.IsRecord)
        {
            return "must be a record to have a schema.";
        }

        if (!syntax.Modifiers.Any(SyntaxKind.PartialKeyword))
        {
            return "must be partial, so that its schema can be generated.";
        }

        if (type.ContainingType is not null)
        {
            return "must not be nested in another type to have a schema.";
        }

        if (type.IsGenericType)
        {
            return "must not be generic to have a schema.";
        }

        return type.IsAbstract ? "must not be abstract to have a schema."
            : type.BaseType is { SpecialType: not (SpecialType.System_Object or SpecialType.System_ValueType) } ? "must not derive from another record to have a schema; hold it in a field."
            : null;
    }

    private static string RecordJson(List<(FieldModel Model, string Json)> fields)
    {
        var members = fields.ConvertAll(field => field.Json);
        return members.Count == 0 ? "{\"kind\":\"record\",\"fields\":[]}" : "{\"kind\":\"record\",\"fields\":[\n    " + string.Join(",\n    ", members) + "\n  ]}";
    }

    private List<(FieldModel Model, string Json)> Fields(INamedTypeSymbol type, TypeReader types)
    {
        var fields = new List<(FieldModel, string)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var primary = Primary(type);
        foreach (var parameter in primary?.Parameters ?? [])
        {
            Add(new FieldSource(parameter.Name, parameter.Type, OfParameter(type, parameter), parameter.Locations[0], isParameter: true)
            {
                HasDefault = parameter.HasExplicitDefaultValue,
                Default = parameter.HasExplicitDefaultValue ? parameter.ExplicitDefaultValue : null,
            });
        }

        foreach (var member in type.GetMembers())
        {
            if (member is IPropertySymbol { IsStatic: false, IsIndexer: false, DeclaredAccessibility: Accessibility.Public, SetMethod.DeclaredAccessibility: Accessibility.Public, IsImplicitlyDeclared: false } property
                && !IsParameter(primary, property.Name))
            {
                Add(OfProperty(property));
            }
        }

        return fields;

        void Add(FieldSource source)
        {
            if (types.Read(source) is not { } field)
            {
                return;
            }

            if (!names.Add(field.Model.Name))
            {
                _problems.Add(Problem.At(source.Location, Problem.BadName, $"two fields are called \"{field.Model.Name}\" in the schema; rename one, or give it [SchemaField(Name = \"…\")]."));
            }

            fields.Add(field);
        }
    }

    /// <summary>The attributes of a parameter and of its property, where [property: …] puts them; each kind at one of the two.</summary>
    private ImmutableArray<AttributeData> OfParameter(INamedTypeSymbol type, IParameterSymbol parameter)
    {
        var attributes = parameter.GetAttributes();
        foreach (var member in type.GetMembers(parameter.Name))
        {
            if (member is not IPropertySymbol property)
            {
                continue;
            }

            foreach (var attribute in property.GetAttributes())
            {
                if (attribute.AttributeClass is { } kind && FieldSource.IsOfSchemas(kind) && FieldSource.Attribute(attributes, kind.Name) is not null)
                {
                    _problems.Add(Problem.At(parameter.Locations[0], Problem.BadConstraint, $"{parameter.Name}: [{kind.Name.Replace("Attribute", "")}] is on the parameter and on its property; keep one of them."));
                }
            }

            attributes = attributes.AddRange(property.GetAttributes());
        }

        return attributes;
    }

    private FieldSource OfProperty(IPropertySymbol property)
    {
        var source = new FieldSource(property.Name, property.Type, property.GetAttributes(), property.Locations[0], isParameter: false);
        if (property.DeclaringSyntaxReferences.Length > 0 && property.DeclaringSyntaxReferences[0].GetSyntax(_cancel) is PropertyDeclarationSyntax { Initializer.Value: { } value }
            && _compilation.GetSemanticModel(value.SyntaxTree).GetConstantValue(value, _cancel) is { HasValue: true } constant)
        {
            source.HasDefault = true;
            source.Default = constant.Value;
        }

        return source;
    }

    private static bool IsParameter(IMethodSymbol? primary, string name)
    {
        foreach (var parameter in primary?.Parameters ?? [])
        {
            if (parameter.Name == name)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The constructor that is written behind the record's name.</summary>
    private IMethodSymbol? Primary(INamedTypeSymbol type)
    {
        foreach (var constructor in type.InstanceConstructors)
        {
            foreach (var reference in constructor.DeclaringSyntaxReferences)
            {
                if (reference.GetSyntax(_cancel) is RecordDeclarationSyntax)
                {
                    return constructor;
                }
            }
        }

        return null;
    }
}
