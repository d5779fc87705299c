namespace Molt.Wasm.Vfs;

/// <summary>
/// An open file: a position over a file of a mount. Capabilities are checked at each use, so that one taken away stops it. One thread at a time.
/// </summary>
public sealed class VfsHandle
{
    private readonly VirtualFileSystem _owner;
    private readonly IVfsFile _file;
    private readonly VfsMountPoint _point;
    private bool _closed;

    internal VfsHandle(VirtualFileSystem owner, IVfsFile file, VfsMountPoint point, string path, VfsOpenMode mode)
    {
        _owner = owner;
        _file = file;
        _point = point;
        Path = path;
        Mode = mode;
    }

    /// <summary>The path it was opened by, in its one form.</summary>
    public string Path { get; }

    /// <summary>How it was opened. <see cref="SetAppend"/> changes it.</summary>
    public VfsOpenMode Mode { get; private set; }

    /// <summary>Where the next read or write starts. Stays 0 on devices.</summary>
    public long Position { get; private set; }

    /// <summary>Reads at the position and moves it. 0 bytes is the end.</summary>
    public VfsFault Read(Span<byte> buffer, out int read)
    {
        var fault = ReadAt(Position, buffer, out read);
        Position += IsDevice ? 0 : read;
        return fault;
    }

    /// <summary>Writes all bytes, or none, at the position (at the end for an appending handle) and moves it.</summary>
    public VfsFault Write(ReadOnlySpan<byte> bytes)
    {
        var position = Position;
        if ((Mode & VfsOpenMode.Append) != VfsOpenMode.None)
        {
            var looked = Stat(out var stat);
            if (!looked.IsNone)
            {
                return looked;
            }

            position = stat.Size;
        }

        var fault = WriteAt(position, bytes);
        if (fault.IsNone && !IsDevice)
        {
            Position = position + bytes.Length;
        }

        return fault;
    }

    /// <summary>Reads at a position without moving.</summary>
    public VfsFault ReadAt(long position, Span<byte> buffer, out int read)
    {
        read = 0;
        var fault = Check(VfsOpenMode.Read, _point.Read);
        if (!fault.IsNone)
        {
            return fault;
        }

        return position < 0 ? Fault(VfsError.InvalidPosition) : Fault(_file.Read(position, buffer, out read));
    }

    /// <summary>Writes all bytes, or none, at a position without moving.</summary>
    public VfsFault WriteAt(long position, ReadOnlySpan<byte> bytes)
    {
        var fault = Check(VfsOpenMode.Write, _point.Write);
        if (!fault.IsNone)
        {
            return fault;
        }

        return position < 0 || position > long.MaxValue - bytes.Length
            ? Fault(VfsError.InvalidPosition)
            : Fault(bytes.IsEmpty ? VfsError.None : _file.Write(position, bytes));
    }

    /// <summary>Moves the position.</summary>
    public VfsFault Seek(long offset, SeekOrigin origin, out long position)
    {
        position = 0;
        var fault = Stat(out var stat);
        if (!fault.IsNone)
        {
            return fault;
        }

        if (IsDevice)
        {
            return Fault(VfsError.SeekNotSupported);
        }

        var start = origin switch
        {
            SeekOrigin.Begin => 0,
            SeekOrigin.Current => Position,
            _ => stat.Size,
        };
        if (offset > long.MaxValue - start || start + offset < 0)
        {
            return Fault(VfsError.InvalidPosition);
        }

        Position = position = start + offset;
        return VfsFault.None;
    }

    /// <summary>Cuts the file, or fills it with zeros up to a length.</summary>
    public VfsFault SetLength(long length)
    {
        var fault = Check(VfsOpenMode.Write, _point.Write);
        if (!fault.IsNone)
        {
            return fault;
        }

        return Fault(length < 0 ? VfsError.InvalidPosition : _file.SetLength(length));
    }

    /// <summary>Makes what was written durable, where the mount is.</summary>
    public VfsFault Sync() => Fault(_closed ? VfsError.BadHandle : _file.Sync());

    /// <summary>Looks at the file.</summary>
    public VfsFault Stat(out VfsStat stat)
    {
        stat = default;
        if (_closed)
        {
            return Fault(VfsError.BadHandle);
        }

        var error = _file.Stat(out stat);
        stat = _owner.Shown(stat);
        return Fault(error);
    }

    /// <summary>Makes every write go to the end, or stops that.</summary>
    public void SetAppend(bool append) => Mode = append ? Mode | VfsOpenMode.Append : Mode & ~VfsOpenMode.Append;

    /// <summary>Ends the handle. On a durable mount what was written becomes durable now, in one step.</summary>
    public VfsFault Close() => Close(keep: true);

    internal VfsFault Close(bool keep)
    {
        if (_closed)
        {
            return Fault(VfsError.BadHandle);
        }

        _closed = true;
        _owner.Forget(this);
        return Fault(_file.Close(keep));
    }

    private bool IsDevice => _file.Stat(out var stat) == VfsError.None && stat.Kind == VfsKind.Device;

    private VfsFault Check(VfsOpenMode needed, VfsGrants grant)
    {
        if (_closed)
        {
            return Fault(VfsError.BadHandle);
        }

        if ((Mode & needed) == VfsOpenMode.None)
        {
            return Fault(VfsError.PermissionDenied);
        }

        return _owner.Missing(grant) is { } missing ? Fault(VfsError.CapabilityDenied) with { Capability = missing } : VfsFault.None;
    }

    private VfsFault Fault(VfsError error) => error == VfsError.None ? default : new VfsFault(error, Path, _point.Path);
}
