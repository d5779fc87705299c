using Molt.Wasm.Vfs;

namespace Molt.Wasm.Wasi;

/// <summary>What a number of the guest stands for: an open file, or a directory by its path.</summary>
internal sealed class WasiDescriptor
{
    private WasiDescriptor(VfsHandle? handle, string path, WasiRights rights, WasiRights inheriting)
    {
        Handle = handle;
        Path = path;
        Rights = rights;
        Inheriting = inheriting;
    }

    /// <summary>The file; null for a directory.</summary>
    public VfsHandle? Handle { get; }

    public string Path { get; }

    public bool IsDirectory => Handle is null;

    /// <summary>Whether the guest found it open; it learns its name from fd_prestat_dir_name.</summary>
    public bool IsPreopened { get; private init; }

    public WasiRights Rights { get; set; }

    public WasiRights Inheriting { get; set; }

    public WasiFlags Flags { get; set; }

    /// <summary>The listing that cookies of fd_readdir count in; taken anew when the guest starts from the beginning.</summary>
    public IReadOnlyList<VfsEntry>? Listing { get; set; }

    public static WasiDescriptor Preopened(string path) =>
        new(null, path, WasiRights.Directory, WasiRights.Directory | WasiRights.File) { IsPreopened = true };

    public static WasiDescriptor OfDirectory(string path, WasiRights rights, WasiRights inheriting) =>
        new(null, path, rights & WasiRights.Directory, inheriting);

    public static WasiDescriptor OfFile(VfsHandle handle, WasiRights rights, WasiFlags flags) =>
        new(handle, handle.Path, rights & WasiRights.File, WasiRights.None) { Flags = flags };
}
