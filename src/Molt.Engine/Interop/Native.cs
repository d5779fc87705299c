using System.Reflection;
using System.Runtime.InteropServices;

namespace Molt.Engine;

/// <summary>
/// The functions of native/include/molt.h, name for name. Nothing else calls into native code.
/// </summary>
/// <remarks>
/// <see cref="SuppressGCTransitionAttribute"/> stands only on functions that neither run JavaScript nor allocate in V8's heap:
/// flattening a string can collect garbage, a collection can release an adopted buffer, and that calls back into .NET.
/// </remarks>
internal static unsafe partial class Native
{
    /// <summary>The version of the table this assembly was written against (MOLT_ABI_VERSION).</summary>
    public const int AbiVersion = 2;

    private const string Library = "molt";
    private const string PathVariable = "MOLT_NATIVE";

    static Native() => NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (!string.Equals(name, Library, StringComparison.Ordinal))
        {
            return 0;
        }
        string? path = Environment.GetEnvironmentVariable(PathVariable);
        if (string.IsNullOrEmpty(path))
        {
            throw new JsNativeLibraryException(
                $"The native library is not loaded: {PathVariable} is not set. Start this program through the molt launcher (node native/boot.cjs <assembly>).");
        }
        if (!NativeLibrary.TryLoad(path, out nint handle))
        {
            throw new JsNativeLibraryException($"The native library {path} ({PathVariable}) cannot be loaded. Build it with native/build.sh.");
        }
        return handle;
    }

    // Process
    [LibraryImport(Library)] internal static partial int molt_abi_version();
    [LibraryImport(Library)] internal static partial int molt_host_register(HostTable* host);
    [LibraryImport(Library)] internal static partial nint molt_v8_version();
    [LibraryImport(Library)] internal static partial nint molt_v8_flags_hash();
    [LibraryImport(Library)] internal static partial void molt_shutdown();
    [LibraryImport(Library)] internal static partial void molt_blob_free(Blob* blob);
    [LibraryImport(Library)] internal static partial long molt_live_handles();
    [LibraryImport(Library), SuppressGCTransition] internal static partial long molt_live_isolates();
    [LibraryImport(Library), SuppressGCTransition] internal static partial long molt_thread_cpu_ns();
    [LibraryImport(Library), SuppressGCTransition] internal static partial int molt_thread_clock();
    [LibraryImport(Library), SuppressGCTransition] internal static partial long molt_clock_ns(int clockId);

    // Isolates
    [LibraryImport(Library)] internal static partial int molt_isolate_new(IsolateParams* parameters, nint* isolate);
    [LibraryImport(Library)] internal static partial void molt_isolate_release(nint isolate);
    [LibraryImport(Library)] internal static partial void molt_isolate_enter(nint isolate);
    [LibraryImport(Library)] internal static partial void molt_isolate_exit(nint isolate);
    [LibraryImport(Library)] internal static partial void molt_isolate_terminate(nint isolate);
    [LibraryImport(Library)] internal static partial void molt_isolate_cancel_terminate(nint isolate);
    [LibraryImport(Library), SuppressGCTransition] internal static partial int molt_isolate_is_terminating(nint isolate);
    [LibraryImport(Library)] internal static partial void molt_isolate_request_memory_check(nint isolate);
    [LibraryImport(Library)] internal static partial int molt_isolate_check_memory(nint isolate);
    [LibraryImport(Library)] internal static partial int molt_isolate_limit_hit(nint isolate);
    [LibraryImport(Library)] internal static partial int molt_isolate_limit_count(nint isolate);
    [LibraryImport(Library)] internal static partial void molt_isolate_statistics(nint isolate, JsHeapStatistics* statistics);
    [LibraryImport(Library)] internal static partial void molt_isolate_low_memory(nint isolate);
    [LibraryImport(Library)] internal static partial int molt_isolate_pump(nint isolate, double* nextDelay);
    [LibraryImport(Library)] internal static partial void molt_isolate_run_microtasks(nint isolate);

    // Contexts and snapshots
    [LibraryImport(Library)] internal static partial int molt_context_new(nint isolate, long cookie, int flags, nint* context);
    [LibraryImport(Library)] internal static partial void molt_context_release(nint context);
    [LibraryImport(Library)] internal static partial int molt_context_global(nint context, nint* value);
    [LibraryImport(Library)] internal static partial void molt_context_set_flags(nint context, int flags);
    [LibraryImport(Library)] internal static partial int molt_context_data(nint context, int index, Slot* value);
    [LibraryImport(Library)] internal static partial int molt_snapshot_create(nint isolate, nint context, nint* retained, int count, int keepFunctionCode, Blob* blob);
    [LibraryImport(Library)] internal static partial int molt_host_function(nint context, int id, Slot* name, int length, nint* value);
    [LibraryImport(Library)] internal static partial int molt_intrinsics(nint context, nint* value);

    // Exceptions
    [LibraryImport(Library)] internal static partial int molt_exception_take(nint isolate, nint* value, Blob* details);
    [LibraryImport(Library)] internal static partial int molt_exception_describe(nint context, nint value, Blob* details);
    [LibraryImport(Library)] internal static partial void molt_throw(nint isolate, int errorKind, Slot* message);
    [LibraryImport(Library)] internal static partial void molt_throw_value(nint isolate, Slot* value);
    [LibraryImport(Library)] internal static partial int molt_error_new(nint context, int errorKind, Slot* message, nint* value);
}
