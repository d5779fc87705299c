using System.Diagnostics;
using System.Reflection;
using System.Text;

namespace Molt.Contracts.Tests.Schemas.Import;

/// <summary>JSON Schemas as npm packages publish them, installed once from the lock file beside this one.</summary>
internal static class RealSchemas
{
    private static readonly Lazy<string> Installed = new(Install);

    public static string Root { get; } = System.Linq.Enumerable.First(
        typeof(RealSchemas).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>(), attribute => attribute.Key == "RepositoryRoot").Value!;

    public static byte[] Read(string path) => File.ReadAllBytes(Path.Combine(Installed.Value, "node_modules", path));

    public static string Directory => Installed.Value;

    /// <summary>What a program writes to its output; a failure of it fails the test with what it said.</summary>
    public static string Run(string program, string directory, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var error = new StringBuilder();
        process.ErrorDataReceived += (_, line) => error.AppendLine(line.Data);
        process.BeginErrorReadLine();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{output}\n{error}");
        return output;
    }

    private static string Install()
    {
        var directory = Path.Combine(Root, "tests", "Molt.Contracts.Tests", "Schemas", "Import", "real");
        var stamp = new FileInfo(Path.Combine(directory, "node_modules", ".package-lock.json"));
        if (!stamp.Exists || stamp.LastWriteTimeUtc < File.GetLastWriteTimeUtc(Path.Combine(directory, "package-lock.json")))
        {
            Run("npm", directory, "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        }

        return directory;
    }
}
