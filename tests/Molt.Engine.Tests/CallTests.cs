using Molt.Engine;

namespace Molt.Engine.Tests;

public sealed class CallTests : EngineTest
{
    [Fact]
    public void Arguments_WhenOfEveryKind_AreReadExactly()
    {
        var seen = new List<string>();
        Host.F = (ref JsCall call) =>
        {
            seen.Add($"{call.Count} {call.Int32(0)} {call.Number(1)} {call.Boolean(2)} {call.String(3)} {call.StringLength(3)} {call.IsLatin1(3)} {call.IsLatin1(4)}");
            seen.Add($"{call.IsNull(5)} {call.IsUndefined(6)} {call.IsUndefined(99)} {Convert.ToHexString(call.Bytes(7))} {call.Int64(8)}");
        };
        using var scope = Isolate.Enter();
        Eval("host.f(-3, 0.5, true, 'aé', '€', null, undefined, new Uint8Array([1, 255]), 2 ** 53)").Dispose();
        Assert.Equal(["9 -3 0.5 True aé 2 True False", "True True True 01FF 9007199254740992"], seen);
    }

    [Fact]
    public void Text_WhenCopied_IsLatin1OrUtf8()
    {
        byte[] latin1 = new byte[8];
        byte[] utf8 = new byte[16];
        int latin1Length = 0, utf8Length = 0, announced = 0;
        Host.F = (ref JsCall call) =>
        {
            latin1Length = call.CopyLatin1(0, latin1);
            announced = call.Utf8Length(1);
            utf8Length = call.CopyUtf8(1, utf8);
        };
        using var scope = Isolate.Enter();
        Eval("host.f('a' + 'é', 'a€' + '\\ud800')").Dispose();
        Assert.Equal([0x61, 0xe9], latin1[..latin1Length]);
        Assert.Equal(7, announced);
        Assert.Equal([0x61, 0xe2, 0x82, 0xac, 0xef, 0xbf, 0xbd], utf8[..utf8Length]);
    }

    [Fact]
    public void Utf8_WhenTheDestinationIsShort_WritesWholeCharactersOnly()
    {
        int written = -1;
        byte[] buffer = new byte[3];
        Host.F = (ref JsCall call) => written = call.CopyUtf8(0, buffer);
        using var scope = Isolate.Enter();
        Eval("host.f('a€€')").Dispose();
        Assert.Equal(1, written);
    }

    [Theory]
    [InlineData("host.f(Symbol())", "Argument 1 must be a string.")]
    [InlineData("host.f({})", "Argument 1 must be a string.")]
    public void Arguments_WhenOfTheWrongType_ThrowTypeErrorInJavaScript(string source, string message)
    {
        Host.F = (ref JsCall call) => call.String(0);
        using var scope = Isolate.Enter();
        Assert.Equal("TypeError|" + message, EvalString($"try {{ {source} }} catch (e) {{ e.name + '|' + e.message }}"));
    }

    [Fact]
    public void Return_WhenOfEveryKind_ReachesJavaScript()
    {
        using var scope = Isolate.Enter();
        var results = new List<string>();
        foreach (var callback in new JsHostCallback[]
        {
            (ref JsCall call) => call.Return(true),
            (ref JsCall call) => call.Return(7),
            (ref JsCall call) => call.Return(0.5),
            (ref JsCall call) => call.Return(1L << 40),
            (ref JsCall call) => call.Return("tëxt€"),
            (ref JsCall call) => call.Return(new string('é', 100_000)),
            (ref JsCall call) => call.Return(JsArg.Null),
            (ref JsCall call) => call.Return(JsArg.Latin1([0x61, 0xe9])),
            (ref JsCall call) => call.Return(JsArg.Bytes([1, 2])),
            (ref JsCall call) => call.Return(JsArg.BigInt(5)),
            (ref JsCall call) => { },
        })
        {
            Host.F = callback;
            results.Add(EvalString("(() => { const r = host.f(); return typeof r + ':' + (typeof r === 'string' && r.length > 99 ? r.length : String(r)) })()"));
        }
        Assert.Equal(
            ["boolean:true", "number:7", "number:0.5", "number:1099511627776", "string:tëxt€", "string:100000", "object:null", "string:aé", "object:1,2", "bigint:5", "undefined:undefined"],
            results);
    }

    [Fact]
    public void Return_WhenTheHandleIsDisposedInTheCallback_StillArrives()
    {
        Host.F = (ref JsCall call) =>
        {
            using var value = call.Value(0);
            call.Return(value);
        };
        using var scope = Isolate.Enter();
        Assert.Equal("true", EvalJson("const o = {}; host.f(o) === o && host.f('s') === 's' && host.f(3) === 3"));
    }

    [Fact]
    public void Throw_WhenAsked_ThrowsThatError()
    {
        Host.F = (ref JsCall call) => call.Throw(JsErrorKind.RangeError, "too far");
        Host.G = (ref JsCall call) =>
        {
            using var value = call.Value(0);
            call.Throw(value);
        };
        using var scope = Isolate.Enter();
        Assert.Equal("true too far", EvalString("try { host.f() } catch (e) { (e instanceof RangeError) + ' ' + e.message }"));
        Assert.Equal("42", EvalString("try { host.g(42) } catch (e) { String(e) }"));
    }

