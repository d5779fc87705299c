using System.Runtime.InteropServices;

namespace Molt.Engine;

internal static unsafe partial class Native
{
    [LibraryImport(Library)] internal static partial void molt_value_release(nint value);
    [LibraryImport(Library)] internal static partial int molt_value_from(nint context, Slot* slot, nint* value);
    [LibraryImport(Library)] internal static partial int molt_value_read(nint value, Slot* slot);
    [LibraryImport(Library)] internal static partial int molt_value_typeof(nint value);
    [LibraryImport(Library)] internal static partial long molt_value_string(nint value, char* data, long capacity);
    [LibraryImport(Library)] internal static partial int molt_value_to_string(nint context, nint value, nint* result);
    [LibraryImport(Library)] internal static partial int molt_value_strict_equals(nint a, nint b);
    [LibraryImport(Library)] internal static partial int molt_object_new(nint context, nint* value);
    [LibraryImport(Library)] internal static partial int molt_object_get(nint context, nint value, Slot* key, Slot* result);
    [LibraryImport(Library)] internal static partial int molt_object_set(nint context, nint value, Slot* key, Slot* item);
    [LibraryImport(Library)] internal static partial int molt_object_keys(nint context, nint value, Slot* result);
    [LibraryImport(Library)] internal static partial int molt_json_parse(nint context, Slot* text, Slot* result);
    [LibraryImport(Library)] internal static partial int molt_json_stringify(nint context, Slot* value, Slot* result);
    [LibraryImport(Library)] internal static partial int molt_function_call(nint context, nint function, nint receiver, Slot* args, int count, Slot* result);
    [LibraryImport(Library)] internal static partial int molt_function_construct(nint context, nint function, Slot* args, int count, Slot* result);

    // A call from JavaScript in progress
    [LibraryImport(Library)] internal static partial long molt_call_string_latin1(nint call, int index, byte* data, long capacity);
    [LibraryImport(Library)] internal static partial long molt_call_string_utf16(nint call, int index, char* data, long capacity);
    [LibraryImport(Library)] internal static partial long molt_call_string_utf8_length(nint call, int index);
    [LibraryImport(Library)] internal static partial long molt_call_string_utf8(nint call, int index, byte* data, long capacity);
    [LibraryImport(Library)] internal static partial nint molt_call_handle(nint call, int index);
    [LibraryImport(Library)] internal static partial nint molt_call_buffer(nint call, int index, nint* data, long* length);
    [LibraryImport(Library)] internal static partial void molt_buffer_release(nint buffer);

    // Promises
    [LibraryImport(Library)] internal static partial int molt_resolver_new(nint context, nint* resolver, nint* promise);
    [LibraryImport(Library)] internal static partial int molt_resolver_settle(nint context, nint resolver, int reject, Slot* value);
    [LibraryImport(Library)] internal static partial int molt_promise_state(nint promise, Slot* result);
    [LibraryImport(Library)] internal static partial int molt_promise_watch(nint context, nint promise, long cookie);
    [LibraryImport(Library)] internal static partial int molt_rejection_next(nint isolate, nint* promise, nint* reason);
    [LibraryImport(Library)] internal static partial int molt_async_context_get(nint isolate, Slot* value);
    [LibraryImport(Library)] internal static partial int molt_async_context_set(nint isolate, Slot* value);

    // Structured serialization
    [LibraryImport(Library)] internal static partial int molt_serialize(nint context, nint value, Blob* blob);
    [LibraryImport(Library)] internal static partial int molt_deserialize(nint context, byte* data, long length, Slot* result);
}
