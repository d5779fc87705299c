using System.Buffers.Binary;
using System.Text;
using Molt.Wasm.Vfs;

namespace Molt.Wasm.Wasi;

/// <summary>Functions on descriptors.</summary>
public sealed partial class WasiContext
{
    private const int EntryBytes = 24;
    private const uint VectorBytes = 8;

    public WasiErrno FdAdvise(uint fd, ulong offset, ulong length, uint advice)
    {
        var errno = FindFile(fd, WasiRights.Advise, out _);
        return errno == WasiErrno.Success && advice > 5 ? WasiErrno.Invalid : errno;
    }

    public WasiErrno FdAllocate(uint fd, ulong offset, ulong length)
    {
        var errno = FindFile(fd, WasiRights.Allocate, out var file);
        if (errno != WasiErrno.Success)
        {
            return errno;
        }

        if (length == 0 || offset > long.MaxValue || length > long.MaxValue - offset)
        {
            return WasiErrno.Invalid;
        }

        var fault = file.Stat(out var stat);
        return ToErrno(fault.IsNone && stat.Size < (long)(offset + length) ? file.SetLength((long)(offset + length)) : fault);
    }

    public WasiErrno FdClose(uint fd)
    {
        _hasChanges = true;
        return _descriptors.Remove(fd, out var descriptor) ? ToErrno(descriptor.Handle?.Close() ?? VfsFault.None) : WasiErrno.BadFileDescriptor;
    }

    public WasiErrno FdDatasync(uint fd) => Sync(fd, WasiRights.DataSync);

    public WasiErrno FdSync(uint fd) => Sync(fd, WasiRights.Sync);

    // fdstat: u8 type, u16 flags at 2, u64 rights at 8, u64 inheriting rights at 16.
    public WasiErrno FdFdstatGet(uint fd, uint resultPointer)
    {
        const uint size = 24;
        var errno = Find(fd, WasiRights.None, out var descriptor);
        if (errno != WasiErrno.Success)
        {
            return errno;
        }

        if (!TrySlice(resultPointer, size, out var span))
        {
            return WasiErrno.Fault;
        }

        var stat = new VfsStat(VfsKind.Directory, 0, IsReadOnly: false, 0);
        var fault = descriptor.Handle?.Stat(out stat) ?? VfsFault.None;
        span.Clear();
        span[0] = (byte)TypeOf(stat.Kind);
        BinaryPrimitives.WriteUInt16LittleEndian(span[2..], (ushort)descriptor.Flags);
        BinaryPrimitives.WriteUInt64LittleEndian(span[8..], (ulong)descriptor.Rights);
        BinaryPrimitives.WriteUInt64LittleEndian(span[16..], (ulong)descriptor.Inheriting);
        return ToErrno(fault);
    }

    public WasiErrno FdFdstatSetFlags(uint fd, uint flags)
    {
        var errno = Find(fd, WasiRights.SetFlags, out var descriptor);
        if (errno != WasiErrno.Success)
        {
            return errno;
        }

        if ((flags & ~(uint)WasiFlags.All) != 0)
        {
            return WasiErrno.Invalid;
        }

        _hasChanges = true;
        descriptor.Flags = (WasiFlags)flags;
        descriptor.Handle?.SetAppend((descriptor.Flags & WasiFlags.Append) != WasiFlags.None);
        return WasiErrno.Success;
    }

    public WasiErrno FdFdstatSetRights(uint fd, ulong rights, ulong inheriting)
    {
        var errno = Find(fd, WasiRights.None, out var descriptor);
        if (errno != WasiErrno.Success)
        {
            return errno;
        }

        // Rights can only be given up.
        if (((WasiRights)rights & ~descriptor.Rights) != WasiRights.None || ((WasiRights)inheriting & ~descriptor.Inheriting) != WasiRights.None)
        {
            return WasiErrno.NotCapable;
        }

        _hasChanges = true;
        descriptor.Rights = (WasiRights)rights;
        descriptor.Inheriting = (WasiRights)inheriting;
        return WasiErrno.Success;
    }

    public WasiErrno FdFilestatGet(uint fd, uint resultPointer)
    {
        var errno = Find(fd, WasiRights.Stat, out var descriptor);
        if (errno != WasiErrno.Success)
        {
            return errno;
        }

        var fault = descriptor.Handle is { } file ? file.Stat(out var stat) : _files.Stat(descriptor.Path, out stat);
        return fault.IsNone ? WriteStat(resultPointer, descriptor.Path, stat) : ToErrno(fault);
    }

    public WasiErrno FdFilestatSetSize(uint fd, ulong size)
    {
        var errno = FindFile(fd, WasiRights.SetSize, out var file);
        return errno != WasiErrno.Success ? errno : size > long.MaxValue ? WasiErrno.Invalid : ToErrno(file.SetLength((long)size));
    }

