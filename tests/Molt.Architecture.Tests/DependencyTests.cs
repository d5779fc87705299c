using System.Xml.Linq;

namespace Molt.Architecture.Tests;

/// <summary>References run one way: Contracts ← Engine ← Runtime ← Server ← Cli.</summary>
public sealed class DependencyTests
{
    // What each project of src may refer to. A project that is not here fails: decide where it stands first.
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Molt.Contracts"] = [],
        ["Molt.Contracts.Generator"] = [],
        ["Molt.Engine"] = ["Molt.Contracts"],
        ["Molt.Runtime"] = ["Molt.Contracts", "Molt.Engine"],
        ["Molt.Wasm"] = ["Molt.Contracts", "Molt.Engine", "Molt.Runtime"],
        ["Molt.Server"] = ["Molt.Contracts", "Molt.Engine", "Molt.Runtime"],
        ["Molt.Cli"] = ["Molt.Contracts", "Molt.Engine", "Molt.Runtime", "Molt.Wasm", "Molt.Server"],
    };

    // Where ASP.NET Core may be known: HTTP is terminated there and nowhere below.
    private static readonly string[] KnowsHttpServer = ["Molt.Server", "Molt.Cli"];

    // Besides a project's own tests, who may see its internals, and why.
    private static readonly Dictionary<string, string> Friends = new(StringComparer.Ordinal)
    {
        ["Molt.Runtime → Molt.Bench"] = "measures an isolate from the base snapshot without a worker in it",
        ["Molt.Runtime → Molt.Wasm"] = "calls capabilities through the same boundary as JavaScript does",
    };

    public static TheoryData<string> Projects() => [.. Repository.Projects()];

    [Fact]
    public void Projects_WhenListed_AreThoseOfTheTable()
    {
        var expected = new List<string>(Allowed.Keys);
        expected.Sort(StringComparer.Ordinal);
        Assert.Equal(expected, Repository.Projects(), StringComparer.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void ProjectReferences_WhenRead_PointDownwards(string project)
    {
        var references = Items(project, "ProjectReference").ConvertAll(include => Path.GetFileNameWithoutExtension(include));
        Assert.Empty(references.FindAll(reference => Array.IndexOf(Allowed[project], reference) < 0));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void AssemblyReferences_WhenRead_PointDownwards(string project)
    {
        foreach (var reference in Repository.Load(project).GetReferencedAssemblies())
        {
            var name = reference.Name!;
            Assert.False(name == "molt" || (name.StartsWith("Molt.", StringComparison.Ordinal) && Array.IndexOf(Allowed[project], name) < 0), $"{project} refers to {name}.");
            Assert.False(
                name.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal) && Array.IndexOf(KnowsHttpServer, project) < 0,
                $"{project} refers to {name}; HTTP servers are known to {string.Join(", ", KnowsHttpServer)} only.");
        }
    }

    [Fact]
    public void Engine_WhenSearched_KnowsNoWorkers()
    {
        foreach (var type in Repository.Load("Molt.Engine").GetTypes())
        {
            Assert.DoesNotContain("Worker", type.Name, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_WhenInSrc_HasTests(string project) =>
        Assert.True(File.Exists(Path.Combine(Repository.Root, "tests", project + ".Tests", project + ".Tests.csproj")), $"tests/{project}.Tests is missing.");

    [Theory]
    [MemberData(nameof(Projects))]
    public void Internals_WhenShared_AreSharedWithTheProjectsTestsOnly(string project)
    {
        foreach (var friend in Items(project, "InternalsVisibleTo"))
        {
            Assert.True(friend == project + ".Tests" || Friends.ContainsKey($"{project} → {friend}"), $"{project} shows its internals to {friend}.");
        }

        foreach (var file in Repository.Files("src/" + project, ".cs"))
        {
            Assert.DoesNotContain("InternalsVisibleTo", Repository.Read(file), StringComparison.Ordinal);
        }
    }

    private static List<string> Items(string project, string item)
    {
        var includes = new List<string>();
        foreach (var element in XDocument.Parse(Repository.Read($"src/{project}/{project}.csproj")).Descendants(item))
        {
            includes.Add(element.Attribute("Include")!.Value);
        }

        return includes;
    }
}
