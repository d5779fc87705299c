using Molt.Engine;

namespace Molt.Engine.Tests;

public sealed class ModuleTests : EngineTest
{
    private readonly MapLoader _loader = new();

    [Theory]
    [InlineData("é", 0)]
    [InlineData("e", 1)]
    public void Import_WhenTheTextIsLongAndAscii_IsReadInPlace(string letter, int shared)
    {
        string code = $"export default '{letter}'; // {new string('x', 5000)}";
        var loader = new MapLoader();
        loader.Add("main", () => new JsModuleSource { Name = "main", Kind = JsModuleKind.EcmaScript, Content = System.Text.Encoding.UTF8.GetBytes(code) });
        using (Isolate.Enter())
        {
            Context.Modules = loader;
            var module = Completed(Context.ImportAsync("main"));
            using var exports = module.Namespace;
            using var value = exports.Get("default");
            Assert.Equal((letter, shared), (value.GetString(), AdoptedBuffers.Count));
        }

        Isolate.Dispose();
        Assert.Equal(0, AdoptedBuffers.Count);
    }

    [Fact]
    public void Import_WhenGraphIsSynchronous_CompletesAtOnce()
    {
        _loader["main"] = "import { a } from './a'; import b, * as all from './b'; export default a + b; export const keys = Object.keys(all).join();";
        _loader["a"] = "import './b'; export const a = 1;";
        _loader["b"] = "export default 2; export const x = 0;";
        using var scope = Isolate.Enter();
        var module = Import("main");
        Assert.Equal((JsModuleStatus.Evaluated, "main", JsModuleKind.EcmaScript), (module.Status, module.Name, module.Kind));
        Assert.Equal("""{"default":3,"keys":"default,x"}""", Exports(module));
        Assert.Equal(JsType.Namespace, NamespaceType(module));
        Assert.Equal(["main<", "./a<main", "./b<main", "./b<a"], _loader.Requests.ConvertAll(r => r.Specifier + "<" + r.Referrer));
    }

    [Fact]
    public void Import_WhenRepeated_IsTheSameModule()
    {
        _loader["main"] = "host.log('run'); export let n = 0;";
        using var scope = Isolate.Enter();
        Assert.Same(Import("main"), Import("./main"));
        Assert.Same(Import("main"), Import("main"));
        Assert.Equal(["run"], Host.Log);
        Assert.Equal(2, _loader.Requests.Count);
    }

    [Fact]
    public void Import_WhenCyclic_SeesLiveBindings()
    {
        _loader["even"] = "import { odd } from './odd'; export function even(n) { return n === 0 || odd(n - 1) } export let count = 0; export function bump() { count++ }";
        _loader["odd"] = "import { even, count, bump } from './even'; export function odd(n) { return n !== 0 && even(n - 1) } export function read() { bump(); return count }";
        _loader["main"] = "import { even } from './even'; import { read } from './odd'; export default [even(10), even(7), read(), read()];";
        using var scope = Isolate.Enter();
        Assert.Equal("""{"default":[true,false,1,2]}""", Exports(Import("main")));
    }

    [Fact]
    public void Import_WhenTopLevelAwaitIsPending_CompletesWhenItSettles()
    {
        Host.F = (ref JsCall call) => { };
        _loader["main"] = "import { v } from './dep'; export const w = v + 1;";
        _loader["dep"] = "export const v = await new Promise(resolve => { globalThis.go = resolve });";
        using var scope = Isolate.Enter();
        var import = Context0().ImportAsync("main");
        Isolate.RunMicrotasks();
        Assert.False(import.IsCompleted);
        Eval("go(41)").Dispose();
        Isolate.RunMicrotasks();
        Assert.Equal("""{"w":42}""", Exports(Completed(import)));
    }

    [Fact]
    public void StalledAwaits_WhenNothingSettles_NameTheLine()
    {
        _loader["main"] = "export const x = 1;\nawait new Promise(() => {});";
        using var scope = Isolate.Enter();
        var import = Context0().ImportAsync("main");
        Isolate.RunMicrotasks();
        Assert.False(import.IsCompleted);
        Assert.Equal(JsModuleStatus.Evaluated, Context.FindModule("main")!.Status);
        var stalled = Assert.Single(Context.FindModule("main")!.StalledAwaits());
        Assert.Equal(("main", 2), (stalled.Resource, stalled.Line));
    }

