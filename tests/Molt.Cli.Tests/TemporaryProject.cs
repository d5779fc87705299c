using System.Runtime.InteropServices;
using Molt.Cli.Projects;

namespace Molt.Cli.Tests;

/// <summary>A directory of files that ends with the test.</summary>
internal sealed partial class TemporaryProject : IDisposable
{
    public TemporaryProject(params (string Path, string Content)[] files)
    {
        foreach (var (path, content) in files)
        {
            Write(path, content);
        }
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("molt-test-").FullName;

    public void Write(string path, string content)
    {
        var full = PathOf(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);

        // In one step, as editors do: a reader sees the old contents or the new ones.
        var next = full + "~";
        File.WriteAllText(next, content);
        File.Move(next, full, overwrite: true);
    }

    public void WriteBytes(string path, byte[] content) => File.WriteAllBytes(PathOf(path), content);

    /// <summary>A pipe nobody writes to: who opens it for reading waits forever.</summary>
    public void MakePipe(string path) => Assert.Equal(0, MakeFifo(PathOf(path), 0b110_000_000));

    public string PathOf(string path) => Path.Combine(Root, path);

    public ProjectLoad Load(string? path = null, string? environment = null, params KeyValuePair<string, string>[] variables)
    {
        using var toml = new EngineTomlParser(Installation.Locate().TomlScript);
        return new ProjectLoader(toml).Load(new ProjectSource
        {
            Path = path is null ? Root : PathOf(path),
            Environment = environment,
            Variables = variables,
        });
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);
}
