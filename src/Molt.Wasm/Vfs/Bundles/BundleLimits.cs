namespace Molt.Wasm.Vfs.Bundles;

/// <summary>How much a bundle may hold. Checked before anything is allocated.</summary>
public sealed record BundleLimits
{
    /// <summary>Bytes of all files together; 256 MiB by default.</summary>
    public long TotalBytes { get; init; } = 256L << 20;

    /// <summary>Files and directories, those only implied by paths included; 100,000 by default.</summary>
    public int Entries { get; init; } = 100_000;

    /// <summary>Bytes of one file; 64 MiB by default, never more than 1 GiB.</summary>
    public long EntryBytes { get; init; } = 64L << 20;

    /// <summary>Bytes of UTF-8 of one path as guests write it, <c>/bundle/</c> included; 4,096 by default, which is also the most a guest can write.</summary>
    public int PathBytes { get; init; } = VfsPath.MaxBytes;
}
