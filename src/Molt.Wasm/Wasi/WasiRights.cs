namespace Molt.Wasm.Wasi;

/// <summary>What may be done with a descriptor (wasi_snapshot_preview1.witx, <c>rights</c>). The bits keep their places.</summary>
[Flags]
internal enum WasiRights : ulong
{
    None = 0,
    DataSync = 1UL << 0,
    Read = 1UL << 1,
    Seek = 1UL << 2,
    SetFlags = 1UL << 3,
    Sync = 1UL << 4,
    Tell = 1UL << 5,
    Write = 1UL << 6,
    Advise = 1UL << 7,
    Allocate = 1UL << 8,
    PathCreateDirectory = 1UL << 9,
    PathCreateFile = 1UL << 10,
    PathOpen = 1UL << 13,
    ReadDirectory = 1UL << 14,
    PathReadLink = 1UL << 15,
    PathRenameSource = 1UL << 16,
    PathRenameTarget = 1UL << 17,
    PathStat = 1UL << 18,
    PathSetSize = 1UL << 19,
    Stat = 1UL << 21,
    SetSize = 1UL << 22,
    PathRemoveDirectory = 1UL << 25,
    PathUnlink = 1UL << 26,
    Poll = 1UL << 27,

    Input = Read | SetFlags | Stat | Poll,
    Output = Write | SetFlags | Stat | Poll,
    File = DataSync | Read | Seek | SetFlags | Sync | Tell | Write | Advise | Allocate | Stat | SetSize | Poll,
    Directory = DataSync | SetFlags | Sync | PathCreateDirectory | PathCreateFile | PathOpen | ReadDirectory | PathReadLink | PathRenameSource
        | PathRenameTarget | PathStat | PathSetSize | Stat | PathRemoveDirectory | PathUnlink,
}

/// <summary>Flags of a descriptor (<c>fdflags</c>).</summary>
[Flags]
internal enum WasiFlags
{
    None = 0,
    Append = 1,
    DataSync = 2,
    NonBlocking = 4,
    ReadSync = 8,
    Sync = 16,
    All = 31,
}

/// <summary>How a path is opened (<c>oflags</c>).</summary>
[Flags]
internal enum WasiOpen
{
    None = 0,
    Create = 1,
    Directory = 2,
    Exclusive = 4,
    Truncate = 8,
    All = 15,
}

/// <summary>Kinds of files (<c>filetype</c>).</summary>
internal enum WasiFileType
{
    Unknown = 0,
    Directory = 3,
    RegularFile = 4,
}
