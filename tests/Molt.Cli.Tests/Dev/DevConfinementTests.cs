using System.Net.Http;
using System.Text;

namespace Molt.Cli.Tests.Dev;

/// <summary>What a guest says about its own sources and writes to the terminal is not obeyed.</summary>
public sealed class DevConfinementTests
{
    private const string Secret = "the secret of the host";

    private const string NoBundle = """{ "name": "worker", "main": "index.js", "no_bundle": true }""";

    private static readonly HttpClient Client = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sources_WhenASourceMapNamesAForeignFile_AreNotShown()
    {
        using var outside = new TemporaryProject(("secret", $"{Secret}\n{Secret}\n{Secret}\n"));
        var map = $$"""{"version":3,"sources":["{{outside.PathOf("secret")}}"],"names":[],"mappings":"AAAA;AAAA;AAAA"}""";
        using var project = new TemporaryProject(
            ("index.js", "import { boom } from './lib.js';\nexport default { fetch() { boom(); } };"),
            ("lib.js", $"export function boom() {{\n  throw new Error('mapped');\n}}\n//# sourceMappingURL=data:application/json;base64,{Convert.ToBase64String(Encoding.UTF8.GetBytes(map))}"));
        await AssertHiddenAsync(project, "Error: mapped", "index.js:2:");
    }

    [Fact]
    public async Task Sources_WhenASourceUrlNamesAForeignFile_AreNotShown()
    {
        using var outside = new TemporaryProject(("secret", $"{Secret}\n{Secret}\n"));
        using var project = new TemporaryProject(
            ("wrangler.jsonc", NoBundle),
            ("index.js", $"export default {{ fetch() {{\n  throw new Error('named'); }} }};\n//# sourceURL={outside.PathOf("secret")}"));
        await AssertHiddenAsync(project, "Error: named", "secret:2:");
    }

    [Fact]
    public async Task Sources_WhenASourceUrlNamesAPipe_AreNotWaitedFor()
    {
        using var project = new TemporaryProject(
            ("wrangler.jsonc", NoBundle),
            ("index.js", "export default { fetch() {\n  throw new Error('named'); } };\n//# sourceURL=pipe"));
        project.MakePipe("pipe");
        await AssertHiddenAsync(project, "Error: named", "pipe:2:");
    }

    [Fact]
    public async Task Sources_WhenNotBundled_AreShownFromTheBaseDirectory()
    {
        using var project = new TemporaryProject(
            ("wrangler.jsonc", """{ "name": "worker", "main": "src/index.js", "no_bundle": true, "find_additional_modules": true }"""),
            ("src/index.js", "import { boom } from './lib.js';\nexport default { fetch() { boom(); } };"),
            ("src/lib.js", "export function boom() {\n  throw new Error('here');\n}"));
        await AssertHiddenAsync(project, "Error: here", "> 2 |   throw new Error('here');");
    }

    [Fact]
    public async Task Terminal_WhenAGuestWritesControlCharacters_ShowsThem()
    {
        using var project = new TemporaryProject(
            ("index.js", "export default { fetch() {\n  console.log('log\\x1b[2J\\u009b');\n  console.error('err\\x07\\u202e');\n  throw new Error('boom\\x1b]0;x');\n} };"));
        await using var molt = MoltProcess.Start(project.Root, "dev", "--port", "0");
        using var response = await Client.GetAsync(await molt.ReadyAsync(), Token);
        Assert.Contains(@"Error: boom\x1b]0;x", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        await molt.LineAsync(@"log\x1b[2J\x9b");
        await molt.LineAsync(@"err\x07\u202e");
        await molt.LineAsync(@"Error: boom\x1b]0;x");
    }

    [Fact]
    public async Task Dev_WhenAnErrorHasACause_ShowsItToTheDeveloper()
    {
        using var project = new TemporaryProject(
            ("index.ts", "type No = never;\nexport default { fetch() {\n  throw new Error('outer', { cause: new TypeError('<in\\x1bner>') });\n} };"));
        const string Shown = """
              > 3 |   throw new Error('outer', { cause: new TypeError('<in\x1bner>') });
                  |         ^
                4 | } };
              Error: outer
                  at Object.fetch (index.ts:3:9) {
                [cause]: TypeError: <in\x1bner>
                    at Object.fetch (index.ts:3:37)
              }
            """;
        await using var molt = MoltProcess.Start(project.Root, "dev", "--port", "0");
        var address = await molt.ReadyAsync();
        using var text = await Client.GetAsync(address, Token);
        Assert.Contains(Shown, await text.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        await molt.LineAsync(@"[cause]: TypeError: <in\x1bner>");
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { { "accept", "text/html" } } };
        using var page = await Client.SendAsync(request, Token);
        Assert.Contains(
            "<pre>Error: outer\n    at Object.fetch (index.ts:3:9) {\n  [cause]: TypeError: &lt;in\\x1bner&gt;\n      at Object.fetch (index.ts:3:37)\n}</pre>",
            await page.Content.ReadAsStringAsync(Token),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Audit_WhenItsFileCannotBeWritten_IsAFault()
    {
        using var project = new TemporaryProject(("index.js", "export default { fetch() {} };"));
        await using var molt = MoltProcess.Start(project.Root, "dev", "--port", "0", "--audit", "jsonl:nope/x");
        Assert.Equal(1, await molt.ExitAsync());
        Assert.StartsWith("error CLI008: The audit file cannot be written: ", molt.Seen, StringComparison.Ordinal);
        Assert.Contains("at nope/x\n", molt.Seen, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", molt.Seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dev", "--port", "0")]
    [InlineData("test")]
    public async Task Bundler_WhenThereIsNoTemporaryDirectory_IsAFault(params string[] arguments)
    {
        using var project = new TemporaryProject(("index.js", "export default { fetch() {}, test() {} };"));
        await using var molt = MoltProcess.Start(project.Root, [("TMPDIR", project.PathOf("nope"))], arguments);
        Assert.Equal(1, await molt.ExitAsync());
        Assert.StartsWith($"error CLI009: No temporary directory can be made in {project.PathOf("nope")}", molt.Seen, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", molt.Seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is no file or directory 'nope'.", "dev", "nope")]
    [InlineData("--config must name a file that exists, not 'nope.jsonc'.", "dev", "--config", "nope.jsonc")]
    public async Task Dev_WhenNothingIsAtThePath_IsWrongUsage(string message, params string[] arguments)
    {
        using var project = new TemporaryProject(("index.js", "export default { fetch() {} };"));
        await using var molt = MoltProcess.Start(project.Root, arguments);
        Assert.Equal(2, await molt.ExitAsync());
        Assert.Equal($"error: {message}\nSee: molt dev --help\n", molt.Seen);
    }

    /// <summary>The page, in both forms, and the terminal tell of the error and have the place expected, and nothing of the secret.</summary>
    private static async Task AssertHiddenAsync(TemporaryProject project, string error, string place)
    {
        await using var molt = MoltProcess.Start(project.Root, "dev", "--port", "0");
        var address = await molt.ReadyAsync();
        foreach (var accept in new[] { "text/html", "*/*" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Add("Accept", accept);
            using var response = await Client.SendAsync(request, Token);
            var body = System.Net.WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync(Token));
            Assert.Contains(error, body, StringComparison.Ordinal);
            Assert.Contains(place, body, StringComparison.Ordinal);
            Assert.DoesNotContain(Secret, body, StringComparison.Ordinal);
            await molt.LineAsync(error);
            await molt.LineAsync("GET / 500 ");
        }

        Assert.Contains(place, molt.Seen, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, molt.Seen, StringComparison.Ordinal);
    }
}
