using Microsoft.AspNetCore.Http.Features;

namespace Molt.Server.Http;

/// <summary>The features that every exchange uses, looked up once for a connection: a look-up by type costs as much as parsing a header.</summary>
internal sealed class ExchangeFeatures(IFeatureCollection all)
{
    public IFeatureCollection All { get; } = all;

    public IHttpRequestFeature Request { get; } = all.GetRequiredFeature<IHttpRequestFeature>();

    public IHttpRequestBodyDetectionFeature? Detection { get; } = all.Get<IHttpRequestBodyDetectionFeature>();

    public IHttpResponseFeature Response { get; } = all.GetRequiredFeature<IHttpResponseFeature>();

    public IHttpResponseBodyFeature ResponseBody { get; } = all.GetRequiredFeature<IHttpResponseBodyFeature>();
}
