using Molt.Engine;

namespace Molt.Engine.Tests;

public sealed class LimitTests : EngineTest
{
    private const long Megabyte = 1024 * 1024;

    protected override JsIsolateOptions Options => base.Options with
    {
        HeapLimitBytes = 32 * Megabyte,
        ExternalLimitBytes = 16 * Megabyte,
        TotalLimitBytes = 64 * Megabyte,
        StackLimitBytes = 256 * 1024,
    };

    [Theory]
    [InlineData("while (true) {}")]
    [InlineData("while (true) { new Array(100).fill(1) }")]
    [InlineData("for (;;) { try { throw 1 } catch {} finally { continue } }")]
    [InlineData("/^(a+)+$/.test('a'.repeat(40) + 'b')")]
    [InlineData("(function f() { for (;;) { try { f() } catch {} } })()")]
    public void Terminate_WhenFromAnotherThread_EndsTheLoop(string loop)
    {
        Host.F = (ref JsCall call) =>
        {
            var isolate = call.Isolate;
            var thread = new Thread(() => isolate.Terminate());
            thread.Start();
        };
        using var scope = Isolate.Enter();
        var exception = Assert.Throws<JsTerminatedException>(() => Eval("host.f(); " + loop));
        Assert.Equal(("ENG002", JsLimit.None), (exception.Code, exception.Limit));
        Assert.True(Isolate.IsTerminating);
        Assert.Throws<JsTerminatedException>(() => Eval("1"));
        Isolate.CancelTerminate();
        Assert.False(Isolate.IsTerminating);
        Assert.Equal(2, EvalNumber("1 + 1"));
    }

    [Fact]
    public void Terminate_WhenMicrotasksLoop_EndsThem()
    {
        Host.F = (ref JsCall call) =>
        {
            var isolate = call.Isolate;
            new Thread(() => isolate.Terminate()).Start();
        };
        using var scope = Isolate.Enter();
        Eval("(async () => { await null; host.f(); for (;;) await null })()").Dispose();
        Isolate.RunMicrotasks();
        Assert.True(Isolate.IsTerminating);
    }

    [Fact]
    public void Terminate_WhenInsideNestedCallbacks_EndsAllOfThem()
    {
        int after = 0;
        Host.F = (ref JsCall call) =>
        {
            using var function = call.Value(0);
            call.Isolate.Terminate();
            function.Invoke(Context);
            after++;
        };
        using var scope = Isolate.Enter();
        Assert.Throws<JsTerminatedException>(() => Eval("try { host.f(() => { while (true) {} }) } catch { } while (true) {}"));
        Assert.Equal(0, after);
    }

    [Theory]
    [InlineData("const a = []; for (;;) a.push({ x: [1, 2, 3] })")]
    [InlineData("const m = new Map(); for (let i = 0;; i++) m.set('key' + i, { i })")]
    [InlineData("let s = 'x'; const a = []; for (;;) { a.push((s + a.length).repeat(1000).split('')) }")]
    public void Heap_WhenGrownWithoutEnd_TerminatesWithTheLimit(string source)
    {
        using (Isolate.Enter())
        {
            Assert.Equal(JsLimit.Heap, Assert.Throws<JsTerminatedException>(() => Eval(source)).Limit);
            Assert.Equal(JsLimit.Heap, Isolate.LimitHit);
            Assert.True(Isolate.LimitCount >= 1);
        }
        using var other = JsIsolate.Create(base.Options);
        using var scope = other.Enter();
        using var context = other.CreateContext(new JsContextOptions());
        Assert.Equal(2, context.Run("1 + 1", "x").Number);
    }

    [Fact]
    public void ArrayBuffer_WhenOverTheLimit_ThrowsRangeErrorInJavaScript()
    {
        using var scope = Isolate.Enter();
        Assert.Equal("RangeError", EvalString("try { new ArrayBuffer(17 * 1024 * 1024); 'made' } catch (e) { e.name }"));
        Assert.Equal((JsLimit.None, 0), (Isolate.LimitHit, Isolate.LimitCount));
        Assert.Equal(1, EvalNumber("new ArrayBuffer(8 * 1024 * 1024); 1"));
        Assert.Equal("RangeError", EvalString("const held = []; try { for (;;) held.push(new Uint8Array(1024 * 1024)) } catch (e) { e.name }"));
        Assert.Equal("true", EvalJson("held.length >= 7 && held.length <= 16"));
        Assert.InRange(Isolate.GetStatistics().ArrayBuffers, 7 * Megabyte, 16 * Megabyte);
    }

    [Fact]
    public void Wasm_WhenMemoryGrowsPastTheExternalLimit_ThrowsRangeErrorInJavaScript()
    {
        using var scope = Isolate.Enter();
        SetGlobalWasm(Context);
        Assert.Equal("1 RangeError", EvalString("const m = new WebAssembly.Instance(wasm).exports.m; const first = m.grow(100); try { m.grow(1600) } catch (e) { first + ' ' + e.name }"));
        Assert.Equal(JsLimit.None, Isolate.CheckMemory());
    }

    [Fact]
    public void Wasm_WhenMemoryGrowsPastTheTotal_IsStoppedByAMemoryCheck()
    {
        using var isolate = JsIsolate.Create(Options with { ExternalLimitBytes = 0 });
        Host.F = (ref JsCall call) => call.Isolate.RequestMemoryCheck();
        using var scope = isolate.Enter();
        using var context = isolate.CreateContext(new JsContextOptions());
        SetGlobalWasm(context);
        using var function = context.HostFunction(0);
        using var global = context.Global;
        global.Set("check", function);
        var exception = Assert.Throws<JsTerminatedException>(() => context.Run("const m = new WebAssembly.Instance(wasm).exports.m; m.grow(1600); check(); for (;;) {}", "test.js"));
        Assert.Equal((JsLimit.External, JsLimit.External), (exception.Limit, isolate.LimitHit));
    }

    [Fact]
    public void CheckMemory_WhenUnderTheTotal_IsNone()
    {
        using var scope = Isolate.Enter();
        Eval("new ArrayBuffer(1024)").Dispose();
        Assert.Equal(JsLimit.None, Isolate.CheckMemory());
        var statistics = Isolate.GetStatistics();
        Assert.True(statistics.UsedHeap > 0 && statistics.UsedHeap <= statistics.TotalHeap);
        Assert.Equal(1, statistics.NativeContexts);
    }

    [Fact]
    public void Wasm_WhenBytesAreNotAllowed_IsRefusedToTheGuest()
    {
        using var scope = Isolate.Enter();
        Assert.Equal("CompileError", EvalString("try { new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])); 'made' } catch (e) { e.name }"));
        Context.SetOptions(new JsContextOptions { AllowWasmFromBytes = true });
        Assert.Equal("made", EvalString("new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])); 'made'"));
        Assert.Equal("CompileError", Assert.Throws<JsException>(() => Context.CompileWasm([1, 2, 3])).Info.Name);
    }

    [Fact]
    public void Stack_WhenRecursionIsDeep_EndsInRangeErrorWithinTheLimit()
    {
        using var scope = Isolate.Enter();
        Assert.Equal("RangeError", Throws("function f(n) { return f(n + 1) + 1 } f(0)").Info.Name);
    }

    /// <summary>globalThis.wasm: a module that exports a memory m of one page.</summary>
    private static void SetGlobalWasm(JsContext context)
    {
        using var wasm = context.CompileWasm([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 0, 1, 7, 5, 1, 1, 0x6d, 2, 0]);
        Assert.Equal(JsType.WasmModule, wasm.Type);
        using var global = context.Global;
        global.Set("wasm", wasm);
    }
}
