using Molt.Contracts;

namespace Molt.Engine;

/// <summary>Root of what this assembly throws.</summary>
public abstract class JsEngineException : MoltException
{
    private protected JsEngineException(string code, string message, Exception? innerException = null)
        : base(code, message, innerException)
    {
    }
}

/// <summary>ENG002: JavaScript was stopped by <see cref="JsIsolate.Terminate"/> or by a memory limit.</summary>
public sealed class JsTerminatedException : JsEngineException
{
    internal JsTerminatedException(JsLimit limit)
        : base("ENG002", limit switch
        {
            JsLimit.Heap => "JavaScript was stopped: the heap limit was reached.",
            JsLimit.External => "JavaScript was stopped: the memory limit (heap, buffers and WebAssembly memory together) was reached.",
            _ => "JavaScript was stopped by the host.",
        }) => Limit = limit;

    /// <summary>The limit that stopped it; <see cref="JsLimit.None"/> when the host did.</summary>
    public JsLimit Limit { get; }
}

/// <summary>ENG003: the engine was used against its rules (isolate not entered, wrong kind of value, foreign isolate).</summary>
public sealed class JsUsageException : JsEngineException
{
    internal JsUsageException(string message)
        : base("ENG003", message)
    {
    }
}

/// <summary>ENG004: the isolate behind the object has been disposed.</summary>
public sealed class JsDisposedException : JsEngineException
{
    internal JsDisposedException()
        : base("ENG004", "The isolate has been disposed.")
    {
    }
}

/// <summary>ENG005: the native library is missing or of another version.</summary>
public sealed class JsNativeLibraryException : JsEngineException
{
    internal JsNativeLibraryException(string message)
        : base("ENG005", message)
    {
    }
}

/// <summary>
/// ENG006: a module cannot be provided. Loaders throw it; its message reaches the importing code as an <c>Error</c>.
/// </summary>
public sealed class JsModuleException : JsEngineException
{
    /// <param name="message">Says which module and why; visible to the guest.</param>
    /// <param name="innerException">The cause; never visible to the guest.</param>
    public JsModuleException(string message, Exception? innerException = null)
        : base("ENG006", message, innerException)
    {
    }
}

/// <summary>ENG007: a host function was called with an argument of the wrong type; the caller sees a <c>TypeError</c>.</summary>
public sealed class JsArgumentException : JsEngineException
{
    internal JsArgumentException(int index, string expected)
        : base("ENG007", $"Argument {index + 1} must be {expected}.")
    {
    }
}
