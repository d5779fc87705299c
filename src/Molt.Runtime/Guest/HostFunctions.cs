using System.Security.Cryptography;
using Molt.Engine;
using Molt.Runtime.Boundary;
using Molt.Runtime.Io;

namespace Molt.Runtime;

/// <summary>
/// What the guest runtime may ask of the host: the operations of the runtime's own capabilities on the flat carrier, and the
/// functions of the bytes carrier, which carries all others. Nothing else is reachable. The position in <see cref="All"/> is the
/// function's number in the base snapshot: builder and host use this same list. guest/src/core/bridge.ts has the guest's side.
/// </summary>
internal static class HostFunctions
{
    // A guest's string may be a rope of far more characters than its heap has bytes; longer ones are not copied out.
    private const int MaxLine = 1 << 20;
    private const int MaxText = 16 << 10;

    /// <summary>The operations of <see cref="RuntimeCapabilities"/>, each under the name of its function in the guest.</summary>
    public static readonly IReadOnlyList<FlatOperation> Flat =
    [
        new("respond", "molt.event", "respond", "nns?sn(sy)?b", Respond),
        new("fail", "molt.event", "fail", "nabb", Fail),
        new("eventDone", "molt.event", "done", "n", EventDone),
        new("report", "molt.event", "report", "nsa", Report),
        new("log", "console.log", "write", "nss", Log, FlatDenial.Ignore),
        new("timerStart", "time.timer", "start", "nnnb", TimerStart),
        new("timerClear", "time.timer", "clear", "n", TimerClear, FlatDenial.Ignore),
        new("bodyRead", "molt.body", "read", "nn", BodyRead),
        new("bodyCancel", "molt.body", "cancel", "ns", BodyCancel),
        new("bodyWrite", "molt.body", "write", "nny", BodyWrite),
        new("bodyEnd", "molt.body", "end", "n", BodyEnd),
        new("bodyAbort", "molt.body", "abort", "ns", BodyAbort),
        new("fetch", "http.fetch", "send", "nnssn(sy)?", Fetch),
        new("fetchAbort", "http.fetch", "abort", "n", FetchAbort, FlatDenial.Ignore),
        new("passThrough", "molt.event", "pass_through", "n", PassThrough),
        new("clockMonotonic", "time.now", "monotonic", "", ClockMonotonic, FlatDenial.Ignore),
        new("clockWall", "time.now", "wall", "", ClockWall, FlatDenial.Ignore),
        new("randomFill", "rand.bytes", "fill", "y", RandomFill),
        new("randomUUID", "rand.bytes", "uuid", "", RandomUuid),
    ];

    /// <summary>Every host function.</summary>
    public static readonly IReadOnlyList<JsHostFunction> All = [.. HostFunctionsOf(Flat), .. BytesCarrier.Functions];

    private static IEnumerable<JsHostFunction> HostFunctionsOf(IReadOnlyList<FlatOperation> operations)
    {
        foreach (var operation in operations)
        {
            yield return operation.ToHostFunction();
        }
    }

    private static void Respond(WorkerIsolate isolate, ref JsCall call)
    {
        if (isolate.Event(call.Int32(0)) is { Answered: false } answered)
        {
            isolate.Answer(answered, new GuestResponse(call), pending: call.Boolean(6));
        }
    }

    private static void Fail(WorkerIsolate isolate, ref JsCall call)
    {
        if (isolate.Event(call.Int32(0)) is { } failed)
        {
            using var error = call.Value(1);
            isolate.Throw(failed, error, pending: call.Boolean(2), noHandler: call.Boolean(3));
        }
    }

    private static void EventDone(WorkerIsolate isolate, ref JsCall call)
    {
        if (isolate.Event(call.Int32(0)) is { } done)
        {
            isolate.GuestDone(done);
        }
    }

    private static void Report(WorkerIsolate isolate, ref JsCall call)
    {
        using var error = call.Value(2);
        isolate.Report(call.String(1), error);
    }

    private static void Log(WorkerIsolate isolate, ref JsCall call)
    {
        var level = call.String(1) switch
        {
            "debug" => GuestLogLevel.Debug,
            "info" => GuestLogLevel.Info,
            "warn" => GuestLogLevel.Warn,
            "error" => GuestLogLevel.Error,
            _ => GuestLogLevel.Log,
        };
        isolate.Log(level, Text(ref call, 2, MaxLine));
    }

    /// <summary>A text for people or a name to look up: what is longer than any of them is replaced by its length.</summary>
    internal static string Text(ref JsCall call, int index, int longest = MaxText)
    {
        var length = call.StringLength(index);
        return length <= longest ? call.String(index) : $"(a line of {length} characters)";
    }

