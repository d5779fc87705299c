using Molt.Contracts;
using Molt.Wasm.Vfs.Bundles;
using Molt.Wasm.Vfs.State;

namespace Molt.Wasm.Vfs;

/// <summary>What the file system of one instance is made of.</summary>
public sealed class VfsOptions
{
    /// <summary>What <c>/bundle</c> holds; without one there is no such mount.</summary>
    public Bundle? Bundle { get; init; }

    /// <summary>Bytes of content <c>/tmp</c> may hold; 32 MiB by default, 0 for no such mount.</summary>
    public long TmpQuotaBytes { get; init; } = 32L << 20;

    /// <summary>Files and directories <c>/tmp</c> may hold; 16,384 by default.</summary>
    public int TmpMaxEntries { get; init; } = 16_384;

    /// <summary>What keeps <c>/state</c>; without one there is no such mount.</summary>
    public IStateStore? State { get; init; }

    /// <summary>What <c>/dev/stdin</c> gives.</summary>
    public ReadOnlyMemory<byte> StandardInput { get; init; }

    /// <summary>Bytes each of <c>/dev/stdin</c>, <c>/dev/stdout</c> and <c>/dev/stderr</c> may hold; 16 MiB by default.</summary>
    public int DeviceBytes { get; init; } = 16 << 20;

    /// <summary>The capabilities at the start; <see cref="VirtualFileSystem.Grants"/> changes them later.</summary>
    public VfsGrants Grants { get; init; } = VfsGrants.Default;

    /// <summary>What decides in the place of <see cref="Grants"/>.</summary>
    internal IVfsGate? Gate { get; init; }

    /// <summary>Handles that may be open at once; 256 by default.</summary>
    public int MaxHandles { get; init; } = 256;

    /// <summary>What modification times are taken from; without one they are all 0. <see cref="VirtualFileSystem.ShowsTimes"/> hides them later.</summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>Further mounts of the host.</summary>
    public IReadOnlyList<VfsMountPoint> Mounts { get; init; } = [];

    internal void Validate()
    {
        var faults = new List<string>();
        if (TmpQuotaBytes < 0)
        {
            faults.Add($"VfsOptions.TmpQuotaBytes must be 0 or more; it is {TmpQuotaBytes}.");
        }

        if (TmpMaxEntries < 1)
        {
            faults.Add($"VfsOptions.TmpMaxEntries must be 1 or more; it is {TmpMaxEntries}.");
        }

        if (DeviceBytes < 0)
        {
            faults.Add($"VfsOptions.DeviceBytes must be 0 or more; it is {DeviceBytes}.");
        }

        if (StandardInput.Length > DeviceBytes)
        {
            faults.Add($"VfsOptions.StandardInput must have at most {DeviceBytes} bytes (DeviceBytes); it has {StandardInput.Length}.");
        }

        if (MaxHandles < 1)
        {
            faults.Add($"VfsOptions.MaxHandles must be 1 or more; it is {MaxHandles}.");
        }

        var paths = new HashSet<string>(StringComparer.Ordinal) { "/bundle", "/tmp", "/state", "/dev" };
        foreach (var mount in Mounts)
        {
            if (!VfsPath.TryNormalise(mount.Path, out var normal, out _) || normal != mount.Path || VfsPath.Utf8Length(normal) >= VfsPath.MaxMountBytes)
            {
                faults.Add($"VfsOptions.Mounts: \"{mount.Path}\" must be an absolute path in its simplest form, shorter than {VfsPath.MaxMountBytes} bytes.");
            }
            else if (!paths.Add(mount.Path))
            {
                faults.Add($"VfsOptions.Mounts: \"{mount.Path}\" is mounted already; choose another path.");
            }
        }

        OptionsException.ThrowIfAny(faults);
    }
}

/// <summary>A mount and what it takes to use it.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Mount">What is there.</param>
/// <param name="Read">The capability for reading.</param>
/// <param name="Write">The capability for writing.</param>
public sealed record VfsMountPoint(string Path, IVfsMount Mount, VfsGrants Read, VfsGrants Write);
