using Molt.Runtime;

namespace Molt.Server.Tests.Http;

/// <summary>Tests of the gateway: one after the other, all on one base snapshot.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class HttpCollection : ICollectionFixture<GuestSnapshot>
{
    public const string Name = "Http";
}

/// <summary>The base snapshot, built from the guest script: <c>MOLT_GUEST</c>, or the one that ./molt built.</summary>
public sealed class GuestSnapshot : IDisposable
{
    public GuestSnapshot() => BaseSnapshot.Build(GuestScript(), Path);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"molt-{Guid.NewGuid():N}.snapshot");

    public void Dispose() => File.Delete(Path);

    private static string GuestScript()
    {
        if (Environment.GetEnvironmentVariable("MOLT_GUEST") is { Length: > 0 } given)
        {
            return given;
        }

        for (var directory = AppContext.BaseDirectory; directory is not null; directory = System.IO.Path.GetDirectoryName(directory))
        {
            var candidate = System.IO.Path.Combine(directory, "artifacts", "dist", "guest.js");
            if (File.Exists(candidate))
            {
                return candidate;
            }
        }

        throw new FileNotFoundException("There is no guest script: run ./molt --help to build it, or name one in MOLT_GUEST.");
    }
}