    private static void TimerStart(WorkerIsolate isolate, ref JsCall call)
    {
        if (isolate.Event(call.Int32(0)) is not { } owner)
        {
            return;
        }

        if (owner.Timers >= isolate.Limits.Timers)
        {
            call.Throw(JsErrorKind.RangeError, $"Too many timers: an event may have {isolate.Limits.Timers} pending.");
            return;
        }

        // Longer than a timer can be is as good as never: 2^31 - 1 ms, the limit of the HTML standard's timers.
        var delay = Math.Clamp(call.Number(2), 0, int.MaxValue);
        isolate.StartTimer(owner, call.Int32(1), TimeSpan.FromMilliseconds(double.IsNaN(delay) ? 0 : delay), call.Boolean(3));
    }

    private static void TimerClear(WorkerIsolate isolate, ref JsCall call) => isolate.ClearTimer(call.Int32(0));

    private static void BodyRead(WorkerIsolate isolate, ref JsCall call)
    {
        var number = call.Int32(0);
        var owner = isolate.Resource(call.Int32(1));
        if (owner?.Reader is { } reader)
        {
            reader.Begin(number);
        }
        else if (owner is not null)
        {
            isolate.PostSettlement(number, owner.Event, null);
        }
    }

    private static void BodyCancel(WorkerIsolate isolate, ref JsCall call)
    {
        var owner = isolate.Resource(call.Int32(0));
        if (owner is OutboundExchange exchange)
        {
            // Nobody reads the rest of a response: its connection is free for others.
            exchange.Cancel();
        }
        else
        {
            owner?.Reader?.Cancel();
        }
    }

    private static void BodyWrite(WorkerIsolate isolate, ref JsCall call)
    {
        var number = call.Int32(0);
        var owner = isolate.Resource(call.Int32(1));
        if (owner?.Writer is { } writer)
        {
            writer.Begin(number, call.Bytes(2));
        }
        else if (owner is not null)
        {
            isolate.PostSettlement(number, owner.Event, "The body is closed.");
        }
    }

    private static void BodyEnd(WorkerIsolate isolate, ref JsCall call) => isolate.Resource(call.Int32(0))?.Writer?.End(null);

    private static void BodyAbort(WorkerIsolate isolate, ref JsCall call) => isolate.Resource(call.Int32(0))?.Writer?.End(Text(ref call, 1));

    private static void Fetch(WorkerIsolate isolate, ref JsCall call)
    {
        if (isolate.Event(call.Int32(1)) is not { } owner)
        {
            return;
        }

        // Before anything is copied: one text of the guest's may be the body of any number of requests.
        var kind = (BodyKind)call.Int32(4);
        var head = sizeof(char) * (long)call.StringLength(3);
        if (!isolate.CanHold(head + (kind == BodyKind.Text ? call.StringLength(5) : 0)))
        {
            call.Throw(JsErrorKind.RangeError, isolate.HeldMessage);
            return;
        }

        var size = head + kind switch
        {
            BodyKind.Text => call.Utf8Length(5),
            BodyKind.Bytes => call.Bytes(5).Length,
            _ => 0,
        };
        if (!isolate.CanHold(size))
        {
            call.Throw(JsErrorKind.RangeError, isolate.HeldMessage);
            return;
        }

        var exchange = new OutboundExchange(isolate, owner, call.Int32(0), call.String(3), ReadBody(ref call, kind), size);
        call.Return(isolate.Fetch(owner, exchange, streams: kind == BodyKind.Stream));
    }

    private static byte[]? ReadBody(ref JsCall call, BodyKind kind)
    {
        switch (kind)
        {
            case BodyKind.Text:
                var text = new byte[call.Utf8Length(5)];
                call.CopyUtf8(5, text);
                return text;
            case BodyKind.Bytes:
                return call.Bytes(5).ToArray();
            default:
                return null;
        }
    }

    private static void FetchAbort(WorkerIsolate isolate, ref JsCall call) => isolate.AbortFetch(call.Int32(0));

    private static void PassThrough(WorkerIsolate isolate, ref JsCall call)
    {
        if (isolate.Event(call.Int32(0)) is { } failed)
        {
            failed.PassThrough = true;
        }
    }

    private static void ClockMonotonic(WorkerIsolate isolate, ref JsCall call)
    {
        var time = isolate.Runtime.Time;
        call.Return(time.GetTimestamp() * 1000.0 / time.TimestampFrequency);
    }

    private static void ClockWall(WorkerIsolate isolate, ref JsCall call) =>
        call.Return((isolate.Runtime.Time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / (double)TimeSpan.TicksPerMillisecond);

    private static void RandomFill(WorkerIsolate isolate, ref JsCall call)
    {
        // Small views live inside V8's heap and reach the host as copies; retaining one gives it memory of its own.
        using var target = call.Retain(0);
        RandomNumberGenerator.Fill(target.GetSpan());
    }

    private static void RandomUuid(WorkerIsolate isolate, ref JsCall call) => call.Return(Guid.NewGuid().ToString());
}
