namespace Molt.Engine;

/// <summary>State of a promise.</summary>
public enum JsPromiseState
{
    Pending = 0,
    Fulfilled = 1,
    Rejected = 2,
}

/// <summary>A promise the host settles. Settling runs no microtasks by itself.</summary>
public sealed class JsDeferred : IDisposable
{
    private readonly JsContext _context;
    private readonly JsValue _resolver;
    private bool _settled;

    internal JsDeferred(JsContext context, JsValue resolver, JsValue promise)
    {
        _context = context;
        _resolver = resolver;
        Promise = promise;
    }

    /// <summary>The promise to hand to JavaScript. Owned by this object.</summary>
    public JsValue Promise { get; }

    /// <summary>Fulfils the promise, or follows the value when it is a thenable. Later settling has no effect.</summary>
    public void Resolve(in JsArg value) => Settle(reject: false, in value);

    /// <summary>Rejects the promise. Later settling has no effect.</summary>
    public void Reject(in JsArg reason) => Settle(reject: true, in reason);

    /// <summary>Rejects the promise with a new error.</summary>
    public void Reject(JsErrorKind kind, string message)
    {
        using var error = _context.NewError(kind, message);
        Reject(error);
    }

    /// <summary>Releases the handles; the promise itself lives on in JavaScript.</summary>
    public void Dispose()
    {
        _resolver.Dispose();
        Promise.Dispose();
    }

    /// <summary>
    /// V8's resolver has no [[AlreadyResolved]] (ECMA-262 27.2.1.3): settling a promise that follows a thenable would settle
    /// it twice, which V8 does not survive.
    /// </summary>
    private void Settle(bool reject, in JsArg value)
    {
        if (_settled)
        {
            return;
        }
        _settled = true;
        _resolver.SettleResolver(_context, reject, in value);
    }
}
