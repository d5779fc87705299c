using Molt.Engine;

namespace Molt.Engine.Tests;

public sealed class ErrorTests : EngineTest
{
    [Fact]
    public void Exception_WhenThrown_HasPositionAndFrames()
    {
        using var scope = Isolate.Enter();
        var exception = Assert.Throws<JsException>(() => Context.Run("function outer() {\n  inner();\n}\nfunction inner() {\n  throw new TypeError('bad');\n}\nouter();", "file:///a.js"));
        var info = exception.Info;
        Assert.Equal("ENG001", exception.Code);
        Assert.Equal("TypeError", info.Name);
        Assert.Contains("bad", info.Message, StringComparison.Ordinal);
        Assert.Equal(("file:///a.js", 5), (info.Resource, info.Line));
        Assert.Equal("  throw new TypeError('bad');", info.SourceLine);
        Assert.StartsWith("TypeError: bad\n    at inner (file:///a.js:5:9)\n    at outer (file:///a.js:2:3)", info.Stack, StringComparison.Ordinal);
        Assert.Equal(
            [new JsFrame("inner", "file:///a.js", 5, 9), new JsFrame("outer", "file:///a.js", 2, 3), new JsFrame(null, "file:///a.js", 7, 1)],
            info.Frames);
        Assert.Equal(JsType.Error, exception.Value!.Type);
    }

    [Fact]
    public void Exception_WhenSyntaxError_PointsAtIt()
    {
        using var scope = Isolate.Enter();
        var info = Assert.Throws<JsException>(() => Context.Run("let a = 1;\nlet a = 2;", "file:///s.js")).Info;
        Assert.Equal(("SyntaxError", "file:///s.js", 2), (info.Name, info.Resource, info.Line));
    }

