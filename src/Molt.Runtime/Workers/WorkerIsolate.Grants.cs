using Molt.Contracts.Capabilities;
using Molt.Runtime.Boundary;
using Molt.Runtime.Io;
using Molt.Runtime.Scheduling;

namespace Molt.Runtime;

/// <summary>What follows inside an isolate when the host takes one of the runtime's own capabilities from its worker.</summary>
internal sealed partial class WorkerIsolate : IRevocable
{
    void IRevocable.Revoked(CapabilityPattern pattern, IReadOnlyList<Grant> grants, string reason)
    {
        var fetch = Names(pattern, "http.fetch");
        var clock = Names(pattern, "time.now");
        if (fetch || clock)
        {
            Post(new OwnRevoked(fetch, clock, reason));
        }
    }

    private static bool Names(CapabilityPattern pattern, string id) => pattern.Matches(id, RuntimeCapabilities.Find(id)!.Version);

    /// <summary>Ends the requests that are open; their guest learns the reason.</summary>
    private void EndFetches(Executor executor, string reason)
    {
        foreach (var exchange in new List<OutboundExchange>(_fetches.Values))
        {
            SettleCall(executor, exchange.Event, exchange.Call, (int)CapabilityStatus.Cancelled, reason);
            exchange.Cancel();
        }
    }

    private sealed class OwnRevoked(bool fetch, bool clock, string reason) : IsolateMessage
    {
        internal override void Run(WorkerIsolate isolate, Executor executor)
        {
            if (fetch)
            {
                isolate.EndFetches(executor, reason);
            }

            if (clock)
            {
                isolate._guest!.FreezeClock(isolate._context!);
            }
        }

        internal override void Reject(EventFailure failure)
        {
        }
    }
}
