namespace Molt.Server.Http;

/// <summary>
/// Counts complete response bodies until their clients have taken them: a worker answers from one text as often as it is asked,
/// and a client may ask without reading.
/// <para>Guarantees: never more than the limit is held at once, small bodies aside. Any thread.</para>
/// </summary>
internal sealed class UnsentResponses(long limit)
{
    /// <summary>Bodies up to this length are not counted: the number of connections bounds them.</summary>
    public const int Small = 64 << 10;

    private long _held;

    /// <summary>Counts a body that is about to be copied; false when it does not fit.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _held, bytes) <= limit)
        {
            return true;
        }

        Give(bytes);
        return false;
    }

    /// <summary>The body was sent, or will not be.</summary>
    public void Give(long bytes) => Interlocked.Add(ref _held, -bytes);
}
