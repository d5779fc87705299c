using System.Text;
using System.Text.Json;
using Molt.Cli.Schemas;
using Molt.Contracts.Schemas;

namespace Molt.Cli.Tests.Schemas;

/// <summary>Schemas of compiled .NET types.</summary>
public sealed class DotNetImportTests
{
    private static readonly string Assembly = typeof(DotNetImportTests).Assembly.Location;

    [Fact]
    public void Import_WhenTheGeneratorTakesTheType_IsTheGeneratorsSchema()
    {
        var import = DotNetImporter.Import(Assembly, typeName: null, Parcel.Schema.Id);
        Assert.Empty(import.Notes);
        Assert.Equal(Encoding.UTF8.GetString(Parcel.Schema.Canonical()), Encoding.UTF8.GetString(import.Schema!.Canonical()));
        Assert.Equal(Encoding.UTF8.GetString(Parcel.Schema.ToJson()), Encoding.UTF8.GetString(import.Schema.ToJson()));
    }

    [Fact]
    public void Import_WhenAPlainClass_TakesItsAnnotations()
    {
        var import = DotNetImporter.Import(Assembly, "Account", SchemaId.Parse("schema://acme/account/v1"));
        using var document = JsonDocument.Parse(import.Schema!.Canonical());
        Assert.Equal(
            """{"fields":[{"name":"name","type":{"kind":"string","maxLength":20,"minLength":3,"pattern":"^(?:[a-z]+)$"}},{"name":"mail","type":{"kind":"optional","of":{"format":"email","kind":"string"}}},{"name":"age","type":{"ge":0,"kind":"int32","le":150}},{"name":"card","type":{"kind":"optional","of":"string"}},{"name":"home_page","type":{"kind":"optional","of":{"format":"uri","kind":"string"}}},{"name":"pets","type":{"items":{"kind":"ref","name":"Pet"},"kind":"list"}},{"name":"born","type":{"format":"date","kind":"string"}}],"kind":"record"}""",
            document.RootElement.GetProperty("type").GetRawText());
        Assert.Equal(
            """{"Cat":{"fields":[{"name":"lives","type":"int32"}],"kind":"record"},"Dog":{"fields":[{"name":"good","type":"bool"}],"kind":"record"},"Pet":{"kind":"union","variants":[{"name":"cat","type":{"kind":"ref","name":"Cat"}},{"name":"dog","type":{"kind":"ref","name":"Dog"}}]}}""",
            document.RootElement.GetProperty("definitions").GetRawText());
        Assert.Equal(["SCH123 Molt.Cli.Tests.Schemas.Account.Card"], System.Linq.Enumerable.Select(import.Notes, note => $"{note.Code} {note.Place}"), StringComparer.Ordinal);
    }

    [Fact]
    public void Import_WhenATypeHasNoSchema_SaysEach()
    {
        var import = DotNetImporter.Import(Assembly, typeof(Impossible).FullName, SchemaId.Parse("schema://acme/x/v1"));
        Assert.Null(import.Schema);
        Assert.Equal(
            ["SCH122 Molt.Cli.Tests.Schemas.Impossible.Handlers", "SCH122 Molt.Cli.Tests.Schemas.Impossible.Text"],
            System.Linq.Enumerable.Select(import.Notes, note => $"{note.Code} {note.Place}"), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("Nobody", "SCH121")]
    [InlineData(null, "SCH121")]
    public void Import_WhenTheTypeIsNotClear_ListsWhatThereIs(string? type, string code)
    {
        var import = DotNetImporter.Import(Assembly, type, SchemaId.Parse("schema://acme/x/v1"));
        Assert.Equal(code, Assert.Single(import.Notes).Code);
        Assert.Contains("Molt.Cli.Tests.", import.Notes[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_WhenTheFileIsNoAssembly_SaysSo()
    {
        using var files = new TemporaryProject(("x.dll", "not one"));
        var import = DotNetImporter.Import(files.PathOf("x.dll"), null, SchemaId.Parse("schema://acme/x/v1"));
        Assert.Equal(("SCH120", "The file is not a .NET assembly."), (import.Notes[0].Code, import.Notes[0].Message));
    }
}
