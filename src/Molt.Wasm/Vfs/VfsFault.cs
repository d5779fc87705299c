using Molt.Contracts;

namespace Molt.Wasm.Vfs;

/// <summary>
/// What an operation came to: nothing, or an error with the path, mount and capability it is about. Failures are ordinary
/// outcomes here (a guest probing for files makes thousands), so they are values; the message is written only when read.
/// Paths in it are the guest's own, never the host's.
/// </summary>
/// <param name="Error">What went wrong.</param>
/// <param name="Path">The guest's path, when there is one.</param>
/// <param name="Mount">The mount concerned, for example <c>/tmp</c>.</param>
/// <param name="Capability">The capability that is missing, for <see cref="VfsError.CapabilityDenied"/>.</param>
public readonly record struct VfsFault(VfsError Error, string? Path = null, string? Mount = null, string? Capability = null)
{
    /// <summary>No fault.</summary>
    public static VfsFault None => default;

    /// <summary>Whether the operation succeeded.</summary>
    public bool IsNone => Error == VfsError.None;

    /// <summary>The stable code, or an empty string when there is no fault.</summary>
    public string Code => Error switch
    {
        VfsError.NotFound => "VFS001",
        VfsError.PermissionDenied => "VFS002",
        VfsError.ReadOnly => "VFS003",
        VfsError.IsDirectory => "VFS004",
        VfsError.NotDirectory => "VFS005",
        VfsError.AlreadyExists => "VFS006",
        VfsError.QuotaExceeded => "VFS007",
        VfsError.SeekNotSupported => "VFS008",
        VfsError.IoError => "VFS009",
        VfsError.CapabilityDenied => "VFS010",
        VfsError.InvalidPath => "VFS011",
        VfsError.NotEmpty => "VFS012",
        VfsError.CrossMount => "VFS013",
        VfsError.TooManyHandles => "VFS014",
        VfsError.BadHandle => "VFS015",
        VfsError.InvalidPosition => "VFS016",
        _ => "",
    };

    /// <summary>What happened, where, and how to mend it.</summary>
    public string Message => Error switch
    {
        VfsError.None => "",
        VfsError.NotFound when Mount is null => $"{Error}: no mount covers {Shown}. Mounts are listed in the manifest; paths are absolute, such as /bundle/data.json.",
        VfsError.NotFound => $"{Error}: {Shown} does not exist.",
        VfsError.PermissionDenied => $"{Error}: {Shown} does not allow this operation.",
        VfsError.ReadOnly => $"{Error}: {Shown} is on {Mount}, which is read-only. Write below /tmp or /state.",
        VfsError.IsDirectory => $"{Error}: {Shown} is a directory; name a file.",
        VfsError.NotDirectory => $"{Error}: {Shown} is not a directory, or leads through a file.",
        VfsError.AlreadyExists => $"{Error}: {Shown} is taken.",
        VfsError.QuotaExceeded => $"{Error}: {Mount ?? Shown} is full. Remove files, or raise the quota of the mount.",
        VfsError.SeekNotSupported => $"{Error}: {Shown} is a device and has no positions.",
        VfsError.IoError => $"{Error}: the storage behind {Mount ?? Shown} failed.",
        VfsError.CapabilityDenied => $"{Error}: {Shown} on {Mount} needs the capability {Capability}. Add \"{Capability}\" to the capabilities of the manifest, and to what the host allows.",
        VfsError.InvalidPath => $"{Error}: {Shown} is not a valid path. Paths are absolute, inside a mount, at most {VfsPath.MaxBytes} bytes of UTF-8 with components of at most {VfsPath.MaxComponentBytes}, without NUL.",
        VfsError.NotEmpty => $"{Error}: {Shown} is a directory with entries; remove them first.",
        VfsError.CrossMount => $"{Error}: {Shown} cannot be renamed into another mount. Copy it, then remove it.",
        VfsError.TooManyHandles => $"{Error}: too many files are open at once; close some first.",
        VfsError.InvalidPosition => $"{Error}: {Shown} has no such position; positions and lengths are 0 to 2^63-1.",
        _ => $"{Error}: the handle is closed.",
    };

    private string Shown => Path is null ? "the handle" : $"\"{Printable(Path)}\"";

    /// <summary>Throws when there is a fault.</summary>
    public void ThrowIfAny()
    {
        if (!IsNone)
        {
            throw new VfsException(this);
        }
    }

    // A path in a message comes from a guest: it is cut, and what could forge a line of a log is shown as '?'.
    internal static string Printable(string path)
    {
        const int longest = 200;
        var text = path.Length > longest ? path.AsSpan(0, longest) : path;
        return string.Create(text.Length + (path.Length > longest ? 1 : 0), path, static (span, value) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = i == longest ? '…' : char.IsControl(value[i]) || char.IsSurrogate(value[i]) ? '?' : value[i];
            }
        });
    }
}

/// <summary>A <see cref="VfsFault"/> as an exception, for callers on the host that did not expect it.</summary>
public sealed class VfsException : MoltException
{
    internal VfsException(VfsFault fault)
        : base(fault.Code, fault.Message)
    {
        Fault = fault;
    }

    /// <summary>What went wrong.</summary>
    public VfsFault Fault { get; }
}
