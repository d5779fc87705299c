using System.Runtime.InteropServices;

namespace Molt.Engine;

internal static unsafe partial class Native
{
    [LibraryImport(Library)] internal static partial int molt_script_run(nint context, Slot* source, Slot* name, byte* cache, long cacheLength, int* cacheRejected, Slot* result);
    [LibraryImport(Library)] internal static partial int molt_source_run(nint context, int index, Slot* name, Slot* result);
    [LibraryImport(Library)] internal static partial int molt_function_compile(nint context, Slot* source, Slot* name, Slot* parameters, int count, nint* value);
    [LibraryImport(Library)] internal static partial int molt_function_code_cache(nint function, Blob* blob);
    [LibraryImport(Library)] internal static partial int molt_module_compile(nint context, Slot* source, Slot* name, byte* cache, long cacheLength, int* cacheRejected, nint* module);
    [LibraryImport(Library)] internal static partial int molt_module_synthetic(nint context, Slot* name, Slot* exports, int count, long cookie, nint* module);
    [LibraryImport(Library)] internal static partial int molt_module_set_export(nint module, Slot* name, Slot* value);
    [LibraryImport(Library)] internal static partial void molt_module_release(nint module);
    [LibraryImport(Library)] internal static partial int molt_module_requests(nint module, Blob* blob);
    [LibraryImport(Library)] internal static partial int molt_module_link(nint module, int request, nint target);
    [LibraryImport(Library)] internal static partial int molt_module_instantiate(nint module);
    [LibraryImport(Library)] internal static partial int molt_module_evaluate(nint module, Slot* promise);
    [LibraryImport(Library)] internal static partial int molt_module_status(nint module);
    [LibraryImport(Library)] internal static partial int molt_module_namespace(nint module, nint* value);
    [LibraryImport(Library)] internal static partial int molt_module_code_cache(nint module, Blob* blob);
    [LibraryImport(Library)] internal static partial int molt_module_stalled(nint module, Blob* blob);
    [LibraryImport(Library)] internal static partial int molt_wasm_compile(nint context, byte* data, long length, nint* value);
}
