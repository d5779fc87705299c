namespace Molt.Wasm.Vfs;

/// <summary>Times as guests count them: nanoseconds since the Unix epoch.</summary>
internal static class UnixNanoseconds
{
    private const long PerTick = 100;

    public static long From(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * PerTick;
}
