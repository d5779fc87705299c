using System.Text.Json;
using Molt.Cli.Reporting;
using Molt.Cli.Testing;

namespace Molt.Cli.Tests.Testing;

public sealed class TestCommandTests
{
    [Fact]
    public async Task Test_WhenSomeFail_ReportsEachWithTheUsersLine()
    {
        using var project = new TemporaryProject(
            ("wrangler.jsonc", """{ "name": "w", "main": "index.js", "vars": { "A": "1" } }"""),
            ("index.js", "export default { fetch() { return new Response('x'); } };"),
            ("good.test.js", "export const good = { test(controller, env) { if (env.A !== '1') throw new Error('env'); } };\nexport const helper = 7;\nexport class Thing {}"),
            ("bad.test.ts", "export const bad = {\n  async test(): Promise<void> {\n    throw new TypeError('as told');\n  },\n};"));
        await using var molt = MoltProcess.Start(project.Root, "test");
        Assert.Equal(1, await molt.ExitAsync());
        Assert.Contains("✗ bad.test.ts › bad ", molt.Seen, StringComparison.Ordinal);
        Assert.Contains("TypeError: as told", molt.Seen, StringComparison.Ordinal);
        Assert.Contains("at bad.test.ts:3:11", molt.Seen, StringComparison.Ordinal);
        Assert.Contains("✓ good.test.js › good ", molt.Seen, StringComparison.Ordinal);
        Assert.Contains("1 passed, 1 failed\n", molt.Seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ a: 1 }", "error CLI006: { a: 1 }\n    Only an Error knows where it was thrown: throw new Error(…).\n")]
    [InlineData("'te\\x1bxt'", "error CLI006: 'te\\x1Bxt'\n    Only an Error")]
    [InlineData("null", "error CLI006: null\n    Only an Error")]
    [InlineData("'x'.repeat(99).split('')", "error CLI006: [object Array]\n    [\n      'x', 'x', ")]
    [InlineData("Error('a', { cause: TypeError('b\\x1b') })", "    Error: a\n        at Object.test (a.test.js:1:35) {\n      [cause]: TypeError: b\\x1b\n          at Object.test (a.test.js:1:55)\n    }\n")]
    [InlineData("RangeError()", "error CLI006: RangeError\n")]
    [InlineData("AggregateError([Error('a'), 2])", "      [errors]: [\n        Error: a\n            at Object.test (a.test.js:1:51),\n        2\n      ]\n")]
    public async Task Test_WhenWhatIsThrownIsNoPlainError_ShowsAllOfIt(string thrown, string shown)
    {
        using var project = new TemporaryProject(("a.test.js", $"export const a = {{ test() {{ throw {thrown}; }} }};"));
        await using var molt = MoltProcess.Start(project.Root, "test");
        Assert.Equal(1, await molt.ExitAsync());
        Assert.Contains(shown, molt.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_WhenJson_WritesOneDocument()
    {
        using var project = new TemporaryProject(
            ("wrangler.jsonc", """{ "name": "w", "main": "index.js" }"""),
            ("index.js", "export default { test() {} };\nexport const other = { test() { throw new Error('no'); } };"));
        await using var molt = MoltProcess.Start(project.Root, "test", "--json");
        Assert.Equal(1, await molt.ExitAsync());
        using var document = JsonDocument.Parse(molt.Seen);
        var root = document.RootElement;
        Assert.Equal((1, 1), (root.GetProperty("passed").GetInt32(), root.GetProperty("failed").GetInt32()));
        var failed = root.GetProperty("tests")[1];
        Assert.Equal(("other", "Error: no", 2), (
            failed.GetProperty("export").GetString(),
            failed.GetProperty("faults")[0].GetProperty("message").GetString(),
            failed.GetProperty("faults")[0].GetProperty("line").GetInt32()));
    }

    [Theory]
    [InlineData("async test() { setTimeout(() => { throw new Error('late'); }, 1); await scheduler.wait(20); }", "timer")]
    [InlineData("test() { setTimeout(() => { throw new Error('late'); }, 10); }", "timer")]
    [InlineData("test() { (async () => { await scheduler.wait(5); await scheduler.wait(5); throw new Error('late'); })(); }", "promise")]
    [InlineData("test(controller, env, ctx) { ctx.waitUntil(scheduler.wait(1500).then(() => { throw new Error('late'); })); }", "waitUntil")]
    public async Task Test_WhenAnExceptionIsNotCaught_FailsItAndNotTheNext(string test, string where)
    {
        using var project = new TemporaryProject(("a.test.js", $$"""export const a = { {{test}} }; export const b = { async test() { await scheduler.wait(20); } };"""));
        await using var molt = MoltProcess.Start(project.Root, "test");
        Assert.Equal(1, await molt.ExitAsync());
        Assert.Contains("✗ a.test.js › a ", molt.Seen, StringComparison.Ordinal);
        Assert.Contains($"Error: late (uncaught in {where})", molt.Seen, StringComparison.Ordinal);
        Assert.Contains("✓ a.test.js › b ", molt.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public void Discovery_WhenADirectoryCannotBeRead_FindsTheRestAndSaysSo()
    {
        using var project = new TemporaryProject(("a.test.js", "export default { test() {} };"), ("moved/b.test.js", ""));

        // Even a superuser cannot read a directory whose path is too long; it gets one by a move.
        var parent = project.Root;
        while (parent.Length < 3900)
        {
            parent = Directory.CreateDirectory(Path.Combine(parent, new string('d', 180))).FullName;
        }

        var unreadable = Path.Combine(parent, "u");
        Directory.CreateDirectory(project.PathOf($"moved/{new string('e', 200)}"));
        Directory.Move(project.PathOf("moved"), unreadable);
        try
        {
            var faults = new List<Fault>();
            var targets = TestDiscovery.Find([project.Root], config: null, faults);
            Assert.Equal([project.PathOf("a.test.js"), Path.Combine(unreadable, "b.test.js")], targets.ConvertAll(t => t.File));
            var fault = Assert.Single(faults);
            Assert.Equal(("CFG013", Path.Combine(unreadable, new string('e', 200))), (fault.Code, fault.File));
        }
        finally
        {
            Directory.Move(unreadable, project.PathOf("moved"));
        }
    }

    [Theory]
    [InlineData("none", "error CLI003: No test was found.")]
    [InlineData("filter", "error CLI003: No test matches \"zzz\".")]
    [InlineData("missing", "error CFG001")]
    [InlineData("syntax", "error BLD002")]
    public async Task Test_WhenNothingRuns_Fails(string kind, string message)
    {
        using var project = new TemporaryProject(
            ("none/index.js", "export default {};"),
            ("filter/a.test.js", "export default { test() {} };"),
            ("syntax/a.test.js", "export default {;"));
        await using var molt = MoltProcess.Start(project.Root, kind == "filter" ? ["test", kind, "--filter", "zzz"] : ["test", kind]);
        Assert.Equal(1, await molt.ExitAsync());
        Assert.Contains(message, molt.Seen, StringComparison.Ordinal);
    }
}
