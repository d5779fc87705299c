namespace Molt.Runtime;

/// <summary>One request for a <see cref="IFetchLane"/>: to be answered or failed once, on the thread that runs the lane.</summary>
public readonly struct FetchTask
{
    private readonly FetchEvent _event;
    private readonly byte[]? _body;

    internal FetchTask(FetchEvent taken, byte[]? body)
    {
        _event = taken;
        _body = body;
    }

    /// <inheritdoc cref="FetchEvent.Head"/>
    public ReadOnlySpan<byte> Head => _event.Head;

    /// <summary>The complete body.</summary>
    public ReadOnlySpan<byte> Body => _body ?? (_event.RequestBodyKind == BodyKind.Bytes ? _event.RequestBytes : default);

    /// <summary>
    /// Hands the response over, which is copied before this returns. Follow with <see cref="Close"/> once nothing of the guest's is
    /// in use any more.
    /// </summary>
    /// <param name="status">200 to 599.</param>
    /// <param name="headers">Names and values by turns, separated by '\n', Latin-1.</param>
    /// <param name="body">The body.</param>
    public void Answer(int status, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> body)
    {
        _event.Answered = true;
        try
        {
            _event.OnResponse(new GuestResponse(status, headers, body));
        }
#pragma warning disable CA1031 // Whatever the embedder met while it took the response, the event ends with an answer.
        catch (Exception refusal)
#pragma warning restore CA1031
        {
            _event.OnFailed(new EventFailure(EventOutcome.Exception, refusal.Message), passThrough: false);
        }
    }

    /// <summary>Says that the request failed. Follow with <see cref="Close"/>.</summary>
    public void Fail(EventFailure failure)
    {
        _event.Answered = true;
        _event.OnFailed(failure, passThrough: false);
    }

    /// <summary>Ends the exchange, which lets the response go out. May post the connection's next request.</summary>
    public void Close(TimeSpan cpu)
    {
        _event.CpuNanoseconds = cpu.Ticks * TimeSpan.NanosecondsPerTick;
        _event.OnClosed(null);
    }

    /// <summary>The answer takes longer than the turn: watches for a client that leaves, and calls <paramref name="left"/> then, on any thread.</summary>
    public void KeepOpen(Action left)
    {
        _event.OnAbort = left;
        _event.OnOpen();
    }
}

/// <summary>Where requests of a <see cref="FetchResponder"/> run. One thread at a time is between <see cref="Begin"/> and <see cref="End"/>.</summary>
public interface IFetchLane
{
    /// <summary>An executor is about to serve requests.</summary>
    void Begin();

    /// <summary>Serves one, now or later.</summary>
    void Serve(in FetchTask task);

    /// <summary>The executor goes.</summary>
    void End();
}
