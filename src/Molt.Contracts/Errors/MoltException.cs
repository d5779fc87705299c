namespace Molt.Contracts;

/// <summary>
/// Root of every exception Molt throws. <see cref="Code"/> is stable across releases and listed in
/// docs/reference/errors.md; messages are for people and may change.
/// </summary>
public abstract class MoltException : Exception
{
    /// <param name="code">A code of docs/reference/errors.md, for example <c>ENG001</c>.</param>
    /// <param name="message">What happened, where, and how to mend it.</param>
    /// <param name="innerException">The cause, if another exception is one.</param>
    protected MoltException(string code, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        ArgumentException.ThrowIfNullOrEmpty(code);
        Code = code;
    }

    /// <summary>The stable error code.</summary>
    public string Code { get; }
}
