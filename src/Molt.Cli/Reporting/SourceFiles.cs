namespace Molt.Cli.Reporting;

/// <summary>
/// The files a version of a worker was built from, the only ones whose lines its errors show. A guest names the sources of its stack frames
/// itself, by source maps and <c>sourceURL</c>, so a name that is not one of these is no path: nothing of it is looked at.
/// </summary>
internal sealed class SourceFiles
{
    private readonly string _root;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _files = new(StringComparer.Ordinal);

    /// <param name="root">The directory that names of sources are relative to.</param>
    /// <param name="inputs">The absolute paths of what was read.</param>
    public SourceFiles(string root, IEnumerable<string> inputs)
    {
        _root = root;
        foreach (var input in inputs)
        {
            if (!IsOfPackage(input) && RegularFile.RealPath(input) is { } file)
            {
                _names.Add(input);
                _names.Add(file);
                _files.Add(file);
            }
        }
    }

    public static SourceFiles None { get; } = new("/", []);

    /// <summary>The file of a stack frame when it is one the user writes: the build read it, and it is not a package's.</summary>
    public string? Find(string? resource)
    {
        if (string.IsNullOrEmpty(resource) || IsOfPackage(resource) || resource.Contains('\0', StringComparison.Ordinal))
        {
            return null;
        }

        var name = Path.GetFullPath(Path.Combine(_root, resource));

        // A link that came after the build may lead elsewhere.
        return _names.Contains(name) && RegularFile.RealPath(name) is { } file && _files.Contains(file) ? name : null;
    }

    private static bool IsOfPackage(string path) => path.Contains("node_modules/", StringComparison.Ordinal);
}
