using System.Text;
using System.Text.RegularExpressions;

namespace Molt.Runtime.Tests.Events;

public sealed partial class AnswerTests : RuntimeTest
{
    [Theory]
    [InlineData("export default { fetch() { return new Response('hi') } }")]
    [InlineData("export default { async fetch() { await null; return new Response('hi') } }")]
    [InlineData("export default { fetch: () => new Promise(done => setTimeout(() => done(new Response('hi')), 1)) }")]
    [InlineData("import { WorkerEntrypoint } from 'cloudflare:workers'; export default class extends WorkerEntrypoint { fetch() { return new Response('hi') } }")]
    [InlineData("addEventListener('fetch', event => event.respondWith(new Response('hi')))")]
    public async Task Fetch_WhenHandled_IsAnsweredOnce(string source)
    {
        var worker = await LoadAsync(source);
        var exchange = Post(worker);
        var answer = await Soon(exchange.Answering);
        Assert.Equal((200, "hi", BodyKind.Text), (answer.Status, answer.Text, answer.Kind));
        Assert.Null(await Soon(exchange.Ending));
        await Soon(Drain(worker));
        Assert.Equal((1, 1, 0), (exchange.Answers, exchange.Closes, worker.OpenEvents));
    }

    [Fact]
    public async Task Request_WhenItHasAHead_ShowsItToTheGuest()
    {
        var worker = await LoadHandlerAsync("""
            return Response.json({ method: request.method, url: request.url, headers: [...request.headers] })
            """);
        Assert.Equal(
            """{"method":"PUT","url":"http://a.test/p?q=1","headers":[["accept","*/*"],["x-b","caf\u00e9, two"]]}""".Replace("\\u00e9", "é", StringComparison.Ordinal),
            await TextAsync(worker, new InMemoryExchange("http://a.test/p?q=1", "PUT", "x-b: café\naccept: */*\nx-b: two")));
    }

    [Fact]
    public async Task Response_WhenItHasAHead_ShowsItToTheClient()
    {
        var worker = await LoadHandlerAsync("""
            const headers = new Headers({ 'X-B': 'é' });
            headers.append('set-cookie', 'a=1');
            headers.append('set-cookie', 'b=2');
            return new Response(null, { status: 418, statusText: 'Short and stout', headers })
            """);
        var answer = await Soon(Post(worker).Answering);
        Assert.Equal((418, "Short and stout", BodyKind.None), (answer.Status, answer.StatusText, answer.Kind));
        Assert.Equal("set-cookie: a=1\nset-cookie: b=2\nx-b: é\n", Sorted(answer.Headers));
    }

    [Theory]
    [InlineData("new Response('grüße')", BodyKind.Text)]
    [InlineData("new Response(new TextEncoder().encode('grüße'))", BodyKind.Bytes)]
    [InlineData("new Response(new TextEncoder().encode('grüße').buffer)", BodyKind.Bytes)]
    [InlineData("new Response(new Blob(['grüße']))", BodyKind.Bytes)]
    [InlineData("new Response(new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('grüße')); c.close() } }))", BodyKind.Stream)]
    public async Task Body_WhenOfAKind_CrossesAsThatKind(string expression, BodyKind kind)
    {
        var worker = await LoadHandlerAsync($"return {expression}");
        var exchange = Post(worker);
        var answer = await Soon(exchange.Answering);
        Assert.Equal(kind, answer.Kind);
        Assert.Equal("grüße", kind == BodyKind.Stream ? await Soon(exchange.ReadTextAsync()) : answer.Text);
    }

    [Fact]
    public async Task RequestBody_WhenThereIsNone_IsNull()
    {
        var worker = await LoadHandlerAsync("return Response.json([request.body, await request.text()])");
        Assert.Equal("[null,\"\"]", await TextAsync(worker));
    }

    [Fact]
    public async Task RequestBody_WhenItIsBytes_IsReadAtOnce()
    {
        var worker = await LoadHandlerAsync("return new Response((await request.text()).toUpperCase())");
        Assert.Equal("BODY É", await TextAsync(worker, new InMemoryExchange(method: "POST", body: Encoding.UTF8.GetBytes("body é"))));
    }

