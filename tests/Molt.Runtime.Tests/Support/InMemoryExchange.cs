using System.IO.Pipelines;
using System.Text;

namespace Molt.Runtime.Tests;

/// <summary>What a worker answered.</summary>
/// <param name="Status">The status code.</param>
/// <param name="StatusText">The reason phrase, or null.</param>
/// <param name="Headers">Header fields in order, as "name: value" lines.</param>
/// <param name="Kind">How the body came.</param>
/// <param name="Bytes">A complete body.</param>
internal sealed record Answer(int Status, string? StatusText, string Headers, BodyKind Kind, byte[] Bytes)
{
    public string Text => Encoding.UTF8.GetString(Bytes);
}

/// <summary>An exchange between a client that is a test and a worker: heads in memory, bodies through pipes.</summary>
internal sealed class InMemoryExchange : FetchEvent
{
    private readonly TaskCompletionSource<Answer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<EventFailure> _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string?> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _head;
    private readonly byte[] _body;
    private int _answers;
    private int _closes;

    public InMemoryExchange(string url = "http://worker.test/", string method = "GET", string headers = "", byte[]? body = null, bool streams = false, int window = 64 << 10)
    {
        var packed = new StringBuilder(method).Append('\n').Append(url);
        foreach (var line in headers.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            packed.Append('\n').Append(line.Replace(": ", "\n", StringComparison.Ordinal));
        }

        _head = Encoding.Latin1.GetBytes(packed.ToString());
        _body = body ?? [];
        RequestBodyKind = streams ? BodyKind.Stream : body is null ? BodyKind.None : BodyKind.Bytes;
        var options = new PipeOptions(pauseWriterThreshold: window, resumeWriterThreshold: window / 2, useSynchronizationContext: false);
        Request = new Pipe(options);
        Response = new Pipe(options);
    }

    /// <summary>The client writes its streamed body here.</summary>
    public Pipe Request { get; }

    /// <summary>The client reads a streamed response here.</summary>
    public Pipe Response { get; }

    /// <summary>What <see cref="FetchEvent.IsDisconnect"/> says of faults of the request body.</summary>
    public bool FaultsAreDisconnects { get; init; } = true;

    /// <summary>What the server throws when it is given the answer, or null.</summary>
    public Exception? Refusal { get; init; }

    /// <summary>The answer; fails when the event does.</summary>
    public Task<Answer> Answering => _answer.Task;

    /// <summary>The failure; cancelled when the event was answered.</summary>
    public Task<EventFailure> Failed => _failure.Task;

    /// <summary>The end of the exchange, with why its body broke off.</summary>
    public Task<string?> Ending => _closed.Task;

    /// <summary>The first turn ended without an answer.</summary>
    public Task Opened => _open.Task;

    /// <summary>Whether the worker asked for its origin in case of failure.</summary>
    public bool PassedThrough { get; private set; }

    /// <summary>How often the exchange was answered or failed.</summary>
    public int Answers => _answers;

    /// <summary>How often it ended.</summary>
    public int Closes => _closes;

    protected internal override ReadOnlySpan<byte> Head => _head;

    protected internal override BodyKind RequestBodyKind { get; }

    protected internal override ReadOnlySpan<byte> RequestBytes => _body;

    protected internal override PipeReader RequestReader => Request.Reader;

    protected internal override bool IsDisconnect(Exception fault) => FaultsAreDisconnects && base.IsDisconnect(fault);

    protected internal override PipeWriter ResponseWriter => Response.Writer;

    /// <summary>The client goes away.</summary>
    public void Disconnect() => Disconnected();

    /// <summary>All of a streamed response body. Throws what it broke off with.</summary>
    public async Task<byte[]> ReadAllAsync()
    {
        using var all = new MemoryStream();
        await Response.Reader.CopyToAsync(all);
        return all.ToArray();
    }

    /// <summary>All of a streamed response body as text.</summary>
    public async Task<string> ReadTextAsync() => Encoding.UTF8.GetString(await ReadAllAsync());

    protected internal override void OnResponse(in GuestResponse response)
    {
        if (Refusal is not null)
        {
            throw Refusal;
        }

        Interlocked.Increment(ref _answers);
        var headers = new byte[response.HeadersLength];
        response.CopyHeaders(headers);
        var bytes = new byte[response.BodyLength];
        response.CopyBody(bytes);
        _answer.TrySetResult(new Answer(response.Status, response.StatusText, Lines(Encoding.Latin1.GetString(headers)), response.BodyKind, bytes));
        _failure.TrySetCanceled();
    }

    protected internal override void OnFailed(EventFailure failure, bool passThrough)
    {
        Interlocked.Increment(ref _answers);
        PassedThrough = passThrough;
        _failure.TrySetResult(failure);
        _answer.TrySetException(new EventFailedException(failure));
        _ = _answer.Task.Exception;
    }

    protected internal override void OnOpen() => _open.TrySetResult();

    protected internal override void OnClosed(string? bodyError)
    {
        Interlocked.Increment(ref _closes);
        Response.Writer.Complete(bodyError is null ? null : new IOException(bodyError));
        _closed.TrySetResult(bodyError);
    }

    private static string Lines(string packed)
    {
        if (packed.Length == 0)
        {
            return "";
        }

        var fields = packed.Split('\n');
        var text = new StringBuilder();
        for (var i = 0; i < fields.Length; i += 2)
        {
            text.Append(fields[i]).Append(": ").Append(fields[i + 1]).Append('\n');
        }

        return text.ToString();
    }
}

/// <summary>An event that was to be answered failed.</summary>
public sealed class EventFailedException(EventFailure failure) : Exception($"{failure.Outcome}: {failure.Message}\n{failure.Error?.Stack}");
