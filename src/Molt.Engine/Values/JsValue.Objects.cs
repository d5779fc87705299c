using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Molt.Engine;

/// <summary>Properties, calls and promises.</summary>
public sealed partial class JsValue
{
    private const int InlineArguments = 8;

    /// <summary>State of a promise; throws when the value is not one.</summary>
    public unsafe JsPromiseState PromiseState
    {
        get
        {
            int state = Native.molt_promise_state(Live, null);
            GC.KeepAlive(this);
            return state is >= 0 and <= 2 ? (JsPromiseState)state : throw NotA("promise");
        }
    }

    /// <summary>Reads a property. May run a getter; throws what it throws.</summary>
    public JsValue Get(string key) => Get(JsArg.From(key));

    /// <inheritdoc cref="Get(string)"/>
    public JsValue Get(int index) => Get(JsArg.From(index));

    /// <summary>Writes a property. May run a setter; throws what it throws.</summary>
    public unsafe void Set(string key, in JsArg value)
    {
        ArgumentNullException.ThrowIfNull(key);
        int status;
        fixed (char* keyData = key)
        fixed (byte* pinned = value.Pinned)
        {
            var keySlot = new Slot { Kind = SlotKind.Utf16, Length = key.Length, Data = (nint)keyData };
            value.Write(out var slot, pinned);
            status = Native.molt_object_set(Isolate.MainContext.Pointer, Live, &keySlot, &slot);
        }
        value.KeepAlive();
        GC.KeepAlive(this);
        Status.Check(Isolate, status);
    }

    /// <summary>Own enumerable string keys, in JavaScript's order.</summary>
    public unsafe string[] Keys()
    {
        Slot slot = default;
        Status.Check(Isolate, Native.molt_object_keys(Isolate.MainContext.Pointer, Live, &slot));
        GC.KeepAlive(this);
        using var array = FromSlot(Isolate, in slot);
        using var length = array.Get("length");
        var keys = new string[(int)length.Number];
        for (int i = 0; i < keys.Length; i++)
        {
            using var key = array.Get(i);
            keys[i] = key.GetString();
        }
        return keys;
    }

    /// <summary>Calls the function with an undefined receiver. Microtasks do not run.</summary>
    /// <exception cref="JsException">It threw.</exception>
    /// <exception cref="JsTerminatedException">It was stopped.</exception>
    public JsValue Call(JsContext context, params ReadOnlySpan<JsArg> args) => Call(context, null, args);

    /// <summary>Calls the function with a receiver. See the other overload.</summary>
    public unsafe JsValue Call(JsContext context, JsValue? receiver, ReadOnlySpan<JsArg> args)
    {
        Slot result = default;
        CallCore(context, receiver, args, CallKind.Call, &result);
        return FromSlot(context.Isolate, in result);
    }

    /// <summary>Calls the function and discards its result. Allocates nothing.</summary>
    public unsafe void Invoke(JsContext context, params ReadOnlySpan<JsArg> args) => CallCore(context, null, args, CallKind.Call, null);

    /// <summary>Calls the function; true when it returned true.</summary>
    public unsafe bool CallBoolean(JsContext context, params ReadOnlySpan<JsArg> args)
    {
        Slot result = default;
        CallCore(context, null, args, CallKind.Call, &result);
        if (result.Kind == SlotKind.Handle)
        {
            Native.molt_value_release(result.Data);
        }
        return result.Kind == SlotKind.Bool && result.Number != 0;
    }

    /// <summary>Calls the function; its number, or null when it returned something else.</summary>
    public unsafe double? CallNumber(JsContext context, params ReadOnlySpan<JsArg> args)
    {
        Slot result = default;
        CallCore(context, null, args, CallKind.Call, &result);
        if (result.Kind == SlotKind.Handle)
        {
            Native.molt_value_release(result.Data);
        }
        return result.Kind is SlotKind.Int32 or SlotKind.Number ? result.Number : null;
    }

    /// <summary>Calls the function; its string, or null when it returned something else.</summary>
    public string? CallString(JsContext context, params ReadOnlySpan<JsArg> args)
    {
        using var result = Call(context, args);
        return result.IsString ? result.GetString() : null;
    }

    /// <summary>new function(...args).</summary>
    public unsafe JsValue Construct(JsContext context, params ReadOnlySpan<JsArg> args)
    {
        Slot result = default;
        CallCore(context, null, args, CallKind.Construct, &result);
        return FromSlot(context.Isolate, in result);
    }

