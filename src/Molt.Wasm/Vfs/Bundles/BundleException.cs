using Molt.Contracts;

namespace Molt.Wasm.Vfs.Bundles;

/// <summary>Why a bundle was refused.</summary>
public enum BundleFault
{
    /// <summary>An entry is a symbolic or hard link.</summary>
    Link,

    /// <summary>An entry is a device, a pipe, a socket or another thing without plain content.</summary>
    Special,

    /// <summary>A path has a <c>..</c> component.</summary>
    Escape,

    /// <summary>A path is absolute or names a drive.</summary>
    Absolute,

    /// <summary>A path has a NUL or control character, a backslash, an empty or <c>.</c> component, or is not Unicode.</summary>
    InvalidName,

    /// <summary>A path is there twice, is both file and directory, or differs from another only by case or Unicode normalisation.</summary>
    Duplicate,

    /// <summary>A path is longer than the quota.</summary>
    PathTooLong,

    /// <summary>There are more entries than the quota.</summary>
    TooManyEntries,

    /// <summary>An entry is larger than the quota.</summary>
    EntryTooLarge,

    /// <summary>All entries together are larger than the quota.</summary>
    TooLarge,

    /// <summary>The archive is damaged or uses a feature that is not supported.</summary>
    Malformed,
}

/// <summary>A bundle was refused. The message names the entry.</summary>
public sealed class BundleException : MoltException
{
    internal BundleException(BundleFault fault, string message, Exception? innerException = null)
        : base(CodeOf(fault), message, innerException)
    {
        Fault = fault;
    }

    /// <summary>The reason.</summary>
    public BundleFault Fault { get; }

    private static string CodeOf(BundleFault fault) => fault switch
    {
        BundleFault.Link => "VFS020",
        BundleFault.Special => "VFS021",
        BundleFault.Escape => "VFS022",
        BundleFault.Absolute => "VFS023",
        BundleFault.InvalidName => "VFS024",
        BundleFault.Duplicate => "VFS025",
        BundleFault.PathTooLong => "VFS026",
        BundleFault.TooManyEntries => "VFS027",
        BundleFault.EntryTooLarge => "VFS028",
        BundleFault.TooLarge => "VFS029",
        _ => "VFS030",
    };
}
