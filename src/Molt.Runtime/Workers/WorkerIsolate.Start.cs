using System.Text.Json;
using Molt.Engine;
using Molt.Runtime.Boundary;
using Molt.Runtime.Scheduling;

namespace Molt.Runtime;

/// <summary>Starting: V8's isolate from the base snapshot, the worker's modules, its handlers.</summary>
internal sealed partial class WorkerIsolate
{
    private void Start(Executor executor)
    {
        var limits = Limits;
        var made = _runtime.Spare.TryTake(limits.MemoryBytes) ?? GuestIsolate.Create(_runtime.Snapshot, limits.MemoryBytes);
        (_js, _context, _guest) = (made.Isolate, made.Context, made.Entry);

        // Now, so that another executor makes it while this one compiles, and not while the first request is answered.
        _runtime.Spare.Refill(limits.MemoryBytes);
        _js.Tag = this;
        _js.SourceMaps.Hidden = BaseSnapshot.OwnNames;
        _js.WorkPosted = OnWorkPosted;
        using (_js.Enter())
        {
            EventFailure? failure = null;
            executor.BeginTurn(_js, Nanoseconds(limits.Startup));
            try
            {
                failure = RunTopLevel();
            }
            catch (JsTerminatedException)
            {
                // EndTurn and the limits know why.
            }

            executor.EndTurn(out var end);
            if (end == TurnEnd.ShutDown)
            {
                failure = new EventFailure(EventOutcome.Cancelled, "The runtime was shut down.");
            }
            else if (end == TurnEnd.Cpu)
            {
                failure = new EventFailure(EventOutcome.ExceededCpu, $"Script startup exceeded its CPU time limit of {limits.Startup.TotalMilliseconds:0} ms.");
            }
            else if (_js.LimitHit != JsLimit.None)
            {
                _js.CancelTerminate();
                failure = new EventFailure(EventOutcome.ExceededMemory, $"Script startup exceeded the memory limit of {limits.MemoryBytes >> 20} MiB.");
            }

            if (failure is not null)
            {
                _worker.OnStartFailed(failure);
                Break(failure with { Outcome = EventOutcome.StartupFailed });
                return;
            }
        }

        Volatile.Write(ref _started, true);
        _worker.OnStarted();
    }

    /// <summary>Runs the worker's top-level code, and says why it failed.</summary>
    private EventFailure? RunTopLevel()
    {
        try
        {
            _guest!.Start(_context!, Config());
            if (_worker.Definition.CapabilityBindings.Count > 0)
            {
                // Top-level code may import env already.
                _guest.BindCapabilities(_context!, Bindings());
            }

            var failure = LoadModules();
            if (failure is null)
            {
                FinishTurn();
            }

            return failure;
        }
        catch (JsException thrown)
        {
            var info = thrown.Value is { } value ? WithFullText(thrown.Info, value) : thrown.Info;
            return new EventFailure(EventOutcome.StartupFailed, info.Name is null ? info.Message : $"{info.Name}: {info.Message}", info);
        }
        catch (JsModuleException missing)
        {
            return new EventFailure(EventOutcome.StartupFailed, missing.Message);
        }
    }

    private string Config()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("compatibilityDate", _worker.Definition.CompatibilityDate);
            json.WriteStartArray("compatibilityFlags");
            foreach (var flag in _worker.Definition.CompatibilityFlags)
            {
                json.WriteStringValue(flag);
            }

            json.WriteEndArray();
            json.WriteString("userAgent", "Cloudflare-Workers");
            json.WriteBoolean("clock", Grants.Includes(RuntimeCapabilities.Find("time.now")!));
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private string Bindings()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            foreach (var (name, capability) in _worker.Definition.CapabilityBindings)
            {
                json.WriteString(name, capability);
            }

            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>Evaluates the worker's modules. Top-level code does no I/O, so what has not settled by itself never will.</summary>
    private EventFailure? LoadModules()
    {
        var context = _context!;
        context.Modules = new WorkerModuleLoader(_worker, _runtime.Code, _guest!, context);
        var importing = context.ImportAsync(_worker.Definition.MainModule);
        _js!.RunMicrotasks();
        while (!importing.IsCompleted && _js.PumpTasks(out _) > 0)
        {
            _js.RunMicrotasks();
        }

        if (!importing.IsCompleted)
        {
            return new EventFailure(
                EventOutcome.StartupFailed,
                "Top-level await in the worker's main module waits for a promise that never settles.");
        }

        var main = importing.GetAwaiter().GetResult();
        using var exports = main.Namespace;
        (_worker.Handlers, _worker.OtherMembers) = _guest!.Bind(context, exports, _worker.Definition.VarsJson);
        return null;
    }
}
