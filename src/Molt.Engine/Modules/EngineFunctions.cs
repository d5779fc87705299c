namespace Molt.Engine;

/// <summary>Host functions of the engine itself.</summary>
internal static class EngineFunctions
{
    /// <summary>require(context, referrer, specifier).</summary>
    public const int Require = 0;

    public static void Invoke(int id, ref JsCall call)
    {
        if (id != Require)
        {
            call.Throw(JsErrorKind.Error, "The function is not available.");
            return;
        }
        if (!call.IsString(2))
        {
            call.Throw(JsErrorKind.TypeError, "The specifier of require() must be a string");
            return;
        }
        var context = call.Isolate.FindContext(call.Int32(0)) ?? call.Isolate.MainContext;
        using var value = context.ModuleMap.Require(call.String(1), call.String(2));
        call.Return(value);
    }
}
