namespace Molt.Wasm.Wasi;

/// <summary>The error numbers of WASI preview 1 (wasi_snapshot_preview1.witx, <c>errno</c>) that are used here.</summary>
public enum WasiErrno
{
    Success = 0,
    BadFileDescriptor = 8,
    Exists = 20,
    Fault = 21,
    IllegalSequence = 25,
    Interrupted = 27,
    Invalid = 28,
    Io = 29,
    IsDirectory = 31,
    TooManyFiles = 33,
    NameTooLong = 37,
    NoEntry = 44,
    NoSpace = 51,
    NoSystem = 52,
    NotDirectory = 54,
    NotEmpty = 55,
    NotSupported = 58,
    Overflow = 61,
    Access = 2,
    ReadOnlyFileSystem = 69,
    SeekOnPipe = 70,
    CrossDevice = 75,
    NotCapable = 76,
}
