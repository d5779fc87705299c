using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Molt.Runtime;

namespace Molt.Server.Http;

/// <summary>
/// One HTTP exchange between Kestrel and a worker.
/// <para>
/// Who does what: the connection's thread packs the head, reads a small body and posts the event; the executor takes the
/// response from the guest straight into Kestrel's buffers; <see cref="Finish"/> lets Kestrel send it, on the executor's
/// thread and outside JavaScript. Often both are the same thread, and the exchange is over when it has been posted.
/// </para>
/// </summary>
internal sealed class HttpExchange : FetchEvent
{
    private const string EndedTooSoon = "Unexpected end of request content.";

    private static readonly object Over = new();

    private readonly ConnectionState _state;
    private readonly MoltServer _server;
    private readonly IFeatureCollection _features;
    private readonly IHttpRequestBodyDetectionFeature? _detection;
    private readonly IHttpRequestFeature _request;
    private readonly IHttpResponseFeature _response;
    private readonly IHttpResponseBodyFeature _responseBody;
    private readonly long _startedAt;

    // What <see cref="Finish"/> replaces: null, or the completion that Kestrel waits for.
    private object? _done;
    private byte[]? _body;
    private BodyKind _bodyKind;
    private PipeReader? _bodyReader;
    private CancellationTokenRegistration _aborted;
    private EventFailure? _failure;
    private bool _passThrough;
    private bool _streams;
    private int _counted;
    private string? _bodyRefused;
    private int _refusedStatus;
    private volatile bool _disconnected;

    public HttpExchange(MoltServer server, ConnectionState state, ExchangeFeatures features)
    {
        _server = server;
        _state = state;
        _features = features.All;
        _detection = features.Detection;
        _request = features.Request;
        _response = features.Response;
        _responseBody = features.ResponseBody;
        if (server.Options.ExchangeEnded is not null)
        {
            _startedAt = Stopwatch.GetTimestamp();
        }
    }

    protected override ReadOnlySpan<byte> Head => _state.Head.Packed;

    protected override BodyKind RequestBodyKind => _bodyKind;

    protected override ReadOnlySpan<byte> RequestBytes => _body;

    protected override PipeReader RequestReader => _bodyReader!;

    protected override PipeWriter ResponseWriter => _responseBody.Writer;

    /// <summary>Serves the exchange; completes when the response was handed to Kestrel.</summary>
    public Task ProcessAsync()
    {
        if (!_state.Head.Pack(_request))
        {
            _response.StatusCode = StatusCodes.Status400BadRequest;
            Finish();
            return Task.CompletedTask;
        }

        if (_detection is { CanHaveBody: true })
        {
            return ProcessWithBodyAsync();
        }

        return TryPost() ? FinishedAsync() : FinishUnpostedAsync();
    }

    /// <summary>Kestrel refuses a request of a client that is still there with the same exception as one that ended too soon.</summary>
    protected override bool IsDisconnect(Exception fault) =>
        fault is BadHttpRequestException refused ? refused.Message == EndedTooSoon : base.IsDisconnect(fault);

    protected override string? GuestMessage(Exception fault)
    {
        if (fault is not BadHttpRequestException { StatusCode: var status })
        {
            return null;
        }

        _refusedStatus = status;
        return _bodyRefused = status == StatusCodes.Status413PayloadTooLarge
            ? $"The request body is larger than the limit of {_server.Options.MaxRequestBodyBytes} bytes."
            : "The request body is malformed.";
    }

    protected override void OnResponse(in GuestResponse response)
    {
        Span<byte> packed = response.HeadersLength <= 512 ? stackalloc byte[response.HeadersLength] : new byte[response.HeadersLength];
        response.CopyHeaders(packed);
        var fields = _state.Parse(packed);
        if (fields.Fault is { } fault)
        {
            throw new InvalidOperationException(fault);
        }

        _response.StatusCode = response.Status;
        if (response.StatusText is { Length: > 0 } reason)
        {
            _response.ReasonPhrase = reason;
        }

        fields.Apply(_response.Headers);
        WriteBody(response, fields);
    }

    protected override void OnFailed(EventFailure failure, bool passThrough)
    {
        _failure = failure;
        _passThrough = passThrough;
    }

    protected override void OnOpen()
    {
        var lifetime = _features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        _aborted = lifetime.RequestAborted.UnsafeRegister(
            static state =>
            {
                var exchange = (HttpExchange)state!;
                exchange._disconnected = true;
                exchange.Disconnected();
            },
            this);
    }

    protected override void OnClosed(string? bodyError)
    {
        _aborted.Unregister();
        if (_failure is not null && !_disconnected)
        {
            _ = FinishFailedAsync();
            return;
        }

        if (bodyError is not null && _streams)
        {
            // The head is gone: a broken connection is the only way left to say that the body is not complete.
            _features.GetRequiredFeature<IHttpRequestLifetimeFeature>().Abort();
        }

        if (_counted != 0)
        {
            _ = FinishCountedAsync();
            return;
        }

        Finish();
    }

    private void WriteBody(in GuestResponse response, ResponseFields fields)
    {
        var head = HttpMethods.IsHead(_request.Method);
        switch (response.BodyKind)
        {
            case BodyKind.Stream:
                _streams = true;
                _response.Headers.ContentLength = fields.ContentLength;
                break;
            case BodyKind.None:
                if (MayHaveLength(response.Status))
                {
                    _response.Headers.ContentLength = head ? fields.ContentLength : 0;
                }

                break;
            default:
                var length = response.BodyLength;
                _response.Headers.ContentLength = length;
                if (length > 0 && !head)
                {
                    if (length > UnsentResponses.Small)
                    {
                        CountUntilSent(length);
                    }

                    var writer = _responseBody.Writer;
                    response.CopyBody(writer.GetSpan(length));
                    writer.Advance(length);
                }

                break;
        }
    }

