using System.IO.MemoryMappedFiles;

namespace Molt.Engine;

/// <summary>
/// A V8 startup snapshot in native memory. Isolates made from it keep the memory alive, so it may be disposed before them.
/// A snapshot is trusted like code of the host: only load what this installation made.
/// </summary>
public sealed unsafe class JsSnapshot : IDisposable
{
    private readonly HeldMemory _memory;
    private bool _disposed;

    private JsSnapshot(HeldMemory memory, ReadOnlySpan<HeldMemory> sources)
    {
        _memory = memory;
        Sources = sources.ToArray();
        HeldMemory.HoldAll(Sources);
    }

    /// <summary>The sources its scripts were compiled from, which every isolate made from it reads in place.</summary>
    internal HeldMemory[] Sources { get; }

    internal HeldMemory Memory
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _memory;
        }
    }

    /// <summary>The blob.</summary>
    public ReadOnlySpan<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return new ReadOnlySpan<byte>(_memory.Data, checked((int)_memory.Length));
        }
    }

    /// <summary>Copies a blob.</summary>
    /// <param name="bytes">What <see cref="Bytes"/> was.</param>
    /// <param name="sources">The <see cref="JsIsolateOptions.Sources"/> of the isolate it was made of, in their order.</param>
    public static JsSnapshot FromBytes(ReadOnlySpan<byte> bytes, params ReadOnlySpan<JsSource> sources) => new(CopiedMemory.Of(bytes), JsSource.MemoryOf(sources));

    /// <summary>Maps a blob file read-only; processes that map the same file share its memory.</summary>
    /// <param name="path">A file with <see cref="Bytes"/>.</param>
    /// <param name="sources">The <see cref="JsIsolateOptions.Sources"/> of the isolate it was made of, in their order.</param>
    public static JsSnapshot FromFile(string path, params ReadOnlySpan<JsSource> sources)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        long length = new FileInfo(path).Length;
        return new JsSnapshot(new MappedMemory(MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read), length), JsSource.MemoryOf(sources));
    }

    internal static JsSnapshot FromBlob(Blob blob, ReadOnlySpan<HeldMemory> sources) => new(new BlobMemory(blob), sources);

    /// <summary>Frees the memory once no isolate needs it.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _memory.Dispose();
            HeldMemory.ReleaseAll(Sources);
        }
    }
}
