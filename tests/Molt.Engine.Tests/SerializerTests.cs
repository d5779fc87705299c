using FsCheck;
using FsCheck.Fluent;
using Molt.Engine;

namespace Molt.Engine.Tests;

public sealed class SerializerTests : EngineTest
{
    [Theory]
    [InlineData("[1, -0, 1e300, 'ü\\ud800', null, true, 10n]", "v => v.length === 7 && Object.is(v[1], -0) && v[3] === 'ü\\ud800' && v[6] === 10n")]
    [InlineData("new Map([[1, new Set(['a'])]])", "v => v.get(1).has('a')")]
    [InlineData("new Date(5)", "v => v.getTime() === 5")]
    [InlineData("/a+/gi", "v => v.source === 'a+' && v.flags === 'gi'")]
    [InlineData("new Float32Array([1.5, 2])", "v => v instanceof Float32Array && v[0] === 1.5")]
    [InlineData("(() => { const o = { x: 1 }; o.self = o; return o })()", "v => v.self === v && v.x === 1")]
    [InlineData("new RangeError('far', { cause: 'c' })", "v => v instanceof RangeError && v.message === 'far' && v.cause === 'c'")]
    [InlineData("undefined", "v => v === undefined")]
    public void Value_WhenCloneable_RoundTrips(string source, string check)
    {
        using var scope = Isolate.Enter();
        using var value = Eval(source);
        byte[] bytes = Context.Serialize(value);
        using var copy = Context.Deserialize(bytes);
        using var verify = Eval(check);
        Assert.True(verify.CallBoolean(Context, copy));
    }

    [Theory]
    [InlineData("() => 1")]
    [InlineData("Symbol('x')")]
    [InlineData("({ f() {} })")]
    [InlineData("new WeakMap()")]
    public void Value_WhenNotCloneable_ThrowsDataCloneError(string source)
    {
        using var scope = Isolate.Enter();
        using var value = Eval("(" + source + ")");
        Assert.Equal("DataCloneError", Assert.Throws<JsException>(() => Context.Serialize(value)).Info.Name);
    }

    [Fact]
    public void Json_WhenAnyStringsAndBytes_RoundTrips()
    {
        using var scope = Isolate.Enter();
        Prop.ForAll<string[], byte[]>((texts, bytes) =>
        {
            using var value = Context.NewObject();
            value.Set("bytes", JsArg.Bytes(bytes));
            for (int i = 0; i < texts.Length; i++)
            {
                value.Set("t" + i, texts[i]);
            }
            using var copy = Context.Deserialize(Context.Serialize(value));
            using var copiedBytes = copy.Get("bytes");
            bool same = copiedBytes.GetBytes().AsSpan().SequenceEqual(bytes);
            for (int i = 0; i < texts.Length; i++)
            {
                using var text = copy.Get("t" + i);
                same &= texts[i] is null ? text.IsUndefined : string.Equals(text.GetString(), texts[i], StringComparison.Ordinal);
            }
            return same;
        }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true));
    }

    [Fact]
    public void Deserialize_WhenMalformed_Throws()
    {
        using var scope = Isolate.Enter();
        Assert.Throws<JsException>(() => Context.Deserialize([]));
        Assert.Throws<JsException>(() => Context.Deserialize([1, 2, 3, 4, 5]));
        using var value = Eval("[1, 'text', { a: 1 }]");
        byte[] bytes = Context.Serialize(value);
        for (int length = 0; length < bytes.Length; length++)
        {
            try
            {
                Context.Deserialize(bytes.AsSpan(0, length)).Dispose();
            }
            catch (JsException)
            {
                // Either way the process goes on.
            }
        }
    }
}