    /// <summary>
    /// Follows a promise: its value, or a <see cref="JsException"/> with its reason. Anything else is returned as it is.
    /// Marks the promise as handled.
    /// </summary>
    /// <remarks>
    /// A settled promise completes at once. Otherwise the continuation runs inside the isolate, on the thread that dispatches
    /// it after the microtasks (see <see cref="JsIsolate.RunMicrotasks"/>), never from within V8; it must not block.
    /// </remarks>
#pragma warning disable VSTHRD200 // Named like ValueTask.AsTask: a conversion.
    public unsafe ValueTask<JsValue> AsTask(JsContext context)
    {
#pragma warning restore VSTHRD200
        ArgumentNullException.ThrowIfNull(context);
        if (_kind != SlotKind.Handle)
        {
            return new ValueTask<JsValue>(this);
        }
        Slot result = default;
        int state = Native.molt_promise_state(Live, &result);
        switch (state)
        {
            case (int)JsPromiseState.Pending:
                return new ValueTask<JsValue>(Isolate.WatchAsync(context, this));
            case (int)JsPromiseState.Fulfilled:
                return new ValueTask<JsValue>(FromSlot(Isolate, in result));
            case (int)JsPromiseState.Rejected:
                Status.Check(Isolate, Native.molt_promise_watch(context.Pointer, Live, 0));
                return ValueTask.FromException<JsValue>(JsError.FromValue(Isolate, FromSlot(Isolate, in result)));
            default:
                return new ValueTask<JsValue>(this);
        }
    }

    internal unsafe void SettleResolver(JsContext context, bool reject, in JsArg value)
    {
        int status;
        fixed (byte* pinned = value.Pinned)
        {
            value.Write(out var slot, pinned);
            status = Native.molt_resolver_settle(context.Pointer, Live, reject ? 1 : 0, &slot);
        }
        value.KeepAlive();
        GC.KeepAlive(this);
        Status.Check(context.Isolate, status);
    }

    private unsafe JsValue Get(in JsArg key)
    {
        Slot result = default;
        int status;
        fixed (byte* pinned = key.Pinned)
        {
            key.Write(out var slot, pinned);
            status = Native.molt_object_get(Isolate.MainContext.Pointer, Live, &slot, &result);
        }
        GC.KeepAlive(this);
        Status.Check(Isolate, status);
        return FromSlot(Isolate, in result);
    }

    [SkipLocalsInit]
    private unsafe void CallCore(JsContext context, JsValue? receiver, ReadOnlySpan<JsArg> args, CallKind kind, Slot* result)
    {
        ArgumentNullException.ThrowIfNull(context);
        var target = new CallTarget(kind, context.Pointer, Live, receiver?.Live ?? 0, args.Length, result);
        int status;
        if (args.Length <= InlineArguments)
        {
            Slot* slots = stackalloc Slot[InlineArguments];
            status = Fill(in target, args, slots, 0);
        }
        else
        {
            var rented = ArrayPool<Slot>.Shared.Rent(args.Length);
            fixed (Slot* slots = rented)
            {
                status = Fill(in target, args, slots, 0);
            }
            ArrayPool<Slot>.Shared.Return(rented);
        }
        GC.KeepAlive(this);
        GC.KeepAlive(receiver);
        if (args.Length > 0)
        {
            // Reading an argument after the call keeps all of them, and the handles they borrow, alive during it.
            args[^1].KeepAlive();
        }
        Status.Check(context.Isolate, status);
    }

    /// <summary>Writes the arguments from <paramref name="index"/> on and calls. Recursion holds one pin per level, so no argument is copied.</summary>
    private static unsafe int Fill(in CallTarget target, ReadOnlySpan<JsArg> args, Slot* slots, int index)
    {
        for (; index < args.Length && !args[index].NeedsPin; index++)
        {
            args[index].Write(out slots[index], null);
        }
        if (index == args.Length)
        {
            return target.Kind == CallKind.Call
                ? Native.molt_function_call(target.Context, target.Function, target.Receiver, slots, target.Count, target.Result)
                : Native.molt_function_construct(target.Context, target.Function, slots, target.Count, target.Result);
        }
        fixed (byte* pinned = args[index].Pinned)
        {
            args[index].Write(out slots[index], pinned);
            return Fill(in target, args, slots, index + 1);
        }
    }

    private enum CallKind
    {
        Call,
        Construct,
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly unsafe struct CallTarget(CallKind kind, nint context, nint function, nint receiver, int count, Slot* result)
    {
        public readonly CallKind Kind = kind;
        public readonly nint Context = context;
        public readonly nint Function = function;
        public readonly nint Receiver = receiver;
        public readonly int Count = count;
        public readonly Slot* Result = result;
    }
}