    private void CountUntilSent(int length)
    {
        if (!_server.Unsent.TryTake(length))
        {
            throw new InvalidOperationException(
                $"The responses that clients have not taken yet hold as much as the limit of {_server.Options.MaxUnsentResponseBytes >> 20} MiB. Stream large bodies instead.");
        }

        _counted = length;
    }

    /// <summary>Waits until the client took a body that is counted: Kestrel itself would not, for HTTP/2.</summary>
    private async Task FinishCountedAsync()
    {
        try
        {
            await _responseBody.Writer.FlushAsync();
        }
#pragma warning disable CA1031 // As in FinishFailedAsync.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Finish(fault);
            return;
        }

        Finish();
    }

    private static bool MayHaveLength(int status) => status >= 200 && status is not (204 or 205 or 304);

    /// <summary>Hands the exchange to a worker, whose executor then answers it at any time; false when none takes it.</summary>
    private bool TryPost()
    {
        // A worker that was replaced between the look and the post takes no more: the next look finds its successor.
        while (true)
        {
            var route = _server.Route;
            if (route.Target is { } target)
            {
                if (target.TryPost(this))
                {
                    return true;
                }

                if (ReferenceEquals(route, _server.Route))
                {
                    _failure = new EventFailure(EventOutcome.Cancelled, "The worker is shutting down.");
                    return false;
                }
            }
            else
            {
                _failure = route.Failure;
                return false;
            }
        }
    }

    private async Task ProcessWithBodyAsync()
    {
        var reader = _features.GetRequiredFeature<IRequestBodyPipeFeature>().Reader;
        var length = _request.Headers.ContentLength;
        if (length > _server.Options.MaxRequestBodyBytes)
        {
            RefuseBody(StatusCodes.Status413PayloadTooLarge);
            Finish();
            return;
        }

        if (length is { } declared && declared <= _server.Options.BufferedRequestBodyBytes)
        {
            var result = await reader.ReadAtLeastAsync((int)declared);
            if (result.Buffer.Length < declared)
            {
                reader.AdvanceTo(result.Buffer.End);
                return;
            }

            _body = new byte[declared];
            System.Buffers.BuffersExtensions.CopyTo(result.Buffer.Slice(0, declared), _body);
            reader.AdvanceTo(result.Buffer.GetPosition(declared));
            _bodyKind = declared == 0 ? BodyKind.None : BodyKind.Bytes;
        }
        else
        {
            _bodyReader = reader;
            _bodyKind = BodyKind.Stream;
        }

        await (TryPost() ? FinishedAsync() : FinishUnpostedAsync());
    }

    /// <summary>Nothing took the exchange: it waits for the first worker, or fails.</summary>
    private async Task FinishUnpostedAsync()
    {
        if (await _server.WaitForFirstRouteAsync(_failure))
        {
            _failure = null;
            if (TryPost())
            {
                await FinishedAsync();
                return;
            }
        }

        await FinishFailedAsync();
    }

    private void RefuseBody(int status)
    {
        _response.StatusCode = status;
        _response.Headers.Connection = "close";
        _response.Headers.ContentLength = 0;
    }

    private async Task FinishFailedAsync()
    {
        try
        {
            // A response that was refused may have left some of its fields.
            _response.Headers.Clear();
            _response.ReasonPhrase = null;
            if (_bodyRefused is { } refused && _failure!.Error?.Message == refused)
            {
                // The worker let the fault of its client through: the answer is the server's own to such a request.
                RefuseBody(_refusedStatus);
            }
            else if (_passThrough && _bodyKind != BodyKind.Stream && _server.Origin is { } origin)
            {
                await origin.ForwardAsync(_request, _body, _response, _responseBody);
            }
            else
            {
                await WriteFailureAsync(_failure!);
            }
        }
#pragma warning disable CA1031 // Whatever the failed response met, the exchange ends; Kestrel logs and closes the connection.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Finish(fault);
            return;
        }

        Finish();
    }

    private async ValueTask WriteFailureAsync(EventFailure failure)
    {
        var status = FailureStatus.Of(failure.Outcome);
        var content = _server.Options.FailurePage.Render(failure, status, _request.Headers.Accept.ToString());
        _response.StatusCode = status;
        _response.Headers.ContentType = content.ContentType;
        _response.Headers.ContentLength = content.Body.Length;
        _response.Headers.CacheControl = "no-store";
        await _responseBody.Writer.WriteAsync(content.Body);
    }

    private Task FinishedAsync()
    {
        if (Volatile.Read(ref _done) is null)
        {
            var waiting = new TaskCompletionSource();
            if (Interlocked.CompareExchange(ref _done, waiting, null) is null)
            {
                return waiting.Task;
            }
        }

        return Volatile.Read(ref _done) is Exception fault ? Task.FromException(fault) : Task.CompletedTask;
    }

    private void Finish(Exception? fault = null)
    {
        _state.Exchange = null;
        if (_counted != 0)
        {
            _server.Unsent.Give(_counted);
        }

        if (_server.Options.ExchangeEnded is { } ended)
        {
            var status = _disconnected ? 499 : _response.StatusCode;
            ended(new ExchangeSummary(_request.Method, _request.RawTarget, status, Stopwatch.GetElapsedTime(_startedAt), CpuTime));
        }

        if (Interlocked.Exchange(ref _done, fault ?? Over) is not TaskCompletionSource waiting)
        {
            return;
        }

        if (fault is null)
        {
            waiting.TrySetResult();
        }
        else
        {
            waiting.TrySetException(fault);
        }
    }
}
