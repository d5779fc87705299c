using System.IO.Pipelines;
using System.Text;
using Molt.Runtime;

namespace Molt.Bench;

/// <summary>A GET request whose complete text answer is kept.</summary>
internal sealed class ProbeFetch : FetchEvent
{
    private readonly byte[] _head = Encoding.Latin1.GetBytes("GET\nhttp://localhost/");
    private readonly TaskCompletionSource<string> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _body;
    private string? _error;

    /// <summary>The body of a 200; fails for every other outcome.</summary>
    public Task<string> Body => _answer.Task;

    protected internal override ReadOnlySpan<byte> Head => _head;

    protected internal override BodyKind RequestBodyKind => BodyKind.None;

    protected internal override ReadOnlySpan<byte> RequestBytes => [];

    protected internal override PipeReader RequestReader => throw new InvalidOperationException("The request has no body.");

    protected internal override PipeWriter ResponseWriter => throw new InvalidOperationException("Streamed answers are not measured.");

    protected internal override void OnResponse(in GuestResponse response)
    {
        if (response.Status != 200 || response.BodyKind == BodyKind.Stream)
        {
            _error = $"answered {response.Status} with a body of kind {response.BodyKind}";
            return;
        }

        var body = new byte[response.BodyLength];
        response.CopyBody(body);
        _body = Encoding.UTF8.GetString(body);
    }

    protected internal override void OnFailed(EventFailure failure, bool passThrough) => _error = failure.Message;

    protected internal override void OnOpen()
    {
    }

    protected internal override void OnClosed(string? bodyError)
    {
        if (_body is not null && bodyError is null)
        {
            _answer.TrySetResult(_body);
        }
        else
        {
            _answer.TrySetException(new InvalidOperationException(bodyError ?? _error ?? "closed without an answer"));
        }
    }
}
