using System.Text.Json;

namespace Molt.Engine;

/// <summary>Notices about modules from V8.</summary>
public sealed partial class JsIsolate
{
    private readonly Dictionary<long, ModuleMap> _synthetics = [];
    private long _nextSynthetic = 1;

    internal long NextSynthetic(ModuleMap owner)
    {
        long cookie = _nextSynthetic++;
        _synthetics.Add(cookie, owner);
        return cookie;
    }

    internal bool OnSyntheticEvaluate(long cookie)
    {
        _hostDepth++;
        try
        {
            return _synthetics.TryGetValue(cookie, out var map) && map.Evaluate(cookie);
        }
        catch (JsException exception) when (exception.Value is { IsClosed: false } value)
        {
            ThrowValue(value);
            return false;
        }
        catch (JsTerminatedException)
        {
            return false;
        }
        finally
        {
            _hostDepth--;
        }
    }

    internal void OnImportDynamic(int contextId, ReadOnlySpan<byte> json, JsValue resolver)
    {
        var reader = new Utf8JsonReader(json);
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        var request = new JsModuleRequest(
            root.GetProperty("specifier").GetString() ?? "",
            root.TryGetProperty("referrer", out var referrer) && referrer.GetString() is { Length: > 0 } name ? name : null,
            ModuleImport.ParseAttributes(root),
            IsDynamic: true);
        var context = FindContext(contextId) ?? MainContext;
        Post(() => ObserveFault(context.ModuleMap.ImportDynamicAsync(request, resolver)));
    }

    internal unsafe void ThrowValue(JsValue value)
    {
        value.ToArg().Write(out var slot, null);
        Native.molt_throw_value(_pointer, &slot);
        GC.KeepAlive(value);
    }

    private void ObserveFault(Task task)
    {
        if (task.IsCompletedSuccessfully)
        {
            return;
        }
        _ = task.ContinueWith(
            static (finished, state) =>
            {
                if (finished.Exception?.InnerException is { } exception and not (JsTerminatedException or JsDisposedException))
                {
                    JsEngine.ReportFault((JsIsolate?)state, exception);
                }
            },
            this,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously | TaskContinuationOptions.NotOnRanToCompletion,
            TaskScheduler.Default);
    }
}
