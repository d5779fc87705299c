using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Molt.Cli.Plugins;
using Molt.Cli.Reporting;
using Molt.Wasm;

namespace Molt.Cli.Commands;

/// <summary><c>molt snapshot build|inspect|verify</c>.</summary>
internal static class SnapshotCommand
{
    public static Command Create(CommandEnvironment environment) =>
        new("snapshot", "Builds, shows and checks the snapshot of a WebAssembly plugin.")
        {
            Build(environment),
            Inspect(environment),
            Verify(environment),
        };

    private static Command Build(CommandEnvironment environment)
    {
        var path = Plugin();
        var output = new Option<string>("--out", "-o") { Description = "The file to write. Default: molt.snapshot beside the manifest.", HelpName = "FILE" };
        var json = Json();
        var command = new Command("build", "Runs a plugin's init and freezes what it leaves.") { path, output, json };
        command.SetAction(result => Guarded(environment, result.GetValue(path), (plugin, directory) =>
        {
            var package = PluginPackage.Read(plugin).WithSnapshot(null);
            using var files = new PluginFiles(root: null);
            if (!TryOffer(environment, files, package, directory, out var options))
            {
                return ExitCodes.Failed;
            }

            byte[] bytes = Make(package, options);
            if (!bytes.AsSpan().SequenceEqual(Make(package, options)))
            {
                environment.WriteFaults([new Fault(FaultCodes.PluginStart, "Two builds differ: init depends on more than its inputs.") { File = Path.Combine(directory, package.Manifest.Module) }]);
                return ExitCodes.Failed;
            }

            var file = Path.GetFullPath(result.GetValue(output) ?? Path.Combine(directory, PluginPackage.SnapshotFileName), environment.Directory);
            File.WriteAllBytes(file, bytes);
            Show(environment, PluginSnapshot.Read(bytes), bytes.Length, result.GetValue(json));
            return ExitCodes.Ok;
        }));
        return command;
    }

    private static Command Inspect(CommandEnvironment environment)
    {
        var path = new Argument<string>("file") { Description = "A snapshot, or a plugin's directory.", DefaultValueFactory = _ => "." };
        var json = Json();
        var command = new Command("inspect", "Shows what a snapshot is of, and checks that it is whole.") { path, json };
        command.SetAction(result => Guarded(environment, result.GetValue(path), (given, directory) =>
        {
            var file = given == directory ? Path.Combine(directory, PluginPackage.SnapshotFileName) : given;
            if (!File.Exists(file))
            {
                environment.WriteFaults([new Fault(FaultCodes.PluginSnapshot, "There is no such file.") { File = file }]);
                return ExitCodes.Failed;
            }

            var bytes = File.ReadAllBytes(file);
            Show(environment, PluginSnapshot.Read(bytes), bytes.Length, result.GetValue(json));
            return ExitCodes.Ok;
        }));
        return command;
    }

    private static Command Verify(CommandEnvironment environment)
    {
        var path = Plugin();
        var json = Json();
        var command = new Command("verify", "Checks that a plugin starts from its snapshot, and that building it again makes the same bytes.") { path, json };
        command.SetAction(result => Guarded(environment, result.GetValue(path), (plugin, directory) =>
        {
            var package = PluginPackage.Read(plugin);
            using var files = new PluginFiles(root: null);
            if (!TryOffer(environment, files, package, directory, out var options))
            {
                return ExitCodes.Failed;
            }

            using (Molt.Wasm.Plugin.Load(package, options with { RequireSnapshot = true }))
            {
            }

            if (!package.Snapshot!.Value.Span.SequenceEqual(Make(package.WithSnapshot(null), options)))
            {
                environment.WriteFaults([new Fault(FaultCodes.PluginSnapshot, "A new build makes other bytes.") { File = Path.Combine(directory, PluginPackage.SnapshotFileName), Hint = "Build it again: molt snapshot build." }]);
                return ExitCodes.Failed;
            }

            Show(environment, PluginSnapshot.Read(package.Snapshot.Value), package.Snapshot.Value.Length, result.GetValue(json));
            return ExitCodes.Ok;
        }));
        return command;
    }

    private static Argument<string> Plugin()
    {
        var path = new Argument<string>("path") { Description = "A plugin's directory or manifest. Default: this directory.", DefaultValueFactory = _ => "." };
        return path;
    }

    private static Option<bool> Json() => new("--json") { Description = "Write one JSON document instead of lines." };

    /// <summary>The mounts it has elsewhere: init sees them, though nothing in /state.</summary>
    private static bool TryOffer(CommandEnvironment environment, PluginFiles files, PluginPackage package, string directory, [NotNullWhen(true)] out PluginOptions? options)
    {
        var faults = new List<Fault>();
        options = files.Offer(new PluginOptions(), package.Manifest, directory, faults);
        environment.WriteFaults(faults);
        return options is not null;
    }

    private static byte[] Make(PluginPackage package, PluginOptions options)
    {
        using var plugin = Molt.Wasm.Plugin.Load(package, options);
        return plugin.Snapshot.ToBytes();
    }

    /// <summary>Runs with the whole path that was given, and the directory it is or lies in; reports a plugin that does not load.</summary>
    private static int Guarded(CommandEnvironment environment, string? path, Func<string, string, int> run)
    {
        var full = Path.GetFullPath(path ?? ".", environment.Directory);
        var directory = Directory.Exists(full) ? full : Path.GetDirectoryName(full)!;
        try
        {
            return run(full, directory);
        }
        catch (PluginLoadException exception)
        {
            environment.WriteFaults(PluginFaults.Of(directory, exception));
            return ExitCodes.Failed;
        }
    }

    private static void Show(CommandEnvironment environment, PluginSnapshot snapshot, int bytes, bool json)
    {
        var header = snapshot.Header;
        if (json)
        {
            using var stream = new MemoryStream();
            using (var writer = new Utf8JsonWriter(stream))
            {
                writer.WriteStartObject();
                foreach (var (name, value) in Fields(header))
                {
                    writer.WriteString(name, value);
                }

                writer.WriteNumber("memory_pages", header.MemoryPages);
                writer.WriteNumber("init_state_size", header.InitStateSize);
                writer.WriteNumber("bytes", bytes);
                writer.WriteEndObject();
            }

            environment.Output.WriteLine(Encoding.UTF8.GetString(stream.ToArray()));
            return;
        }

        foreach (var (name, value) in Fields(header))
        {
            environment.Output.WriteLine($"{name,-22} {value}");
        }

        environment.Output.WriteLine($"{"memory",-22} {header.MemoryPages} pages of 64 KiB, {header.InitStateSize} bytes stored");
        environment.Output.WriteLine($"{"file",-22} {bytes} bytes");
    }

    private static (string Name, string Value)[] Fields(SnapshotHeader header) =>
    [
        ("abi_version", header.AbiVersion),
        ("target_profile", header.TargetProfile),
        ("module_hash", header.ModuleHash),
        ("schema_registry_hash", header.SchemaRegistryHash),
        ("determinism_stamp", header.DeterminismStamp),
        ("integrity_hash", header.IntegrityHash),
    ];
}
