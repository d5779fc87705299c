using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Molt.Cli.Reporting;

namespace Molt.Cli.Tests.Dev;

public sealed class DevTests
{
    private const string Version = """
        export default {
          async fetch(request, env) {
            const url = new URL(request.url);
            if (url.pathname === "/slow") await scheduler.wait(400);
            if (url.pathname === "/throw") null.boom();
            console.log("seen", url.pathname);
            return new Response("VERSION " + (env.NAME ?? ""));
          },
        };
        """;

    private static readonly HttpClient Client = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dev_WhenStarted_ServesAndPrintsRequestsAndConsole()
    {
        using var project = Project("one");
        await using var molt = MoltProcess.Start(project.Root, "dev", "--port", "0", "--var", "NAME=x=y");
        var address = await molt.ReadyAsync();
        Assert.Equal("one x=y", await Client.GetStringAsync(address, Token));
        await molt.LineAsync("[worker] seen /");
        await molt.LineAsync("GET / 200 ");
        molt.Signal(PosixSignal.SIGINT);
        Assert.Equal(0, await molt.ExitAsync());
    }

    [Theory]
    [InlineData("export default { fetch: () => new Response('first') };", HttpStatusCode.OK, "first")]
    [InlineData("null.top();", HttpStatusCode.InternalServerError, "The worker does not start: TypeError")]
    public async Task Dev_WhenARequestComesBeforeReady_AnswersItWithTheFirstVersion(string source, HttpStatusCode status, string body)
    {
        using var project = new TemporaryProject(
            ("wrangler.jsonc", """{ "name": "worker", "main": "built.js", "build": { "command": "head -n 1 go > built.js" } }"""));
        project.MakePipe("go");

        // The build waits for a line; who opens a pipe for both ends need not wait for another.
        await using var go = new FileStream(project.PathOf("go"), FileMode.Open, FileAccess.ReadWrite);
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        await using var molt = MoltProcess.Start(project.Root, "dev", "--no-watch", "--port", $"{address.Port}");
        using var connection = await ConnectAsync(address.Port);
        using var client = new HttpClient(new SocketsHttpHandler { ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(new NetworkStream(connection)) });

        var asked = client.GetAsync(address, Token);
        await go.WriteAsync(Encoding.UTF8.GetBytes(source + "\n"), Token);
        await go.FlushAsync(Token);
        using var answer = await asked;

        Assert.Equal(status, answer.StatusCode);
        Assert.Contains(body, await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dev_WhenARequestIsNoHttp_SaysWhy()
    {
        using var project = Project("one");
        await using var molt = MoltProcess.Start(project.Root, "dev", "--port", "0");
        using var socket = await ConnectAsync((await molt.ReadyAsync()).Port);

        // As curl sends a path that somebody typed.
        await socket.SendAsync(Encoding.UTF8.GetBytes("GET /\u00fc HTTP/1.1\r\nHost: a\r\n\r\n"), Token);

        Assert.Equal("refused a request: 400 Invalid request target: '/\\xC3\\xBC'", await molt.LineAsync("refused"));
    }

    [Fact]
    public async Task Dev_WhenAFileChanges_ReloadsWithoutDroppingARequest()
    {
        using var project = Project("one");
        await using var molt = MoltProcess.Start(project.Root, "dev", "--port", "0");
        var address = await molt.ReadyAsync();
        using var stop = new CancellationTokenSource();
        var answers = new List<string>();
        var asking = AskAsync();
        var slow = Client.GetStringAsync(new Uri(address, "slow"), Token);
        await molt.LineAsync("GET / 200 ");
        for (var version = 2; version <= 4; version++)
        {
            project.Write("index.js", Version.Replace("VERSION", $"v{version}", StringComparison.Ordinal));
            await molt.LineAsync("reloaded in ");
        }

        await stop.CancelAsync();
        await asking;
        Assert.Equal("one ", await slow);
        Assert.Equal("v4 ", await Client.GetStringAsync(address, Token));
        Assert.All(answers, a => Assert.Matches("^(one|v[234]) $", a));

        async Task AskAsync()
        {
            while (!stop.IsCancellationRequested)
            {
                answers.Add(await Client.GetStringAsync(address, Token));
            }
        }
    }

    [Theory]
    [InlineData("index.js", "export default {;", "error BLD002")]
    [InlineData("index.js", "import x from 'left-pad'; export default x;", "npm install left-pad")]
    [InlineData("index.js", "null.top();", "CLI001")]
    [InlineData("wrangler.jsonc", """{ "name": "worker", "mian": "index.js" }""", "Did you mean \"main\"?")]
    public async Task Dev_WhenBrokenWhileServing_ShowsTheErrorAndRecovers(string file, string content, string message)
    {
        using var project = Project("one");
        var good = await File.ReadAllTextAsync(project.PathOf(file), Token);
        await using var molt = MoltProcess.Start(project.Root, "dev", "--port", "0");
        var address = await molt.ReadyAsync();
        project.Write(file, content);
        await molt.LineAsync(message);
        var (status, type, body) = await GetAsync(address, "text/html");
        Assert.Equal((HttpStatusCode.InternalServerError, "text/html"), (status, type));
        Assert.Contains("<h1>", body, StringComparison.Ordinal);
        (status, type, body) = await GetAsync(address, "*/*");
        Assert.Equal((HttpStatusCode.InternalServerError, "text/plain"), (status, type));
        Assert.Contains(message, body, StringComparison.Ordinal);
        project.Write(file, good);
        await molt.LineAsync("reloaded in ");
        Assert.Equal("one ", await Client.GetStringAsync(address, Token));
    }

    [Fact]
    public async Task Dev_WhenAWorkerUsesWhatIsNotThereYet_SaysSoAndLetsItDetectThat()
    {
        using var project = new TemporaryProject(("index.js", $$"""
            const uses = {
              "/socket": () => new WebSocket("ws://localhost"),
              "/digest": async () => {
                await crypto.subtle.digest("SHA-256", new Uint8Array(1));
              },
              "/all": () => new Response([{{string.Join(", ", AbsentApis.Names.Select(name => $"typeof {name}"))}}].filter((type) => type !== "undefined").length),
            };
            export default { fetch: (request) => uses[new URL(request.url).pathname]() };
            """));
        await using var molt = MoltProcess.Start(project.Root, "dev", "--port", "0");
        var address = await molt.ReadyAsync();
        Assert.Equal("0", await Client.GetStringAsync(new Uri(address, "/all"), Token));
        foreach (var (path, name) in new[] { ("/socket", "WebSocket"), ("/digest", "crypto.subtle") })
        {
            var (_, _, body) = await GetAsync(new Uri(address, path), "text/html");
            Assert.Contains($"<p>{name} is not available in Molt yet.</p>", body, StringComparison.Ordinal);
            await molt.LineAsync($"{name} is not available in Molt yet.");
        }
    }

    [Theory]
    [InlineData("", "error BLD006: The main module has no handler.", "Export one: export default {")]
    [InlineData("export default { fecth() {} };", "error BLD006: The default export has no handler; it has \"fecth\".", "Did you mean \"fetch\"?")]
    [InlineData("export function fetch() {}", "error BLD006: \"fetch\" is exported by itself, where it is no handler.", "export default { fetch }")]
    public async Task Dev_WhenAVersionHasNoHandler_KeepsTheOldOneAndSaysWhatIsMissing(string content, string message, string hint)
    {
        using var project = Project("one");
        await using var molt = MoltProcess.Start(project.Root, "dev", "--port", "0");
        var address = await molt.ReadyAsync();
        project.Write("index.js", content);
        await molt.LineAsync(message);
        await molt.LineAsync("The version before it is still served.");
        await molt.LineAsync(hint);
        Assert.Equal("one ", await Client.GetStringAsync(address, Token));
        project.Write("index.js", Version.Replace("VERSION", "two", StringComparison.Ordinal));
        await molt.LineAsync("reloaded in ");
        Assert.Equal("two ", await Client.GetStringAsync(address, Token));
    }

    [Theory]
    [InlineData("export default { test() {} };")]
    [InlineData("export const works = { test() {} };")]
    [InlineData("import { WorkerEntrypoint } from 'cloudflare:workers'; export class Api extends WorkerEntrypoint { add() {} }")]
    [InlineData("import { WorkerEntrypoint } from 'cloudflare:workers'; export default class extends WorkerEntrypoint { add() {} }")]
    [InlineData("addEventListener('fetch', (event) => event.respondWith(new Response('sw')));")]
    public async Task Dev_WhenAVersionHasAnyHandler_ServesIt(string content)
    {
        using var project = new TemporaryProject(("index.js", content));
        await using var molt = MoltProcess.Start(project.Root, "dev", "--port", "0");
        await molt.ReadyAsync();
    }

    [Theory]
    [InlineData("src", "error BLD003")]
    [InlineData("", "error CFG001")]
    public async Task Dev_WhenADirectoryIsDeletedAndMadeAgain_GoesOnReloading(string directory, string message)
    {
        const string Config = """{ "name": "worker", "main": "src/index.js" }""";
        using var project = new TemporaryProject(
            ("wrangler.jsonc", Config), ("src/index.js", Version.Replace("VERSION", "v1", StringComparison.Ordinal)));
        await using var molt = MoltProcess.Start(project.Root, "dev", "--port", "0");
        var address = await molt.ReadyAsync();
        Directory.Delete(project.PathOf(directory), recursive: true);
        await molt.LineAsync(message);
        project.Write("wrangler.jsonc", Config);
        for (var version = 2; version <= 3; version++)
        {
            project.Write("src/index.js", Version.Replace("VERSION", $"v{version}", StringComparison.Ordinal));
            do
            {
                // What takes several steps may be loaded more than once.
                await molt.LineAsync("reloaded in ");
            }
            while (await Client.GetStringAsync(address, Token) != $"v{version} ");
        }
    }

    [Fact]
    public async Task Dev_WhenTheSystemHasNoWatchesLeft_ReloadsAllTheSame()
    {
        using var project = Project("v1");
        await using var molt = MoltProcess.StartWithoutWatches(project.Root, "dev", "--port", "0");
        var address = await molt.ReadyAsync();
        for (var version = 2; version <= 4; version++)
        {
            project.Write("index.js", Version.Replace("VERSION", $"v{version}", StringComparison.Ordinal));
            await molt.LineAsync("reloaded in ");
            Assert.Equal($"v{version} ", await Client.GetStringAsync(address, Token));
        }
    }

    [Fact]
    public async Task Dev_WhenAMethodHasADecorator_RunsIt()
    {
        using var project = new TemporaryProject(("index.ts", """
            function loud(method: () => string, context: ClassMethodDecoratorContext) {
              return function (this: unknown) { return `${String(context.name)}: ${method.call(this)}!`; };
            }
            class Greeter { @loud greet(): string { return "hello"; } }
            export default { fetch: () => new Response(new Greeter().greet()) };
            """));
        await using var molt = MoltProcess.Start(project.Root, "dev", "--port", "0");
        Assert.Equal("greet: hello!", await Client.GetStringAsync(await molt.ReadyAsync(), Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData(", \"minify\": true")]
    public async Task Dev_WhenAPackageRequiresModulesOfTheRuntime_GivesThoseItHas(string setting)
    {
        using var project = new TemporaryProject(
            ("wrangler.jsonc", $$"""{ "name": "worker", "main": "index.js"{{setting}} }"""),
            ("index.js", "import { store, missing } from 'old';\nexport default { fetch: () => store.run('kept', () => new Response(store.getStore() + ' ' + missing())) };"),
            ("node_modules/old/package.json", """{ "name": "old", "main": "index.js" }"""),
            ("node_modules/old/index.js", """
                const { AsyncLocalStorage } = require("node:async_hooks");
                exports.store = new AsyncLocalStorage();
                exports.missing = () => { try { return require("node:fs"); } catch (e) { return e.message; } };
                """));
        await using var molt = MoltProcess.Start(project.Root, "dev", "--port", "0");
        Assert.Equal(
            "kept No such module \"node:fs\", required by the package \"old\". This runtime does not offer it to require().",
            await Client.GetStringAsync(await molt.ReadyAsync(), Token));
    }

    [Fact]
    public async Task Dev_WhenTheWorkerThrows_ShowsTheUsersLine()
    {
        using var project = Project("one");
        await using var molt = MoltProcess.Start(project.Root, "dev", "--port", "0");
        var (status, _, body) = await GetAsync(new Uri(await molt.ReadyAsync(), "throw"), "*/*");
        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Contains("Cannot read properties of null (reading 'boom')", body, StringComparison.Ordinal);
        Assert.Contains("at index.js:5:41", body, StringComparison.Ordinal);
        Assert.Contains("> 5 |     if (url.pathname === \"/throw\") null.boom();", body, StringComparison.Ordinal);
        await molt.LineAsync("at index.js:5:41");
    }

    [Theory]
    [InlineData("index.js", "export default {;", "error BLD002")]
    [InlineData("wrangler.jsonc", """{ "name": "worker", "mian": "index.js" }""", "error CFG003")]
    public async Task Dev_WhenBrokenAtStart_ExitsWithoutWatchAndWaitsWithIt(string file, string content, string message)
    {
        using var project = Project("one");
        var good = await File.ReadAllTextAsync(project.PathOf(file), Token);
        project.Write(file, content);
        await using (var once = MoltProcess.Start(project.Root, "dev", "--port", "0", "--no-watch"))
        {
            Assert.Equal(1, await once.ExitAsync());
            Assert.Contains(message, once.Seen, StringComparison.Ordinal);
        }

        await using var molt = MoltProcess.Start(project.Root, "dev", "--port", "0");
        await molt.LineAsync(message);
        await molt.LineAsync("waiting for a fix http://");
        project.Write(file, good);
        await molt.LineAsync("reloaded in ");
    }

    [Fact]
    public async Task Dev_WhenAPackageNeedsWhatIsNotThere_NamesItsFile()
    {
        using var project = new TemporaryProject(
            ("index.js", "import 'old'; export default { fetch() {} };"), ("node_modules/old/lib.js", "import fs from 'node:fs'; fs.x();"),
            ("node_modules/old/package.json", """{ "main": "lib.js" }"""));
        await using var molt = MoltProcess.Start(project.Root, "dev", "--port", "0", "--no-watch");
        Assert.Equal(1, await molt.ExitAsync());
        Assert.Contains("CLI001: The worker does not start: No such module \"node:fs\"", molt.Seen, StringComparison.Ordinal);
        Assert.Contains("\n  at node_modules/old/lib.js\n  Of Node.js' modules there is node:async_hooks so far.\n", molt.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dev_WhenAConfigurationIsAdded_ServesWhatItSays()
    {
        using var project = new TemporaryProject(("index.js", Version.Replace("VERSION", "one", StringComparison.Ordinal)));
        await using var molt = MoltProcess.Start(project.Root, "dev", "--port", "0");
        var address = await molt.ReadyAsync();

        project.Write("wrangler.jsonc", """{ "name": "worker", "vars": { "NAME": "two" }, "main": "index.js" }""");
        await molt.LineAsync("reloaded in ");

        Assert.Equal("one two", await Client.GetStringAsync(address, Token));
    }

    [Theory]
    [InlineData("worker.py", "Python workers are not available in Molt yet.")]
    [InlineData("notes.txt", "Name a .js, .mjs, .ts or .tsx file")]
    public async Task Dev_WhenAFileIsNoProject_SaysSoAndExits(string name, string hint)
    {
        using var project = new TemporaryProject((name, "text"));
        await using var molt = MoltProcess.Start(project.Root, "dev", name);
        Assert.Equal(2, await molt.ExitAsync());
        Assert.Contains($"'{name}' is neither a script nor a configuration. {hint}", molt.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dev_WhenThePortIsTaken_NamesItAndExits()
    {
        using var project = Project("one");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using var molt = MoltProcess.Start(project.Root, "dev", "--port", $"{port}");
        Assert.Equal(1, await molt.ExitAsync());
        Assert.Contains($"error CLI002: Port {port} is in use.", molt.Seen, StringComparison.Ordinal);
        Assert.Contains("molt dev --port", molt.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dev_WhenTerminated_LetsRequestsFinish()
    {
        using var project = Project("one");
        await using var molt = MoltProcess.Start(project.Root, "dev", "--port", "0");
        var address = await molt.ReadyAsync();
        await Client.GetStringAsync(address, Token);
        var slow = Client.GetStringAsync(new Uri(address, "slow"), Token);
        await Client.GetStringAsync(address, Token);
        molt.Signal(PosixSignal.SIGTERM);
        Assert.Equal("one ", await slow);
        Assert.Equal(0, await molt.ExitAsync());
    }

    [Fact]
    public async Task Dev_WhenGivenSeveralProjects_ServesEachOnItsPort()
    {
        using var first = Project("one");
        using var second = Project("two");
        await using var molt = MoltProcess.Start(first.Root, "dev", first.Root, second.PathOf("index.js"), "--port", "0");
        Assert.Equal("one ", await Client.GetStringAsync(await molt.ReadyAsync(), Token));
        Assert.Equal("two ", await Client.GetStringAsync(await molt.ReadyAsync(), Token));
    }

    [Theory]
    [InlineData("dev", "--port", "abc")]
    [InlineData("dev", "--prot", "1")]
    [InlineData("frobnicate")]
    [InlineData("dev", "--var", "novalue")]
    public async Task Molt_WhenUsedWrongly_ExitsWithTwo(params string[] arguments)
    {
        await using var molt = MoltProcess.Start(Path.GetTempPath(), arguments);
        Assert.Equal(2, await molt.ExitAsync());
        Assert.Contains("--help", molt.Seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help", "Examples:")]
    [InlineData("dev --help", "molt dev worker.ts")]
    [InlineData("test --help", "molt test examples --json")]
    [InlineData("--version", "0.1.0")]
    public async Task Molt_WhenAskedForHelp_AnswersWithExamples(string arguments, string expected)
    {
        await using var molt = MoltProcess.Start(Path.GetTempPath(), arguments.Split(' '));
        Assert.Equal(0, await molt.ExitAsync());
        Assert.Contains(expected, molt.Seen, StringComparison.Ordinal);
    }

    private static TemporaryProject Project(string version) => new(
        ("wrangler.jsonc", """{ "name": "worker", "main": "index.js" }"""),
        ("index.js", Version.Replace("VERSION", version, StringComparison.Ordinal)));

    private static async Task<(HttpStatusCode Status, string? Type, string Body)> GetAsync(Uri address, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        using var response = await Client.SendAsync(request, Token);
        return (response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(Token));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Connects as soon as somebody listens.</summary>
    private static async Task<Socket> ConnectAsync(int port)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port, deadline.Token);
                return socket;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
            {
                socket.Dispose();
                await Task.Yield();
            }
        }
    }
}
