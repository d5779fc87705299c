namespace Molt.Engine;

/// <summary>Calls from JavaScript to host functions.</summary>
public sealed partial class JsIsolate
{
    /// <summary>Ids from here on are the engine's own functions, the same in every isolate, so that snapshots can hold them.</summary>
    internal const int EngineFunctionBase = 1 << 24;

    private JsValue? _borrowed;

    internal int HostFunctionCount => _hostFunctions.Length;

    internal JsHostFunction HostFunctionAt(int id) => (uint)id < (uint)_hostFunctions.Length
        ? _hostFunctions[id]
        : throw new ArgumentOutOfRangeException(nameof(id), id, "The isolate has no host function with this id.");

    /// <summary>Keeps a handle returned from a callback alive until native code has certainly read it, though the callback's author disposed it.</summary>
    internal void Borrow(in JsArg value)
    {
        ReleaseBorrowed();
        if (value.Handle is { } handle)
        {
            bool held = false;
            handle.DangerousAddRef(ref held);
            _borrowed = handle;
        }
    }

    internal unsafe void Dispatch(int id, nint callPointer, Slot* args, int count, Slot* result)
    {
        ReleaseBorrowed();
        var call = new JsCall(this, callPointer, args, count, result);
        _hostDepth++;
        try
        {
            if ((uint)id < (uint)_hostFunctions.Length)
            {
                _hostFunctions[id].Callback(ref call);
            }
            else if (id >= EngineFunctionBase)
            {
                EngineFunctions.Invoke(id - EngineFunctionBase, ref call);
            }
            else
            {
                call.Throw(JsErrorKind.Error, "The function is not available.");
            }
        }
        catch (JsException exception) when (exception.Value is { IsClosed: false } value)
        {
            call.Throw(value);
        }
        catch (JsArgumentException exception)
        {
            call.Throw(JsErrorKind.TypeError, exception.Message);
        }
        catch (JsModuleException exception)
        {
            call.Throw(JsErrorKind.Error, exception.Message);
        }
        catch (JsTerminatedException)
        {
            // The JavaScript below ends as well: native code raises the termination again when this returns.
        }
#pragma warning disable CA1031 // Nothing may cross into native code; the embedder learns of it, the guest does not.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            call.Throw(JsErrorKind.Error, "Internal error");
            JsEngine.ReportFault(this, exception);
        }
        finally
        {
            _hostDepth--;
        }
    }

    private void ReleaseBorrowed()
    {
        if (_borrowed is { } borrowed)
        {
            _borrowed = null;
            borrowed.DangerousRelease();
        }
    }
}
