using System.Text;

namespace Molt.Runtime.Tests.Workers;

public sealed class StartTests : RuntimeTest
{
    [Fact]
    public async Task Load_WhenTopLevelAwaits_WaitsForIt()
    {
        var worker = await LoadAsync("""
            const value = await (async () => { await null; return 'ready' })();
            export default { fetch() { return new Response(value) } }
            """);
        Assert.Equal("ready", await TextAsync(worker));
        Assert.Equal(["fetch"], worker.Handlers);
    }

    [Fact]
    public async Task Load_WhenModulesOfEveryKindAreImported_ProvidesThem()
    {
        byte[] wasm = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 0, 1, 7, 5, 1, 1, 0x6d, 2, 0];
        var worker = await LoadAsync(
            """
            import text from './data/note.txt';
            import bytes from './data/raw.bin';
            import json from './data/config.json';
            import wasm from './data/memory.wasm';
            import cjs from './lib/old.cjs';
            import { up } from './lib/up.js';
            export default { async fetch() {
              const late = await import('./lib/late.js');
              return Response.json([text, bytes.byteLength, json.a, new WebAssembly.Instance(wasm).exports.m.buffer.byteLength, cjs.x, up, late.default])
            } }
            """,
            null,
            new WorkerModule("data/note.txt", WorkerModuleKind.Text, Encoding.UTF8.GetBytes("é")),
            new WorkerModule("data/raw.bin", WorkerModuleKind.Bytes, new byte[3]),
            new WorkerModule("data/config.json", WorkerModuleKind.Json, "{\"a\":1}"u8.ToArray()),
            new WorkerModule("data/memory.wasm", WorkerModuleKind.Wasm, wasm),
            new WorkerModule("lib/old.cjs", WorkerModuleKind.CommonJs, "module.exports = { x: 2 }"u8.ToArray()),
            Script("lib/up.js", "export { a as up } from '../data/config.js'"),
            Script("data/config.js", "export const a = 'from data'"),
            Script("lib/late.js", "export default 'late'"));
        Assert.Equal("""["é",3,1,65536,2,"from data","late"]""", await TextAsync(worker));
    }

    [Fact]
    public async Task Load_WhenTheSyntaxIsWrong_SaysWhere()
    {
        var failure = await FailsAsync("export default {\n  fetch( { return 1 }\n}");
        Assert.Equal(EventOutcome.StartupFailed, failure.Outcome);
        Assert.Equal(("SyntaxError", "main.js", 2), (failure.Error!.Name, failure.Error.Resource, failure.Error.Line));
        Assert.Equal("  fetch( { return 1 }", failure.Error.SourceLine);
    }

    [Theory]
    [InlineData("throw { a: 1 }", "{ a: 1 }")]
    [InlineData("throw Error('a', { cause: 'b' })", "Error: a\n    at main.js:1:7 {\n  [cause]: 'b'\n}")]
    public async Task Load_WhenTopLevelThrowsMoreThanAStack_IsToldInFull(string source, string text) =>
        Assert.Equal(text, (await FailsAsync(source)).Error!.FullText);

    [Fact]
    public async Task Load_WhenTopLevelThrows_MapsTheStackToTheSources()
    {
        // One segment: line 1, column 1 of main.js is line 6, column 3 of app.ts.
        const string map = """{"version":3,"sources":["src/app.ts"],"names":[],"mappings":"AAKE","sourcesContent":["a\nb\nc\nd\ne\n  throw new TypeError('no')\n"]}""";
        var definition = Define("") with
        {
            Modules = [new WorkerModule("main.js", WorkerModuleKind.EcmaScript, "throw new TypeError('no')"u8.ToArray(), Encoding.UTF8.GetBytes(map))],
        };
        var failure = (await Assert.ThrowsAsync<WorkerStartException>(() => LoadAsync(definition))).Failure;
        Assert.Equal("TypeError: no", failure.Message);
        Assert.Equal(("src/app.ts", 6, 3), (failure.Error!.Resource, failure.Error.Line, failure.Error.Column));
        Assert.Contains("src/app.ts:6:3", failure.Error.Stack, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("import './missing.js'", "No such module \"./missing.js\", imported from \"main.js\".")]
    [InlineData("import 'node:child_process'", "No such module \"node:child_process\", imported from \"main.js\". This runtime does not offer it.")]
    [InlineData("import 'constructor'", "No such module \"constructor\", imported from \"main.js\".")]
    [InlineData("import './lib/late'", "No such module \"./lib/late\", imported from \"main.js\". Did you mean \"./lib/late.js\"?")]
    [InlineData("await new Promise(() => {})", "Top-level await in the worker's main module waits for a promise that never settles.")]
    [InlineData("setTimeout(() => {}, 1)", "Error: Disallowed operation called within global scope.")]
    [InlineData("crypto.randomUUID()", "Error: Disallowed operation called within global scope.")]
    [InlineData("import { absent } from './lib/late.js'", "SyntaxError: The requested module './lib/late.js' does not provide an export named 'absent'")]
    public async Task Load_WhenTheCodeCanNotStart_SaysWhy(string source, string message)
    {
        var failure = await FailsAsync(source, Script("lib/late.js", "export default 1"));
        Assert.Equal(EventOutcome.StartupFailed, failure.Outcome);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("while (true) {}")]
    [InlineData("for (;;) await null")]
    [InlineData("export default { get fetch() { while (true) {} } }")]
    [InlineData("addEventListener('unhandledrejection', () => { while (true) {} }); Promise.reject(1)")]
    public async Task Load_WhenTopLevelLoops_IsStoppedByTheStartupLimit(string source)
    {
        var limits = new WorkerLimits { Startup = TimeSpan.FromMilliseconds(100) };
        var thrown = await Assert.ThrowsAsync<WorkerStartException>(() => LoadAsync(source, limits));
        Assert.Equal(
            (EventOutcome.ExceededCpu, "Script startup exceeded its CPU time limit of 100 ms."),
            (thrown.Failure.Outcome, thrown.Failure.Message));
        Assert.Equal("ok", await TextAsync(await LoadHandlerAsync("return new Response('ok')")));
    }

    [Fact]
    public async Task Load_WhenTopLevelGrows_IsStoppedByTheMemoryLimit()
    {
        var limits = new WorkerLimits { MemoryBytes = 16 << 20, Startup = TimeSpan.FromSeconds(10) };
        var thrown = await Assert.ThrowsAsync<WorkerStartException>(() => LoadAsync("const a = []; for (;;) a.push({ x: [1, 2, 3] })", limits));
        Assert.Equal(EventOutcome.ExceededMemory, thrown.Failure.Outcome);
    }

    [Fact]
    public async Task Load_WhenTheConsoleIsUsedAtTopLevel_ReportsIt()
    {
        await LoadAsync("console.warn('starting'); export default { fetch() { return new Response() } }");
        Assert.Equal((GuestLogLevel.Warn, "starting"), Assert.Single(Observer.Lines));
    }

    [Fact]
    public void Validate_WhenLimitsAreWrong_NamesEveryFault()
    {
        var faults = new WorkerLimits { Cpu = TimeSpan.Zero, Timers = 0, MemoryBytes = 1 }.Validate();
        Assert.Equal(
            [
                "WorkerLimits.Cpu must be greater than zero.",
                "WorkerLimits.Timers must be greater than zero.",
                "WorkerLimits.MemoryBytes must be at least 8388608 bytes: an isolate needs that to start.",
            ],
            faults);
        Assert.Empty(new WorkerLimits().Validate());
    }

    private async Task<EventFailure> FailsAsync(string source, params WorkerModule[] others) =>
        (await Assert.ThrowsAsync<WorkerStartException>(() => LoadAsync(source, null, others))).Failure;
}
