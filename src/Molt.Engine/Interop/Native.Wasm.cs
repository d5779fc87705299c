using System.Runtime.InteropServices;

namespace Molt.Engine;

internal static unsafe partial class Native
{
    [LibraryImport(Library)] internal static partial int molt_wasm_memory(nint context, nint memory, nint* data, long* length);
    [LibraryImport(Library)] internal static partial int molt_wasm_invoke(nint context, nint function, int* args, int count, int* result);
    [LibraryImport(Library)] internal static partial int molt_image_new(byte* data, long length, nint* image);
    [LibraryImport(Library)] internal static partial void molt_image_release(nint image);
    [LibraryImport(Library)] internal static partial int molt_reset_new(nint image, nint memory, long length, int strategy, nint* reset);
    [LibraryImport(Library)] internal static partial long molt_reset_run(nint reset);
    [LibraryImport(Library)] internal static partial int molt_reset_strategy(nint reset);
    [LibraryImport(Library)] internal static partial void molt_reset_release(nint reset);
}
