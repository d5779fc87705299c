using Molt.Engine;

namespace Molt.Runtime;

/// <summary>The functions of the guest runtime that the host calls, taken from the base snapshot. guest/src/main.ts has their other side.</summary>
internal sealed class GuestEntry : IDisposable
{
    private readonly JsValue _entry;
    private readonly JsValue _unhandled;
    private readonly JsValue _thrownText;

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
        CapabilityError = entry.Get("capabilityError");
        _unhandled = entry.Get("unhandled");
        _thrownText = entry.Get("thrownText");
    }

    public JsValue Fetch { get; }

    public JsValue Test { get; }

    public JsValue Settle { get; }

    public JsValue SettleError { get; }

    public JsValue Timer { get; }

    public JsValue Abort { get; }

    public JsValue Disconnect { get; }

    /// <summary>Makes the error of a capability call: (status, capability, operation, message).</summary>
    public JsValue CapabilityError { get; }

    /// <summary>Begins the isolate's life: clocks, identity.</summary>
    public void Start(JsContext context, string configJson)
    {
        using var start = _entry.Get("start");
        start.Invoke(context, configJson);
    }

    /// <summary>Hands over the worker's exports and variables; returns the names of its handlers, and what it has instead where there is none.</summary>
    public (IReadOnlyList<string> Handlers, IReadOnlyList<string> Others) Bind(JsContext context, JsValue exports, string varsJson)
    {
        using var bind = _entry.Get("bind");
        var names = bind.CallString(context, exports, varsJson)?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return (Array.FindAll(names, n => n[0] != '?'), Array.ConvertAll(Array.FindAll(names, n => n[0] == '?'), n => n[1..]));
    }

    /// <summary>The modules the runtime itself offers: specifier → exports.</summary>
    public JsValue Builtins() => _entry.Get("builtins");

    /// <summary>The exports of <c>molt:ffi</c> as a package sees it; the worker's own code is the package "".</summary>
    public JsValue Ffi(JsContext context, string package)
    {
        using var ffi = _entry.Get("ffi");
        return ffi.Call(context, package);
    }

    /// <summary>Stops the clock that JavaScript itself has.</summary>
    public void FreezeClock(JsContext context)
    {
        using var freeze = _entry.Get("freezeDate");
        freeze.Invoke(context);
    }

    /// <summary>Puts stubs of capabilities into <c>env</c>: a JSON object of name → id and version.</summary>
    public void BindCapabilities(JsContext context, string bindingsJson)
    {
        using var bind = _entry.Get("bindCapabilities");
        bind.Invoke(context, bindingsJson);
    }

    /// <summary>Tells the guest of a rejection nobody handles; true when a listener took care of it.</summary>
    public bool PreventsUnhandled(JsContext context, JsValue promise, JsValue reason) =>
        _unhandled.CallBoolean(context, promise, reason);

    /// <summary>A thrown value as text; null for an error whose name, message and stack say it all. Runs no code of the guest's own.</summary>
    public string? ThrownText(JsContext context, JsValue thrown)
    {
        try
        {
            return _thrownText.CallString(context, thrown);
        }
        catch (JsException)
        {
            // A text that does not fit: what else is known of the value is shown without it.
            return null;
        }
    }

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
        CapabilityError.Dispose();
        _unhandled.Dispose();
        _thrownText.Dispose();
    }
}
