using Molt.Engine;

namespace Molt.Runtime;

/// <summary>The functions of the guest runtime that the host calls, taken from the base snapshot. guest/src/entry.ts has their other side.</summary>
internal sealed class GuestEntry : IDisposable
{
    private readonly JsValue _entry;
    private readonly JsValue _unhandled;

    public GuestEntry(JsValue entry)
    {
        _entry = entry;
        Fetch = entry.Get("fetch");
        Test = entry.Get("test");
        Settle = entry.Get("settle");
        SettleError = entry.Get("settleError");
        Timer = entry.Get("timer");
        Abort = entry.Get("abort");
        Disconnect = entry.Get("disconnect");
        _unhandled = entry.Get("unhandled");
    }

    public JsValue Fetch { get; }

    public JsValue Test { get; }

    public JsValue Settle { get; }

    public JsValue SettleError { get; }

    public JsValue Timer { get; }

    public JsValue Abort { get; }

    public JsValue Disconnect { get; }

    /// <summary>Begins the isolate's life: clocks, identity.</summary>
    public void Start(JsContext context, string configJson)
    {
        using var start = _entry.Get("start");
        start.Invoke(context, configJson);
    }

    /// <summary>Hands over the worker's exports and variables; returns the names of its handlers.</summary>
    public IReadOnlyList<string> Bind(JsContext context, JsValue exports, string varsJson)
    {
        using var bind = _entry.Get("bind");
        var handlers = bind.CallString(context, exports, varsJson);
        return handlers?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [];
    }

    /// <summary>The modules the runtime itself offers: specifier → exports.</summary>
    public JsValue Builtins() => _entry.Get("builtins");

    /// <summary>Tells the guest of a rejection nobody handles; true when a listener took care of it.</summary>
    public bool PreventsUnhandled(JsContext context, JsValue promise, JsValue reason) =>
        _unhandled.CallBoolean(context, promise, reason);

    public void Dispose()
    {
        _entry.Dispose();
        Fetch.Dispose();
        Test.Dispose();
        Settle.Dispose();
        SettleError.Dispose();
        Timer.Dispose();
        Abort.Dispose();
        Disconnect.Dispose();
        _unhandled.Dispose();
    }
}
