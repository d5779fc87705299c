namespace Molt.Engine;

/// <summary>
/// The calling thread is inside an isolate until this is disposed. Scopes nest; the outermost one, when it ends,
/// runs what became ready during it (see <see cref="JsIsolate.RunMicrotasks"/>).
/// </summary>
public readonly ref struct JsScope
{
    private readonly JsIsolate? _isolate;

    internal JsScope(JsIsolate isolate) => _isolate = isolate;

    /// <summary>Leaves the isolate.</summary>
    public void Dispose() => _isolate?.Leave();
}
