namespace Molt.Runtime.Tests.Events;

/// <summary>Platform objects in structuredClone, which are plain objects to V8's serializer.</summary>
public sealed class StructuredCloneTests : RuntimeTest
{
    [Theory]
    [InlineData("Headers", "new Headers({ a: '1' })")]
    [InlineData("Request", "request")]
    [InlineData("Response", "new Response('x')")]
    [InlineData("URL", "new URL('http://h/')")]
    [InlineData("URLSearchParams", "new URLSearchParams('a=1')")]
    [InlineData("FormData", "new FormData()")]
    [InlineData("AbortSignal", "AbortSignal.abort()")]
    [InlineData("AbortController", "new AbortController()")]
    [InlineData("ReadableStream", "new ReadableStream()")]
    [InlineData("WritableStream", "new WritableStream()")]
    [InlineData("TransformStream", "new TransformStream()")]
    [InlineData("ReadableStreamDefaultReader", "new ReadableStream().getReader()")]
    [InlineData("Event", "new Event('x')")]
    [InlineData("EventTarget", "new (class extends EventTarget {})()")]
    [InlineData("TextEncoder", "new TextEncoder()")]
    [InlineData("ExecutionContext", "ctx")]
    public async Task Clone_WhenAnInterfaceIsNotSerializable_ThrowsDataCloneErrorWhereverItIs(string name, string expression)
    {
        var worker = await LoadHandlerAsync($$"""
            const value = {{expression}};
            const errors = new Set();
            for (const given of [value, { a: { value } }, [[value]], new Map([['k', value]]), new Map([[value, 'v']]), new Set([value]), new Error('x', { cause: value })]) {
              try { errors.add(structuredClone(given)) } catch (error) { errors.add(`${error instanceof DOMException} ${error.name}: ${error.message}`) }
            }
            return new Response([...errors].join('\n'))
            """);
        Assert.Equal($"true DataCloneError: Could not serialize object of type \"{name}\". This type does not support serialization.", await TextAsync(worker));
    }

    [Fact]
    public async Task Clone_WhenBlobsFilesAndExceptionsAreNested_ClonesThem()
    {
        var worker = await LoadHandlerAsync("""
            const file = new File(['f'], 'n.txt', { type: 'text/plain', lastModified: 7 });
            const blob = new Blob(['b'], { type: 'a/b' });
            const exception = new DOMException('why', 'AbortError');
            class Point { x = 1 }
            const given = { plain: { n: 1 }, list: [file, blob, file], map: new Map([['blob', blob], [exception, new Point()]]), nothing: Object.create(null) };
            const copy = structuredClone(given);
            const [first, second, third] = copy.list;
            const [, [error, point]] = copy.map;
            return Response.json([
              copy.plain, first instanceof File, first === third, first !== file, first.name, first.type, first.lastModified, await first.text(),
              second instanceof Blob, second instanceof File, second === copy.map.get('blob'), second !== blob, second.type, await second.text(),
              error instanceof DOMException, error !== exception, error.name, error.code, error.message,
              point, Object.getPrototypeOf(point) === Object.prototype, copy.nothing, structuredClone(blob).size,
            ])
            """);
        Assert.Equal(
            """[{"n":1},true,true,true,"n.txt","text/plain",7,"f",true,false,true,true,"a/b","b",true,true,"AbortError",20,"why",{"x":1},true,{},1]""",
            await TextAsync(worker));
    }

    [Fact]
    public async Task Clone_WhenAPrototypeRunsCodeOfTheGuest_PassesItsErrorOn()
    {
        var worker = await LoadHandlerAsync("""
            const below = Object.create(new Proxy({}, { getPrototypeOf() { throw new RangeError('mine') } }));
            try { structuredClone([below]) } catch (error) { return new Response(`${error}`) }
            """);
        Assert.Equal("RangeError: mine", await TextAsync(worker));
    }
}
