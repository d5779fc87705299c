using System.Runtime.InteropServices;

namespace Molt.Engine;

/// <summary>An exception that escaped a host callback or continuation. The guest saw only "Internal error".</summary>
public sealed class JsHostFaultEventArgs(JsIsolate? isolate, Exception exception) : EventArgs
{
    /// <summary>The isolate it happened in, when there is one.</summary>
    public JsIsolate? Isolate { get; } = isolate;

    public Exception Exception { get; } = exception;
}

/// <summary>V8 is about to abort the process.</summary>
public sealed class JsFatalEventArgs(string location, string message) : EventArgs
{
    public string Location { get; } = location;

    public string Message { get; } = message;
}

/// <summary>The engine of this process.</summary>
public static class JsEngine
{
    private static readonly Lock Gate = new();
    private static volatile bool s_initialized;

    /// <summary>Raised for an exception of a host callback or continuation that nobody handled. Any thread.</summary>
    public static event EventHandler<JsHostFaultEventArgs>? HostFault;

    /// <summary>Raised when V8 cannot go on; the process aborts right after. Any thread.</summary>
    public static event EventHandler<JsFatalEventArgs>? Fatal;

    /// <summary>V8's version, for example 14.6.202.</summary>
    public static string V8Version => Marshal.PtrToStringUTF8(Native.molt_v8_version()) ?? "";

    /// <summary>Text that differs between engines whose snapshots and code caches do not fit each other.</summary>
    public static string FlagsHash => Marshal.PtrToStringUTF8(Native.molt_v8_flags_hash()) ?? "";

    /// <summary>Native values, modules, contexts and buffers that are alive in this process.</summary>
    public static long LiveHandles => Native.molt_live_handles();

    /// <summary>Isolates that are alive in this process.</summary>
    public static long LiveIsolates => Native.molt_live_isolates();

    /// <summary>Connects the native library. Idempotent; <see cref="JsIsolate.Create"/> does it too.</summary>
    /// <exception cref="JsNativeLibraryException">The library is missing or of another version.</exception>
    public static void Initialize()
    {
        if (s_initialized)
        {
            return;
        }
        lock (Gate)
        {
            if (s_initialized)
            {
                return;
            }
            int version = Native.molt_abi_version();
            if (version != Native.AbiVersion)
            {
                throw new JsNativeLibraryException(
                    $"The native library has table version {version}, this assembly needs {Native.AbiVersion}. Rebuild both: native/build.sh and dotnet build.");
            }
            HostCallbacks.Register();
            s_initialized = true;
        }
    }

    /// <summary>Disposes every isolate that is alive. The process cannot use the engine afterwards.</summary>
    public static void Shutdown() => Native.molt_shutdown();

    internal static void ReportFault(JsIsolate? isolate, Exception exception)
    {
        try
        {
            HostFault?.Invoke(null, new JsHostFaultEventArgs(isolate, exception));
        }
#pragma warning disable CA1031 // A failing observer of failures has nobody left to tell.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    internal static void ReportFatal(string location, string message) => Fatal?.Invoke(null, new JsFatalEventArgs(location, message));
}