    [Fact]
    public void Import_WhenTheLoaderIsAsynchronous_GoesOnInALaterTurn()
    {
        _loader["main"] = "import { a } from './a'; export default a;";
        _loader["a"] = "export const a = 5;";
        var gate = _loader.Gate("a");
        var posted = new SemaphoreSlim(0);
        Isolate.WorkPosted = (_, _) => posted.Release();
        ValueTask<JsModule> import;
        using (Isolate.Enter())
        {
            import = Context0().ImportAsync("main");
        }
        gate.SetResult();
        PumpUntil(posted, () => import.IsCompleted);
        using (Isolate.Enter())
        {
            Assert.Equal("""{"default":5}""", Exports(Completed(import)));
        }
    }

    [Fact]
    public void Import_WhenTwoWaitForTheSameModule_ShareIt()
    {
        _loader["one"] = "import { a } from './a'; export default a;";
        _loader["two"] = "import { a } from './a'; export default a;";
        _loader["a"] = "host.log('a'); export const a = {};";
        var gate = _loader.Gate("a");
        var posted = new SemaphoreSlim(0);
        Isolate.WorkPosted = (_, _) => posted.Release();
        ValueTask<JsModule> one, two;
        using (Isolate.Enter())
        {
            one = Context0().ImportAsync("one");
            two = Context.ImportAsync("two");
        }
        gate.SetResult();
        PumpUntil(posted, () => one.IsCompleted && two.IsCompleted);
        using (Isolate.Enter())
        {
            using var first = Completed(one).Namespace;
            using var second = Completed(two).Namespace;
            using var a = first.Get("default");
            using var b = second.Get("default");
            Assert.True(a.StrictEquals(b));
        }
        Assert.Equal(["a"], Host.Log);
    }

    [Fact]
    public void Import_WhenTheIsolateEndsMeanwhile_Fails()
    {
        _loader["main"] = "export default 1;";
        var gate = _loader.Gate("main");
        ValueTask<JsModule> import;
        using (Isolate.Enter())
        {
            import = Context0().ImportAsync("main");
        }
        Isolate.Dispose();
        gate.SetResult();
        Assert.True(SpinWait.SpinUntil(() => import.IsCompleted, TimeSpan.FromSeconds(20)));
        Assert.Throws<JsDisposedException>(() => Completed(import));
    }

    [Fact]
    public void DynamicImport_WhenFromModuleOrScript_SharesTheMap()
    {
        _loader["main"] = "import * as s from './a'; const d = await import('./a'); export default [s === d, d.x, import.meta.url];";
        _loader["a"] = "host.log('a'); export const x = 1;";
        using var scope = Isolate.Enter();
        var import = Context0().ImportAsync("main");
        Isolate.RunMicrotasks();
        Assert.Equal("""{"default":[true,1,"main"]}""", Exports(Completed(import)));
        Assert.Equal([false, false], _loader.Requests.ConvertAll(r => r.IsDynamic));
        Eval("import('a').then(m => host.log('script ' + m.x))").Dispose();
        Isolate.RunMicrotasks();
        Assert.Equal(["a", "script 1"], Host.Log);
    }

    [Fact]
    public void DynamicImport_WhenNothingIsDispatchedExplicitly_RunsAtTheEndOfTheScope()
    {
        _loader["a"] = "export const x = 1;";
        using (Isolate.Enter())
        {
            Context0();
            Eval("import('a').then(m => host.log('x' + m.x))").Dispose();
        }
        Assert.Equal(["x1"], Host.Log);
    }

