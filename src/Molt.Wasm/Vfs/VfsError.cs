namespace Molt.Wasm.Vfs;

/// <summary>How an operation on the virtual file system ended. Every value but <see cref="None"/> has a code in docs/reference/errors.md.</summary>
public enum VfsError
{
    /// <summary>It succeeded.</summary>
    None,

    /// <summary>Nothing has that path, or no mount covers it.</summary>
    NotFound,

    /// <summary>The file or the handle does not allow it: standard input is not written, standard output not read, the root of a mount not removed.</summary>
    PermissionDenied,

    /// <summary>The mount is read-only.</summary>
    ReadOnly,

    /// <summary>The path names a directory where a file is needed.</summary>
    IsDirectory,

    /// <summary>The path, or a component before its end, names a file where a directory is needed.</summary>
    NotDirectory,

    /// <summary>The path is taken.</summary>
    AlreadyExists,

    /// <summary>The mount's bytes or entries are used up.</summary>
    QuotaExceeded,

    /// <summary>A device has no positions.</summary>
    SeekNotSupported,

    /// <summary>The backend failed.</summary>
    IoError,

    /// <summary>The capability for it is not granted.</summary>
    CapabilityDenied,

    /// <summary>The path breaks a rule: relative, bare <c>/</c>, a NUL, above the root, too long, a directory below itself.</summary>
    InvalidPath,

    /// <summary>The directory is not empty.</summary>
    NotEmpty,

    /// <summary>A rename would cross mounts.</summary>
    CrossMount,

    /// <summary>The instance has as many handles open as it may.</summary>
    TooManyHandles,

    /// <summary>The handle is closed.</summary>
    BadHandle,

    /// <summary>A position or a length is negative or beyond what a file can have.</summary>
    InvalidPosition,
}
