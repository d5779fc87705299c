namespace Molt.Wasm.Vfs;

/// <summary>How a file is opened.</summary>
[Flags]
public enum VfsOpenMode
{
    /// <summary>Neither read nor written: the handle serves to look at the file.</summary>
    None = 0,

    /// <summary>For reading.</summary>
    Read = 1,

    /// <summary>For writing.</summary>
    Write = 2,

    /// <summary>Every write goes to the end. Implies <see cref="Write"/>.</summary>
    Append = 4,

    /// <summary>Made when it is missing.</summary>
    Create = 8,

    /// <summary>With <see cref="Create"/>: it must be missing.</summary>
    Exclusive = 16,

    /// <summary>Emptied first. Needs <see cref="Write"/>.</summary>
    Truncate = 32,
}
