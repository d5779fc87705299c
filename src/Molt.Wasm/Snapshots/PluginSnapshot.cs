using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Molt.Engine;
using Molt.Wasm.Binary;
using Molt.Wasm.Instances;
using Molt.Wasm.Vfs.Bundles;

namespace Molt.Wasm;

/// <summary>
/// <c>molt.snapshot</c>: a plugin's state after init. A u32 (little-endian) length, a JSON header of that length, then the memory.
/// The same inputs make the same bytes.
/// </summary>
public sealed class PluginSnapshot
{
    private const int LongestHeader = 1 << 20;

    private static readonly SnapshotMount Devices = new("/dev", "dev");

    private PluginSnapshot(SnapshotHeader header, ReadOnlyMemory<byte> memory)
    {
        Header = header;
        Memory = memory;
    }

    /// <summary>What it is of.</summary>
    public SnapshotHeader Header { get; }

    /// <summary>The memory; zeros at its end are not stored.</summary>
    public ReadOnlyMemory<byte> Memory { get; }

    /// <summary>Reads a file and checks that it is whole and unchanged. Throws <see cref="PluginLoadException"/> (WSM002).</summary>
    public static PluginSnapshot Read(ReadOnlyMemory<byte> file)
    {
        var bytes = file.Span;
        if (bytes.Length < 4)
        {
            throw PluginLoadException.OfSnapshot("The file is truncated. Build it again.");
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (length > LongestHeader || length > bytes.Length - 4)
        {
            throw PluginLoadException.OfSnapshot("The file is truncated or no snapshot. Build it again.");
        }

        var header = SnapshotHeader.Read(bytes.Slice(4, (int)length))
            ?? throw PluginLoadException.OfSnapshot("The header is damaged or was changed: its integrity hash does not fit. Build the snapshot again.");
        if (header.SnapshotVersion != SnapshotHeader.CurrentVersion)
        {
            throw PluginLoadException.OfSnapshot($"The file has format {header.SnapshotVersion}; this host reads {SnapshotHeader.CurrentVersion}. Build it again.");
        }

        var memory = file[(4 + (int)length)..];
        if (memory.Length != header.InitStateSize)
        {
            throw PluginLoadException.OfSnapshot($"The memory has {memory.Length} bytes where the header says {header.InitStateSize}: the file is truncated or something was added. Build it again.");
        }

        if (SnapshotHeader.Hash(memory.Span) != header.InitStateHash)
        {
            throw PluginLoadException.OfSnapshot("The memory was changed: its hash does not fit. Build the snapshot again.");
        }

        return new PluginSnapshot(header, memory);
    }

    /// <summary>The file.</summary>
    public byte[] ToBytes()
    {
        byte[] header = Header.Write();
        var file = new byte[4 + header.Length + Memory.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(file, (uint)header.Length);
        header.CopyTo(file, 4);
        Memory.Span.CopyTo(file.AsSpan(4 + header.Length));
        return file;
    }

    /// <summary>The snapshot of a state; the identity of what it is of comes from <paramref name="identity"/>.</summary>
    internal static PluginSnapshot Of(SnapshotHeader identity, FrozenState state, ReadOnlySpan<byte> memory)
    {
        byte[] stored = memory.TrimEnd((byte)0).ToArray();
        var globals = new List<string>();
        foreach (var global in state.Globals)
        {
            globals.Add(string.Create(CultureInfo.InvariantCulture, $"{TypeName(global.Type)}:{global.Bits:x}"));
        }

        return new PluginSnapshot(
            identity with
            {
                MemoryPages = state.Pages,
                Globals = globals,
                ResultPointer = state.Result,
                InputPointer = state.Input,
                InputLength = state.InputLength,
                InitStateSize = stored.Length,
                InitStateHash = SnapshotHeader.Hash(stored),
            },
            stored);
    }

    /// <summary>What a snapshot of this plugin has to say of itself.</summary>
    internal static SnapshotHeader Identify(PluginPackage package, PluginLimits limits, Bundle? bundle, ReadOnlySpan<byte> config)
    {
        var manifest = package.Manifest;
        var schemas = new StringBuilder();
        foreach (var schema in manifest.Schemas)
        {
            schemas.Append(schema.Id).Append(' ').Append(schema.Identity).Append('\n');
        }

        var header = new SnapshotHeader
        {
            AbiVersion = PluginManifest.Abi,
            TargetProfile = manifest.Profile switch
            {
                PluginProfile.Browser => "wasm_browser",
                PluginProfile.Wasi => "wasm_wasi",
                _ => "wasm_worker",
            },
            ModuleHash = SnapshotHeader.Hash(package.Module.Span),
            SchemaRegistryHash = SnapshotHeader.Hash(Encoding.UTF8.GetBytes(schemas.ToString())),
            MountPlan = bundle is null ? [Devices] : [new SnapshotMount("/bundle", "bundle", "sha256:" + bundle.Hash), Devices],
            CapabilityManifest = manifest.Capabilities,
        };
        var inputs = new StringBuilder();
        inputs.Append(Encoding.UTF8.GetString(header.Write(includeIntegrity: false))).Append('\n')
            .Append(SnapshotHeader.Hash(config)).Append('\n')
            .Append(limits.MemoryPages);
        return header with { DeterminismStamp = SnapshotHeader.Hash(Encoding.UTF8.GetBytes(inputs.ToString())) };
    }

    /// <summary>The state, for a plugin whose identity it must have. Throws <see cref="PluginLoadException"/> (WSM002).</summary>
    internal FrozenState Thaw(SnapshotHeader identity, WasmModule module, PluginLimits limits)
    {
        Require(Header.AbiVersion, identity.AbiVersion, "for ABI");
        Require(Header.TargetProfile, identity.TargetProfile, "for profile");
        Require(Header.ModuleHash, identity.ModuleHash, "of module");
        Require(Header.SchemaRegistryHash, identity.SchemaRegistryHash, "with the schemas");
        Require(string.Join(", ", Header.CapabilityManifest), string.Join(", ", identity.CapabilityManifest), "with the capabilities");
        Require(string.Join(", ", Header.MountPlan), string.Join(", ", identity.MountPlan), "with the files");
        Require(Header.DeterminismStamp, identity.DeterminismStamp, "from the inputs");
        if (Header.MemoryPages > limits.MemoryPages || Header.InitStateSize > (long)Header.MemoryPages << 16 || Header.MemoryPages < module.MemoryPages)
        {
            throw PluginLoadException.OfSnapshot($"The memory has {Header.MemoryPages} pages of 64 KiB; the limit allows {limits.MemoryPages}.");
        }

        long length = (long)Header.MemoryPages << 16;
        var globals = Globals(module);
        if (globals is null || Header.ResultPointer == 0 || Header.ResultPointer + 16L > length || (long)Header.InputPointer + Header.InputLength > length)
        {
            throw PluginLoadException.OfSnapshot("Its globals or places are not those of the module. Build it again.");
        }

        return new FrozenState(WasmImage.Create(Memory.Span), Header.MemoryPages, globals, Header.ResultPointer, Header.InputPointer, Header.InputLength);
    }

    private List<FrozenGlobal>? Globals(WasmModule module)
    {
        var globals = new List<FrozenGlobal>();
        foreach (var global in module.Globals)
        {
            if (!global.IsMutable)
            {
                continue;
            }

            if (globals.Count >= Header.Globals.Count)
            {
                return null;
            }

            string[] parts = Header.Globals[globals.Count].Split(':');
            if (parts.Length != 2 || parts[0] != TypeName(global.Type) || !ulong.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits))
            {
                return null;
            }

            globals.Add(new FrozenGlobal(global.Type, bits));
        }

        return globals.Count == Header.Globals.Count ? globals : null;
    }

    private static string TypeName(byte type) => type switch
    {
        WasmFunctionType.I32 => "i32",
        WasmFunctionType.I64 => "i64",
        WasmFunctionType.F32 => "f32",
        _ => "f64",
    };

    private static void Require(string found, string wanted, string what)
    {
        if (found != wanted)
        {
            throw PluginLoadException.OfSnapshot($"It was made {what} {found}; this plugin has {wanted}. Build it again: molt snapshot build.");
        }
    }
}
