namespace Molt.Wasm.Binary;

/// <summary>A function's type as bytes of value types.</summary>
internal sealed record WasmFunctionType(byte[] Parameters, byte[] Results)
{
    public const byte I32 = 0x7F;
    public const byte I64 = 0x7E;
    public const byte F32 = 0x7D;
    public const byte F64 = 0x7C;

    public bool Is(int parameters, bool returns) =>
        Parameters.AsSpan().IndexOfAnyExcept(I32) < 0 && Parameters.Length == parameters && (returns ? Results is [I32] : Results is []);

    public bool Is(ReadOnlySpan<byte> parameters, ReadOnlySpan<byte> results) => parameters.SequenceEqual(Parameters) && results.SequenceEqual(Results);

    public override string ToString() => $"({Names(Parameters)}) -> ({Names(Results)})";

    private static string Names(byte[] types) => string.Join(", ", Array.ConvertAll(types, static type => type switch
    {
        I32 => "i32",
        I64 => "i64",
        F32 => "f32",
        F64 => "f64",
        0x7B => "v128",
        _ => "ref",
    }));
}

/// <summary>A function a module imports.</summary>
internal sealed record WasmImport(string Module, string Name, WasmFunctionType Type);

/// <summary>A global a module defines.</summary>
internal readonly record struct WasmGlobal(byte Type, bool IsMutable);

/// <summary>What is exported.</summary>
internal enum WasmExternal : byte
{
    Function = 0,
    Table = 1,
    Memory = 2,
    Global = 3,
    Tag = 4,
}

/// <summary>
/// The parts of a module the host has to know before V8 compiles it: what it imports and exports, its memory, its mutable globals,
/// and which of its instructions change more than those. Made once per module; immutable.
/// </summary>
internal sealed class WasmModule
{
    /// <summary>Names with this start are the host's; a module that exports one is refused.</summary>
    public const string Reserved = "molt:";

    private const uint MostPages = 65536;
    private readonly byte[] _bytes;
    private readonly List<(byte Id, int Start, int End)> _sections = [];
    private readonly List<WasmFunctionType> _types = [];
    private readonly List<WasmFunctionType> _functions = [];
    private readonly List<(string Name, WasmExternal Kind, uint Index)> _exports = [];
    private uint? _start;
    private bool _hasMemory;

    private WasmModule(byte[] bytes) => _bytes = bytes;

    /// <summary>Functions it imports, in order.</summary>
    public List<WasmImport> Imports { get; } = [];

    /// <summary>Globals it defines, in order; it imports none.</summary>
    public List<WasmGlobal> Globals { get; } = [];

    /// <summary>Pages of 64 KiB the memory starts with.</summary>
    public uint MemoryPages { get; private set; }

    /// <summary>Pages the memory may grow to by its own declaration.</summary>
    public uint? MaximumPages { get; private set; }

    public WasmEffects Effects { get; private set; }

    public bool HasStart => _start is not null;

    /// <summary>Reads a module. Throws <see cref="WasmFormatException"/>.</summary>
    public static WasmModule Read(byte[] bytes)
    {
        var module = new WasmModule(bytes);
        module.Read();
        return module;
    }

    /// <summary>The type of an exported function; null when there is none of that name.</summary>
    public WasmFunctionType? Function(string name)
    {
        foreach (var export in _exports)
        {
            if (export.Kind == WasmExternal.Function && export.Name == name)
            {
                return export.Index < _functions.Count ? _functions[(int)export.Index] : null;
            }
        }

        return null;
    }

    /// <summary>Whether the memory is exported under a name.</summary>
    public bool ExportsMemory(string name) => _exports.Exists(export => export.Kind == WasmExternal.Memory && export.Name == name);

    /// <summary>The name the host reads a mutable global by.</summary>
    public static string GlobalName(int index) => $"{Reserved}g{index}";

    /// <summary>
    /// The module as V8 gets it: mutable globals are exported under reserved names, so is the start function, which then no longer
    /// runs by itself; the memory may not grow past <paramref name="mostPages"/>; custom sections but for names are gone.
    /// </summary>
    public byte[] Rewrite(uint mostPages)
    {
        var result = new WasmWriter();
        result.Bytes(_bytes.AsSpan(0, 8));
        foreach (var (id, start, end) in _sections)
        {
            var content = _bytes.AsSpan(start, end - start);
            switch (id)
            {
                case 0:
                    if (content.StartsWith("\u0004name"u8))
                    {
                        result.Byte(id).U32((uint)content.Length).Bytes(content);
                    }

                    break;
                case 5:
                    var memory = new WasmWriter().Byte(1).Byte(1).U32(MemoryPages).U32(Math.Min(MaximumPages ?? mostPages, mostPages));
                    result.Section(5, memory);
                    break;
                case 7:
                    result.Section(7, RewriteExports());
                    break;
                case 8:
                    break;
                default:
                    result.Byte(id).U32((uint)content.Length).Bytes(content);
                    break;
            }
        }

        return result.ToArray();
    }

