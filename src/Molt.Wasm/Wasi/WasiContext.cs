using System.Buffers.Binary;
using System.Text;
using Molt.Wasm.Vfs;

namespace Molt.Wasm.Wasi;

/// <summary>
/// WASI preview 1 for one instance: a method for each function it serves, taking the guest's integers as they came.
/// <see cref="WasiImports"/> lists them. It guarantees that no pointer or length of the guest reaches beyond its memory (the
/// answer is <see cref="WasiErrno.Fault"/>), that nothing is allocated by a length that was not checked, and that what the
/// guest can reach is the file system it was given and what <see cref="Grants"/> allows. One thread at a time.
/// </summary>
public sealed partial class WasiContext : IDisposable
{
    private const uint FirstPreopen = 3;
    private const int MaxDescriptors = 512;
    private const uint MaxVectors = 1024;

    private static readonly string[] Streams = ["/dev/stdin", "/dev/stdout", "/dev/stderr"];
    private static readonly string[] Preopens = ["/bundle", "/tmp", "/state"];

    private readonly Dictionary<uint, WasiDescriptor> _descriptors = [];
    private readonly VirtualFileSystem _files;
    private readonly WasiOptions _options;
    private readonly byte[][] _arguments;
    private readonly byte[][] _environment;
    private IGuestMemory? _memory;
    private WasiGrants _grants;

    // Whether a descriptor was opened, closed or changed since all were as at the start: most calls touch none.
    private bool _hasChanges;
    private CancellationToken _cancellation;
    private TimeSpan _budget = Timeout.InfiniteTimeSpan;
    private long _callStart;

