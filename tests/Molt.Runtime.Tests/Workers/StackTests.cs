using System.Text.RegularExpressions;

namespace Molt.Runtime.Tests.Workers;

/// <summary>The stacks that a worker sees of errors: its own frames, and what V8's stack trace API promises.</summary>
public sealed partial class StackTests : RuntimeTest
{
    private const string Outer = "at call (main.js),at Object.fetch (main.js)";

    [Theory]
    [InlineData("new Error('x').stack", "Error: x,at expression (main.js)," + Outer)]
    [InlineData("thrown(() => new URL('nope')).stack", "TypeError: Invalid URL string.,at main.js,at thrown (main.js),at expression (main.js)," + Outer)]
    [InlineData("new DOMException('d', 'AbortError').stack", "AbortError: d,at expression (main.js)," + Outer)]
    [InlineData("(() => { const o = {}; Error.captureStackTrace(o); return o.stack })()", "Error,at main.js,at expression (main.js)," + Outer)]
    [InlineData("(() => { const o = { name: 'N', message: 'm' }; Error.captureStackTrace(o, expression); return o.stack })()", "N: m," + Outer)]
    [InlineData("(() => { const o = { get name() { throw new RangeError('n') } }; Error.captureStackTrace(o, call); return o.stack })()", "<error: RangeError: n>,at Object.fetch (main.js)")]
    [InlineData("(Error.stackTraceLimit = 1, new Error('x').stack)", "Error: x,at expression (main.js)")]
    [InlineData("(delete Error.stackTraceLimit, typeof new Error('x').stack)", "undefined")]
    public async Task Stack_WhenRead_HasTheWorkersFramesOnly(string expression, string expected) =>
        Assert.Equal(expected, await StackAsync(expression));

    [Theory]
    [InlineData("function (e, sites) { return [this === Error, e.message, sites.length, sites[0].getFunctionName()].join() }", "true,x,3,expression")]
    [InlineData("(e, sites) => sites.map(s => s.getFileName()).join()", "main.js,main.js,main.js")]
    [InlineData("(e, sites) => String(sites[0])", "expression (main.js)")]
    [InlineData("() => new Error('inner').stack.split('\\n')[0]", "Error: inner")]
    [InlineData("() => { throw new Error('mine') }", "mine")]
    [InlineData("() => undefined", "undefined")]
    [InlineData("'no function'", "Error: x,at expression (main.js)," + Outer)]
    public async Task PrepareStackTrace_WhenTheWorkerHasOne_MakesTheStack(string prepare, string expected) =>
        Assert.Equal(expected, await StackAsync($"(Error.prepareStackTrace = {prepare}, new Error('x').stack)"));

    [Fact]
    public async Task PrepareStackTrace_WhenItWasStopped_IsAskedTheNextTime()
    {
        var worker = await LoadAsync(
            """
            Error.prepareStackTrace = error => { while (error.message === 'loop'); return 'mine'; };
            export default { fetch: request => new Response(new Error(request.url.slice(14)).stack) };
            """,
            new WorkerLimits { Cpu = TimeSpan.FromMilliseconds(50) });
        Assert.Equal(EventOutcome.ExceededCpu, (await FailureAsync(worker, new InMemoryExchange("http://a.test/loop"))).Outcome);
        Assert.Equal("mine", await TextAsync(worker, new InMemoryExchange("http://a.test/x")));
    }

    [Fact]
    public async Task Stack_WhenBuiltInsAreReplaced_IsTheSame() => Assert.Equal(
        "Error: x,at expression (main.js)," + Outer,
        await StackAsync("""
            (() => {
              Error.prototype.toString = String.prototype.startsWith = Reflect.apply = () => 'mine';
              Object.defineProperty(Array.prototype, 0, { set() { throw 'mine' }, configurable: true });
            })(), new Error('x').stack
            """));

    [Fact]
    public async Task Stack_WhenAfterAnAwait_HasTheAsynchronousFrames() =>
        Assert.Equal("Error: x,at main.js,at async Object.fetch (main.js)", await StackAsync("(async () => { await null; return new Error('x').stack })()"));

    private async Task<string> StackAsync(string expression)
    {
        var worker = await LoadAsync($$"""
            const thrown = work => { try { work(); } catch (error) { return error; } };
            function expression() { return {{expression}}; }
            function call() { try { return expression(); } catch (error) { return error.message; } }
            export default { async fetch() { return new Response(String(await call())); } };
            """);
        return Positions().Replace(await TextAsync(worker, new InMemoryExchange()), "").Replace("\n    ", ",", StringComparison.Ordinal);
    }

    [GeneratedRegex(@":\d+:\d+", RegexOptions.None, 1000)]
    private static partial Regex Positions();
}
