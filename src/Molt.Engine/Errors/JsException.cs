namespace Molt.Engine;

/// <summary>ENG001: JavaScript threw. The message is the guest's text.</summary>
public sealed class JsException : JsEngineException
{
    internal JsException(JsErrorInfo info, JsValue? value)
        : base("ENG001", info.Message)
    {
        Info = info;
        Value = value;
    }

    /// <summary>What is known of the error, positions mapped through the registered source maps.</summary>
    public JsErrorInfo Info { get; }

    /// <summary>The thrown value; null when it was not an engine value. Released with this exception by the collector.</summary>
    public JsValue? Value { get; }
}

/// <summary>The constructor of an error made by the host.</summary>
public enum JsErrorKind
{
    Error = 0,
    TypeError = 1,
    RangeError = 2,
    SyntaxError = 3,
}
