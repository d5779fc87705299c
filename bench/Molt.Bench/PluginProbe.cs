using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Molt.Engine;
using Molt.Wasm;

namespace Molt.Bench;

/// <summary>Calls of a WebAssembly plugin, each from a fresh state.</summary>
internal static class PluginProbe
{
    private const int WarmUp = 20_000;

    /// <summary>Writes {p50_us, p99_us, mean_us} of a number of calls of the first function, each timed on its own.</summary>
    public static int Calls(string directory, int count, WasmResetKind kind)
    {
        using var plugin = Plugin.Load(PluginPackage.Read(directory), new PluginOptions { ResetKind = kind });
        uint function = plugin.Manifest.Exports[0].FunctionId;
        byte[] payload = [0x2A];
        var output = new ArrayBufferWriter<byte>(4096);
        byte[]? first = null;
        var microseconds = new double[count];
        for (int i = -WarmUp; i < count; i++)
        {
            output.ResetWrittenCount();
            long started = Stopwatch.GetTimestamp();
            var reply = plugin.Call(function, null, payload, output);
            double took = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
            first ??= output.WrittenSpan.ToArray();
            if (!reply.IsOk || !output.WrittenSpan.SequenceEqual(first))
            {
                throw new InvalidOperationException($"A call did not begin in a fresh state: {reply.Message}");
            }

            if (i >= 0)
            {
                microseconds[i] = took;
            }
        }

        double sum = 0;
        foreach (double value in microseconds)
        {
            sum += value;
        }

        Array.Sort(microseconds);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"p50_us\":{microseconds[count / 2]:0.###},\"p99_us\":{microseconds[count * 99 / 100]:0.###},\"mean_us\":{sum / count:0.###},\"replacements\":{plugin.Replacements}}}"));
        return 0;
    }

    /// <summary>Writes {cold_ms, snapshot_ms, module_bytes, snapshot_bytes, memory_bytes}: loading a plugin to its first answer.</summary>
    public static int Start(string directory)
    {
        var package = PluginPackage.Read(directory);
        byte[] snapshot;
        var output = new ArrayBufferWriter<byte>();
        long started = Stopwatch.GetTimestamp();
        using (var cold = Plugin.Load(package))
        {
            cold.Call(cold.Manifest.Exports[0].FunctionId, null, [0x2A], output);
            double coldTook = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            snapshot = cold.Snapshot.ToBytes();
            var frozen = package.WithSnapshot(snapshot);
            started = Stopwatch.GetTimestamp();
            using var warm = Plugin.Load(frozen);
            warm.Call(warm.Manifest.Exports[0].FunctionId, null, [0x2A], output);
            double warmTook = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            var line = new StringBuilder();
            line.Append(CultureInfo.InvariantCulture, $"{{\"cold_ms\":{coldTook:0.###},\"snapshot_ms\":{warmTook:0.###},");
            line.Append(CultureInfo.InvariantCulture, $"\"module_bytes\":{package.Module.Length},\"snapshot_bytes\":{snapshot.Length},\"memory_bytes\":{warm.MemoryInUse()}}}");
            Console.WriteLine(line);
        }

        return 0;
    }
}
