using System.IO.Pipelines;
using System.Text;
using Molt.Runtime.Scheduling;

namespace Molt.Runtime.Io;

/// <summary>
/// One outbound request of an event, from the guest's call to the end of the response body.
/// <para>
/// Guarantees: the guest's call settles exactly once; nothing is sent inside JavaScript; when the event ends, or the
/// guest aborts, the request is cancelled and its connection given back or closed.
/// </para>
/// </summary>
internal sealed class OutboundExchange : IsolateMessage, IBodyOwner
{
    private readonly WorkerIsolate _isolate;
    private readonly CancellationTokenSource _cancel = new();
    private Pipe? _upload;
    private int _uploadNumber;
    private int _bodyNumber;
    private ValueTask<OutboundResponse> _sending;
    private OutboundResponse? _response;
    private string _head;
    private byte[]? _body;
    private long _held;
    private bool _over;

    /// <param name="isolate">Where it settles.</param>
    /// <param name="owner">The event that is charged.</param>
    /// <param name="call">The guest's call number.</param>
    /// <param name="head">Method, URL, redirect mode and headers, each ended by the next '\n'.</param>
    /// <param name="body">A complete body, or null.</param>
    /// <param name="held">The bytes of both, which the isolate holds until they were sent.</param>
    public OutboundExchange(WorkerIsolate isolate, WorkerEvent owner, int call, string head, byte[]? body, long held)
    {
        _held = held;
        isolate.Hold(held);
        _isolate = isolate;
        Event = owner;
        Call = call;
        _head = head;
        _body = body;
    }

    public WorkerEvent Event { get; }

    /// <summary>The guest's call number.</summary>
    public int Call { get; }

    public BodyReadOperation? Reader { get; private set; }

    public BodyWriteOperation? Writer { get; private set; }

    /// <summary>Opens the streamed request body and returns the number the guest writes it to.</summary>
    public int OpenUpload()
    {
        // The receiver's speed is the guest's: 64 KiB may wait in between.
        _upload = new Pipe(new PipeOptions(pauseWriterThreshold: 64 << 10, resumeWriterThreshold: 32 << 10, useSynchronizationContext: false));
        Writer = new BodyWriteOperation(_isolate, Event, _upload.Writer, error =>
            _upload.Writer.Complete(error is null ? null : new IOException(error)));
        _uploadNumber = _isolate.AddResource(this);
        return _uploadNumber;
    }

    /// <summary>Called after the turn that made the request: takes one of the event's connections or waits for one.</summary>
    public void Begin()
    {
        if (Event.Hops >= CdnLoop.Most)
        {
            Refuse($"This request came from a worker's fetch() {CdnLoop.Most} times over: the worker calls itself.");
        }
        else if (!Event.TakeSubrequest(_isolate.Limits.Subrequests))
        {
            Refuse("Too many subrequests.");
        }
        else
        {
            Event.Connections.Enter(this, _isolate.Limits.Connections);
        }
    }

    /// <summary>Sends the request.</summary>
    public void Start()
    {
        if (_over || !TryParse(out var request))
        {
            _sending = ValueTask.FromException<OutboundResponse>(new OutboundFetchException(_over ? "The request was cancelled." : Fault));
            _isolate.Post(this);
            return;
        }

        try
        {
            _sending = _isolate.Outbound.SendAsync(request, _cancel.Token);
        }
#pragma warning disable CA1031 // Run tells what the guest may know of it.
        catch (Exception refused)
#pragma warning restore CA1031
        {
            _sending = ValueTask.FromException<OutboundResponse>(refused);
        }

        var awaiter = _sending.GetAwaiter();
        if (awaiter.IsCompleted)
        {
            _isolate.Post(this);
        }
        else
        {
            awaiter.UnsafeOnCompleted(() => _isolate.Post(this));
        }
    }

    /// <summary>Drops the exchange, in whatever state it is.</summary>
    public void Cancel()
    {
        if (_over)
        {
            return;
        }

        _over = true;
        _cancel.Cancel();
        if (Reader is not null)
        {
            Reader.Complete(Release);
        }
        else if (_response is not null)
        {
            Release();
        }
    }

