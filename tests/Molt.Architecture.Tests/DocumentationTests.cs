using System.Reflection;
using System.Text.RegularExpressions;

namespace Molt.Architecture.Tests;

/// <summary>What the documentation lists is what the code has.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string[] Heads = ["## Overview", "## Key ", "## Where to look", "## Conventions", "## Anti-patterns"];

    private static readonly string[] FoldersWithAGuide =
        ["", "native", "guest", "sdk", "src/Molt.Contracts", "src/Molt.Engine", "src/Molt.Runtime", "src/Molt.Wasm", "src/Molt.Server", "src/Molt.Cli", "tests", "bench", "docs"];

    [Fact]
    public void ErrorCodes_WhenUsedInSources_AreThoseOfTheReference()
    {
        var used = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var file in Repository.Files("src", ".cs"))
        {
            foreach (Match match in CodeInSource().Matches(Repository.Read(file)))
            {
                used.Add(match.Groups["found"].Value);
            }
        }

        var documented = new List<string>();
        foreach (Match match in CodeInTable().Matches(Repository.Read("docs/reference/errors.md")))
        {
            documented.Add(match.Groups["found"].Value);
        }

        documented.Sort(StringComparer.Ordinal);
        Assert.Equal(used, documented, StringComparer.Ordinal);
    }

    [Fact]
    public void ConfigurationKeys_WhenInTheSchema_AreInTheReference()
    {
        var reference = Repository.Read("docs/reference/config.md");
        var missing = new List<string>();
        foreach (Match match in KeyInSchema().Matches(Repository.Read("src/Molt.Cli/Projects/ConfigSchema.cs")))
        {
            var name = match.Groups["found"].Value;
            if (!reference.Contains($"`{name}`", StringComparison.Ordinal) && !reference.Contains($".{name}`", StringComparison.Ordinal))
            {
                missing.Add(name);
            }
        }

        Assert.Empty(missing);
    }

    [Theory]
    [InlineData("Molt.Runtime", "Molt.Runtime.WorkerLimits", "docs/reference/limits.md")]
    [InlineData("Molt.Server", "Molt.Server.ServerOptions", "docs/reference/limits.md")]
    [InlineData("Molt.Runtime", "Molt.Runtime.WorkerRuntimeOptions", "docs/how-to/embed.md")]
    public void Options_WhenPublic_AreInTheReference(string project, string type, string document)
    {
        var text = Repository.Read(document);
        foreach (var property in Repository.Load(project).GetType(type, throwOnError: true)!.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        {
            Assert.Contains($"`{property.Name}`", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Links_WhenRelative_LeadToAFile()
    {
        var broken = new List<string>();
        foreach (var file in Repository.Files("", ".md"))
        {
            foreach (Match match in Link().Matches(Repository.Read(file)))
            {
                var target = match.Groups["found"].Value;
                if (!target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal))
                {
                    var path = Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(file)!, target));
                    if (!File.Exists(path) && !Directory.Exists(path))
                    {
                        broken.Add($"{file}: {target}");
                    }
                }
            }
        }

        Assert.Empty(broken);
    }

    [Fact]
    public void Guides_WhenForAFolder_HaveTheFixedHeads()
    {
        foreach (var folder in FoldersWithAGuide)
        {
            var text = "\n" + Repository.Read(Path.Combine(folder, "AGENTS.md"));
            var place = 0;
            foreach (var head in Heads)
            {
                var found = text.IndexOf("\n" + head, place, StringComparison.Ordinal);
                Assert.True(found >= 0, $"{folder}/AGENTS.md lacks \"{head}\", or has it in another order.");
                place = found;
            }
        }
    }

    [Fact]
    public void EmbeddingGuide_WhenRead_HasTheCodeOfTheExample() =>
        Assert.Contains("```csharp\n" + Repository.Read("examples/embed/Program.cs").TrimEnd() + "\n```", Repository.Read("docs/how-to/embed.md"), StringComparison.Ordinal);

    [GeneratedRegex(@"""(?<found>[A-Z]{3}\d{3})""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CodeInSource();

    [GeneratedRegex(@"^\| (?<found>[A-Z]{3}\d{3}) \|", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex CodeInTable();

    [GeneratedRegex(@"\b(?:Served|MoltOwn|Later|Ignored|Silent)\(""(?<found>[^""]+)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KeyInSchema();

    [GeneratedRegex(@"\]\((?<found>[^)#\s]+)(?:#[^)]*)?\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();
}
