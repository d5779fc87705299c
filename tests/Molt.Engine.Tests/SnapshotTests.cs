using System.Text;
using Molt.Engine;

namespace Molt.Engine.Tests;

public sealed class SnapshotTests : EngineTest
{
    [Fact]
    public void Snapshot_WhenRestored_HasGlobalsFunctionsAndRetainedValues()
    {
        using var snapshot = Build(context =>
        {
            context.Run("globalThis.table = new Map(); for (let i = 0; i < 1000; i++) table.set('k' + i, { i }); globalThis.counter = 0; function bump() { return ++counter }", "a.js").Dispose();
            return [context.Run("({ entry: (x) => x + bump() })", "b.js"), context.From("text"), context.From(3)];
        });
        Assert.True(snapshot.Bytes.Length > 10_000);
        for (int round = 0; round < 3; round++)
        {
            using var isolate = JsIsolate.Create(new JsIsolateOptions { Snapshot = snapshot });
            using var scope = isolate.Enter();
            using var context = isolate.CreateContext(new JsContextOptions());
            using var entry = context.TakeData(0);
            using var text = context.TakeData(1);
            Assert.Equal(("text", 3), (text.GetString(), context.TakeData(2).Number));
            using var function = entry.Get("entry");
            Assert.Equal(11, function.CallNumber(context, 10));
            Assert.Equal(999, context.Run("table.get('k999').i", "c.js").Number);
        }
    }

    [Fact]
    public void Snapshot_WhenItHoldsHostFunctionsAndIntrinsics_TheyWorkAfterRestoring()
    {
        using var snapshot = Build(context =>
        {
            using var host = context.HostObject();
            using var native = context.Intrinsics();
            using var global = context.Global;
            global.Set("host", host);
            global.Set("native", native);
            context.Run("globalThis.run = (text) => host.f(native.utf8Encode(text))", "a.js").Dispose();
            return [];
        });
        string received = "";
        Host.F = (ref JsCall call) => received = Convert.ToHexString(call.Bytes(0));
        using var isolate = JsIsolate.Create(Options with { Snapshot = snapshot });
        using var scope = isolate.Enter();
        using var context = isolate.CreateContext(new JsContextOptions());
        using var run = context.Run("run", "b.js");
        run.Invoke(context, "é");
        Assert.Equal("C3A9", received);
    }

    [Fact]
    public void Snapshot_WhenModulesWereEvaluated_TheyStayEvaluated()
    {
        var loader = new MapLoader
        {
            ["main"] = "import { n, bump } from './dep'; import lib from './lib.cjs'; import json from './d.json'; await null; bump(); export default () => [n, bump(), n, lib.v, json.j, import.meta.url];",
            ["dep"] = "globalThis.runs = (globalThis.runs ?? 0) + 1; export let n = 0; export function bump() { return ++n }",
            ["lib.cjs"] = "exports.v = 'cjs'; exports.late = () => require('./d.json').j;",
            ["d.json"] = """{"j":true}""",
        };
        using var snapshot = Build(context =>
        {
            context.Modules = loader;
            var import = context.ImportAsync("main");
            context.Isolate.RunMicrotasks();
            var ns = Completed(import).Namespace;
            var lib = context.FindModule("lib.cjs", JsModuleKind.CommonJs)!.Namespace;
            return [ns, lib];
        });
        using var isolate = JsIsolate.Create(new JsIsolateOptions { Snapshot = snapshot });
        using var scope = isolate.Enter();
        using var context = isolate.CreateContext(new JsContextOptions());
        context.Modules = loader;
        using var restored = context.TakeData(0);
        Assert.Equal(JsType.Namespace, restored.Type);
        using var function = restored.Get("default");
        using var result = function.Call(context);
        Assert.Equal("""[1,2,2,"cjs",true,"main"]""", context.Stringify(result));
        Assert.Equal(1, context.Run("runs", "x.js").Number);

        context.RegisterModule("main", JsModuleKind.EcmaScript, restored);
        using var again = context.Run("globalThis.same = undefined; import('main').then(m => { same = m.default()[0] })", "y.js");
        isolate.RunMicrotasks();
        Assert.Equal(2, context.Run("same", "z.js").Number);

        using var lib = context.TakeData(1);
        using var late = lib.Get("late");
        Assert.True(late.CallBoolean(context));
    }

