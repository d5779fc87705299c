namespace Molt.Wasm.Vfs.Devices;

/// <summary>
/// <c>/dev</c>: standard input, read once from start to end, and the two outputs, collected up to a cap. A write that does not
/// fit fails as a whole. The entries are fixed.
/// </summary>
internal sealed class DeviceMount(ReadOnlyMemory<byte> input, int cap) : IVfsMount
{
    private readonly InputDevice _input = new(input);
    private readonly OutputDevice _output = new(cap);
    private readonly OutputDevice _error = new(cap);

    public bool IsWritable => true;

    public ReadOnlyMemory<byte> Output => _output.Written;

    public ReadOnlyMemory<byte> Error => _error.Written;

    public void Reset(ReadOnlyMemory<byte> standardInput)
    {
        _input.Reset(standardInput.Length > cap ? throw new ArgumentException($"Standard input has {standardInput.Length} bytes; at most {cap} fit.", nameof(standardInput)) : standardInput);
        _output.Reset();
        _error.Reset();
    }

    public VfsError Open(string path, VfsOpenMode mode, out IVfsFile? file)
    {
        file = Find(path);
        if (file is null)
        {
            return path.Length == 0 ? VfsError.IsDirectory : Missing(path, (mode & VfsOpenMode.Create) != VfsOpenMode.None ? VfsError.PermissionDenied : VfsError.NotFound);
        }

        var isInput = ReferenceEquals(file, _input);
        if ((mode & VfsOpenMode.Exclusive) != VfsOpenMode.None)
        {
            return VfsError.AlreadyExists;
        }

        return (mode & (isInput ? VfsOpenMode.Write : VfsOpenMode.Read)) != VfsOpenMode.None ? VfsError.PermissionDenied : VfsError.None;
    }

    public VfsError Stat(string path, out VfsStat stat)
    {
        stat = new VfsStat(VfsKind.Directory, 0, IsReadOnly: true, 0);
        if (path.Length == 0)
        {
            return VfsError.None;
        }

        return Find(path)?.Stat(out stat) ?? Missing(path, VfsError.NotFound);
    }

    public VfsError ReadDirectory(string path, out IReadOnlyList<VfsEntry> entries)
    {
        entries = [];
        if (path.Length > 0)
        {
            return Find(path) is null ? Missing(path, VfsError.NotFound) : VfsError.NotDirectory;
        }

        entries = [new VfsEntry("stderr", VfsKind.Device), new VfsEntry("stdin", VfsKind.Device), new VfsEntry("stdout", VfsKind.Device)];
        return VfsError.None;
    }

    public VfsError CreateDirectory(string path) => Find(path) is null ? Missing(path, VfsError.PermissionDenied) : VfsError.AlreadyExists;

    public VfsError RemoveFile(string path) => Find(path) is null ? Missing(path, VfsError.NotFound) : VfsError.PermissionDenied;

    public VfsError RemoveDirectory(string path) => Find(path) is null ? Missing(path, VfsError.NotFound) : VfsError.NotDirectory;

    public VfsError Rename(string from, string to) => Find(from) is null ? Missing(from, VfsError.NotFound) : VfsError.PermissionDenied;

    private IVfsFile? Find(string path) => path switch
    {
        "stdin" => _input,
        "stdout" => _output,
        "stderr" => _error,
        _ => null,
    };

    private VfsError Missing(string path, VfsError error)
    {
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && Find(path[..slash]) is not null ? VfsError.NotDirectory : slash > 0 ? VfsError.NotFound : error;
    }

    private sealed class InputDevice(ReadOnlyMemory<byte> content) : IVfsFile
    {
        private ReadOnlyMemory<byte> _rest = content;

        public void Reset(ReadOnlyMemory<byte> next) => _rest = next;

        public VfsError Read(long position, Span<byte> buffer, out int read)
        {
            read = Math.Min(buffer.Length, _rest.Length);
            _rest.Span[..read].CopyTo(buffer);
            _rest = _rest[read..];
            return VfsError.None;
        }

        public VfsError Write(long position, ReadOnlySpan<byte> bytes) => VfsError.PermissionDenied;

        public VfsError SetLength(long length) => VfsError.PermissionDenied;

        public VfsError Sync() => VfsError.None;

        public VfsError Stat(out VfsStat stat)
        {
            stat = new VfsStat(VfsKind.Device, 0, IsReadOnly: true, 0);
            return VfsError.None;
        }

        public VfsError Close(bool keep) => VfsError.None;
    }

    private sealed class OutputDevice(int cap) : IVfsFile
    {
        private byte[] _buffer = [];
        private int _length;

        public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

        public void Reset()
        {
            // What was handed out as written stays as it is: the next call starts with a buffer of its own.
            _buffer = [];
            _length = 0;
        }

        public VfsError Read(long position, Span<byte> buffer, out int read)
        {
            read = 0;
            return VfsError.PermissionDenied;
        }

        public VfsError Write(long position, ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length > cap - _length)
            {
                return VfsError.QuotaExceeded;
            }

            var needed = _length + bytes.Length;
            if (needed > _buffer.Length)
            {
                Array.Resize(ref _buffer, (int)Math.Min(cap, Math.Max(needed, Math.Max(256, _buffer.Length * 2L))));
            }

            bytes.CopyTo(_buffer.AsSpan(_length));
            _length = needed;
            return VfsError.None;
        }

        public VfsError SetLength(long length) => VfsError.PermissionDenied;

        public VfsError Sync() => VfsError.None;

        public VfsError Stat(out VfsStat stat)
        {
            stat = new VfsStat(VfsKind.Device, 0, IsReadOnly: false, 0);
            return VfsError.None;
        }

        public VfsError Close(bool keep) => VfsError.None;
    }
}