    internal override void Run(WorkerIsolate isolate, Executor executor)
    {
        isolate.EndOperation();
        isolate.ForgetFetch(this);
        Event.Connections.Leave();
        ForgetRequest();
        OutboundResponse response;
        try
        {
            response = _sending.GetAwaiter().GetResult();
        }
        catch (OutboundFetchException fault)
        {
            isolate.SettleError(executor, Event, Call, "TypeError", fault.Message);
            Finish();
            return;
        }
#pragma warning disable CA1031 // Whatever a capability throws ends this request, not the isolate.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            if (fault is not (OperationCanceledException or IOException or HttpRequestException))
            {
                isolate.ReportFault(fault);
            }

            isolate.SettleError(executor, Event, Call, "TypeError", "Network connection lost.");
            Finish();
            return;
        }

        _response = response;
        if (_over || Event.Ended)
        {
            Release();
            return;
        }

        if (response.Body is { } body)
        {
            Reader = new BodyReadOperation(isolate, this, body);
            _bodyNumber = _uploadNumber != 0 ? _uploadNumber : isolate.AddResource(this);
        }

        isolate.SettleResponse(executor, Event, Call, Head(response), _bodyNumber);
        if (response.Body is null)
        {
            Release();
        }
    }

    internal override void Reject(EventFailure failure)
    {
        if (_sending.IsCompletedSuccessfully)
        {
            _response = _sending.GetAwaiter().GetResult();
            Release();
            return;
        }

        // Takes the fault, so that nobody reports it as unobserved.
        _ = _sending.AsTask().Exception;
        Finish();
    }

    private static string Head(OutboundResponse response)
    {
        var head = new StringBuilder();
        head.Append(response.Status).Append('\n').Append(response.StatusText).Append('\n').Append(response.Url).Append('\n').Append(response.Redirected ? '1' : '0');
        foreach (var (name, value) in response.Headers)
        {
            head.Append('\n').Append(name).Append('\n').Append(value);
        }

        return head.ToString();
    }

    private const string Fault = "Fetch API cannot load: the URL is not an absolute http or https URL.";

    private bool TryParse(out OutboundRequest request)
    {
        var fields = _head.Split('\n');
        if (!Uri.TryCreate(fields[1], UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
        {
            request = null!;
            return false;
        }

        var headers = new List<KeyValuePair<string, string>>(((fields.Length - 3) / 2) + 1);
        string? loop = null;
        for (var i = 3; i + 1 < fields.Length; i += 2)
        {
            if (fields[i] == CdnLoop.Name)
            {
                loop = fields[i + 1];
                continue;
            }

            headers.Add(new KeyValuePair<string, string>(fields[i], fields[i + 1]));
        }

        headers.Add(new KeyValuePair<string, string>(CdnLoop.Name, CdnLoop.Next(loop, Event.Hops)));

        request = new OutboundRequest
        {
            Method = fields[0],
            Url = url,
            Redirect = fields[2] switch
            {
                "manual" => RedirectMode.Manual,
                "error" => RedirectMode.Error,
                _ => RedirectMode.Follow,
            },
            Headers = headers,
            Body = _body,
            BodyStream = _upload?.Reader,
            TakeSubrequest = () => Event.TakeSubrequest(_isolate.Limits.Subrequests),
        };
        return true;
    }

    private void Refuse(string message)
    {
        _isolate.EndOperation();
        _isolate.ForgetFetch(this);
        _isolate.PostSettlement(Call, Event, message);
        Finish();
    }

    /// <summary>Gives up what was sent, or will not be: the response may stay open for as long as the event.</summary>
    private void ForgetRequest()
    {
        _isolate.Hold(-_held);
        _held = 0;
        _head = "";
        _body = null;
    }

    private void Release()
    {
        Finish();
        _ = ReleaseAsync(_response!);

        static async Task ReleaseAsync(OutboundResponse response) => await response.DisposeAsync();
    }

    private void Finish()
    {
        _over = true;
        ForgetRequest();
        Event.Remove(this);
        _isolate.RemoveResource(_bodyNumber);
        _isolate.RemoveResource(_uploadNumber);
        if (Writer is { } upload)
        {
            // The receiver reads no more of it, or must not take what it has for the whole.
            upload.Close();
            _upload!.Writer.CancelPendingFlush();
            _upload.Writer.Complete(new OutboundFetchException("The request was cancelled."));
        }

        _cancel.Dispose();
    }
}
