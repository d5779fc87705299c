using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;

namespace Molt.Server.Http;

/// <summary>Kestrel's application: no middleware, no HttpContext, one exchange per request.</summary>
internal sealed class MoltHttpApplication(MoltServer server) : IHttpApplication<ConnectionState>
{
    public ConnectionState CreateContext(IFeatureCollection contextFeatures)
    {
        var container = contextFeatures as IHostContextContainer<ConnectionState>;
        var state = container?.HostContext ?? new ConnectionState();
        if (container is not null)
        {
            container.HostContext = state;
        }

        state.Exchange = new HttpExchange(server, state, state.FeaturesOf(contextFeatures));
        return state;
    }

    public Task ProcessRequestAsync(ConnectionState context) => context.Exchange!.ProcessAsync();

    public void DisposeContext(ConnectionState context, Exception? exception)
    {
    }
}
