using System.IO.Pipelines;

namespace Molt.Runtime;

/// <summary>What to do with a redirect, as in the Fetch standard's request redirect mode.</summary>
public enum RedirectMode
{
    /// <summary>Follow it, up to 20 times.</summary>
    Follow,

    /// <summary>Hand the redirect itself to the caller.</summary>
    Manual,

    /// <summary>Fail.</summary>
    Error,
}

/// <summary>An outbound request of a worker.</summary>
public sealed record OutboundRequest
{
    /// <summary>The method, upper-case for the standard ones.</summary>
    public required string Method { get; init; }

    /// <summary>An absolute http or https URL without fragment.</summary>
    public required Uri Url { get; init; }

    /// <summary>What to do with redirects.</summary>
    public RedirectMode Redirect { get; init; }

    /// <summary>Header fields in order; names may repeat.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>A complete body, or null.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>A body that is still being produced, or null. The receiver completes it.</summary>
    public PipeReader? BodyStream { get; init; }

    /// <summary>Asked before each redirect is followed; false ends the fetch with a subrequest-limit error.</summary>
    public Func<bool> TakeSubrequest { get; init; } = static () => true;
}

/// <summary>The response to an <see cref="OutboundRequest"/>. Disposing it drops what is left of the body.</summary>
public sealed class OutboundResponse : IAsyncDisposable
{
    private readonly IDisposable? _owner;

    /// <param name="owner">Disposed with the response.</param>
    public OutboundResponse(IDisposable? owner = null)
    {
        _owner = owner;
    }

    /// <summary>The status code.</summary>
    public required int Status { get; init; }

    /// <summary>The reason phrase, or an empty string.</summary>
    public string StatusText { get; init; } = "";

    /// <summary>The URL that answered, after redirects.</summary>
    public required string Url { get; init; }

    /// <summary>Whether a redirect was followed.</summary>
    public bool Redirected { get; init; }

    /// <summary>Header fields in order.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; }

    /// <summary>The body, or null when there is none.</summary>
    public PipeReader? Body { get; init; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Body is not null)
        {
            await Body.CompleteAsync();
        }

        _owner?.Dispose();
    }
}

/// <summary>
/// The capability behind a worker's global <c>fetch</c>. Implementations are called on executor threads, do their work
/// elsewhere, and throw <see cref="OutboundFetchException"/> for what the guest should read.
/// </summary>
public interface IOutboundFetch
{
    /// <summary>Sends a request and returns once the response headers are there.</summary>
    ValueTask<OutboundResponse> SendAsync(OutboundRequest request, CancellationToken cancellationToken);
}

/// <summary>An outbound request failed; the message is shown to the guest.</summary>
public sealed class OutboundFetchException : IOException
{
    /// <inheritdoc/>
    public OutboundFetchException(string message)
        : base(message)
    {
    }

    /// <inheritdoc/>
    public OutboundFetchException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <inheritdoc/>
    public OutboundFetchException()
    {
    }
}

/// <summary>A capability that refuses every request: a worker without network.</summary>
public sealed class NoOutboundFetch : IOutboundFetch
{
    /// <inheritdoc/>
    public ValueTask<OutboundResponse> SendAsync(OutboundRequest request, CancellationToken cancellationToken) =>
        throw new OutboundFetchException(
            "This worker is not permitted to access the internet via global functions like fetch(). It must use capabilities (such as bindings in 'env') to talk to the outside world.");
}
