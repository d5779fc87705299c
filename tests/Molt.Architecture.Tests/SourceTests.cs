using System.Text.RegularExpressions;

namespace Molt.Architecture.Tests;

/// <summary>Rules about source text that no analyzer knows.</summary>
public sealed partial class SourceTests
{
    private const int LongestFile = 600;

    private static readonly string[] SourceExtensions = [".cs", ".cc", ".h", ".ts", ".js", ".mjs", ".cjs", ".sh"];

    // Files that are longer and still about one thing, each with its reason.
    private static readonly Dictionary<string, string> LongFiles = new(StringComparer.Ordinal);

    [Fact]
    public void File_WhenLong_IsListedWithAReason()
    {
        var lengths = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var file in Repository.Files("", SourceExtensions))
        {
            var lines = File.ReadAllLines(Path.Combine(Repository.Root, file)).Length;
            if (lines > LongestFile)
            {
                lengths.Add(file, lines);
            }
        }

        Assert.Equal(LongFiles.Keys, lengths.Keys, StringComparer.Ordinal);
    }

    [Fact]
    public void Type_WhenNamed_SaysWhatItIs()
    {
        foreach (var project in Repository.Projects())
        {
            foreach (var type in Repository.Load(project).GetTypes())
            {
                Assert.False(VagueName().IsMatch(type.Name), $"{type.FullName}: the name says that it does something, not what.");
            }
        }
    }

    [Fact]
    public void Code_WhenSearched_NeitherSleepsNorHidesWorkOnThePool()
    {
        foreach (var folder in new[] { "src", "tests", "bench", "examples" })
        {
            foreach (var file in Repository.Files(folder, ".cs"))
            {
                Assert.False(BannedCall().IsMatch(Repository.Read(file)), $"{file} sleeps or starts work on the pool.");
            }
        }
    }

    [Fact]
    public void Text_WhenSearched_NamesNoRegistryHostAndNoMachinePath()
    {
        foreach (var file in Repository.Files(""))
        {
            if (!IsBinary(file))
            {
                var match = PlaceOfAMachine().Match(Repository.Read(file));
                Assert.False(match.Success, $"{file} names \"{match.Value}\".");
            }
        }
    }

    private static bool IsBinary(string file) => Path.GetExtension(file) is ".wasm" or ".png" or ".ico" or ".bin" or ".gz" or ".zip";

    [GeneratedRegex(@"(Util|Utils|Utilities|Helper|Helpers|Manager)(`\d+)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VagueName();

    [GeneratedRegex(@"\b(Thread\.Sleep|Task\.Run)\s*[<(]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BannedCall();

    // The hosts and directories are written with a class of one letter, so that this file does not name them itself.
    [GeneratedRegex(@"registr[y]\.(npmjs|yarnpkg)|api\.nuge[t]\.org|pypi\.or[g]|(?<![\w.$}-])/(wor[k]|hom[e]/\w+|roo[t])/", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PlaceOfAMachine();
}
