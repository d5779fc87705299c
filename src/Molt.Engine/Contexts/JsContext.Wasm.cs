namespace Molt.Engine;

/// <summary>Calls of WebAssembly functions.</summary>
public sealed partial class JsContext
{
    /// <summary>Calls an exported function that takes up to 8 integers and returns one or nothing (0). Throws what it traps with.</summary>
    public unsafe int InvokeWasm(JsValue function, params ReadOnlySpan<int> args)
    {
        ArgumentNullException.ThrowIfNull(function);
        int result;
        fixed (int* data = args)
        {
            int status = Native.molt_wasm_invoke(Pointer, function.Live, data, args.Length, &result);
            GC.KeepAlive(function);
            Status.Check(Isolate, status);
        }
        return result;
    }
}
