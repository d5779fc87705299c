using System.Diagnostics.CodeAnalysis;

namespace Molt.Engine;

/// <summary>molt_status, and how each failure becomes an exception.</summary>
internal static unsafe class Status
{
    public const int Ok = 0;
    public const int Exception = 1;
    public const int Terminated = 2;
    public const int Invalid = 3;
    public const int Disposed = 4;

    public static void Check(JsIsolate isolate, int status)
    {
        if (status != Ok)
        {
            Throw(isolate, status);
        }
    }

    [DoesNotReturn]
    public static void Throw(JsIsolate isolate, int status) => throw ToException(isolate, status);

    private static JsEngineException ToException(JsIsolate isolate, int status) => status switch
    {
        Exception => Take(isolate),
        Terminated => new JsTerminatedException(isolate.LimitHit),
        Disposed => new JsDisposedException(),
        _ => new JsUsageException("The engine refused the call: enter the isolate on this thread first, and pass values of that isolate that have the kind the call asks for."),
    };

    private static JsEngineException Take(JsIsolate isolate)
    {
        nint value;
        Blob details = default;
        int status = Native.molt_exception_take(isolate.Pointer, &value, &details);
        if (status != Ok)
        {
            return status == Exception
                ? new JsUsageException("The engine reported an exception and holds none.")
                : ToException(isolate, status);
        }
        var info = isolate.SourceMaps.Map(JsErrorInfo.Parse(details.Span));
        details.Free();
        return new JsException(info, value == 0 ? null : new JsValue(isolate, value));
    }
}
