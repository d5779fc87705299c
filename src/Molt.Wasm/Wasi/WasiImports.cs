namespace Molt.Wasm.Wasi;

/// <summary>The two types integers have at the boundary.</summary>
public enum WasiType
{
    /// <summary>32 bits.</summary>
    Int32,

    /// <summary>64 bits.</summary>
    Int64,
}

/// <summary>Runs a function with the guest's integers; a 32-bit one is in the lower half, the upper half is not looked at.</summary>
public delegate WasiErrno WasiFunction(WasiContext context, ReadOnlySpan<long> arguments);

/// <summary>One function of the module <c>wasi_snapshot_preview1</c>.</summary>
/// <param name="Name">The name it is imported by.</param>
/// <param name="Parameters">The types of its parameters.</param>
/// <param name="ReturnsErrno">Whether it returns its errno as an i32. Only <c>proc_exit</c> returns nothing: after it, look at <see cref="WasiContext.ExitCode"/>.</param>
/// <param name="Invoke">The function.</param>
public sealed record WasiImport(string Name, IReadOnlyList<WasiType> Parameters, bool ReturnsErrno, WasiFunction Invoke);

/// <summary>
/// All functions of WASI preview 1, so that any module that imports from it can be linked. Those that are not served answer
/// <see cref="WasiErrno.NoSystem"/>: sockets, signals, and setting times.
/// </summary>
public static class WasiImports
{
    /// <summary>The module they are imported from.</summary>
    public const string Module = "wasi_snapshot_preview1";

