namespace Molt.Engine;

/// <summary>A managed task that follows a JavaScript promise. Settled by the isolate's dispatch, never from within V8.</summary>
internal sealed class PromiseWatch
{
    private readonly TaskCompletionSource<JsValue> _source = new();

    public Task<JsValue> Task => _source.Task;

    public void Settle(JsIsolate isolate, bool rejected, JsValue value)
    {
        if (rejected)
        {
            _source.TrySetException(JsError.FromValue(isolate, value));
        }
        else
        {
            _source.TrySetResult(value);
        }
    }

    public void Fail(Exception exception) => _source.TrySetException(exception);
}
