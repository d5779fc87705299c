namespace Molt.Engine;

/// <summary>Makes exceptions of JavaScript values.</summary>
internal static class JsError
{
    public static JsEngineException FromValue(JsIsolate isolate, JsValue value)
    {
        try
        {
            return new JsException(isolate.MainContext.Describe(value), value);
        }
        catch (JsEngineException exception)
        {
            // Describing may run a getter of the guest, which a termination or the isolate's end cuts short.
            return exception;
        }
    }
}
