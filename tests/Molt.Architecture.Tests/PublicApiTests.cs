using System.Text;

namespace Molt.Architecture.Tests;

/// <summary>The public surface changes only on purpose: each assembly's is kept in PublicApi.</summary>
public sealed class PublicApiTests
{
    private const string Accept = "MOLT_ACCEPT_API";

    public static TheoryData<string> Projects() => [.. Repository.Projects()];

    [Theory]
    [MemberData(nameof(Projects))]
    public void PublicApi_WhenCompared_IsTheOneKept(string project)
    {
        var path = Path.Combine(Repository.Root, "tests", "Molt.Architecture.Tests", "PublicApi", project + ".txt");
        var actual = ApiText.Of(Repository.Load(project));
        if (Environment.GetEnvironmentVariable(Accept) == "1")
        {
            File.WriteAllText(path, actual);
            return;
        }

        var expected = File.Exists(path) ? File.ReadAllText(path) : "";
        Assert.True(expected == actual, Difference(project, expected, actual));
    }

    private static string Difference(string project, string expected, string actual)
    {
        var was = new HashSet<string>(expected.Split('\n'), StringComparer.Ordinal);
        var isNow = new HashSet<string>(actual.Split('\n'), StringComparer.Ordinal);
        var text = new StringBuilder($"The public API of {project} changed. When that is meant, run this test with {Accept}=1 and commit the file.\n");
        foreach (var line in expected.Split('\n'))
        {
            if (!isNow.Contains(line))
            {
                text.Append("- ").Append(line).Append('\n');
            }
        }

        foreach (var line in actual.Split('\n'))
        {
            if (!was.Contains(line))
            {
                text.Append("+ ").Append(line).Append('\n');
            }
        }

        return text.ToString();
    }
}
