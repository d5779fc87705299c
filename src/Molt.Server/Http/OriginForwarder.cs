using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Molt.Runtime;

namespace Molt.Server.Http;

/// <summary>
/// Sends a request to the origin when its worker failed after <c>ctx.passThroughOnException()</c>
/// (https://developers.cloudflare.com/workers/runtime-apis/context/#passthroughonexception).
/// </summary>
internal sealed class OriginForwarder(Uri origin, IOutboundFetch outbound)
{
    /// <summary>Forwards a request whose body, if any, was read whole.</summary>
    public async ValueTask ForwardAsync(
        IHttpRequestFeature request, byte[]? body, IHttpResponseFeature response, IHttpResponseBodyFeature responseBody)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var (name, values) in request.Headers)
        {
            if (name.Length > 0 && name[0] != ':' && !ResponseFields.IsConnectionField(name))
            {
                headers.Add(new KeyValuePair<string, string>(name, values.ToString()));
            }
        }

        await using var answer = await outbound.SendAsync(
            new OutboundRequest
            {
                Method = request.Method,
                Url = new Uri(origin, request.RawTarget),
                Redirect = RedirectMode.Manual,
                Headers = headers,
                Body = body,
            },
            CancellationToken.None);
        response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
        {
            if (!ResponseFields.IsConnectionField(name))
            {
                response.Headers.Append(name, value);
            }
        }

        if (answer.Body is not null)
        {
            await answer.Body.CopyToAsync(responseBody.Writer);
        }
    }
}
