using System.Buffers;
using System.Diagnostics;
using Molt.Runtime;
using Molt.Wasm.Http;
using Molt.Wasm.Instances;

namespace Molt.Wasm;

/// <summary>
/// Serves HTTP with the plugin's <c>http</c> function, beside JavaScript workers and on the same threads. Each request runs in a
/// fresh state unless the manifest says otherwise.
/// </summary>
public sealed class PluginResponder : FetchResponder
{
    private readonly Plugin _plugin;
    private readonly PluginFunction _function;
    private readonly int _schema;

    /// <summary>Throws <see cref="ArgumentException"/> when the manifest names no <c>http</c> function.</summary>
    public PluginResponder(Plugin plugin, WorkerRuntime runtime)
        : base(runtime)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        var export = plugin.Manifest.Http ?? throw new ArgumentException("The plugin's manifest has no \"http\".", nameof(plugin));
        _plugin = plugin;
        _function = plugin.Program.Functions[export.Name];
        _schema = plugin.Manifest.IndexOf(export.DefaultSchema!);
    }

    /// <summary>The plugin.</summary>
    public Plugin Plugin => _plugin;

    /// <inheritdoc/>
    protected override IFetchLane Rent()
    {
        var lane = _plugin.Pool.Rent();
        return lane.Http as Lane ?? (Lane)(lane.Http = new Lane(this, lane));
    }

    /// <inheritdoc/>
    protected override void Return(IFetchLane lane)
    {
        ArgumentNullException.ThrowIfNull(lane);
        ((Lane)lane).Return();
    }

    /// <inheritdoc/>
    protected override EventFailure OnFault(Exception fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        _plugin.Program.Host.Report(fault);
        return new EventFailure(EventOutcome.Exception, "The runtime met a fault while it served a plugin.");
    }

    private static EventFailure Failure(in PluginReply reply) => new(
        reply.Limit switch
        {
            PluginLimit.Duration => EventOutcome.ExceededCpu,
            PluginLimit.Memory => EventOutcome.ExceededMemory,
            _ => reply.Status == PluginStatus.Cancelled ? EventOutcome.Cancelled : EventOutcome.Exception,
        },
        reply.Message ?? reply.Status.ToString());

    private sealed class Lane(PluginResponder owner, PluginLane lane) : IFetchLane
    {
        private byte[] _headers = [];
        private bool _entered;

        public void Begin()
        {
            lane.Hold();
            _entered = true;
        }

        public void End()
        {
            if (_entered)
            {
                _entered = false;
                lane.Pump();
                lane.Release();
            }
        }

        public void Return() => owner._plugin.Pool.Return(lane);

        public void Serve(in FetchTask task)
        {
            long started = Stopwatch.GetTimestamp();
            var plugin = owner._plugin;
            if (owner._function.Denied() is { } denied)
            {
                Fail(task, new EventFailure(EventOutcome.Exception, $"The plugin needs the capability \"{denied}\", which is not granted."), started);
                return;
            }

            var instance = lane.Rent();
            if (instance is null)
            {
                Fail(task, new EventFailure(EventOutcome.ExceededMemory, "Too many requests of the plugin are waiting."), started);
                return;
            }

            plugin.Count();
            int bound = HttpRequestPacker.Bound(task);
            var place = instance.InputPlace(bound);
            PluginReply reply;
            ReadOnlySpan<byte> payload;
            int pending;
            if (!place.IsEmpty)
            {
                int length = HttpRequestPacker.Write(task, place);
                reply = instance.CallPlaced(owner._function, owner._schema, length, plugin.Deadline(), null, out payload, out pending);
            }
            else
            {
                byte[] rented = ArrayPool<byte>.Shared.Rent(bound);
                int length = HttpRequestPacker.Write(task, rented);
                reply = instance.Call(owner._function, owner._schema, rented.AsSpan(0, length), plugin.Deadline(), null, out payload, out pending);
                ArrayPool<byte>.Shared.Return(rented);
            }

            bool reset = plugin.Manifest.Reset != PluginReset.Never;
            if (pending != 0)
            {
                Wait(task, instance, pending, reset, started);
                return;
            }

            Answer(task, reply, payload, ref _headers);
            instance.End(reset);
            lane.Return(instance);
            task.Close(Stopwatch.GetElapsedTime(started));
        }

        private static void Wait(FetchTask task, PluginInstance instance, int number, bool reset, long started)
        {
            // It goes on in this lane, so not before the executor has left it.
            var pending = new PendingPluginCall(instance, number, reset, (reply, payload) =>
            {
                byte[] headers = [];
                Answer(task, reply, payload, ref headers);
                task.Close(Stopwatch.GetElapsedTime(started));
            });
            task.KeepOpen(() => pending.Cancel(4));
        }

        private static void Answer(in FetchTask task, in PluginReply reply, ReadOnlySpan<byte> payload, ref byte[] headers)
        {
            if (!reply.IsOk)
            {
                task.Fail(Failure(reply));
            }
            else if (HttpResponsePayload.TryRead(payload, ref headers, out int status, out int length, out var body, out string? fault))
            {
                task.Answer(status, headers.AsSpan(0, length), body);
            }
            else
            {
                task.Fail(new EventFailure(EventOutcome.Exception, fault!));
            }
        }

        private static void Fail(in FetchTask task, EventFailure failure, long started)
        {
            task.Fail(failure);
            task.Close(Stopwatch.GetElapsedTime(started));
        }
    }
}
