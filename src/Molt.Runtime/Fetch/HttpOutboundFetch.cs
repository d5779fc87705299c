using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Molt.Runtime;

/// <summary>
/// Outbound fetch over HTTP/1.1 and HTTP/2, with connections pooled for all workers, no cookies, no ambient credentials
/// and no proxy from the environment. Redirects follow the Fetch standard (https://fetch.spec.whatwg.org/#http-redirect-fetch);
/// cookies and credentials do not follow them to another origin. Over HTTP/1.1 the response is given once the request body
/// was sent, which is the standard's "half" duplex.
/// </summary>
public sealed class HttpOutboundFetch : IOutboundFetch, IDisposable
{
    private const int MaxRedirects = 20;

    private readonly HttpMessageInvoker _client;

    /// <summary>Creates the capability with a connection pool of its own.</summary>
    public HttpOutboundFetch()
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            Credentials = null,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
            // A changed DNS answer is seen within this time.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ActivityHeadersPropagator = null,
            RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            MaxResponseHeadersLength = 128,
        };
        _client = new HttpMessageInvoker(handler);
    }

    /// <inheritdoc/>
    public async ValueTask<OutboundResponse> SendAsync(OutboundRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await FollowAsync(request, cancellationToken);
        }
        catch (HttpRequestException fault)
        {
            throw new OutboundFetchException(Describe(fault, request.Url), fault);
        }
        catch (System.Security.Authentication.AuthenticationException fault)
        {
            throw new OutboundFetchException($"TLS peer's certificate is not trusted; host = {request.Url.Host}", fault);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async ValueTask<OutboundResponse> FollowAsync(OutboundRequest request, CancellationToken cancellationToken)
    {
        var url = request.Url;
        var method = request.Method;
        var withBody = true;
        var withCredentials = true;
        for (var redirects = 0; ; redirects++)
        {
            using var message = Build(request, method, url, withBody, withCredentials);
            var response = await _client.SendAsync(message, cancellationToken);
            var location = response.Headers.Location;
            if (!IsRedirect(response.StatusCode) || location is null || request.Redirect == RedirectMode.Manual)
            {
                return await WrapAsync(response, url, redirects > 0, method, cancellationToken);
            }

            response.Dispose();
            if (request.Redirect == RedirectMode.Error)
            {
                throw new OutboundFetchException($"The response is a redirect (status {(int)response.StatusCode}) and the request's redirect mode is \"error\".");
            }

            if (redirects == MaxRedirects)
            {
                throw new OutboundFetchException($"Too many redirects: {MaxRedirects} were followed.");
            }

            if (!request.TakeSubrequest())
            {
                throw new OutboundFetchException("Too many subrequests.");
            }

            var next = location.IsAbsoluteUri ? location : new Uri(url, location);
            if (next.Scheme != Uri.UriSchemeHttp && next.Scheme != Uri.UriSchemeHttps)
            {
                throw new OutboundFetchException($"A redirect leads to the scheme \"{next.Scheme}\", which fetch() does not speak.");
            }

            var status = (int)response.StatusCode;
            if ((status is 301 or 302 && method == "POST") || (status == 303 && method is not ("GET" or "HEAD")))
            {
                method = "GET";
                withBody = false;
            }
            else if (withBody && request.BodyStream is not null)
            {
                throw new OutboundFetchException("A request with a streamed body was redirected; the body can not be sent again.");
            }

            withCredentials &= IsSameOrigin(url, next);
            url = next;
        }
    }

    private static bool IsRedirect(HttpStatusCode status) => (int)status is 301 or 302 or 303 or 307 or 308;

    private static bool IsSameOrigin(Uri one, Uri other) =>
        Uri.Compare(one, other, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;

    private static HttpRequestMessage Build(OutboundRequest request, string method, Uri url, bool withBody, bool withCredentials)
    {
        var message = new HttpRequestMessage(new HttpMethod(method), url) { VersionPolicy = HttpVersionPolicy.RequestVersionOrHigher };
        if (withBody && request.BodyStream is not null)
        {
            message.Content = new PipeContent(request.BodyStream);
        }
        else if (withBody && request.Body is { } body)
        {
            message.Content = new ReadOnlyMemoryContent(body);
        }

        foreach (var (name, value) in request.Headers)
        {
            if (IsConnectionHeader(name) || (!withCredentials && IsCredential(name)))
            {
                continue;
            }

            if (IsContentHeader(name))
            {
                message.Content?.Headers.TryAddWithoutValidation(name, value);
            }
            else
            {
                message.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return message;
    }

    // Fields that belong to one connection (RFC 9110, section 7.6.1), or that the transport writes itself.
    private static bool IsConnectionHeader(string name) => name.ToUpperInvariant() is
        "CONNECTION" or "KEEP-ALIVE" or "PROXY-CONNECTION" or "TE" or "TRANSFER-ENCODING" or "UPGRADE" or "CONTENT-LENGTH" or "HOST" or "EXPECT";

    // What a redirect to another origin must not be told, now or after it leads back.
    private static bool IsCredential(string name) => name.ToUpperInvariant() is "AUTHORIZATION" or "PROXY-AUTHORIZATION" or "COOKIE";

    private static bool IsContentHeader(string name) => name.ToUpperInvariant() is
        "CONTENT-TYPE" or "CONTENT-ENCODING" or "CONTENT-LANGUAGE" or "CONTENT-LOCATION" or "CONTENT-DISPOSITION" or "CONTENT-MD5"
        or "CONTENT-RANGE" or "ALLOW" or "EXPIRES" or "LAST-MODIFIED";

    private static async ValueTask<OutboundResponse> WrapAsync(
        HttpResponseMessage response, Uri url, bool redirected, string method, CancellationToken cancellationToken)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var (name, values) in response.Headers.NonValidated)
        {
            Add(name, values);
        }

        foreach (var (name, values) in response.Content.Headers.NonValidated)
        {
            Add(name, values);
        }

        // Else the request's body would live as long as the response.
        response.RequestMessage = null;
        var status = (int)response.StatusCode;
        var bodyless = method == "HEAD" || status is 101 or 204 or 205 or 304;
        var body = bodyless ? null : PipeReader.Create(await response.Content.ReadAsStreamAsync(cancellationToken));
        return new OutboundResponse(response)
        {
            Status = status,
            StatusText = response.ReasonPhrase ?? "",
            Url = url.AbsoluteUri,
            Redirected = redirected,
            Headers = headers,
            Body = body,
        };

        void Add(string name, System.Net.Http.Headers.HeaderStringValues values)
        {
            if (name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase) || name.Equals("Connection", StringComparison.OrdinalIgnoreCase))
            {
                return;
            }

            foreach (var value in values)
            {
                headers.Add(new KeyValuePair<string, string>(name.ToLowerInvariant(), value));
            }
        }
    }

    private static string Describe(HttpRequestException fault, Uri url) => fault.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => $"DNS lookup failed; host = {url.Host}",
        HttpRequestError.ConnectionError when fault.InnerException is SocketException socket => $"connect() failed ({socket.SocketErrorCode}); host = {url.Authority}",
        HttpRequestError.SecureConnectionError => $"TLS handshake failed; host = {url.Host}",
        HttpRequestError.ResponseEnded => "Network connection lost.",
        HttpRequestError.InvalidResponse => "The peer's answer is not valid HTTP.",
        _ => "Network connection lost.",
    };

    /// <summary>Sends what a guest produces, as it comes.</summary>
    private sealed class PipeContent(PipeReader reader) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            while (true)
            {
                var result = await reader.ReadAsync(cancellationToken);
                foreach (var segment in result.Buffer)
                {
                    await stream.WriteAsync(segment, cancellationToken);
                }

                reader.AdvanceTo(result.Buffer.End);
                await stream.FlushAsync(cancellationToken);
                if (result.IsCompleted)
                {
                    await reader.CompleteAsync();
                    return;
                }
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
