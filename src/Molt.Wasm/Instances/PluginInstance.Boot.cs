using System.Diagnostics;
using Molt.Engine;
using Molt.Wasm.Binary;

namespace Molt.Wasm.Instances;

/// <summary>Coming up, being frozen, and becoming what was frozen.</summary>
internal sealed partial class PluginInstance
{
    /// <summary>The first call's part of a life: start, then init, then a place for payloads and results.</summary>
    public PluginReply Boot(ReadOnlySpan<byte> config, uint inputLength)
    {
        Begin(null, Stopwatch.GetTimestamp() + (long)(Program.Limits.Duration.TotalSeconds * Stopwatch.Frequency), null);
        var reply = Guarded(
            config,
            (instance, payload) =>
            {
                if (instance.Program.Module.HasStart)
                {
                    instance.InvokeExport(WasmModule.Reserved + "start");
                }

                if (instance.Program.Module.Function("_initialize") is not null)
                {
                    instance.InvokeExport("_initialize");
                }

                uint pointer = instance.Put(payload);
                if (pointer == 0)
                {
                    return PluginReply.Internal("molt_alloc gave no place for the configuration.");
                }

                using var init = instance._trampoline.Get("init");
                int status = instance._lane.Context.InvokeWasm(init, (int)pointer, payload.Length) & StatusMask;
                if (status != 0)
                {
                    return new PluginReply(StatusOf(status), $"init returned status {status}.");
                }

                instance.Release(pointer, (uint)payload.Length);
                instance._memory.Refresh();
                instance._result = instance.Allocate(16);
                instance._memory.Refresh();
                if (instance._result == 0 || !instance._memory.TrySlice(instance._result, 16, out _))
                {
                    return PluginReply.Internal("molt_alloc(16) gave no place for results.");
                }

                // A place for payloads that is part of the frozen state saves a call; without it, each asks for its own.
                instance._input = instance.Allocate(inputLength);
                instance._memory.Refresh();
                instance._inputLength = instance._input != 0 && instance._memory.TrySlice(instance._input, inputLength, out _) ? inputLength : 0;
                return default;
            });
        _function = null;
        return reply;
    }

    /// <summary>The state the instance is in, to be what others begin with.</summary>
    public FrozenState Freeze()
    {
        _memory.Refresh();
        var globals = new List<FrozenGlobal>();
        for (int i = 0; i < Program.Module.Globals.Count; i++)
        {
            if (Program.Module.Globals[i].IsMutable)
            {
                globals.Add(Global(i, Program.Module.Globals[i].Type));
            }
        }

        return new FrozenState(WasmImage.Create(_memory.Bytes), (uint)(_memory.Length >> 16), globals, _result, _input, _inputLength);
    }

    /// <summary>Bytes of the memory as it was last seen.</summary>
    public long MemoryLength => _memory.Length;

    /// <summary>The memory as it is.</summary>
    public ReadOnlySpan<byte> Memory => _memory.Bytes;

    /// <summary>Becomes an instance in a frozen state.</summary>
    public void Thaw(FrozenState state)
    {
        uint pages = (uint)(_memory.Length >> 16);
        if (pages < state.Pages)
        {
            using var memory = _exports.Get("memory");
            using var grow = memory.Get("grow");
            grow.Call(_lane.Context, memory, [(double)(state.Pages - pages)]).Dispose();
        }

        _memory.Follow(state.Image, Program.Options.ResetKind);
        _result = state.Result;
        _input = state.Input;
        _inputLength = state.InputLength;
        _isClean = true;
    }

    private void InvokeExport(string name)
    {
        using var function = _exports.Get(name);
        _lane.Context.InvokeWasm(function);
    }

    private FrozenGlobal Global(int index, byte type)
    {
        using var global = _exports.Get(WasmModule.GlobalName(index));
        using var value = global.Get("value");
        return new FrozenGlobal(type, type switch
        {
            WasmFunctionType.I64 => (ulong)value.BigInt,
            WasmFunctionType.I32 => (uint)(int)value.Number,
            WasmFunctionType.F32 => BitConverter.SingleToUInt32Bits((float)value.Number),
            _ => BitConverter.DoubleToUInt64Bits(value.Number),
        });
    }
}