    [Fact]
    public void Callback_WhenItThrows_ShowsInternalErrorAndReportsTheFault()
    {
        var faults = new List<Exception>();
        void OnFault(object? sender, JsHostFaultEventArgs e) => faults.Add(e.Exception);
        JsEngine.HostFault += OnFault;
        try
        {
            Host.F = (ref JsCall call) => throw new InvalidOperationException("secret path");
            using var scope = Isolate.Enter();
            Assert.Equal("Error Internal error", EvalString("try { host.f() } catch (e) { e.name + ' ' + e.message }"));
        }
        finally
        {
            JsEngine.HostFault -= OnFault;
        }
        Assert.Equal("secret path", Assert.IsType<InvalidOperationException>(Assert.Single(faults)).Message);
    }

    [Fact]
    public void Callback_WhenNestedJavaScriptThrows_PassesTheSameValueOn()
    {
        Host.F = (ref JsCall call) =>
        {
            using var function = call.Value(0);
            function.Invoke(Context);
        };
        using var scope = Isolate.Enter();
        Assert.Equal("true", EvalJson("const thrown = new Error('x'); let caught; try { host.f(() => { throw thrown }) } catch (e) { caught = e } caught === thrown"));
    }

    [Fact]
    public void Call_WhenNested_KeepsResultsApart()
    {
        Host.F = (ref JsCall call) =>
        {
            using var function = call.Value(0);
            string? inner = function.CallString(Context);
            call.Return("<" + inner + ">");
        };
        Host.G = (ref JsCall call) => call.Return("inner");
        using var scope = Isolate.Enter();
        Assert.Equal("<inner-inner>", EvalString("host.f(() => host.g() + '-' + host.g())"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(40)]
    public void Call_WhenManyArguments_PassesAll(int count)
    {
        using var scope = Isolate.Enter();
        using var join = Eval("(...args) => args.join()");
        var args = new JsArg[count];
        var expected = new List<string>();
        for (int i = 0; i < count; i++)
        {
            args[i] = i % 3 == 0 ? JsArg.From("s" + i) : i % 3 == 1 ? JsArg.Latin1("l"u8) : JsArg.From(i);
            expected.Add(i % 3 == 0 ? "s" + i : i % 3 == 1 ? "l" : i.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
        Assert.Equal(string.Join(',', expected), join.CallString(Context, args));
    }

    [Fact]
    public void Call_WhenReceiverGiven_IsThis()
    {
        using var scope = Isolate.Enter();
        using var function = Eval("(function (x) { 'use strict'; return this === undefined ? 'none' : this.name + x })");
        using var receiver = Eval("({ name: 'n' })");
        using var with = function.Call(Context, receiver, [1]);
        using var without = function.Call(Context);
        Assert.Equal("n1", with.GetString());
        Assert.Equal("none", without.GetString());
    }

    [Fact]
    public void Construct_WhenClass_MakesAnInstance()
    {
        using var scope = Isolate.Enter();
        using var type = Eval("(class { constructor(a) { this.a = a } })");
        using var instance = type.Construct(Context, 5);
        Assert.Equal("""{"a":5}""", Context.Stringify(instance));
    }

    [Fact]
    public void Invoke_WhenWarm_AllocatesNothing()
    {
        byte[] head = "GET\nhttp://x/"u8.ToArray();
        int units = 0;
        byte[] buffer = new byte[64];
        Host.F = (ref JsCall call) => units += call.CopyLatin1(1, buffer) + call.Int32(0);
        using var scope = Isolate.Enter();
        using var function = Eval("(event, head, flag, url) => host.f(event, head, flag, url)");
        for (int i = 0; i < 200; i++)
        {
            function.Invoke(Context, 1, JsArg.Latin1(head), true, "text");
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            function.Invoke(Context, 1, JsArg.Latin1(head), true, "text");
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1200 * (head.Length + 1), units);
    }

    [Fact]
    public void CompileFunction_WhenParametersGiven_TakesThem()
    {
        using var scope = Isolate.Enter();
        using var function = Context.CompileFunction("return a + b", "add.js", "a", "b");
        Assert.Equal(5, function.CallNumber(Context, 2, 3));
        Assert.Equal("SyntaxError", Assert.Throws<JsException>(() => Context.CompileFunction("return )", "bad.js")).Info.Name);
    }

    [Fact]
    public void CodeCache_WhenForeign_IsIgnoredAndReported()
    {
        using var scope = Isolate.Enter();
        using var result = Context.Run("6 * 7", "a.js", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32], out bool rejected);
        Assert.Equal((42, true), (result.Number, rejected));
        using var function = Context.CompileFunction("return a", "f.js", "a");
        Assert.NotEmpty(Context.FunctionCodeCache(function));
        using var other = Eval("() => 1");
        Assert.ThrowsAny<JsEngineException>(() => Context.FunctionCodeCache(other));
    }

    [Fact]
    public void HostFunction_WhenMade_HasNameAndLength()
    {
        using var scope = Isolate.Enter();
        Assert.Equal("f:2", EvalString("host.f.name + ':' + host.f.length"));
        Assert.Throws<ArgumentOutOfRangeException>(() => Context.HostFunction(99));
    }

    [Fact]
    public void Eval_WhenNotAllowed_ThrowsEvalError()
    {
        using var scope = Isolate.Enter();
        Assert.Equal("EvalError EvalError", EvalString("const n = []; for (const f of [() => eval('1'), () => new Function('return 1')]) try { f() } catch (e) { n.push(e.name) } n.join(' ')"));
        Context.SetOptions(new JsContextOptions { AllowEval = true });
        Assert.Equal(2, EvalNumber("eval('1 + 1')"));
    }
}
