namespace Molt.Wasm.Binary;

/// <summary>What the instructions of a module can do that a reset of its memory and globals does not undo.</summary>
[Flags]
internal enum WasmEffects
{
    None = 0,

    /// <summary>Makes the memory larger.</summary>
    GrowsMemory = 1,

    /// <summary>Changes a table, or drops a segment.</summary>
    ChangesTables = 2,
}

/// <summary>Walks over instructions, reading immediates only; V8 does the validation.</summary>
internal static class WasmCode
{
    /// <summary>Reads up to the end of a function body.</summary>
    public static WasmEffects Walk(ref WasmReader code, int end)
    {
        var effects = WasmEffects.None;
        while (code.Position < end)
        {
            effects |= Instruction(ref code, out _);
        }

        return code.Position == end ? effects : throw code.Bad("an instruction reaches past its function");
    }

    /// <summary>Reads a constant expression with its end.</summary>
    public static void SkipConstant(ref WasmReader code)
    {
        byte opcode;
        do
        {
            Instruction(ref code, out opcode);
        }
        while (opcode != 0x0B);
    }

    private static WasmEffects Instruction(ref WasmReader code, out byte opcode)
    {
        opcode = code.Byte();
        switch (opcode)
        {
            case 0x02 or 0x03 or 0x04 or 0x06:
                code.S33();
                break;
            case 0x1F:
                TryTable(ref code);
                break;
            case 0x07 or 0x08 or 0x09 or 0x0C or 0x0D or 0x10 or 0x12 or 0x14 or 0x15 or 0x18:
            case >= 0x20 and <= 0x25:
            case 0xD2 or 0xD5 or 0xD6:
            case 0x3F:
                code.U32();
                break;
            case 0x26:
                code.U32();
                return WasmEffects.ChangesTables;
            case 0x40:
                code.U32();
                return WasmEffects.GrowsMemory;
            case 0x0E:
                for (int count = code.Count(); count >= 0; count--)
                {
                    code.U32();
                }

                break;
            case 0x11 or 0x13:
                code.U32();
                code.U32();
                break;
            case 0x1C:
                for (int count = code.Count(); count > 0; count--)
                {
                    code.ValueType();
                }

                break;
            case >= 0x28 and <= 0x3E:
                MemoryArgument(ref code);
                break;
            case 0x41:
                code.S32();
                break;
            case 0x42:
                code.S64();
                break;
            case 0x43:
                code.Skip(4);
                break;
            case 0x44:
                code.Skip(8);
                break;
            case 0xD0:
                code.S33();
                break;
            case 0xFC:
                return Bulk(ref code);
            case 0xFD:
                Vector(ref code);
                break;
            case 0xFE:
                if (code.U32() == 3)
                {
                    code.Skip(1);
                }
                else
                {
                    MemoryArgument(ref code);
                }

                break;
            case 0x00 or 0x01 or 0x05 or 0x0A or 0x0B or 0x0F or 0x19 or 0x1A or 0x1B:
            case >= 0x45 and <= 0xC4:
            case 0xD1 or 0xD3 or 0xD4:
                break;
            default:
                throw code.Bad($"0x{opcode:x2} is no instruction this host takes");
        }

        return WasmEffects.None;
    }

    private static WasmEffects Bulk(ref WasmReader code)
    {
        uint operation = code.U32();
        switch (operation)
        {
            case <= 7 or (>= 19 and <= 22):
                return WasmEffects.None;
            case 8 or 10:
                code.U32();
                code.U32();
                return WasmEffects.None;
            case 11 or 16:
                code.U32();
                return WasmEffects.None;
            case 9 or 13 or 15 or 17:
                code.U32();
                return WasmEffects.ChangesTables;
            case 12 or 14:
                code.U32();
                code.U32();
                return WasmEffects.ChangesTables;
            default:
                throw code.Bad($"0xfc {operation} is no instruction this host takes");
        }
    }

    private static void Vector(ref WasmReader code)
    {
        uint operation = code.U32();
        switch (operation)
        {
            case <= 11 or 92 or 93:
                MemoryArgument(ref code);
                break;
            case 12 or 13:
                code.Skip(16);
                break;
            case >= 21 and <= 34:
                code.Skip(1);
                break;
            case >= 84 and <= 91:
                MemoryArgument(ref code);
                code.Skip(1);
                break;
        }
    }

    private static void TryTable(ref WasmReader code)
    {
        code.S33();
        for (int count = code.Count(2); count > 0; count--)
        {
            byte kind = code.Byte();
            if (kind > 3)
            {
                throw code.Bad("a handler has no known kind");
            }

            code.U32();
            if (kind < 2)
            {
                code.U32();
            }
        }
    }

    private static void MemoryArgument(ref WasmReader code)
    {
        uint alignment = code.U32();
        if ((alignment & 0x40) != 0)
        {
            code.U32();
        }

        code.U64();
    }
}
