namespace Molt.Wasm.Binary;

/// <summary>
/// A small module of the host's own between it and a plugin. It sets the plugin's globals back and clears the result's place on the
/// way in, and tells the memory's size on the way out, so that a call from a clean state crosses into WebAssembly once.
/// </summary>
/// <remarks>Its results are <c>pages &lt;&lt; 8 | status</c>; a status that is not 0 to 254 arrives as 255.</remarks>
internal static class Trampoline
{
    /// <summary>The name of the exports object it imports.</summary>
    public const string Plugin = "p";

    private const byte I32 = WasmFunctionType.I32;
    private const byte End = 0x0B;
    private const byte LocalGet = 0x20;
    private const byte LocalSet = 0x21;
    private const byte GlobalSet = 0x24;

    /// <summary>Builds it for a module; <paramref name="globals"/> are the values its mutable globals begin every call with, or null before there are some.</summary>
    public static byte[] Build(WasmModule module, IReadOnlyList<FrozenGlobal>? globals)
    {
        // Types: 0 call, 1 (i32,i32)->i32, 2 (i32)->i32, 3 (i32,i32)->(), 4 ()->()
        var types = new WasmWriter().U32(5);
        Type(types, 5, true);
        Type(types, 2, true);
        Type(types, 1, true);
        Type(types, 2, false);
        Type(types, 0, false);

        var mutable = new List<(int Index, byte Type)>();
        for (int i = 0; i < module.Globals.Count; i++)
        {
            if (module.Globals[i].IsMutable && globals is not null)
            {
                mutable.Add((i, module.Globals[i].Type));
            }
        }

        var imports = new WasmWriter().U32((uint)(7 + mutable.Count));
        Import(imports, "call").Byte(0).U32(0);
        Import(imports, "poll").Byte(0).U32(1);
        Import(imports, "cancel").Byte(0).U32(1);
        Import(imports, "init").Byte(0).U32(1);
        Import(imports, "molt_alloc").Byte(0).U32(2);
        Import(imports, "molt_free").Byte(0).U32(3);
        Import(imports, "memory").Byte(2).Byte(0).U32(0);
        foreach (var (index, type) in mutable)
        {
            Import(imports, WasmModule.GlobalName(index)).Byte(3).Byte(type).Byte(1);
        }

        var restore = new WasmWriter();
        for (int i = 0; i < mutable.Count; i++)
        {
            restore.Bytes(globals![i].Constant()).Byte(GlobalSet).U32((uint)i);
        }

        var clear = new WasmWriter();
        (string Name, uint Type, WasmWriter Body)[] functions =
        [
            ("enter", 0, Body(1, restore, Clear(4), Forward(0, 5), Pack(5))),
            ("call", 0, Body(1, clear, Clear(4), Forward(0, 5), Pack(5))),
            ("poll", 1, Body(1, clear, Clear(1), Forward(1, 2), Pack(2))),
            ("cancel", 1, Body(1, clear, clear, Forward(2, 2), Pack(2))),
            ("init", 1, Body(1, clear, clear, Forward(3, 2), Pack(2))),
            ("alloc", 2, Body(0, clear, clear, Forward(4, 1), clear)),
            ("free", 3, Body(0, clear, clear, Forward(5, 2), clear)),
            ("ready", 4, Body(0, restore, clear, clear, clear)),
        ];

        var declared = new WasmWriter().U32((uint)functions.Length);
        var exports = new WasmWriter().U32((uint)functions.Length);
        var code = new WasmWriter().U32((uint)functions.Length);
        for (int i = 0; i < functions.Length; i++)
        {
            declared.U32(functions[i].Type);
            exports.Name(functions[i].Name).Byte(0).U32((uint)(6 + i));
            code.Sized(functions[i].Body);
        }

        return new WasmWriter().Bytes("\0asm\u0001\0\0\0"u8)
            .Section(1, types).Section(2, imports).Section(3, declared).Section(7, exports).Section(10, code).ToArray();
    }

    private static void Type(WasmWriter types, int parameters, bool returns)
    {
        types.Byte(0x60).U32((uint)parameters);
        for (int i = 0; i < parameters; i++)
        {
            types.Byte(I32);
        }

        types.U32(returns ? 1u : 0);
        if (returns)
        {
            types.Byte(I32);
        }
    }

    private static WasmWriter Import(WasmWriter imports, string name) => imports.Name(Plugin).Name(name);

    private static WasmWriter Body(int locals, params ReadOnlySpan<WasmWriter> parts)
    {
        var body = new WasmWriter();
        if (locals == 0)
        {
            body.U32(0);
        }
        else
        {
            body.U32(1).U32((uint)locals).Byte(I32);
        }

        foreach (var part in parts)
        {
            body.Bytes(part.ToArray());
        }

        return body.Byte(End);
    }

    /// <summary>Two 8-byte stores of zero at the result's place.</summary>
    private static WasmWriter Clear(uint result)
    {
        var code = new WasmWriter();
        for (uint offset = 0; offset < 16; offset += 8)
        {
            code.Byte(LocalGet).U32(result).Byte(0x42).S64(0).Byte(0x37).U32(0).U32(offset);
        }

        return code;
    }

    private static WasmWriter Forward(uint function, uint parameters)
    {
        var code = new WasmWriter();
        for (uint i = 0; i < parameters; i++)
        {
            code.Byte(LocalGet).U32(i);
        }

        return code.Byte(0x10).U32(function);
    }

    /// <summary>status = top; memory.size &lt;&lt; 8 | min(status, 255)</summary>
    private static WasmWriter Pack(uint local) => new WasmWriter()
        .Byte(LocalSet).U32(local)
        .Byte(0x3F).Byte(0)
        .Byte(0x41).S64(8)
        .Byte(0x74)
        .Byte(LocalGet).U32(local)
        .Byte(0x41).S64(255)
        .Byte(LocalGet).U32(local)
        .Byte(0x41).S64(255)
        .Byte(0x49)
        .Byte(0x1B)
        .Byte(0x72);
}
