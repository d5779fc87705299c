namespace Molt.Runtime.Io;

/// <summary>
/// How many outbound requests of one event wait for response headers. Guarantees: never more than the limit at once;
/// further ones start in the order they were asked for. Used by one executor at a time.
/// </summary>
internal sealed class ConnectionSlots
{
    private Queue<OutboundExchange>? _waiting;
    private int _open;

    /// <summary>Starts the exchange now, or when an earlier one has its headers.</summary>
    public void Enter(OutboundExchange exchange, int limit)
    {
        if (_open < limit)
        {
            _open++;
            exchange.Start();
        }
        else
        {
            (_waiting ??= new Queue<OutboundExchange>()).Enqueue(exchange);
        }
    }

    /// <summary>An exchange that was started has its headers, or failed.</summary>
    public void Leave()
    {
        if (_waiting is not null && _waiting.TryDequeue(out var next))
        {
            next.Start();
        }
        else
        {
            _open--;
        }
    }
}