    /// <summary>Makes the context; <see cref="Memory"/> must be set before the guest calls. The file system is the context's from here on.</summary>
    public WasiContext(WasiOptions options, VirtualFileSystem files)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(files);
        _options = options;
        _files = files;
        _arguments = options.EncodeArguments();
        _environment = options.EncodeEnvironment();
        _start = _callStart = options.Clock.GetTimestamp();
        Grants = options.Grants;
        OpenStandard();
    }

    /// <summary>The guest's memory.</summary>
    public IGuestMemory Memory
    {
        get => _memory ?? throw new InvalidOperationException("WasiContext.Memory must be set before the guest runs.");
        set => _memory = value;
    }

    /// <summary>The capabilities held now.</summary>
    public WasiGrants Grants
    {
        get => _grants;
        set
        {
            _grants = value;
            _files.ShowsTimes = (value & WasiGrants.Time) != WasiGrants.None;
        }
    }

    /// <summary>Set once the guest called <c>proc_exit</c>: the engine must end the call and not return to the guest.</summary>
    public uint? ExitCode { get; private set; }

    /// <summary>Why what the guest wrote could not be kept when it called <c>proc_exit</c>.</summary>
    internal VfsFault ExitFault { get; private set; }

    /// <summary>Paths of files and directories that are open besides what every guest starts with. A snapshot cannot keep them.</summary>
    public IReadOnlyList<string> OpenPaths
    {
        get
        {
            var paths = new List<string>();
            foreach (var (number, descriptor) in _descriptors)
            {
                if (!descriptor.IsPreopened && (number >= Streams.Length || descriptor.Path != Streams[number]))
                {
                    paths.Add(descriptor.Path);
                }
            }

            paths.Sort(StringComparer.Ordinal);
            return paths;
        }
    }

    /// <summary>Starts a call: how long it may wait in all, and what stops waiting.</summary>
    public void BeginCall(TimeSpan budget, CancellationToken cancellationToken)
    {
        _budget = budget;
        _cancellation = cancellationToken;
        _callStart = _options.Clock.GetTimestamp();
        ExitCode = null;
        ExitFault = VfsFault.None;
    }

    /// <summary>
    /// Ends a call that returned or exited: closes what it left open, making it durable, and puts the descriptors back as at the start.
    /// </summary>
    public VfsFault EndCall() => CloseAll(keep: true);

    /// <summary>Ends a call that trapped or was stopped: as <see cref="EndCall"/>, but what was not synced is dropped.</summary>
    public void AbandonCall() => CloseAll(keep: false);

    /// <summary>Brings the instance's files back to the start: nothing open, /tmp and the outputs empty, new standard input.</summary>
    public void Reset(ReadOnlyMemory<byte> standardInput = default)
    {
        CloseAll(keep: false);
        _files.ResetContent(standardInput);
        ExitCode = null;
    }

    /// <summary>Drops what is open and disposes the file system.</summary>
    public void Dispose()
    {
        _descriptors.Clear();
        _files.Dispose();
    }

    private VfsFault CloseAll(bool keep)
    {
        if (!_hasChanges)
        {
            return VfsFault.None;
        }

        var fault = _files.CloseAll(keep);
        _descriptors.Clear();
        OpenStandard();
        _hasChanges = false;
        return fault;
    }

    private void OpenStandard()
    {
        Standard(0, Streams[0], VfsOpenMode.Read, WasiRights.Input);
        Standard(1, Streams[1], VfsOpenMode.Write, WasiRights.Output);
        Standard(2, Streams[2], VfsOpenMode.Write, WasiRights.Output);
        var number = FirstPreopen;
        foreach (var path in Preopens)
        {
            foreach (var mount in _files.MountPaths)
            {
                if (mount == path)
                {
                    _descriptors.Add(number++, WasiDescriptor.Preopened(path));
                }
            }
        }

        void Standard(uint number, string path, VfsOpenMode mode, WasiRights rights)
        {
            _files.Open(path, mode, out var handle).ThrowIfAny();
            _descriptors.Add(number, WasiDescriptor.OfFile(handle!, rights, WasiFlags.None));
        }
    }

    private bool TryUse(WasiGrants grant) => _options.Gate?.TryUse(grant) ?? (Grants & grant) != WasiGrants.None;

    private bool TrySlice(uint pointer, uint length, out Span<byte> span)
    {
        if ((ulong)pointer + length > Memory.Length)
        {
            span = default;
            return false;
        }

        span = Memory.Slice(pointer, length);
        return true;
    }

    private WasiErrno WriteUInt32(uint pointer, uint value)
    {
        if (!TrySlice(pointer, sizeof(uint), out var span))
        {
            return WasiErrno.Fault;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(span, value);
        return WasiErrno.Success;
    }

    private WasiErrno WriteUInt64(uint pointer, ulong value)
    {
        if (!TrySlice(pointer, sizeof(ulong), out var span))
        {
            return WasiErrno.Fault;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(span, value);
        return WasiErrno.Success;
    }

    // The descriptor, if it is open and has the rights.
    private WasiErrno Find(uint number, WasiRights rights, out WasiDescriptor descriptor)
    {
        if (!_descriptors.TryGetValue(number, out descriptor!))
        {
            return WasiErrno.BadFileDescriptor;
        }

        return (descriptor.Rights & rights) == rights ? WasiErrno.Success : WasiErrno.NotCapable;
    }

    // A file, where a directory has no meaning.
    private WasiErrno FindFile(uint number, WasiRights rights, out VfsHandle file)
    {
        file = null!;
        if (_descriptors.TryGetValue(number, out var descriptor) && descriptor.IsDirectory)
        {
            return WasiErrno.IsDirectory;
        }

        var errno = Find(number, rights, out descriptor!);
        file = descriptor?.Handle!;
        return errno;
    }

    private static WasiErrno ToErrno(VfsFault fault) => fault.Error switch
    {
        VfsError.None => WasiErrno.Success,
        VfsError.NotFound => WasiErrno.NoEntry,
        VfsError.PermissionDenied => WasiErrno.Access,
        VfsError.ReadOnly => WasiErrno.ReadOnlyFileSystem,
        VfsError.IsDirectory => WasiErrno.IsDirectory,
        VfsError.NotDirectory => WasiErrno.NotDirectory,
        VfsError.AlreadyExists => WasiErrno.Exists,
        VfsError.QuotaExceeded => WasiErrno.NoSpace,
        VfsError.SeekNotSupported => WasiErrno.SeekOnPipe,
        VfsError.CapabilityDenied => WasiErrno.NotCapable,
        VfsError.InvalidPath when fault.Path is not null && VfsPath.IsTooLong(fault.Path) => WasiErrno.NameTooLong,
        VfsError.InvalidPath or VfsError.InvalidPosition => WasiErrno.Invalid,
        VfsError.NotEmpty => WasiErrno.NotEmpty,
        VfsError.CrossMount => WasiErrno.CrossDevice,
        VfsError.TooManyHandles => WasiErrno.TooManyFiles,
        VfsError.BadHandle => WasiErrno.BadFileDescriptor,
        _ => WasiErrno.Io,
    };

    // filestat: u64 device, u64 inode, u8 type, u64 links, u64 size, u64 accessed, u64 modified, u64 changed.
    private WasiErrno WriteStat(uint pointer, string path, VfsStat stat)
    {
        const uint size = 64;
        if (!TrySlice(pointer, size, out var span))
        {
            return WasiErrno.Fault;
        }

        span.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(span, 1);
        BinaryPrimitives.WriteUInt64LittleEndian(span[8..], Inode(path));
        span[16] = (byte)TypeOf(stat.Kind);
        BinaryPrimitives.WriteUInt64LittleEndian(span[24..], 1);
        BinaryPrimitives.WriteInt64LittleEndian(span[32..], stat.Size);
        BinaryPrimitives.WriteInt64LittleEndian(span[40..], stat.ModifiedNanoseconds);
        BinaryPrimitives.WriteInt64LittleEndian(span[48..], stat.ModifiedNanoseconds);
        BinaryPrimitives.WriteInt64LittleEndian(span[56..], stat.ModifiedNanoseconds);
        return WasiErrno.Success;
    }

    // A standard stream is "unknown" and no character device: C libraries take the latter for a terminal and flush every line.
    private static WasiFileType TypeOf(VfsKind kind) => kind switch
    {
        VfsKind.Directory => WasiFileType.Directory,
        VfsKind.File => WasiFileType.RegularFile,
        _ => WasiFileType.Unknown,
    };

    // FNV-1a of the path: the same file has the same number in every run, and programs compare these to see whether two paths are one file.
    private static ulong Inode(string path)
    {
        var hash = 14695981039346656037UL;
        Span<byte> bytes = stackalloc byte[VfsPath.MaxBytes + 1 + VfsPath.MaxComponentBytes];
        foreach (var value in bytes[..Encoding.UTF8.GetBytes(path, bytes)])
        {
            hash = (hash ^ value) * 1099511628211UL;
        }

        return hash;
    }
}
