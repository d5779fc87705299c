namespace Molt.Engine;

/// <summary>A call from JavaScript. An exception it throws becomes a JavaScript exception; see <see cref="JsEngine.HostFault"/>.</summary>
public delegate void JsHostCallback(ref JsCall call);

/// <summary>A function JavaScript may call.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Length">The function's length property: how many arguments it expects.</param>
/// <param name="Callback">What runs; on the thread that is inside the isolate.</param>
public readonly record struct JsHostFunction(string Name, int Length, JsHostCallback Callback);