    public WasiErrno FdRead(uint fd, uint vectors, uint count, uint resultPointer)
    {
        var errno = FindFile(fd, WasiRights.Read, out var file);
        return errno != WasiErrno.Success ? errno : Transfer(new Reading(file, null), vectors, count, resultPointer);
    }

    public WasiErrno FdPread(uint fd, uint vectors, uint count, ulong offset, uint resultPointer)
    {
        var errno = FindFile(fd, WasiRights.Read, out var file);
        errno = errno == WasiErrno.Success ? CheckPositioned(fd, offset) : errno;
        return errno != WasiErrno.Success ? errno : Transfer(new Reading(file, (long)offset), vectors, count, resultPointer);
    }

    public WasiErrno FdWrite(uint fd, uint vectors, uint count, uint resultPointer)
    {
        var errno = FindFile(fd, WasiRights.Write, out var file);
        return errno != WasiErrno.Success ? errno : Synced(fd, Transfer(new Writing(file, null), vectors, count, resultPointer));
    }

    public WasiErrno FdPwrite(uint fd, uint vectors, uint count, ulong offset, uint resultPointer)
    {
        var errno = FindFile(fd, WasiRights.Write, out var file);
        errno = errno == WasiErrno.Success ? CheckPositioned(fd, offset) : errno;
        return errno != WasiErrno.Success ? errno : Synced(fd, Transfer(new Writing(file, (long)offset), vectors, count, resultPointer));
    }

    // prestat: u8 tag (0: a directory), u32 length of the name at 4.
    public WasiErrno FdPrestatGet(uint fd, uint resultPointer)
    {
        const uint size = 8;
        if (!_descriptors.TryGetValue(fd, out var descriptor) || !descriptor.IsPreopened)
        {
            return WasiErrno.BadFileDescriptor;
        }

        if (!TrySlice(resultPointer, size, out var span))
        {
            return WasiErrno.Fault;
        }

        span.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(span[4..], VfsPath.Utf8Length(descriptor.Path));
        return WasiErrno.Success;
    }

    public WasiErrno FdPrestatDirName(uint fd, uint buffer, uint length)
    {
        if (!_descriptors.TryGetValue(fd, out var descriptor) || !descriptor.IsPreopened)
        {
            return WasiErrno.BadFileDescriptor;
        }

        var name = Encoding.UTF8.GetBytes(descriptor.Path);
        if (length < name.Length)
        {
            return WasiErrno.NameTooLong;
        }

        if (!TrySlice(buffer, (uint)name.Length, out var span))
        {
            return WasiErrno.Fault;
        }

        name.CopyTo(span);
        return WasiErrno.Success;
    }

    /// <summary>
    /// Lists a directory: a cookie is the number of entries before it, "." and ".." included. What does not fit is cut, and the
    /// guest sees from a full buffer that there is more.
    /// </summary>
    public WasiErrno FdReaddir(uint fd, uint buffer, uint length, ulong cookie, uint resultPointer)
    {
        var errno = Find(fd, WasiRights.None, out var descriptor);
        if (errno == WasiErrno.Success)
        {
            errno = descriptor.IsDirectory ? Find(fd, WasiRights.ReadDirectory, out descriptor) : WasiErrno.NotDirectory;
        }

        if (errno != WasiErrno.Success)
        {
            return errno;
        }

        if (!TrySlice(buffer, length, out var span))
        {
            return WasiErrno.Fault;
        }

        if (cookie == 0 || descriptor.Listing is null)
        {
            var fault = _files.ReadDirectory(descriptor.Path, out var entries);
            if (!fault.IsNone)
            {
                return ToErrno(fault);
            }

            _hasChanges = true;
            descriptor.Listing = [new VfsEntry(".", VfsKind.Directory), new VfsEntry("..", VfsKind.Directory), .. entries];
        }

        var rest = span;
        for (var i = cookie; i < (ulong)descriptor.Listing.Count && !rest.IsEmpty; i++)
        {
            rest = rest[WriteEntry(rest, descriptor.Path, descriptor.Listing[(int)i], i + 1)..];
        }

        return WriteUInt32(resultPointer, length - (uint)rest.Length);
    }

    public WasiErrno FdRenumber(uint from, uint to)
    {
        if (!_descriptors.TryGetValue(from, out var descriptor) || !_descriptors.TryGetValue(to, out var replaced))
        {
            return WasiErrno.BadFileDescriptor;
        }

        if (from == to)
        {
            return WasiErrno.Success;
        }

        _hasChanges = true;
        _descriptors.Remove(from);
        _descriptors[to] = descriptor;
        return ToErrno(replaced.Handle?.Close() ?? VfsFault.None);
    }

