namespace Molt.Engine;

/// <summary>What a value is. Laid out as molt_type, plus the meaning of each name in ECMA-262.</summary>
public enum JsType
{
    Undefined,
    Null,
    Boolean,
    Number,
    BigInt,
    String,
    Symbol,
    Function,
    Array,
    Promise,
    ArrayBuffer,
    ArrayBufferView,
    Error,
    Date,
    Map,
    Set,
    WasmModule,
    Namespace,
    Object,
}
