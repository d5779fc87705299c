using FsCheck;
using FsCheck.Fluent;
using Molt.Engine;

namespace Molt.Engine.Tests;

public sealed class ValueTests : EngineTest
{
    [Fact]
    public void Inline_WhenPrimitive_HoldsTheValueWithoutAHandle()
    {
        using var scope = Isolate.Enter();
        _ = Context;
        long handles = JsEngine.LiveHandles;
        Assert.True(Context.From(true).Boolean);
        Assert.Equal(-7, Context.From(-7).Number);
        Assert.Equal(0.1, Context.From(0.1).Number);
        Assert.Equal(long.MinValue, Context.From(JsArg.BigInt(long.MinValue)).BigInt);
        Assert.True(Context.From(JsArg.Null).IsNull);
        Assert.True(Context.From(JsArg.Undefined).IsUndefined);
        Assert.Equal(handles, JsEngine.LiveHandles);
    }

    [Theory]
    [InlineData("undefined", JsType.Undefined)]
    [InlineData("null", JsType.Null)]
    [InlineData("true", JsType.Boolean)]
    [InlineData("1.5", JsType.Number)]
    [InlineData("10n", JsType.BigInt)]
    [InlineData("'x'", JsType.String)]
    [InlineData("Symbol.iterator", JsType.Symbol)]
    [InlineData("(() => 1)", JsType.Function)]
    [InlineData("[1]", JsType.Array)]
    [InlineData("Promise.resolve(1)", JsType.Promise)]
    [InlineData("new ArrayBuffer(1)", JsType.ArrayBuffer)]
    [InlineData("new Uint8Array(1)", JsType.ArrayBufferView)]
    [InlineData("new DataView(new ArrayBuffer(1))", JsType.ArrayBufferView)]
    [InlineData("new RangeError('x')", JsType.Error)]
    [InlineData("new Date(0)", JsType.Date)]
    [InlineData("new Map()", JsType.Map)]
    [InlineData("new Set()", JsType.Set)]
    [InlineData("({})", JsType.Object)]
    public void Type_WhenEvaluated_IsExact(string source, JsType expected)
    {
        using var scope = Isolate.Enter();
        using var value = Eval(source);
        Assert.Equal(expected, value.Type);
    }

    [Fact]
    public void String_WhenAnyUtf16_RoundTrips()
    {
        using var scope = Isolate.Enter();
        using var echo = Eval("(s) => s");
        Prop.ForAll<string>(text =>
        {
            using var value = echo.Call(Context, text);
            return text is null ? value.IsUndefined : string.Equals(value.GetString(), text, StringComparison.Ordinal);
        }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("\ud800")]
    [InlineData("\udc00\ud800")]
    [InlineData("é€😀")]
    public void String_WhenEdgeCase_RoundTripsWithItsLength(string text)
    {
        using var scope = Isolate.Enter();
        using var length = Eval("(s) => s.length");
        using var value = Context.From(text);
        Assert.Equal(text, value.GetString());
        Assert.Equal(text.Length, length.CallNumber(Context, text));
    }

    [Fact]
    public void Latin1_WhenAnyBytes_BecomesThoseUnits()
    {
        using var scope = Isolate.Enter();
        Prop.ForAll<byte[]>(bytes =>
        {
            using var value = Context.From(JsArg.Latin1(bytes ?? []));
            return string.Equals(value.GetString(), System.Text.Encoding.Latin1.GetString(bytes ?? []), StringComparison.Ordinal);
        }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true));
    }

    [Fact]
    public void Utf8_WhenInvalid_BecomesReplacementCharacters()
    {
        using var scope = Isolate.Enter();
        using var value = Context.From(JsArg.Utf8([0x61, 0xff, 0xe2, 0x82, 0x62]));
        Assert.Equal("a\ufffd\ufffdb", value.GetString());
    }