    [Fact]
    public async Task Handler_WhenItThrows_FailsTheEventWithThePosition()
    {
        var worker = await LoadAsync("export default {\n  fetch() {\n    throw new RangeError('no')\n  }\n}");
        var failure = await FailureAsync(worker);
        Assert.Equal((EventOutcome.Exception, "RangeError: no"), (failure.Outcome, failure.Message));
        Assert.Equal(("main.js", 3, "    throw new RangeError('no')"), (failure.Error!.Resource, failure.Error.Line, failure.Error.SourceLine));
        Assert.Equal(failure, Assert.Single(Observer.Failures));
    }

    [Theory]
    [InlineData("throw new TypeError('plain')", null)]
    [InlineData("throw Object.assign(new Error(), { name: 'Own' })", null)]
    [InlineData("throw new DOMException('m', 'AbortError')", null)]
    [InlineData("throw 'text'", "'text'")]
    [InlineData("throw null", "null")]
    [InlineData("throw { a: { b: [1] }, get c() { console.log('ran') } }", "{ a: { b: [ 1 ] }, c: [Getter] }")]
    [InlineData("throw Object.assign(new Uint8Array(3), { code: 7, [Symbol('s')]: [8] })", "Uint8Array(3) [ 0, 0, 0, code: 7, [Symbol(s)]: [ 8 ] ]")]
    [InlineData("throw Object.assign(Error('m'), { code: 7 })", "Error: m\n    at FETCH {\n  code: 7\n}")]
    [InlineData("throw Error('a', { cause: Error('b', { cause: 1 }) })", "Error: a\n    at FETCH {\n  [cause]: Error: b\n      at FETCH {\n    [cause]: 1\n  }\n}")]
    [InlineData("throw new AggregateError([Error('a'), 2], 'm')", "AggregateError: m\n    at FETCH {\n  [errors]: [\n    Error: a\n        at FETCH,\n    2\n  ]\n}")]
    public async Task Handler_WhenItThrowsMoreThanAStack_IsToldInFull(string body, string? text)
    {
        var worker = await LoadAsync($"export default {{ fetch() {{ {body} }} }}");
        var failure = await FailureAsync(worker);
        Assert.Equal(text, failure.Error!.FullText is { } full ? FrameOfFetch().Replace(full, "at FETCH") : null);
        Assert.Empty(Observer.Lines);
        Assert.Equal(failure, Assert.Single(Observer.Failures));
    }

    [Fact]
    public async Task Rejection_WhenItIsHugeAndNobodyHandlesIt_IsToldInPart()
    {
        var worker = await LoadHandlerAsync("Promise.reject(Array.from({ length: 99 }, () => 'x'.repeat(999))); return new Response('ok')");
        Assert.Equal("ok", await TextAsync(worker));
        var (where, error) = Assert.Single(Observer.Uncaught);
        Assert.Equal(("promise", 16385, '…'), (where, error.FullText!.Length, error.FullText[^1]));
    }