    /// <summary>The functions, by name.</summary>
    public static IReadOnlyList<WasiImport> All { get; } =
    [
        Served("args_get", "ii", static (c, a) => c.ArgsGet(U(a, 0), U(a, 1))),
        Served("args_sizes_get", "ii", static (c, a) => c.ArgsSizesGet(U(a, 0), U(a, 1))),
        Served("clock_res_get", "ii", static (c, a) => c.ClockResGet(U(a, 0), U(a, 1))),
        Served("clock_time_get", "iIi", static (c, a) => c.ClockTimeGet(U(a, 0), L(a, 1), U(a, 2))),
        Served("environ_get", "ii", static (c, a) => c.EnvironGet(U(a, 0), U(a, 1))),
        Served("environ_sizes_get", "ii", static (c, a) => c.EnvironSizesGet(U(a, 0), U(a, 1))),
        Served("fd_advise", "iIIi", static (c, a) => c.FdAdvise(U(a, 0), L(a, 1), L(a, 2), U(a, 3))),
        Served("fd_allocate", "iII", static (c, a) => c.FdAllocate(U(a, 0), L(a, 1), L(a, 2))),
        Served("fd_close", "i", static (c, a) => c.FdClose(U(a, 0))),
        Served("fd_datasync", "i", static (c, a) => c.FdDatasync(U(a, 0))),
        Served("fd_fdstat_get", "ii", static (c, a) => c.FdFdstatGet(U(a, 0), U(a, 1))),
        Served("fd_fdstat_set_flags", "ii", static (c, a) => c.FdFdstatSetFlags(U(a, 0), U(a, 1))),
        Served("fd_fdstat_set_rights", "iII", static (c, a) => c.FdFdstatSetRights(U(a, 0), L(a, 1), L(a, 2))),
        Served("fd_filestat_get", "ii", static (c, a) => c.FdFilestatGet(U(a, 0), U(a, 1))),
        Served("fd_filestat_set_size", "iI", static (c, a) => c.FdFilestatSetSize(U(a, 0), L(a, 1))),
        Absent("fd_filestat_set_times", "iIIi"),
        Served("fd_pread", "iiiIi", static (c, a) => c.FdPread(U(a, 0), U(a, 1), U(a, 2), L(a, 3), U(a, 4))),
        Served("fd_prestat_dir_name", "iii", static (c, a) => c.FdPrestatDirName(U(a, 0), U(a, 1), U(a, 2))),
        Served("fd_prestat_get", "ii", static (c, a) => c.FdPrestatGet(U(a, 0), U(a, 1))),
        Served("fd_pwrite", "iiiIi", static (c, a) => c.FdPwrite(U(a, 0), U(a, 1), U(a, 2), L(a, 3), U(a, 4))),
        Served("fd_read", "iiii", static (c, a) => c.FdRead(U(a, 0), U(a, 1), U(a, 2), U(a, 3))),
        Served("fd_readdir", "iiiIi", static (c, a) => c.FdReaddir(U(a, 0), U(a, 1), U(a, 2), L(a, 3), U(a, 4))),
        Served("fd_renumber", "ii", static (c, a) => c.FdRenumber(U(a, 0), U(a, 1))),
        Served("fd_seek", "iIii", static (c, a) => c.FdSeek(U(a, 0), a[1], U(a, 2), U(a, 3))),
        Served("fd_sync", "i", static (c, a) => c.FdSync(U(a, 0))),
        Served("fd_tell", "ii", static (c, a) => c.FdTell(U(a, 0), U(a, 1))),
        Served("fd_write", "iiii", static (c, a) => c.FdWrite(U(a, 0), U(a, 1), U(a, 2), U(a, 3))),
        Served("path_create_directory", "iii", static (c, a) => c.PathCreateDirectory(U(a, 0), U(a, 1), U(a, 2))),
        Served("path_filestat_get", "iiiii", static (c, a) => c.PathFilestatGet(U(a, 0), U(a, 1), U(a, 2), U(a, 3), U(a, 4))),
        Absent("path_filestat_set_times", "iiiiIIi"),
        Served("path_link", "iiiiiii", static (_, _) => WasiContext.PathLink()),
        Served("path_open", "iiiiiIIii", static (c, a) => c.PathOpen(U(a, 0), U(a, 1), U(a, 2), U(a, 3), U(a, 4), L(a, 5), L(a, 6), U(a, 7), U(a, 8))),
        Served("path_readlink", "iiiiii", static (c, a) => c.PathReadlink(U(a, 0), U(a, 1), U(a, 2), U(a, 3), U(a, 4), U(a, 5))),
        Served("path_remove_directory", "iii", static (c, a) => c.PathRemoveDirectory(U(a, 0), U(a, 1), U(a, 2))),
        Served("path_rename", "iiiiii", static (c, a) => c.PathRename(U(a, 0), U(a, 1), U(a, 2), U(a, 3), U(a, 4), U(a, 5))),
        Served("path_symlink", "iiiii", static (_, _) => WasiContext.PathLink()),
        Served("path_unlink_file", "iii", static (c, a) => c.PathUnlinkFile(U(a, 0), U(a, 1), U(a, 2))),
        Served("poll_oneoff", "iiii", static (c, a) => c.PollOneoff(U(a, 0), U(a, 1), U(a, 2), U(a, 3))),
        new("proc_exit", Types("i"), ReturnsErrno: false, static (c, a) => Exit(c, U(a, 0))),
        Absent("proc_raise", "i"),
        Served("random_get", "ii", static (c, a) => c.RandomGet(U(a, 0), U(a, 1))),
        Served("sched_yield", "", static (_, _) => WasiContext.SchedYield()),
        Absent("sock_accept", "iii"),
        Absent("sock_recv", "iiiiii"),
        Absent("sock_send", "iiiii"),
        Absent("sock_shutdown", "ii"),
    ];

    /// <summary>The function of that name, or null.</summary>
    public static WasiImport? Find(string name)
    {
        foreach (var import in All)
        {
            if (import.Name == name)
            {
                return import;
            }
        }

        return null;
    }

    private static WasiImport Served(string name, string parameters, WasiFunction function) => new(name, Types(parameters), ReturnsErrno: true, function);

    private static WasiImport Absent(string name, string parameters) => Served(name, parameters, static (_, _) => WasiErrno.NoSystem);

    // One letter a parameter: i for 32 bits, I for 64.
    private static WasiType[] Types(string letters)
    {
        var types = new WasiType[letters.Length];
        for (var i = 0; i < types.Length; i++)
        {
            types[i] = letters[i] == 'I' ? WasiType.Int64 : WasiType.Int32;
        }

        return types;
    }

    private static WasiErrno Exit(WasiContext context, uint code)
    {
        context.ProcExit(code);
        return WasiErrno.Success;
    }

    private static uint U(ReadOnlySpan<long> arguments, int index) => unchecked((uint)arguments[index]);

    private static ulong L(ReadOnlySpan<long> arguments, int index) => unchecked((ulong)arguments[index]);
}