    [Fact]
    public void Bytes_WhenAny_RoundTripAndAreCopied()
    {
        using var scope = Isolate.Enter();
        Prop.ForAll<byte[]>(bytes =>
        {
            using var value = Context.From(JsArg.Bytes(bytes ?? []));
            return value.GetBytes().AsSpan().SequenceEqual(bytes);
        }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true));
        byte[] source = [1, 2, 3];
        using var copy = Context.From(JsArg.Bytes(source));
        source[0] = 9;
        Assert.Equal([1, 2, 3], copy.GetBytes());
    }

    [Fact]
    public void Bytes_WhenViewHasAnOffset_IsTheViewOnly()
    {
        using var scope = Isolate.Enter();
        using var view = Eval("new Uint8Array([1,2,3,4]).subarray(1, 3)");
        Assert.Equal([2, 3], view.GetBytes());
    }

    [Fact]
    public void Number_WhenAnyDouble_RoundTripsBitForBit()
    {
        using var scope = Isolate.Enter();
        using var echo = Eval("(x) => x");
        Prop.ForAll<double>(number =>
        {
            double result = echo.CallNumber(Context, number)!.Value;
            return double.IsNaN(number) ? double.IsNaN(result) : BitConverter.DoubleToInt64Bits(result) == BitConverter.DoubleToInt64Bits(number);
        }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true));
    }

    [Fact]
    public void Properties_WhenSet_AreReadAndListedInOrder()
    {
        using var scope = Isolate.Enter();
        using var target = Context.NewObject();
        target.Set("b", 1);
        target.Set("a", "x");
        target.Set("é", JsArg.Null);
        Assert.Equal(["b", "a", "é"], target.Keys());
        using var a = target.Get("a");
        Assert.Equal("x", a.GetString());
        Assert.True(target.Get("missing").IsUndefined);
        Assert.Equal("""{"b":1,"a":"x","é":null}""", Context.Stringify(target));
    }

    [Fact]
    public void Json_WhenParsed_GivesTheValue()
    {
        using var scope = Isolate.Enter();
        using var value = Context.Json("""{"a":[1,2,{"b":"ü"}]}"""u8);
        Assert.Equal("""{"a":[1,2,{"b":"ü"}]}""", Context.Stringify(value));
        Assert.Equal("SyntaxError", Assert.Throws<JsException>(() => Context.Json("{"u8)).Info.Name);
    }

    [Fact]
    public void CoerceToString_WhenObject_RunsItsToString()
    {
        using var scope = Isolate.Enter();
        using var value = Eval("({ toString() { return 'me' } })");
        Assert.Equal("me", value.CoerceToString());
        Assert.Equal("1.5", Context.From(1.5).CoerceToString());
        using var evil = Eval("({ toString() { throw new TypeError('no') } })");
        Assert.Equal("no", Assert.Throws<JsException>(evil.CoerceToString).Message.Replace("Uncaught TypeError: ", "", StringComparison.Ordinal));
    }

    [Fact]
    public void StrictEquals_WhenCompared_FollowsTheOperator()
    {
        using var scope = Isolate.Enter();
        using var a = Eval("globalThis.a = {}");
        using var again = Eval("a");
        using var other = Eval("({})");
        Assert.True(a.StrictEquals(again));
        Assert.False(a.StrictEquals(other));
        Assert.True(Context.From(1).StrictEquals(Context.From(1.0)));
        Assert.False(Context.From(double.NaN).StrictEquals(Context.From(double.NaN)));
        Assert.False(Context.From(1).StrictEquals(Context.From(true)));
    }

    [Fact]
    public void Value_WhenReadAsAnotherType_IsAUsageError()
    {
        using var scope = Isolate.Enter();
        using var text = Eval("'x'");
        Assert.Equal("ENG003", Assert.Throws<JsUsageException>(() => text.Number).Code);
        Assert.Throws<JsUsageException>(() => Context.From(1).GetString());
        Assert.Throws<JsUsageException>(() => text.PromiseState);
    }

    [Fact]
    public void Value_WhenNotEntered_IsAUsageError()
    {
        JsValue value;
        using (Isolate.Enter())
        {
            value = Eval("({})");
        }
        Assert.Throws<JsUsageException>(() => value.Type);
        Assert.Throws<JsUsageException>(() => value.Get("x"));
        value.Dispose();
    }

    [Fact]
    public void Value_WhenOfAnotherIsolate_IsRefused()
    {
        using var other = JsIsolate.Create(new JsIsolateOptions());
        JsValue foreign;
        using (other.Enter())
        {
            foreign = other.CreateContext(new JsContextOptions()).NewObject();
        }
        using (Isolate.Enter())
        {
            using var echo = Eval("(x) => x");
            Assert.Throws<JsException>(() => echo.Call(Context, foreign));
            Assert.Throws<JsUsageException>(() => foreign.Call(Context));
        }
        foreign.Dispose();
    }

    [Fact]
    public void Value_WhenIsolateIsDisposed_StaysSafe()
    {
        JsValue value;
        using (Isolate.Enter())
        {
            value = Eval("({ a: 1 })");
        }
        Isolate.Dispose();
        Assert.Throws<JsDisposedException>(() => value.Get("a"));
        value.Dispose();
        Assert.Throws<JsDisposedException>(() => Isolate.Enter());
        Isolate.Terminate();
        Assert.Equal(JsLimit.None, Isolate.LimitHit);
    }

    [Fact]
    public void NewError_WhenKindGiven_IsOfThatClass()
    {
        using var scope = Isolate.Enter();
        foreach (var kind in Enum.GetValues<JsErrorKind>())
        {
            using var error = Context.NewError(kind, "why");
            var info = Context.Describe(error);
            Assert.Equal(kind.ToString(), info.Name);
            using var message = error.Get("message");
            Assert.Equal("why", message.GetString());
        }
    }

    [Fact]
    public void Version_WhenAsked_IsTheEnginesOwn()
    {
        Assert.StartsWith("14.6.", JsEngine.V8Version, StringComparison.Ordinal);
        Assert.NotEmpty(JsEngine.FlagsHash);
        Assert.True(JsCpuClock.ThreadNanoseconds > 0);
        Assert.True(JsCpuClock.ForCurrentThread().Nanoseconds > 0);
    }
}
