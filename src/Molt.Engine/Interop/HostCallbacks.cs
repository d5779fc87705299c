using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Molt.Engine;

/// <summary>The host table's functions. None lets an exception through.</summary>
internal static unsafe class HostCallbacks
{
    private static HostTable* s_table;

    /// <summary>Registers the table once; native code keeps the pointer.</summary>
    public static void Register()
    {
        var table = (HostTable*)NativeMemory.AllocZeroed((nuint)sizeof(HostTable));
        table->AbiVersion = Native.AbiVersion;
        table->Call = &Call;
        table->ImportDynamic = &ImportDynamic;
        table->SyntheticEvaluate = &SyntheticEvaluate;
        table->PromiseSettled = &PromiseSettled;
        table->WorkPosted = &WorkPosted;
        table->BufferReleased = &BufferReleased;
        table->Fatal = &Fatal;
        s_table = table;
        if (Native.molt_host_register(s_table) != 0)
        {
            throw new JsNativeLibraryException("The native library refused the host table. Rebuild the native library and the .NET assemblies from the same source.");
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Call(long isolate, int id, nint call, Slot* args, int count, Slot* result) =>
        IsolateTable.Find(isolate)?.Dispatch(id, call, args, count, result);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void ImportDynamic(long isolate, long context, byte* request, long length, nint resolver)
    {
        var owner = IsolateTable.Find(isolate);
        if (owner is null)
        {
            Native.molt_value_release(resolver);
            return;
        }
        try
        {
            owner.OnImportDynamic((int)context, new ReadOnlySpan<byte>(request, (int)length), new JsValue(owner, resolver));
        }
#pragma warning disable CA1031 // Nothing may cross into native code.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            JsEngine.ReportFault(owner, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int SyntheticEvaluate(long isolate, long module)
    {
        var owner = IsolateTable.Find(isolate);
        if (owner is null)
        {
            return 1;
        }
        try
        {
            return owner.OnSyntheticEvaluate(module) ? 0 : 1;
        }
#pragma warning disable CA1031 // Nothing may cross into native code.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            JsEngine.ReportFault(owner, exception);
            return 1;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void PromiseSettled(long isolate, long promise, int rejected, Slot* value)
    {
        var owner = IsolateTable.Find(isolate);
        if (owner is null)
        {
            return;
        }
        try
        {
            owner.OnPromiseSettled(promise, rejected != 0, value);
        }
#pragma warning disable CA1031 // Nothing may cross into native code.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            JsEngine.ReportFault(owner, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void WorkPosted(long isolate, double delaySeconds) =>
        IsolateTable.Find(isolate)?.AnnounceWork(delaySeconds > 0 ? TimeSpan.FromSeconds(delaySeconds) : TimeSpan.Zero);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void BufferReleased(long cookie)
    {
        try
        {
            AdoptedBuffers.Release(cookie);
        }
#pragma warning disable CA1031 // Nothing may cross into native code.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            JsEngine.ReportFault(null, exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Fatal(byte* location, byte* message)
    {
        try
        {
            JsEngine.ReportFatal(Marshal.PtrToStringUTF8((nint)location) ?? "", Marshal.PtrToStringUTF8((nint)message) ?? "");
        }
#pragma warning disable CA1031 // The process is about to abort; nothing can be added to that.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}