    public WasiErrno FdSeek(uint fd, long offset, uint origin, uint resultPointer)
    {
        // Asking where a position is needs less than moving it.
        var errno = FindFile(fd, offset == 0 && origin == 1 ? WasiRights.Tell : WasiRights.Seek, out var file);
        if (errno != WasiErrno.Success)
        {
            return errno == WasiErrno.NotCapable && IsDevice(fd) ? WasiErrno.SeekOnPipe : errno;
        }

        if (origin > 2)
        {
            return WasiErrno.Invalid;
        }

        if (!TrySlice(resultPointer, sizeof(ulong), out _))
        {
            return WasiErrno.Fault;
        }

        var fault = file.Seek(offset, (SeekOrigin)origin, out var position);
        return fault.IsNone ? WriteUInt64(resultPointer, (ulong)position) : ToErrno(fault);
    }

    public WasiErrno FdTell(uint fd, uint resultPointer) => FdSeek(fd, 0, 1, resultPointer);

    private bool IsDevice(uint fd) => _descriptors.TryGetValue(fd, out var descriptor)
        && descriptor.Handle is { } file
        && file.Stat(out var stat).IsNone
        && stat.Kind == VfsKind.Device;

    private WasiErrno CheckPositioned(uint fd, ulong offset) =>
        IsDevice(fd) ? WasiErrno.SeekOnPipe : offset > long.MaxValue ? WasiErrno.Invalid : WasiErrno.Success;

    private WasiErrno Sync(uint fd, WasiRights right)
    {
        var errno = Find(fd, right, out var descriptor);
        return errno != WasiErrno.Success ? errno : ToErrno(descriptor.Handle?.Sync() ?? VfsFault.None);
    }

    private WasiErrno Synced(uint fd, WasiErrno errno)
    {
        var descriptor = _descriptors[fd];
        return errno == WasiErrno.Success && (descriptor.Flags & (WasiFlags.Sync | WasiFlags.DataSync)) != WasiFlags.None ? ToErrno(descriptor.Handle!.Sync()) : errno;
    }

    // dirent: u64 next cookie, u64 inode, u32 length of the name, u8 type, 3 bytes of nothing; the name follows.
    private static int WriteEntry(Span<byte> target, string directory, VfsEntry entry, ulong next)
    {
        Span<byte> bytes = stackalloc byte[EntryBytes + VfsPath.MaxComponentBytes];
        var length = Encoding.UTF8.GetBytes(entry.Name, bytes[EntryBytes..]);
        bytes[..EntryBytes].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, next);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Inode(entry.Name is "." or ".." ? directory : directory + "/" + entry.Name));
        BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], length);
        bytes[20] = (byte)TypeOf(entry.Kind);
        var count = Math.Min(target.Length, EntryBytes + length);
        bytes[..count].CopyTo(target);
        return count;
    }

    // Runs over the guest's vectors (u32 pointer, u32 length each) until one is not used whole.
    private WasiErrno Transfer<T>(T transfer, uint vectors, uint count, uint resultPointer)
        where T : struct, ITransfer
    {
        if (count > MaxVectors)
        {
            return WasiErrno.Invalid;
        }

        if (!TrySlice(vectors, count * VectorBytes, out var list) || !TrySlice(resultPointer, sizeof(uint), out _))
        {
            return WasiErrno.Fault;
        }

        // Everything is checked before anything happens; copied, because a read may overwrite the vectors themselves.
        Span<byte> copy = stackalloc byte[(int)(count * VectorBytes)];
        list.CopyTo(copy);
        ulong total = 0;
        for (var i = 0; i < copy.Length; i += (int)VectorBytes)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(copy[(i + 4)..]);
            total += length;
            if (!TrySlice(BinaryPrimitives.ReadUInt32LittleEndian(copy[i..]), length, out _))
            {
                return WasiErrno.Fault;
            }
        }

        if (total > int.MaxValue)
        {
            return WasiErrno.Invalid;
        }

        uint done = 0;
        for (var i = 0; i < copy.Length; i += (int)VectorBytes)
        {
            TrySlice(BinaryPrimitives.ReadUInt32LittleEndian(copy[i..]), BinaryPrimitives.ReadUInt32LittleEndian(copy[(i + 4)..]), out var span);
            var fault = transfer.Run(span, done, out var used);
            if (!fault.IsNone)
            {
                // What was done already is done; the error comes with the next call.
                return done > 0 ? WriteUInt32(resultPointer, done) : ToErrno(fault);
            }

            done += (uint)used;
            if (used < span.Length)
            {
                break;
            }
        }

        return WriteUInt32(resultPointer, done);
    }

    private interface ITransfer
    {
        VfsFault Run(Span<byte> span, uint done, out int used);
    }

    private readonly struct Reading(VfsHandle file, long? position) : ITransfer
    {
        public VfsFault Run(Span<byte> span, uint done, out int used) =>
            position is { } start ? file.ReadAt(start + done, span, out used) : file.Read(span, out used);
    }

    private readonly struct Writing(VfsHandle file, long? position) : ITransfer
    {
        public VfsFault Run(Span<byte> span, uint done, out int used)
        {
            used = span.Length;
            return position is { } start ? file.WriteAt(start + done, span) : file.Write(span);
        }
    }
}