    [Theory]
    [InlineData("await null; throw new Error('no')", "Error: no")]
    [InlineData("throw 'text'", "text")]
    [InlineData("throw undefined", "undefined")]
    [InlineData("throw new DOMException('the message', 'AbortError')", "AbortError: the message")]
    [InlineData("structuredClone({ headers: new Headers() })", "DataCloneError: Could not serialize object of type \"Headers\".")]
    [InlineData("return 1", "TypeError: Incorrect type for Promise: the Promise did not resolve to 'Response'.")]
    [InlineData("", "TypeError: Incorrect type for Promise: the Promise did not resolve to 'Response'.")]
    [InlineData("const r = new Response('x'); await r.text(); return r", "TypeError: ")]
    public async Task Handler_WhenItEndsBadly_FailsTheEvent(string body, string message)
    {
        var worker = await LoadHandlerAsync(body);
        var failure = await FailureAsync(worker);
        Assert.Equal(EventOutcome.Exception, failure.Outcome);
        Assert.StartsWith(message, failure.Message, StringComparison.Ordinal);
        var passThrough = await FailureAsync(await LoadHandlerAsync("ctx.passThroughOnException(); " + body));
        Assert.StartsWith(message, passThrough.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PassThrough_WhenAskedFor_IsSaidOfTheFailure()
    {
        var worker = await LoadHandlerAsync("if (request.url.endsWith('?')) ctx.passThroughOnException(); throw new Error('no')");
        var asked = Post(worker, new InMemoryExchange("http://w.test/?"));
        var silent = Post(worker);
        await Soon(Task.WhenAll(asked.Failed, silent.Failed));
        Assert.Equal((true, false), (asked.PassedThrough, silent.PassedThrough));
    }

    [Theory]
    [InlineData("export default { scheduled() {} }")]
    [InlineData("export const x = 1")]
    public async Task Fetch_WhenThereIsNoHandler_SaysSo(string source)
    {
        var worker = await LoadAsync(source);
        Assert.Equal(
            (EventOutcome.NoHandler, "Handler does not export a fetch() function."),
            ((await FailureAsync(worker)).Outcome, Observer.Failures[0].Message));
    }

    [Fact]
    public async Task Environment_WhenVarsAreDefined_HoldsThem()
    {
        var worker = await LoadAsync(Define("export default { fetch(request, env) { return Response.json(env) } }") with
        {
            VarsJson = """{"NAME":"é","DEEP":{"a":[1,true,null]}}""",
        });
        Assert.Equal("""{"NAME":"é","DEEP":{"a":[1,true,null]}}""", await TextAsync(worker));
    }

    [Fact]
    public async Task Console_WhenUsed_KeepsItsLevelsAndOrder()
    {
        var worker = await LoadHandlerAsync("""
            console.debug('a', 1); console.log('b %s', 'x'); console.info({ c: [1] }); console.warn('d'); console.error(new Error('e').message);
            return new Response()
            """);
        await TextAsync(worker);
        Assert.Equal(
            [(GuestLogLevel.Debug, "a 1"), (GuestLogLevel.Log, "b x"), (GuestLogLevel.Info, "{ c: [ 1 ] }"), (GuestLogLevel.Warn, "d"), (GuestLogLevel.Error, "e")],
            Observer.Lines);
    }

    [Fact]
    public async Task Rejection_WhenNobodyHandlesIt_IsReportedOnce()
    {
        var worker = await LoadHandlerAsync("""
            Promise.reject(new Error('lost'));
            const late = Promise.reject(new Error('handled in time'));
            late.catch(() => {});
            return new Response()
            """);
        await TextAsync(worker);
        var (where, error) = Assert.Single(Observer.Uncaught);
        Assert.Equal(("promise", "lost", "main.js"), (where, error.Message, error.Resource));
    }

    [Fact]
    public async Task Rejection_WhenAListenerPreventsIt_IsNotReported()
    {
        var worker = await LoadAsync("""
            addEventListener('unhandledrejection', event => { console.log(event.reason.message); event.preventDefault() });
            export default { fetch() { Promise.reject(new Error('lost')); return new Response() } }
            """);
        await TextAsync(worker);
        Assert.Equal("lost", Assert.Single(Observer.Lines).Text);
        Assert.Empty(Observer.Uncaught);
    }

    private static string Sorted(string lines)
    {
        var split = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Array.Sort(split, StringComparer.Ordinal);
        return string.Concat(Array.ConvertAll(split, line => line + "\n"));
    }

    [Theory]
    [InlineData("return new Response('x')")]
    [InlineData("return new Response(new ReadableStream({ async pull() { await scheduler.wait(60000) }, cancel() { console.log('cancelled') } }))")]
    [InlineData("ctx.waitUntil(scheduler.wait(1).then(() => console.log('cancelled'))); return new Response(null, { status: 204 })")]
    public async Task Response_WhenTheServerRefusesIt_FailsTheEventAtOnce(string body)
    {
        var worker = await LoadHandlerAsync(body);
        var failure = await FailureAsync(worker, new InMemoryExchange { Refusal = new InvalidOperationException("Not like this.") });
        Assert.Equal((EventOutcome.Exception, "Not like this."), (failure.Outcome, failure.Message));
        Assert.Equal("Not like this.", Assert.Single(Observer.Failures).Message);
        if (body.Contains("cancelled", StringComparison.Ordinal))
        {
            await Soon(Observer.Logged("cancelled"));
        }

        await Soon(Drain(worker));
        Assert.Empty(Observer.Uncaught);
    }

    [GeneratedRegex(@"at Object\.fetch \(main\.js:1:\d+\)", RegexOptions.None, 1000)]
    private static partial Regex FrameOfFetch();
}