    [Fact]
    public void Snapshot_WhenWrittenToAFile_IsMapped()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            using (var built = Build(context => [context.Run("({ a: 1 })", "a.js")]))
            {
                File.WriteAllBytes(path, built.Bytes);
                using var copy = JsSnapshot.FromBytes(built.Bytes);
                Assert.Equal(1, ReadA(copy));
            }
            var mapped = JsSnapshot.FromFile(path);
            var isolate = JsIsolate.Create(new JsIsolateOptions { Snapshot = mapped });
            mapped.Dispose();
            Assert.Throws<ObjectDisposedException>(() => mapped.Bytes.Length);
            using (isolate.Enter())
            {
                using var context = isolate.CreateContext(new JsContextOptions());
                using var value = context.TakeData(0);
                Assert.Equal(1, value.Get("a").Number);
            }
            isolate.Dispose();
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Snapshot_WhenItsScriptWasASource_HoldsNoCopyOfTheText()
    {
        const string Marker = "a text that is found nowhere else";
        var source = JsSource.FromLatin1(Encoding.Latin1.GetBytes($"function lazy(x) {{ /* {Marker} \u00e9 */ return 'caf\u00e9' + x }} ({{ lazy }})"));
        using var built = Build(
            context =>
            {
                using var twice = context.Run(source, "again.js");
                return [context.Run(source, "source.js")];
            },
            source);
        source.Dispose();
        Assert.Equal(-1, built.Bytes.IndexOf(Encoding.Latin1.GetBytes(Marker)));

        using var same = JsSource.FromLatin1(Encoding.Latin1.GetBytes($"function lazy(x) {{ /* {Marker} \u00e9 */ return 'caf\u00e9' + x }} ({{ lazy }})"));
        using var copy = JsSnapshot.FromBytes(built.Bytes, same);
        foreach (var snapshot in (JsSnapshot[])[built, copy])
        {
            var isolate = JsIsolate.Create(new JsIsolateOptions { Snapshot = snapshot });
            snapshot.Dispose();
            using (isolate.Enter())
            {
                using var context = isolate.CreateContext(new JsContextOptions());
                isolate.LowMemory();
                using var functions = context.TakeData(0);
                using var lazy = functions.Get("lazy");
                using var result = lazy.Call(context, 1);
                Assert.Equal("caf\u00e91", result.GetString());
                using var show = context.Run("(f) => f.toString()", "show.js");
                using var shown = show.Call(context, lazy);
                Assert.Contains(Marker + " \u00e9", shown.GetString(), StringComparison.Ordinal);
            }

            isolate.Dispose();
        }
    }

    [Fact]
    public void Run_WhenTheSourceIsNotTheIsolates_IsAUsageError()
    {
        using var source = JsSource.FromLatin1("1"u8);
        using var scope = Isolate.Enter();
        Assert.Throws<JsUsageException>(() => Context.Run(source, "a.js"));
        source.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Context.Run(source, "a.js"));
        Assert.Throws<ObjectDisposedException>(() => JsIsolate.Create(new JsIsolateOptions { Sources = [source] }));
    }

    [Fact]
    public void Run_WhenASourceFails_TellsWhere()
    {
        using var source = JsSource.FromLatin1("\n  nowhere()"u8);
        using var isolate = JsIsolate.Create(new JsIsolateOptions { Sources = [source] });
        using var scope = isolate.Enter();
        using var context = isolate.CreateContext(new JsContextOptions());
        var thrown = Assert.Throws<JsException>(() => context.Run(source, "a.js"));
        Assert.Equal(("nowhere is not defined", "a.js", 2, 3), (thrown.Info.Message, thrown.Info.Resource, thrown.Info.Line, thrown.Info.Column));
    }

    [Fact]
    public void Snapshot_WhenDamaged_IsRefused()
    {
        using var snapshot = JsSnapshot.FromBytes(new byte[64]);
        Assert.Throws<JsUsageException>(() => JsIsolate.Create(new JsIsolateOptions { Snapshot = snapshot }));
    }

    [Fact]
    public void CreateSnapshot_WhenNotForSnapshot_IsAUsageError()
    {
        JsContext context;
        using (Isolate.Enter())
        {
            context = Context;
        }
        Assert.Throws<JsUsageException>(() => Isolate.CreateSnapshot(context, [], keepFunctionCode: true));
    }

    [Fact]
    public void TakeData_WhenThereIsNone_IsRefused()
    {
        using var scope = Isolate.Enter();
        Assert.ThrowsAny<JsEngineException>(() => Context.TakeData(0));
    }

    private JsSnapshot Build(Func<JsContext, JsValue[]> build, params JsSource[] sources)
    {
        var isolate = JsIsolate.Create(Options with { ForSnapshot = true, Sources = sources });
        JsContext context;
        JsValue[] retained;
        using (isolate.Enter())
        {
            context = isolate.CreateContext(new JsContextOptions());
            retained = build(context);
        }
        var snapshot = isolate.CreateSnapshot(context, retained, keepFunctionCode: true);
        foreach (var value in retained)
        {
            value.Dispose();
        }
        return snapshot;
    }

    private static double ReadA(JsSnapshot snapshot)
    {
        using var isolate = JsIsolate.Create(new JsIsolateOptions { Snapshot = snapshot });
        using var scope = isolate.Enter();
        using var context = isolate.CreateContext(new JsContextOptions());
        using var value = context.TakeData(0);
        return value.Get("a").Number;
    }
}
