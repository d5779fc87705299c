using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Molt.Engine;
using Molt.Runtime.Boundary;
using Molt.Wasm.Binary;

namespace Molt.Wasm.Instances;

/// <summary>
/// An instance of a plugin's module with its memory, and the call it is in. Used by the thread inside its lane.
/// <para>
/// Guarantees: what the guest points at is read only where it lies within its memory; after <see cref="End"/> with a reset the
/// memory is the frozen one, and the next call sets the globals back before anything of the guest runs.
/// </para>
/// </summary>
internal sealed partial class PluginInstance : IDisposable
{
    private const int StatusMask = 0xFF;
    private const int LongestMessage = 4 << 10;

    private readonly PluginLane _lane;
    private readonly JsValue _exports;
    private readonly JsValue _trampoline;
    private readonly WasmMemory _memory;
    private readonly JsValue _enter;
    private readonly JsValue _call;
    private readonly JsValue _poll;
    private readonly JsValue _alloc;
    private JsValue? _ready;
    private JsValue? _free;
    private CapabilityCalls? _capabilities;
    private PluginFunction? _function;
    private long _deadline;
    private int _logLeft;
    private (uint Pointer, uint Length) _held;
    private (uint Pointer, uint Length) _given;
    private bool _isBroken;
    private bool _isTainted;
    private bool _hasGrown;
    private bool _isClean;
    private uint _result;
    private uint _input;
    private uint _inputLength;

    public PluginInstance(PluginLane lane, JsValue exports, JsValue trampoline)
    {
        _lane = lane;
        _exports = exports;
        _memory = new WasmMemory(lane.Context, exports.Get("memory"));
        using var imports = lane.Context.NewObject();
        imports.Set(Trampoline.Plugin, exports);
        _trampoline = lane.Instantiate(trampoline, imports);
        _enter = _trampoline.Get("enter");
        _call = _trampoline.Get("call");
        _poll = _trampoline.Get("poll");
        _alloc = _trampoline.Get("alloc");
    }

    public PluginProgram Program => _lane.Program;

    public PluginLane Lane => _lane;

    public CapabilityCalls Capabilities => _capabilities ??= BeginCapabilities();

    /// <summary>Whether the next call may use it.</summary>
    public bool IsUsable => !_isBroken;

    /// <summary>Heard when a capability call that was pending completed, or a stream got something to read; any thread.</summary>
    public Action? Wake { get; set; }

    public TimeSpan TimeLeft
    {
        get
        {
            long left = _deadline - Stopwatch.GetTimestamp();
            return left <= 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(0, left);
        }
    }

    /// <summary>Whether it is coming up: init runs, and no function.</summary>
    public bool IsBooting => _function is null;

    public bool MustBeDeterministic => _function is null || _function.Export.IsDeterministic;

    /// <summary>Whether a capability is declared by the running function and granted; one that lets it see more than its payload, also whether it may.</summary>
    public bool May(OwnCapability capability) =>
        _function is { } function && ((function.Declared & Program.OwnGrants.Bits) >> (int)capability & 1) != 0 && !(IsObservation(capability) && MustBeDeterministic);

    /// <summary>The same for an import that is about to be answered as if it may not: the audit is told.</summary>
    public bool MayOrDeny(OwnCapability capability)
    {
        if (May(capability))
        {
            return true;
        }

        Program.Audit.Denied(capability, _function switch
        {
            null => "init has no capabilities",
            { } function when (function.Declared >> (int)capability & 1) == 0 => "the function does not declare it",
            _ => MustBeDeterministic && IsObservation(capability) ? "the function is deterministic" : null,
        });
        return false;
    }

