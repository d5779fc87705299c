using System.Reflection;

namespace Molt.Architecture.Tests;

/// <summary>The checkout the tests were built from.</summary>
internal static class Repository
{
    private static readonly HashSet<string> NotSources = new(StringComparer.Ordinal) { ".git", "node_modules", "artifacts", "bin", "obj" };

    /// <summary>Its directory, with a trailing slash.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The text of a file, by its path in the repository.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Paths of the files below a folder ("" for all) that end with one of the extensions, in order; all files without extensions.</summary>
    public static List<string> Files(string folder, params string[] extensions)
    {
        var files = new List<string>();
        Collect(Path.Combine(Root, folder), extensions, files);
        files.Sort(StringComparer.Ordinal);
        return files;
    }

    /// <summary>Names of the projects in src, in order.</summary>
    public static List<string> Projects()
    {
        var names = Files("src", ".csproj").ConvertAll(path => Path.GetFileNameWithoutExtension(path));
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    /// <summary>The assembly of a project in src.</summary>
    public static Assembly Load(string project) => Assembly.Load(project == "Molt.Cli" ? "molt" : project);

    private static void Collect(string directory, string[] extensions, List<string> files)
    {
        foreach (var file in Directory.EnumerateFiles(directory))
        {
            if (extensions.Length == 0 || Array.Exists(extensions, e => file.EndsWith(e, StringComparison.Ordinal)))
            {
                files.Add(Path.GetRelativePath(Root, file));
            }
        }

        foreach (var child in Directory.EnumerateDirectories(directory))
        {
            if (!NotSources.Contains(Path.GetFileName(child)))
            {
                Collect(child, extensions, files);
            }
        }
    }

    private static string FindRoot()
    {
        foreach (var attribute in typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>())
        {
            if (attribute.Key == "RepositoryRoot" && attribute.Value is { } root)
            {
                return root;
            }
        }

        throw new InvalidOperationException("The test project does not say where the repository is.");
    }
}
