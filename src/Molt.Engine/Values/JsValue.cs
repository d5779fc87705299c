using System.Runtime.InteropServices;

namespace Molt.Engine;

/// <summary>
/// A JavaScript value. Undefined, null, booleans, numbers and BigInts are held inline; everything else is a persistent
/// handle that keeps the value alive until disposed (from any thread, also after the isolate's end).
/// </summary>
/// <remarks>Members need the calling thread inside the isolate unless the value is inline.</remarks>
public sealed partial class JsValue : SafeHandle
{
    private readonly JsIsolate? _isolate;
    private readonly SlotKind _kind;
    private readonly long _bits;

    internal JsValue(JsIsolate isolate, nint pointer)
        : base(0, ownsHandle: true)
    {
        _isolate = isolate;
        _kind = SlotKind.Handle;
        SetHandle(pointer);
    }

    private JsValue(JsIsolate? isolate, SlotKind kind, long bits)
        : base(0, ownsHandle: false)
    {
        _isolate = isolate;
        _kind = kind;
        _bits = bits;
    }

    public static JsValue Undefined => new(null, SlotKind.Undefined, 0);

    public static JsValue Null => new(null, SlotKind.Null, 0);

    public override bool IsInvalid => handle == 0;

    /// <summary>What the value is.</summary>
    public JsType Type => _kind switch
    {
        SlotKind.Undefined => JsType.Undefined,
        SlotKind.Null => JsType.Null,
        SlotKind.Bool => JsType.Boolean,
        SlotKind.Int32 or SlotKind.Number => JsType.Number,
        SlotKind.BigInt => JsType.BigInt,
        _ => ReadType(),
    };

    public bool IsUndefined => _kind == SlotKind.Undefined;

    public bool IsNull => _kind == SlotKind.Null;

    public bool IsNullOrUndefined => IsNull || IsUndefined;

    public bool IsString => Type == JsType.String;

    public bool IsFunction => Type == JsType.Function;

    public bool IsPromise => Type == JsType.Promise;

    /// <summary>The number; throws when the value is not one.</summary>
    public double Number => _kind is SlotKind.Int32 or SlotKind.Number
        ? BitConverter.Int64BitsToDouble(_bits)
        : throw NotA("number");

    /// <summary>The boolean; throws when the value is not one.</summary>
    public bool Boolean => _kind == SlotKind.Bool ? BitConverter.Int64BitsToDouble(_bits) != 0 : throw NotA("boolean");

    /// <summary>The BigInt, wrapped to 64 bits; throws when the value is not one.</summary>
    public long BigInt => _kind == SlotKind.BigInt ? _bits : throw NotA("BigInt");

    /// <summary>The isolate's pointer for native code, alive as long as this object is reachable.</summary>
    internal nint Live
    {
        get
        {
            if (_kind != SlotKind.Handle)
            {
                throw new JsUsageException($"The value is {Type}, which this call does not take.");
            }
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    internal JsIsolate Isolate => _isolate ?? throw NotA("object");

    /// <summary>The text of a string, unit for unit; throws when the value is not a string.</summary>
    public unsafe string GetString()
    {
        if (Type != JsType.String)
        {
            throw NotA("string");
        }
        nint pointer = Live;
        long length = Native.molt_value_string(pointer, null, 0);
        string text = string.Create(checked((int)length), pointer, static (span, source) =>
        {
            fixed (char* data = span)
            {
                Native.molt_value_string(source, data, span.Length);
            }
        });
        GC.KeepAlive(this);
        return text;
    }

    /// <summary>What String(value) gives. May run guest code; throws what it throws.</summary>
    public unsafe string CoerceToString()
    {
        if (_isolate is null)
        {
            return IsNull ? "null" : "undefined";
        }
        var context = _isolate.MainContext;
        using var source = Materialize(context);
        nint result;
        Status.Check(_isolate, Native.molt_value_to_string(context.Pointer, source.Live, &result));
        GC.KeepAlive(source);
        using var text = new JsValue(_isolate, result);
        return text.GetString();
    }

    /// <summary>Copies the bytes of an ArrayBuffer or a view; throws for anything else.</summary>
    public unsafe byte[] GetBytes()
    {
        Slot slot = default;
        Status.Check(Isolate, Native.molt_value_read(Live, &slot));
        if (slot.Kind != SlotKind.Bytes)
        {
            throw NotA("ArrayBuffer or view");
        }
        byte[] bytes = new ReadOnlySpan<byte>((void*)slot.Data, checked((int)slot.Length)).ToArray();
        GC.KeepAlive(this);
        return bytes;
    }

    /// <summary>The === comparison.</summary>
    public bool StrictEquals(JsValue other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (_kind == SlotKind.Handle && other._kind == SlotKind.Handle)
        {
            bool equal = Native.molt_value_strict_equals(Live, other.Live) == 1;
            GC.KeepAlive(this);
            GC.KeepAlive(other);
            return equal;
        }
        return Type == other.Type && (Type == JsType.Number ? Number.Equals(other.Number) && !double.IsNaN(Number) : _bits == other._bits);
    }

    internal static JsValue FromSlot(JsIsolate isolate, in Slot slot) => slot.Kind switch
    {
        SlotKind.Handle => new JsValue(isolate, slot.Data),
        SlotKind.Undefined or SlotKind.Null or SlotKind.Bool or SlotKind.Int32 or SlotKind.Number or SlotKind.BigInt
            => new JsValue(isolate, slot.Kind, slot.Integer),
        _ => throw new JsUsageException($"The native library returned a value of kind {slot.Kind}."),
    };

    internal JsArg ToArg() => _kind == SlotKind.Handle ? JsArg.FromHandle(this) : JsArg.FromInline(_kind, _bits);

    /// <summary>A value with a handle of its own, for native calls that take no inline values. Always a new object.</summary>
    internal JsValue Materialize(JsContext context) => context.Handle(ToArg());

    protected override bool ReleaseHandle()
    {
        Native.molt_value_release(handle);
        return true;
    }

    private JsType ReadType()
    {
        int type = Native.molt_value_typeof(Live);
        GC.KeepAlive(this);
        if (type <= (int)JsType.Undefined)
        {
            // Native code answers so, too, when it could not look.
            Isolate.RequireEntered();
        }
        return (JsType)type;
    }

    private JsUsageException NotA(string expected) => new($"The value is {Type}, not a {expected}.");
}