    [Theory]
    [InlineData("missing", "Error|No such module \"missing\".")]
    [InlineData("syntax", "SyntaxError|Unexpected token ')'")]
    [InlineData("throws", "RangeError|at run time")]
    [InlineData("link", "SyntaxError|The requested module './empty' does not provide an export named 'nothing'")]
    [InlineData("bad.json", "SyntaxError|Module \"bad.json\" is not valid JSON")]
    [InlineData("bad.wasm", "Error|Module \"bad.wasm\" is not valid WebAssembly: expected magic word")]
    [InlineData("fault", "Error|Internal error")]
    public void DynamicImport_WhenItFails_RejectsWithTheError(string name, string expected)
    {
        AddFailures();
        using var scope = Isolate.Enter();
        Context0();
        Eval($"import('{name}').catch(e => host.log(e.name + '|' + e.message))").Dispose();
        Isolate.RunMicrotasks();
        Assert.StartsWith(expected, Assert.Single(Host.Log), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("syntax", "SyntaxError", "syntax", 2)]
    [InlineData("throws", "RangeError", "throws", 3)]
    [InlineData("link", "SyntaxError", "link", 1)]
    public void Import_WhenItFails_HasThePosition(string name, string type, string resource, int line)
    {
        AddFailures();
        using var scope = Isolate.Enter();
        var info = Assert.Throws<JsException>(() => Import(name)).Info;
        Assert.Equal((type, resource, line), (info.Name, info.Resource, info.Line));
    }

    [Theory]
    [InlineData("syntax")]
    [InlineData("throws")]
    public void Import_WhenItFailedBefore_FailsWithTheSameError(string name)
    {
        AddFailures();
        using var scope = Isolate.Enter();
        var first = Assert.Throws<JsException>(() => Import(name));
        var second = Assert.Throws<JsException>(() => Import(name));
        Assert.True(first.Value!.StrictEquals(second.Value!));
    }

    [Fact]
    public void Import_WhenNotFound_IsAskedForAgain()
    {
        _loader["main"] = "import './late'; export default 1;";
        using var scope = Isolate.Enter();
        var exception = Assert.Throws<JsModuleException>(() => Import("main"));
        Assert.Equal(("ENG006", "No such module \"./late\"."), (exception.Code, exception.Message));
        _loader["late"] = "";
        Assert.Equal("""{"default":1}""", Exports(Import("main")));
    }

    [Fact]
    public void Kinds_WhenImported_GiveTheirDefaultExport()
    {
        _loader["d.json"] = """{"a":[1]}""";
        _loader["t.txt"] = "tëxt";
        _loader["b.bin"] = "AB";
        _loader["d.dat"] = "ABC";
        _loader.Add("w.wasm", () => JsModuleSource.Wasm("w.wasm", new byte[] { 0, 0x61, 0x73, 0x6d, 1, 0, 0, 0 }));
        _loader.Add("builtin", () => JsModuleSource.Synthetic("builtin", Eval("({ one: 1, default: 'd' })")));
        _loader["main"] = """
            import json from './d.json';
            import text from './t.txt';
            import bytes from './b.bin';
            import data from './d.dat';
            import wasm from './w.wasm';
            import d, { one } from 'builtin';
            export default [json.a[0], text, bytes instanceof Uint8Array && bytes[1], data instanceof ArrayBuffer && data.byteLength, wasm instanceof WebAssembly.Module, d, one];
            """;
        using var scope = Isolate.Enter();
        Assert.Equal("""{"default":[1,"tëxt",66,3,true,"d",1]}""", Exports(Import("main")));
    }

    [Theory]
    [InlineData("import v from './d.json' with { type: 'json' }; export default v;", null)]
    [InlineData("import v from './t.txt' with { type: 'text' }; export default v;", null)]
    [InlineData("import v from './b.bin' with { type: 'bytes' }; export default v[0];", null)]
    [InlineData("import v from './t.txt' with { type: 'json' };", "TypeError: Module \"./t.txt\" is not of type \"json\"")]
    [InlineData("import v from './d.json' with { type: 'css' };", "TypeError: Import attribute type \"css\" is not supported")]
    [InlineData("import v from './d.json' with { lazy: 'yes' };", "SyntaxError: Import attribute \"lazy\" is not supported")]
    public void Attributes_WhenGiven_MustMatchTheModule(string source, string? error)
    {
        _loader["d.json"] = "1";
        _loader["t.txt"] = "1";
        _loader["b.bin"] = "1";
        _loader["main"] = source;
        using var scope = Isolate.Enter();
        if (error is null)
        {
            Exports(Import("main"));
            Assert.Single(_loader.Requests[1].Attributes);
        }
        else
        {
            var exception = Assert.Throws<JsException>(() => Import("main"));
            using var text = Eval("e => String(e)");
            Assert.Equal(error, text.CallString(Context, exception.Value));
        }
    }

    [Fact]
    public void CommonJs_WhenRequired_SharesTheMapWithImports()
    {
        _loader["main"] = "import def, { named, $: dollar } from './lib.cjs'; import json from './d.json'; export default [def.named === named, named, dollar, def.json === json, def.self];".Replace("$: dollar", "$ as dollar", StringComparison.Ordinal);
        _loader["lib.cjs"] = "const other = require('./other.cjs'); exports.named = other.value + 1; exports.$ = typeof module.require; exports.json = require('./d.json'); exports.self = [__filename, __dirname, this === exports, module.id].join();";
        _loader["other.cjs"] = "host.log('other'); module.exports = { value: 41, again: () => require('./other.cjs') === module.exports };";
        _loader["d.json"] = "{}";
        using var scope = Isolate.Enter();
        Assert.Equal("""{"default":[true,42,"undefined",true,"lib.cjs,.,true,lib.cjs"]}""", Exports(Import("main")));
        Assert.Equal(["other"], Host.Log);
        Assert.True(_loader.Requests.Exists(r => r.IsRequire && string.Equals(r.Referrer, "lib.cjs", StringComparison.Ordinal)));
    }

    [Fact]
    public void CommonJs_WhenCyclic_SeesPartialExports()
    {
        _loader["a.cjs"] = "exports.early = 1; const b = require('./b.cjs'); exports.late = 2; exports.fromB = b.seen;";
        _loader["b.cjs"] = "exports.seen = Object.keys(require('./a.cjs')).join();";
        using var scope = Isolate.Enter();
        var module = Import("a.cjs");
        Assert.Equal("""{"default":{"early":1,"late":2,"fromB":"early"},"early":1,"fromB":"early","late":2}""", Exports(module));
    }

    [Theory]
    [InlineData("require('./missing')", "Error|No such module \"./missing\".")]
    [InlineData("require(7)", "TypeError|The specifier of require() must be a string")]
    [InlineData("require('./esm')", "Error|Module \"./esm\" is an ECMAScript module and cannot be required before it is evaluated. Use import() instead.")]
    [InlineData("require('./throws.cjs')", "RangeError|inner")]
    [InlineData("require('./slow')", "Error|Module \"./slow\" cannot be required: it is not available synchronously. Use import() instead.")]
    public void Require_WhenItFails_ThrowsInTheCaller(string source, string expected)
    {
        _loader["esm"] = "export default 1;";
        _loader["slow"] = "export default 1;";
        _loader["throws.cjs"] = "throw new RangeError('inner');";
        _loader.Gate("slow");
        _loader["main.cjs"] = $"try {{ {source} }} catch (e) {{ host.log(e.name + '|' + e.message) }}";
        using var scope = Isolate.Enter();
        Import("main.cjs");
        Assert.Equal([expected], Host.Log);
    }

    [Fact]
    public void CommonJs_WhenItThrows_FailsTheImportWithThatValue()
    {
        _loader["main"] = "import './t.cjs';";
        _loader["t.cjs"] = "\nthrow new RangeError('inner');";
        using var scope = Isolate.Enter();
        var info = Assert.Throws<JsException>(() => Import("main")).Info;
        Assert.Equal(("RangeError", "t.cjs", 2), (info.Name, info.Resource, info.Line));
    }

    [Fact]
    public void CodeCache_WhenItFits_IsAcceptedElseRejected()
    {
        const string Source = "export function f(n) { return n * 2 } export default f(21);";
        _loader["main"] = Source;
        byte[] cache;
        using (Isolate.Enter())
        {
            var module = Import("main");
            Assert.False(module.IsCodeCacheRejected);
            cache = module.CodeCache();
            Assert.NotEmpty(cache);
        }
        Assert.False(RejectedIn(Source, cache));
        Assert.True(RejectedIn(Source + " ", cache));
        cache[cache.Length / 2] ^= 0xff;
        cache[4] ^= 0xff;
        Assert.True(RejectedIn(Source, cache));

        bool RejectedIn(string source, byte[] cache)
        {
            using var other = JsIsolate.Create(Options);
            using var scope = other.Enter();
            using var context = other.CreateContext(new JsContextOptions());
            var loader = new MapLoader();
            loader.Add("main", () => JsModuleSource.EcmaScript("main", source) with { CodeCache = cache });
            context.Modules = loader;
            var module = Completed(context.ImportAsync("main"));
            using var ns = module.Namespace;
            using var value = ns.Get("default");
            Assert.Equal(42, value.Number);
            return module.IsCodeCacheRejected;
        }
    }

    [Fact]
    public void SourceMap_WhenTheSourceHasOne_MapsItsErrors()
    {
        _loader.Add("main", () => JsModuleSource.EcmaScript("main", "throw new Error('x')") with
        {
            SourceMap = """{"version":3,"sources":["main.ts"],"sourcesContent":["a\nb\nfail()"],"names":[],"mappings":"AAEA"}"""u8.ToArray(),
        });
        using var scope = Isolate.Enter();
        var info = Assert.Throws<JsException>(() => Import("main")).Info;
        Assert.Equal(("main.ts", 3, "fail()"), (info.Resource, info.Line, info.SourceLine));
    }

    [Fact]
    public void Evaluate_WhenTerminated_IsATermination()
    {
        Host.F = (ref JsCall call) => call.Isolate.Terminate();
        _loader["main"] = "host.f(); for (;;) {}";
        using var scope = Isolate.Enter();
        Assert.Throws<JsTerminatedException>(() => Import("main"));
    }

    [Fact]
    public void Import_WhenCalledFromAHostCallback_WaitsUntilV8IsLeft()
    {
        _loader["main"] = "host.f(); host.log('main done');";
        _loader["other"] = "host.log('other');";
        var nested = default(ValueTask<JsModule>);
        Host.F = (ref JsCall call) => nested = Context.ImportAsync("other");
        using var scope = Isolate.Enter();
        Import("main");
        Isolate.RunMicrotasks();
        Assert.Equal(["main done", "other"], Host.Log);
        Completed(nested);
    }

    [Fact]
    public void RegisterModule_WhenEvaluatedElsewhere_AnswersImports()
    {
        _loader["main"] = "import { a } from 'frozen'; export default a; export const same = (await import('frozen')) === globalThis.ns;";
        using var scope = Isolate.Enter();
        using var ns = Eval("globalThis.ns = Object.freeze({ a: 7 })");
        Context0().RegisterModule("frozen", JsModuleKind.EcmaScript, ns);
        _loader.Add("frozen", () => JsModuleSource.EcmaScript("frozen", "throw 1"));
        var import = Context.ImportAsync("main");
        Isolate.RunMicrotasks();
        Assert.Equal("""{"default":7,"same":true}""", Exports(Completed(import)));
    }

    private void AddFailures()
    {
        _loader["syntax"] = "export const a = 1;\nexport const b = );";
        _loader["throws"] = "\n\nthrow new RangeError('at run time');";
        _loader["link"] = "import { nothing } from './empty';";
        _loader["empty"] = "";
        _loader["bad.json"] = "{";
        _loader.Add("bad.wasm", () => JsModuleSource.Wasm("bad.wasm", "text"u8.ToArray()));
        _loader.Add("fault", () => throw new InvalidOperationException("secret"));
    }

    /// <summary>Takes a turn each time work is posted.</summary>
    private void PumpUntil(SemaphoreSlim posted, Func<bool> done)
    {
        while (!done())
        {
            Assert.True(posted.Wait(TimeSpan.FromSeconds(20)), "No work was posted.");
            using var scope = Isolate.Enter();
            Isolate.PumpTasks(out _);
        }
    }

    private JsContext Context0()
    {
        Context.Modules = _loader;
        return Context;
    }

    private JsModule Import(string specifier) => Completed(Context0().ImportAsync(specifier));

    private string Exports(JsModule module)
    {
        using var ns = module.Namespace;
        return Context.Stringify(ns);
    }

    private static JsType NamespaceType(JsModule module)
    {
        using var ns = module.Namespace;
        return ns.Type;
    }
}
