using System.IO.Pipelines;
using System.Text;

namespace Molt.Runtime.Tests;

/// <summary>An outbound request that reached the host, waiting for the test's answer.</summary>
internal sealed class OutboundCall(OutboundRequest request, CancellationToken cancelled) : IDisposable
{
    private readonly TaskCompletionSource<OutboundResponse> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public OutboundRequest Request { get; } = request;

    public CancellationToken Cancelled { get; } = cancelled;

    /// <summary>Whether the response was given back.</summary>
    public bool IsReleased { get; private set; }

    public Task<OutboundResponse> Answer => _answer.Task;

    public void Respond(string? body = null, int status = 200, PipeReader? stream = null) => _answer.TrySetResult(new OutboundResponse(this)
    {
        Status = status,
        StatusText = "Fine",
        Url = Request.Url.AbsoluteUri,
        Headers = [new("x-a", "1"), new("set-cookie", "b=2"), new("set-cookie", "c=3")],
        Body = stream ?? (body is null ? null : PipeReader.Create(new MemoryStream(Encoding.UTF8.GetBytes(body)))),
    });

    public void Fail(Exception exception) => _answer.TrySetException(exception);

    public void Dispose() => IsReleased = true;
}

/// <summary>A capability whose requests a test answers by hand, in any order.</summary>
internal sealed class FakeOutbound : IOutboundFetch
{
    private readonly System.Threading.Channels.Channel<OutboundCall> _calls = System.Threading.Channels.Channel.CreateUnbounded<OutboundCall>();
    private int _count;

    /// <summary>How many requests came so far.</summary>
    public int Count => Volatile.Read(ref _count);

    public ValueTask<OutboundCall> NextAsync(CancellationToken cancellationToken) => _calls.Reader.ReadAsync(cancellationToken);

    public async ValueTask<OutboundResponse> SendAsync(OutboundRequest request, CancellationToken cancellationToken)
    {
        var call = new OutboundCall(request, cancellationToken);
        Interlocked.Increment(ref _count);
        _calls.Writer.TryWrite(call);
        return await call.Answer.WaitAsync(cancellationToken);
    }
}