    [Theory]
    [InlineData("throw 42", "42")]
    [InlineData("throw null", "null")]
    [InlineData("throw undefined", "undefined")]
    [InlineData("throw 'text'", "text")]
    public void Exception_WhenNotAnError_HasTheText(string source, string expected)
    {
        using var scope = Isolate.Enter();
        Assert.Contains(expected, Throws(source).Info.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Exception_WhenItIsAnErrorOfTheEmbedders_HasItsNameAndMessage()
    {
        using var scope = Isolate.Enter();
        var info = Throws("class Own { constructor() { Error.captureStackTrace(this) } get name() { return 'Own' } get message() { return 'm' } } throw new Own()").Info;
        Assert.Equal(("Own", "m"), (info.Name, info.Message));
    }

    [Fact]
    public void Exception_WhenStackGetterThrows_StillDescribes()
    {
        using var scope = Isolate.Enter();
        var info = Throws("const e = new Error('m'); Object.defineProperty(e, 'stack', { get() { throw 1 } }); throw e").Info;
        Assert.Contains("m", info.Message, StringComparison.Ordinal);
        Assert.Null(info.Stack);
    }

    [Theory]
    [InlineData("Infinity", 32)]
    [InlineData("2147483647", 32)]
    [InlineData("1e10", 32)]
    [InlineData("20", 20)]
    [InlineData("0", 0)]
    [InlineData("-1", 0)]
    [InlineData("'many'", 0)]
    public void Error_WhenTheGuestSetsAnyStackTraceLimit_IsMade(string limit, int frames)
    {
        using var scope = Isolate.Enter();
        var info = Throws($"Error.stackTraceLimit = {limit}; function deep(n) {{ if (n === 0) throw new Error('x'); deep(n - 1); }} deep(40)").Info;
        Assert.Equal(("x", "test.js", frames), (info.Message, info.Resource, info.Frames.Count));
        Assert.All(info.Frames, frame => Assert.Equal("test.js", frame.Resource));
    }

    [Fact]
    public void Exception_WhenFramesAreOfManyKinds_TellsThemApart()
    {
        using var scope = Isolate.Enter();
        using var made = Eval("""
            class Thing { constructor() { [0].map(() => throw_()); } }
            function throw_() { throw new Error("at nowhere (x:1:1)"); }
            globalThis.caught = (async () => { await null; await (async function inner() { await null; new Thing(); })(); })().catch((e) => e);
            caught
            """);
        Isolate.RunMicrotasks();
        using var error = Completed(made.AsTask(Context));
        Assert.Equal(
            "throw_ test.js:2| test.js:1|new Thing test.js:1|inner test.js:3|async  test.js:3",
            string.Join('|', Context.Describe(error).Frames.Select(frame => $"{(frame.IsAsync ? "async " : "")}{frame.Function} {frame.Resource}:{frame.Line}")));
    }

    [Fact]
    public void Frames_WhenReadFromAText_AreThoseWithAPosition()
    {
        using var scope = Isolate.Enter();
        var info = Throws("""
            throw Object.assign(new Error("x"), { stack: `Error: x
                at eval (eval at f (a.js:1:2), <anonymous>:3:4)
                at work (wasm://wasm/ab12:wasm-function[7]:0x21)
                at async Promise.all (index 0)
                at Object.<anonymous> (file:///a b/(c).js:5:6)
                at b.js:99999999999:1
                at c.js:7:8
              not at d.js:9:9` })
            """).Info;
        Assert.Equal(
            [
                new JsFrame("eval", "<anonymous>", 3, 4, IsEval: true),
                new JsFrame("work", "wasm://wasm/ab12", 1, 0x22, IsWasm: true),
                new JsFrame("Object.<anonymous>", "file:///a b/(c).js", 5, 6),
                new JsFrame(null, "c.js", 7, 8),
            ],
            info.Frames);
    }

    [Fact]
    public void Exception_WhenThrownInAHiddenScript_IsPlacedWhereItWasCalled()
    {
        Isolate.SourceMaps.Hidden = "own.js";
        using var scope = Isolate.Enter();
        Context.Run("function check(x) { validate(x); }\nfunction validate() { throw new TypeError('bad'); }", "own.js").Dispose();
        var info = Throws("function work() {\n  check(1);\n}\nwork();").Info;
        Assert.Equal(("test.js", 2, 3, "TypeError: bad\n    at work (test.js:2:3)\n    at test.js:4:1"), (info.Resource, info.Line, info.Column, info.Stack));
        Assert.Equal([new JsFrame("work", "test.js", 2, 3), new JsFrame(null, "test.js", 4, 1)], info.Frames);
    }

    [Fact]
    public void Exception_WhenDeepRecursion_IsARangeError()
    {
        using var scope = Isolate.Enter();
        Assert.Equal("RangeError", Throws("(function f() { f() })()").Info.Name);
        Assert.Equal(2, EvalNumber("1 + 1"));
    }

    [Fact]
    public void Stack_WhenReadWhereTheStackIsFull_HasPositions()
    {
        using var scope = Isolate.Enter();
        var info = Throws("let first;\nfunction deep() { try { deep(); } catch (e) { first ??= e.stack; throw e; } }\ndeep();").Info;
        Assert.Equal("RangeError: Maximum call stack size exceeded", $"{info.Name}: {info.Message}");
        Assert.All(info.Frames, frame => Assert.Equal(("deep", "test.js", 2), (frame.Function, frame.Resource, frame.Line)));
        Assert.Equal(10, info.Frames.Count);
    }

    [Fact]
    public void Exception_WhenTheMessageIsUnicode_KeepsIt()
    {
        using var scope = Isolate.Enter();
        Assert.Contains("grün 😀", Throws("throw new Error('grün 😀')").Info.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Describe_WhenAnyValue_GivesAMessage()
    {
        using var scope = Isolate.Enter();
        using var error = Eval("const cause = new Error('inner'); new RangeError('outer', { cause })");
        var info = Context.Describe(error);
        Assert.Equal("RangeError", info.Name);
        Assert.Contains("outer", info.Message, StringComparison.Ordinal);
        Assert.Contains("7", Context.Describe(Context.From(7)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Exception_WhenASourceMapIsRegistered_IsMapped()
    {
        // Generated line 1 column 1 → src/a.ts line 10 column 5; from column 7 on → line 11 column 3.
        const string Map = """{"version":3,"sources":["src/a.ts"],"sourcesContent":[null],"names":[],"mappings":"AASI,MACF"}""";
        Isolate.SourceMaps.Register("file:///a.js", System.Text.Encoding.UTF8.GetBytes(Map));
        using var scope = Isolate.Enter();
        var info = Assert.Throws<JsException>(() => Context.Run("void 0;throw new Error('x')", "file:///a.js")).Info;
        Assert.Equal(("src/a.ts", 11, 3), (info.Resource, info.Line, info.Column));
        Assert.Equal(new JsFrame(null, "src/a.ts", 11, 3), Assert.Single(info.Frames));
        Assert.Equal("Error: x\n    at src/a.ts:11:3", info.Stack);
    }
}
