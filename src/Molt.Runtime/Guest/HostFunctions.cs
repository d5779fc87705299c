using Molt.Engine;
using Molt.Runtime.Io;

namespace Molt.Runtime;

/// <summary>
/// What the guest runtime may ask of the host. The position in <see cref="All"/> is the function's number in the base
/// snapshot: builder and host use this same list. guest/src/host.ts has the guest's side of each.
/// </summary>
internal static class HostFunctions
{
    // A guest's string may be a rope of far more characters than its heap has bytes; a longer line is not copied out.
    private const int MaxLine = 1 << 20;

    public static readonly IReadOnlyList<JsHostFunction> All =
    [
        new("respond", 7, Respond),
        new("fail", 4, Fail),
        new("eventDone", 1, EventDone),
        new("report", 3, Report),
        new("log", 3, Log),
        new("timerStart", 4, TimerStart),
        new("timerClear", 1, TimerClear),
        new("bodyRead", 2, BodyRead),
        new("bodyCancel", 2, BodyCancel),
        new("bodyWrite", 3, BodyWrite),
        new("bodyEnd", 1, BodyEnd),
        new("bodyAbort", 2, BodyAbort),
        new("fetch", 6, Fetch),
        new("fetchAbort", 1, FetchAbort),
        new("passThrough", 1, PassThrough),
    ];

    private static WorkerIsolate Isolate(ref JsCall call) => (WorkerIsolate)call.Isolate.Tag!;

    private static void Respond(ref JsCall call)
    {
        var isolate = Isolate(ref call);
        if (isolate.Event(call.Int32(0)) is { Answered: false } answered)
        {
            isolate.Answer(answered, new GuestResponse(call), pending: call.Boolean(6));
        }
    }

    private static void Fail(ref JsCall call)
    {
        var isolate = Isolate(ref call);
        if (isolate.Event(call.Int32(0)) is { } failed)
        {
            using var error = call.Value(1);
            isolate.Throw(failed, error, pending: call.Boolean(2), noHandler: call.Boolean(3));
        }
    }

    private static void EventDone(ref JsCall call)
    {
        var isolate = Isolate(ref call);
        if (isolate.Event(call.Int32(0)) is { } done)
        {
            isolate.GuestDone(done);
        }
    }

    private static void Report(ref JsCall call)
    {
        using var error = call.Value(2);
        Isolate(ref call).Report(call.String(1), error);
    }

    private static void Log(ref JsCall call)
    {
        var level = call.String(1) switch
        {
            "debug" => GuestLogLevel.Debug,
            "info" => GuestLogLevel.Info,
            "warn" => GuestLogLevel.Warn,
            "error" => GuestLogLevel.Error,
            _ => GuestLogLevel.Log,
        };
        var length = call.StringLength(2);
        Isolate(ref call).Log(level, length <= MaxLine ? call.String(2) : $"(a line of {length} characters)");
    }

    private static void TimerStart(ref JsCall call)
    {
        var isolate = Isolate(ref call);
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

    private static void TimerClear(ref JsCall call) => Isolate(ref call).ClearTimer(call.Int32(0));

    private static void BodyRead(ref JsCall call)
    {
        var isolate = Isolate(ref call);
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

    private static void BodyCancel(ref JsCall call)
    {
        var owner = Isolate(ref call).Resource(call.Int32(0));
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

    private static void BodyWrite(ref JsCall call)
    {
        var isolate = Isolate(ref call);
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

    private static void BodyEnd(ref JsCall call) => Isolate(ref call).Resource(call.Int32(0))?.Writer?.End(null);

    private static void BodyAbort(ref JsCall call) => Isolate(ref call).Resource(call.Int32(0))?.Writer?.End(call.String(1));

    private static void Fetch(ref JsCall call)
    {
        var isolate = Isolate(ref call);
        if (isolate.Event(call.Int32(1)) is { } owner)
        {
            var exchange = new OutboundExchange(isolate, owner, call.Int32(0), call.String(3), ReadBody(ref call));
            call.Return(isolate.Fetch(owner, exchange, streams: call.Int32(4) == (int)BodyKind.Stream));
        }
    }

    private static byte[]? ReadBody(ref JsCall call)
    {
        switch ((BodyKind)call.Int32(4))
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

    private static void FetchAbort(ref JsCall call) => Isolate(ref call).AbortFetch(call.Int32(0));

    private static void PassThrough(ref JsCall call)
    {
        if (Isolate(ref call).Event(call.Int32(0)) is { } failed)
        {
            failed.PassThrough = true;
        }
    }
}