    public bool Declares(string capability)
    {
        if (_function is null)
        {
            return false;
        }

        foreach (string declared in _function.Export.Capabilities)
        {
            if (declared == capability)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes from what may still be written to the console.</summary>
    public int TakeLog(int wanted)
    {
        int taken = Math.Min(wanted, _logLeft);
        _logLeft -= taken;
        return taken;
    }

    /// <summary>A part of the memory, for imports: the module may have grown it since the call began.</summary>
    public bool TryRead(uint pointer, uint length, out Span<byte> bytes)
    {
        if ((Program.Module.Effects & WasmEffects.GrowsMemory) != WasmEffects.None)
        {
            _memory.Refresh();
        }

        return _memory.TrySlice(pointer, length, out bytes);
    }

    /// <summary>Asks the guest for memory; 0 when it has none.</summary>
    public uint Allocate(uint length) => (uint)_lane.Context.InvokeWasm(_alloc, (int)length);

    public void OnEvent() => Wake?.Invoke();

    /// <summary>How memory goes back here.</summary>
    public WasmResetKind ResetKind => _memory.ResetKind;

    /// <summary>
    /// Calls a function. On success <paramref name="payload"/> is the result where the guest left it, until the next thing happens to
    /// the instance, or there is none yet and <paramref name="task"/> is what to poll.
    /// </summary>
    public PluginReply Call(PluginFunction function, int schema, ReadOnlySpan<byte> input, long deadline, CallScope? scope, out ReadOnlySpan<byte> payload, out int task)
    {
        Begin(function, deadline, scope);
        if (InputPlace(input.Length) is { IsEmpty: false } place)
        {
            input.CopyTo(place);
            return Finish(Enter(schema, _input, input.Length), out payload, out task);
        }

        return Finish(Enlarge(schema, input), out payload, out task);
    }

    /// <summary>A place in the guest's memory where a payload of this size can be written for <see cref="CallPlaced"/>; empty when it is too large.</summary>
    public Span<byte> InputPlace(int length) => length <= _inputLength && _memory.TrySlice(_input, _inputLength, out var place) ? place : default;

    /// <summary>Calls a function with a payload that was written to <see cref="InputPlace"/>.</summary>
    public PluginReply CallPlaced(PluginFunction function, int schema, int length, long deadline, CallScope? scope, out ReadOnlySpan<byte> payload, out int task)
    {
        Begin(function, deadline, scope);
        return Finish(Enter(schema, _input, length), out payload, out task);
    }

    /// <summary>Asks for the result of a pending call.</summary>
    public PluginReply Poll(int pending, out ReadOnlySpan<byte> payload, out int task)
    {
        _lane.Current = this;
        _lane.Clock.Begin(_deadline);
        return Finish(InvokeGuarded(_poll, [pending, (int)_result]), out payload, out task);
    }

    /// <summary>Tells the guest that nobody waits for a pending call; what it answers changes nothing.</summary>
    public void Cancel(int pending, int reason)
    {
        _lane.Current = this;
        _lane.Clock.Begin(Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 10));
        using var cancel = _trampoline.Get("cancel");
        InvokeGuarded(cancel, [pending, reason]);
    }

    /// <summary>
    /// The call is over and its result was taken. Back to the frozen state when the policy, or what the call broke, says so; else the
    /// guest gets back what the host holds of its memory.
    /// </summary>
    public void End(bool reset)
    {
        _capabilities?.End("The call ended.");
        EndWasi(reset || _isTainted);
        if (_isBroken)
        {
            return;
        }

        if (!reset && !_isTainted)
        {
            GiveBack();
            return;
        }

        // Past a changed table, or a memory of another size, only a new instance is the frozen state.
        _isTainted = false;
        _isClean = !_hasGrown && (Program.Module.Effects & WasmEffects.ChangesTables) == WasmEffects.None && _memory.Reset() >= 0;
        _isBroken = !_isClean;
    }

    private void GiveBack()
    {
        var (result, given) = (_held, _given);
        _held = _given = default;
        if (result.Length == 0 && given.Length == 0)
        {
            return;
        }

        Begin(_function, Stopwatch.GetTimestamp() + Stopwatch.Frequency, null);
        Guarded(default, (instance, _) =>
        {
            if (result.Length != 0)
            {
                instance.Release(result.Pointer, result.Length);
            }

            if (given.Length != 0)
            {
                instance.Release(given.Pointer, given.Length);
            }

            return default;
        });
        _isBroken |= _isTainted;
    }

    public void Dispose()
    {
        _capabilities?.Dispose();
        _wasi?.Dispose();
        _memory.Dispose();
        _enter.Dispose();
        _call.Dispose();
        _poll.Dispose();
        _alloc.Dispose();
        _ready?.Dispose();
        _free?.Dispose();
        _trampoline.Dispose();
        _exports.Dispose();
    }

    private static bool IsObservation(OwnCapability capability) => capability is OwnCapability.TimeNow or OwnCapability.RandBytes;

    private readonly struct Invocation(int packed, PluginReply failure)
    {
        public int Packed { get; } = packed;

        public PluginReply Failure { get; } = failure;
    }

    private CapabilityCalls BeginCapabilities()
    {
        var calls = new CapabilityCalls(this);
        calls.Begin(new CallScope(_function is null ? 0 : Program.Limits.Operations));
        return calls;
    }

    private void Begin(PluginFunction? function, long deadline, CallScope? scope)
    {
        _held = _given = default;
        _function = function;
        _deadline = deadline;
        _logLeft = Program.Limits.LogBytes;
        _capabilities?.Begin(scope ?? new CallScope(function is null ? 0 : Program.Limits.Operations));
        if (_wasi is not null)
        {
            BeginWasi(_wasi);
        }

        _lane.Current = this;
        _lane.Clock.Begin(deadline);
    }

    private Invocation Enter(int schema, uint place, int length)
    {
        bool fresh = _isClean;
        _isClean = false;
        return InvokeGuarded(fresh ? _enter : _call, [(int)_function!.Export.FunctionId, schema, (int)place, length, (int)_result]);
    }

    /// <summary>For payloads larger than the frozen place: the guest's own allocator finds one, in the state the call begins with.</summary>
    private Invocation Enlarge(int schema, ReadOnlySpan<byte> input)
    {
        uint place;
        try
        {
            if (_isClean)
            {
                _isClean = false;
                _lane.Context.InvokeWasm(_ready ??= _trampoline.Get("ready"));
            }

            place = Put(input);
        }
        catch (JsEngineException exception)
        {
            return new Invocation(0, Failed(exception));
        }

        if (place == 0)
        {
            return new Invocation(0, _lane.Clock.End() ? TimedOut() : new PluginReply(PluginStatus.InternalError, "The plugin has no memory for the payload.", PluginLimit.Memory));
        }

        var invocation = Enter(schema, place, input.Length);
        _given = (place, (uint)input.Length);
        return invocation;
    }

    private Invocation InvokeGuarded(JsValue function, scoped ReadOnlySpan<int> args)
    {
        try
        {
            int packed = _lane.Context.InvokeWasm(function, args);
            if (_lane.Clock.End())
            {
                // It came back by itself when its time was just up.
                return new Invocation(0, TimedOut());
            }

            return new Invocation(packed, default);
        }
        catch (JsEngineException exception)
        {
            return new Invocation(0, Failed(exception));
        }
    }

    private PluginReply Guarded(ReadOnlySpan<byte> payload, BootStep step)
    {
        try
        {
            var reply = step(this, payload);
            return _lane.Clock.End() ? TimedOut() : reply;
        }
        catch (JsEngineException exception)
        {
            return Failed(exception);
        }
    }

    private delegate PluginReply BootStep(PluginInstance instance, ReadOnlySpan<byte> payload);

    private PluginReply Finish(Invocation invocation, out ReadOnlySpan<byte> payload, out int task)
    {
        var reply = Take(invocation, out payload, out task);
        if (task != 0 || _wasi is null || _isTainted || reply.Limit != PluginLimit.None || TryKeepFiles(out var failure))
        {
            return reply;
        }

        payload = default;
        return failure;
    }

    private PluginReply Take(Invocation invocation, out ReadOnlySpan<byte> payload, out int task)
    {
        payload = default;
        task = 0;
        if (invocation.Failure.Status != PluginStatus.Ok)
        {
            return invocation.Failure;
        }

        uint pages = (uint)invocation.Packed >> 8;
        if (pages != _memory.Length >> 16)
        {
            // It grew: what follows its writes ends at the old size.
            _hasGrown = true;
            _memory.Refresh();
        }

        if (!_memory.TrySlice(_result, 16, out var result))
        {
            return PluginReply.Internal("The place for results is gone.");
        }

        uint pointer = BinaryPrimitives.ReadUInt32LittleEndian(result);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(result[4..]);
        uint schema = BinaryPrimitives.ReadUInt32LittleEndian(result[8..]);
        int pending = BinaryPrimitives.ReadInt32LittleEndian(result[12..]);
        int status = invocation.Packed & StatusMask;
        if (status != 0)
        {
            var message = _memory.TrySlice(pointer, Math.Min(length, LongestMessage), out var text) && !text.IsEmpty ? Encoding.UTF8.GetString(text) : null;
            return new PluginReply(StatusOf(status), message ?? $"The plugin answered with status {status}.");
        }

        if (pending != 0)
        {
            task = pending;
            return default;
        }

        if (!_memory.TrySlice(pointer, length, out var bytes))
        {
            return PluginReply.Internal("The result lies outside the plugin's memory.");
        }

        if (length > Program.Limits.OutputBytes)
        {
            return new PluginReply(PluginStatus.EncodeError, $"The result has {length} bytes; {Program.Limits.OutputBytes} are allowed.", PluginLimit.Output);
        }

        if (schema != _function!.OutputIndex)
        {
            return new PluginReply(PluginStatus.EncodeError, $"The result names schema {schema}; the manifest says {_function.OutputIndex} ({_function.Export.OutputSchema.Id}).");
        }

        if (!_function.Output.TryValidate(bytes, out var fault, Program.PayloadLimits))
        {
            return new PluginReply(PluginStatus.EncodeError, $"The result is no value of {_function.Export.OutputSchema.Id}: {fault}");
        }

        _held = (pointer, length);
        payload = bytes;
        return default;
    }

    private PluginReply Failed(JsEngineException exception)
    {
        bool late = _lane.Clock.End();

        // A trap leaves the module's own stack where it was.
        _isTainted = true;
        if (late)
        {
            return TimedOut();
        }

        if (exception is JsTerminatedException)
        {
            _isBroken = true;
            _lane.IsCondemned = true;
            return new PluginReply(PluginStatus.InternalError, "The plugin's isolate ran out of memory.", PluginLimit.Memory);
        }

        if (exception is not JsException thrown)
        {
            throw exception;
        }

        using (thrown.Value)
        {
            if (_wasi?.ExitCode is { } code)
            {
                string exited = $"The plugin exited with code {code}.";
                return PluginReply.Internal(_wasi.ExitFault.IsNone ? exited : $"{exited} {NotKept(_wasi.ExitFault)}");
            }

            return thrown.Info.Name == "RangeError"
                ? new PluginReply(PluginStatus.InternalError, "The plugin's calls are nested too deeply.", PluginLimit.Recursion)
                : PluginReply.Internal($"The plugin trapped: {thrown.Info.Message}.");
        }
    }

    /// <summary>The call's time is up while it waits.</summary>
    public PluginReply OutOfTime() => TimedOut();

    private PluginReply TimedOut()
    {
        _isTainted = true;
        return new PluginReply(PluginStatus.Timeout, $"The call took longer than {Program.Limits.Duration.TotalMilliseconds:0} ms.", PluginLimit.Duration);
    }

    private uint Put(ReadOnlySpan<byte> payload)
    {
        uint pointer = Allocate((uint)Math.Max(payload.Length, 1));
        _memory.Refresh();
        if (pointer == 0 || !_memory.TrySlice(pointer, (uint)payload.Length, out var place))
        {
            return 0;
        }

        payload.CopyTo(place);
        return pointer;
    }

    private void Release(uint pointer, uint length)
    {
        _free ??= _trampoline.Get("free");
        _lane.Context.InvokeWasm(_free, (int)pointer, (int)Math.Max(length, 1));
    }

    private static PluginStatus StatusOf(int status) => status is > 0 and <= 7 ? (PluginStatus)status : PluginStatus.InternalError;
}
