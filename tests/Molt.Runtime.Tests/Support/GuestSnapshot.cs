namespace Molt.Runtime.Tests;

/// <summary>The base snapshot of this test run, built from the guest script when a test first needs it.</summary>
internal static class GuestSnapshot
{
    private static readonly Lazy<string> Built = new(Build);

    public static string FilePath => Built.Value;

    private static string Build()
    {
        var path = Path.Combine(Path.GetTempPath(), $"molt-runtime-tests-{Environment.ProcessId}.snapshot");
        BaseSnapshot.Build(FindGuest(), path);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(path);
        return path;
    }

    /// <summary>MOLT_GUEST, or guest.js beside the tests, or the one a build left in artifacts/dist.</summary>
    private static string FindGuest()
    {
        if (Environment.GetEnvironmentVariable("MOLT_GUEST") is { Length: > 0 } named)
        {
            return named;
        }

        var beside = Path.Combine(AppContext.BaseDirectory, "guest.js");
        if (File.Exists(beside))
        {
            return beside;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var built = Path.Combine(folder.FullName, "artifacts", "dist", "guest.js");
            if (File.Exists(built))
            {
                return built;
            }
        }

        throw new FileNotFoundException("There is no guest.js: build it with ./molt, or name it in MOLT_GUEST.");
    }
}
