namespace Molt.Engine;

/// <summary>
/// Source text in native memory that isolates read in place: neither their heaps nor a snapshot hold a copy. Isolates and
/// snapshots made with it keep the memory alive, so it may be disposed before them.
/// </summary>
public sealed class JsSource : IDisposable
{
    private readonly HeldMemory _memory;
    private bool _disposed;

    private JsSource(HeldMemory memory) => _memory = memory;

    internal HeldMemory Memory
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _memory;
        }
    }

    /// <summary>Copies a text whose characters are a byte each (U+0000 to U+00FF); ASCII is such a text.</summary>
    public static JsSource FromLatin1(ReadOnlySpan<byte> text) => new(CopiedMemory.Of(text));

    internal static HeldMemory[] MemoryOf(ReadOnlySpan<JsSource> sources)
    {
        var memories = new HeldMemory[sources.Length];
        for (int i = 0; i < memories.Length; i++)
        {
            ArgumentNullException.ThrowIfNull(sources[i], nameof(sources));
            memories[i] = sources[i].Memory;
        }
        return memories;
    }

    /// <summary>Frees the memory once no isolate needs it.</summary>
    public void Dispose()
    {
        _disposed = true;
        _memory.Dispose();
    }
}
