using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Molt.Engine;

/// <summary>Awaited, brings a continuation back inside the isolate. See <see cref="JsIsolate.Resume"/>.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct ResumeAwaitable(JsIsolate isolate) : ICriticalNotifyCompletion
{
    public bool IsCompleted => isolate.IsEntered && !isolate.IsInHostCall;

    public ResumeAwaitable GetAwaiter() => this;

    public void GetResult()
    {
        // Nothing to return: a disposed isolate shows in the next call that needs it.
    }

    public void OnCompleted(Action continuation) => isolate.Post(continuation);

    public void UnsafeOnCompleted(Action continuation) => isolate.Post(continuation);
}