    private WasmWriter RewriteExports()
    {
        var entries = new WasmWriter();
        uint count = 0;
        foreach (var (name, kind, index) in _exports)
        {
            entries.Name(name).Byte((byte)kind).U32(index);
            count++;
        }

        for (int i = 0; i < Globals.Count; i++)
        {
            if (Globals[i].IsMutable)
            {
                entries.Name(GlobalName(i)).Byte((byte)WasmExternal.Global).U32((uint)i);
                count++;
            }
        }

        if (_start is { } start)
        {
            entries.Name(Reserved + "start").Byte((byte)WasmExternal.Function).U32(start);
            count++;
        }

        return new WasmWriter().U32(count).Bytes(entries.ToArray());
    }

    private void Read()
    {
        var reader = new WasmReader(_bytes, 0, _bytes.Length);
        if (_bytes.Length < 8 || !_bytes.AsSpan(0, 8).SequenceEqual("\0asm\u0001\0\0\0"u8))
        {
            throw reader.Bad(_bytes.AsSpan().StartsWith("\0asm"u8) && _bytes.Length > 7
                ? "this is a component or a later version of the format; core modules (version 1) are taken"
                : "this is not a WebAssembly module");
        }

        reader.Skip(8);
        while (!reader.AtEnd)
        {
            byte id = reader.Byte();
            int length = reader.Count();
            int start = reader.Position;
            reader.Skip(length);
            _sections.Add((id, start, start + length));
            var section = new WasmReader(_bytes, start, start + length);
            Section(id, ref section, start + length);
        }

        if (!_hasMemory)
        {
            throw reader.Bad("the module has no memory of its own");
        }
    }

    private void Section(byte id, ref WasmReader section, int end)
    {
        switch (id)
        {
            case 1:
                Types(ref section);
                break;
            case 2:
                ReadImports(ref section);
                break;
            case 3:
                for (int count = section.Count(); count > 0; count--)
                {
                    _functions.Add(TypeAt(ref section));
                }

                break;
            case 5:
                Memory(ref section);
                break;
            case 6:
                for (int count = section.Count(3); count > 0; count--)
                {
                    Globals.Add(new WasmGlobal(section.ValueType(), section.Byte() != 0));
                    WasmCode.SkipConstant(ref section);
                }

                break;
            case 7:
                Exports(ref section);
                break;
            case 8:
                _start = section.U32();
                break;
            case 10:
                Code(ref section);
                break;
            case 0 or 4 or 9 or 11 or 12 or 13:
                return;
            default:
                throw section.Bad($"section {id} is none this host knows");
        }

        if (section.Position != end)
        {
            throw section.Bad($"section {id} has bytes after its end");
        }
    }

    private void Types(ref WasmReader section)
    {
        for (int count = section.Count(); count > 0; count--)
        {
            byte form = section.Byte();
            if (form != 0x60)
            {
                throw section.Bad("modules with garbage-collected types are not edge-tier modules");
            }

            _types.Add(new WasmFunctionType(ValueTypes(ref section), ValueTypes(ref section)));
        }
    }

    private static byte[] ValueTypes(ref WasmReader section)
    {
        var types = new byte[section.Count()];
        for (int i = 0; i < types.Length; i++)
        {
            types[i] = section.ValueType();
        }

        return types;
    }

    private WasmFunctionType TypeAt(ref WasmReader section)
    {
        uint index = section.U32();
        return index < _types.Count ? _types[(int)index] : throw section.Bad($"there is no type {index}");
    }

    private void ReadImports(ref WasmReader section)
    {
        for (int count = section.Count(4); count > 0; count--)
        {
            string module = section.Name();
            string name = section.Name();
            byte kind = section.Byte();
            if (kind != (byte)WasmExternal.Function)
            {
                throw section.Bad($"the import \"{module}\".\"{name}\" is no function; a module brings its own memory, tables and globals");
            }

            var type = TypeAt(ref section);
            _functions.Add(type);
            Imports.Add(new WasmImport(module, name, type));
        }
    }

    private void Memory(ref WasmReader section)
    {
        int count = section.Count();
        if (count != 1)
        {
            throw section.Bad("a module has exactly one memory");
        }

        byte flags = section.Byte();
        if (flags > 1)
        {
            throw section.Bad("the memory must be neither shared nor 64 bits wide");
        }

        MemoryPages = section.U32();
        MaximumPages = flags == 1 ? section.U32() : null;
        _hasMemory = true;
        if (MemoryPages > MostPages || MaximumPages < MemoryPages)
        {
            throw section.Bad("the memory's limits make no sense");
        }
    }

    private void Exports(ref WasmReader section)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int count = section.Count(3); count > 0; count--)
        {
            string name = section.Name();
            byte kind = section.Byte();
            uint index = section.U32();
            if (name.StartsWith(Reserved, StringComparison.Ordinal))
            {
                throw section.Bad($"the export \"{name}\" has a name that is the host's");
            }

            if (kind > (byte)WasmExternal.Tag || !names.Add(name))
            {
                throw section.Bad($"the export \"{name}\" is malformed or there twice");
            }

            _exports.Add((name, (WasmExternal)kind, index));
        }
    }

    private void Code(ref WasmReader section)
    {
        for (int count = section.Count(2); count > 0; count--)
        {
            int length = section.Count();
            int end = section.Position + length;
            for (int groups = section.Count(2); groups > 0; groups--)
            {
                section.U32();
                section.ValueType();
            }

            Effects |= WasmCode.Walk(ref section, end);
        }
    }
}
