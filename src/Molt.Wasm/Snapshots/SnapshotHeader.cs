using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Molt.Wasm;

/// <summary>A mount the plugin's files come from.</summary>
/// <param name="Path">Where, such as <c>/bundle</c>.</param>
/// <param name="MountType"><c>bundle</c>, <c>tmp</c> or <c>dev</c>.</param>
/// <param name="Hash">The content's hash, of a bundle.</param>
/// <param name="QuotaMegabytes">The quota, of <c>/tmp</c>.</param>
public sealed record SnapshotMount(string Path, string MountType, string? Hash = null, int? QuotaMegabytes = null);

/// <summary>What stands in front of the memory in a <c>molt.snapshot</c>. Every field follows from the inputs of the build.</summary>
public sealed record SnapshotHeader
{
    /// <summary>The version of the file format.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The file format.</summary>
    public int SnapshotVersion { get; init; } = CurrentVersion;

    /// <summary>The ABI of the module.</summary>
    public string AbiVersion { get; init; } = "";

    /// <summary>The profile of the manifest.</summary>
    public string TargetProfile { get; init; } = "";

    /// <summary>SHA-256 of the module's bytes.</summary>
    public string ModuleHash { get; init; } = "";

    /// <summary>SHA-256 over the ids and identities of the plugin's schemas, in their order.</summary>
    public string SchemaRegistryHash { get; init; } = "";

    /// <summary>The files it has.</summary>
    public IReadOnlyList<SnapshotMount> MountPlan { get; init; } = [];

    /// <summary>The capabilities the manifest declares.</summary>
    public IReadOnlyList<string> CapabilityManifest { get; init; } = [];

    /// <summary>SHA-256 over everything init could depend on: what is above, its configuration and the memory's limit. Never a clock.</summary>
    public string DeterminismStamp { get; init; } = "";

    /// <summary>Pages of 64 KiB the memory has.</summary>
    public uint MemoryPages { get; init; }

    /// <summary>The mutable globals: type and bits in hexadecimal.</summary>
    public IReadOnlyList<string> Globals { get; init; } = [];

    /// <summary>Where results are described.</summary>
    public uint ResultPointer { get; init; }

    /// <summary>Where payloads go.</summary>
    public uint InputPointer { get; init; }

    /// <summary>How long they may be.</summary>
    public uint InputLength { get; init; }

    /// <summary>Bytes of memory that follow; what is missing at the end is zero.</summary>
    public long InitStateSize { get; init; }

    /// <summary>SHA-256 of those bytes.</summary>
    public string InitStateHash { get; init; } = "";

    /// <summary>SHA-256 of the other fields as they are written.</summary>
    public string IntegrityHash => Hash(Write(includeIntegrity: false));

    internal static string Hash(ReadOnlySpan<byte> bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>The header's one form: compact JSON, keys in this order.</summary>
    internal byte[] Write(bool includeIntegrity = true)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("snapshot_version", SnapshotVersion);
            json.WriteString("abi_version", AbiVersion);
            json.WriteString("target_profile", TargetProfile);
            json.WriteString("module_hash", ModuleHash);
            json.WriteString("schema_registry_hash", SchemaRegistryHash);
            json.WriteStartArray("mount_plan");
            foreach (var mount in MountPlan)
            {
                json.WriteStartObject();
                json.WriteString("path", mount.Path);
                json.WriteString("mount_type", mount.MountType);
                if (mount.Hash is not null)
                {
                    json.WriteString("hash", mount.Hash);
                }

                if (mount.QuotaMegabytes is { } quota)
                {
                    json.WriteNumber("quota_mb", quota);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            Names(json, "capability_manifest", CapabilityManifest);
            json.WriteString("determinism_stamp", DeterminismStamp);
            json.WriteStartObject("init_state");
            json.WriteNumber("memory_pages", MemoryPages);
            Names(json, "globals", Globals);
            json.WriteNumber("result_pointer", ResultPointer);
            json.WriteNumber("input_pointer", InputPointer);
            json.WriteNumber("input_length", InputLength);
            json.WriteEndObject();
            json.WriteNumber("init_state_size", InitStateSize);
            json.WriteString("init_state_hash", InitStateHash);
            if (includeIntegrity)
            {
                json.WriteString("integrity_hash", IntegrityHash);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a header; null when it is not exactly what <see cref="Write"/> makes of its own fields.</summary>
    internal static SnapshotHeader? Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes.ToArray());
            var top = document.RootElement;
            var state = top.GetProperty("init_state");
            var mounts = new List<SnapshotMount>();
            foreach (var mount in top.GetProperty("mount_plan").EnumerateArray())
            {
                mounts.Add(new SnapshotMount(
                    Text(mount, "path"),
                    Text(mount, "mount_type"),
                    mount.TryGetProperty("hash", out var hash) ? hash.GetString() : null,
                    mount.TryGetProperty("quota_mb", out var quota) ? quota.GetInt32() : null));
            }

            var header = new SnapshotHeader
            {
                SnapshotVersion = top.GetProperty("snapshot_version").GetInt32(),
                AbiVersion = Text(top, "abi_version"),
                TargetProfile = Text(top, "target_profile"),
                ModuleHash = Text(top, "module_hash"),
                SchemaRegistryHash = Text(top, "schema_registry_hash"),
                MountPlan = mounts,
                CapabilityManifest = Names(top, "capability_manifest"),
                DeterminismStamp = Text(top, "determinism_stamp"),
                MemoryPages = state.GetProperty("memory_pages").GetUInt32(),
                Globals = Names(state, "globals"),
                ResultPointer = state.GetProperty("result_pointer").GetUInt32(),
                InputPointer = state.GetProperty("input_pointer").GetUInt32(),
                InputLength = state.GetProperty("input_length").GetUInt32(),
                InitStateSize = top.GetProperty("init_state_size").GetInt64(),
                InitStateHash = Text(top, "init_state_hash"),
            };
            return bytes.SequenceEqual(header.Write()) ? header : null;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static void Names(Utf8JsonWriter json, string key, IReadOnlyList<string> names)
    {
        json.WriteStartArray(key);
        foreach (string name in names)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
    }

    private static List<string> Names(JsonElement element, string key)
    {
        var names = new List<string>();
        foreach (var name in element.GetProperty(key).EnumerateArray())
        {
            names.Add(name.GetString() ?? "");
        }

        return names;
    }

    private static string Text(JsonElement element, string key) => element.GetProperty(key).GetString() ?? "";
}
