import assert from "node:assert/strict";
import { test } from "node:test";
import { Guest } from "./harness.ts";

const evaluate = (code: string): Promise<any> => new Guest().eval(code);
const failure = (code: string): Promise<any> => evaluate(`try { ${code}; return 'no error' } catch (e) { return e.name + ': ' + e.message }`);

test("Response_WhenConstructed_HasDefaults", async () => {
  assert.deepEqual(await evaluate("const r = new Response(); return [r.status, r.statusText, r.ok, r.type, r.url, r.redirected, r.body, r.bodyUsed, [...r.headers]]"),
    [200, "", true, "default", "", false, null, false, []]);
});

test("Response_WhenBodyHasAType_SetsContentType", async () => {
  assert.deepEqual(await evaluate(`return ['t', new URLSearchParams('a=b'), new Blob(['x'], { type: 'a/b' }), new Uint8Array(1), 5, new ReadableStream()]
    .map((body) => new Response(body).headers.get('content-type'))`),
    ["text/plain;charset=UTF-8", "application/x-www-form-urlencoded;charset=UTF-8", "a/b", null, "text/plain;charset=UTF-8", null]);
});

test("Response_WhenContentTypeIsGiven_KeepsIt", async () => {
  assert.equal(await evaluate("return new Response('x', { headers: { 'Content-Type': 'text/html' } }).headers.get('content-type')"), "text/html");
});

test("Response_WhenReadInEveryWay_GivesTheSameContent", async () => {
  assert.deepEqual(await evaluate(`
    const out = [];
    for (const make of [() => 'hé', () => new TextEncoder().encode('hé'), () => new Blob(['hé']), () => new Response('hé').body, () => new TextEncoder().encode('hé').buffer]) {
      out.push(await new Response(make()).text(), (await new Response(make()).arrayBuffer()).byteLength, (await new Response(make()).bytes()).length,
        (await new Response(make()).blob()).size);
    }
    return out`), Array(5).fill(["hé", 3, 3, 3]).flat());
});

test("Response_WhenReadTwice_Throws", async () => {
  assert.match(await failure("const r = new Response('x'); await r.text(); await r.text()"), /^TypeError: Body has already been used/);
});

test("Response_WhenBodyIsNull_CanBeReadTwice", async () => {
  assert.deepEqual(await evaluate("const r = new Response(); return [await r.text(), await r.text(), r.bodyUsed]"), ["", "", false]);
});

test("Response_WhenBodyIsLocked_Throws", async () => {
  assert.match(await failure("const r = new Response('x'); r.body.getReader(); await r.text()"), /^TypeError: This ReadableStream is currently locked to a reader/);
});

test("Response_WhenBodyStreamWasRead_IsUsed", async () => {
  assert.deepEqual(await evaluate("const r = new Response('abc'); const before = r.body === r.body; const reader = r.body.getReader(); const { value } = await reader.read(); return [before, value.length, r.bodyUsed, (await reader.read()).done]"), [true, 3, true, true]);
});

test("Response_WhenTextWasReadFirst_BodyStaysLocked", async () => {
  for (const body of ["'abc'", "new Uint8Array(3)", "ReadableStream.from([new Uint8Array(3)])"]) {
    assert.deepEqual(await evaluate(`const r = new Response(${body}); await r.text(); return [r.bodyUsed, r.body.locked]`), [true, true]);
  }
  assert.match(await failure("const r = new Response('abc'); await r.text(); r.body.getReader()"), /^TypeError: This ReadableStream is currently locked to a reader/);
});

test("Response_WhenJsonIsInvalid_RejectsWithSyntaxError", async () => {
  assert.match(await failure("await new Response('{').json()"), /^SyntaxError/);
});

test("Response_WhenTextHasByteOrderMark_DropsIt", async () => {
  assert.deepEqual(await evaluate("return [await new Response('\\uFEFFa').text(), await new Response(new Uint8Array([0xEF, 0xBB, 0xBF, 0x61])).text()]"), ["a", "a"]);
});

test("Response_WhenBytesChangeAfterwards_KeepsTheOldOnes", async () => {
  assert.equal(await evaluate("const b = new Uint8Array([97]); const r = new Response(b); b[0] = 98; return await r.text()"), "a");
});

test("Response_WhenCloned_BothCanBeRead", async () => {
  assert.deepEqual(await evaluate(`
    const out = [];
    for (const body of ['abc', new TextEncoder().encode('abc'), new Response('abc').body]) {
      const r = new Response(body, { status: 201, headers: { a: '1' } }), c = r.clone();
      r.headers.set('a', '2');
      out.push(await r.text(), await c.text(), c.status, c.headers.get('a'));
    }
    return out`), Array(3).fill(["abc", "abc", 201, "1"]).flat());
});

test("Response_WhenCloneBytesAreWritten_TheOtherIsUntouched", async () => {
  assert.equal(await evaluate("const r = new Response(new Uint8Array([97])), c = r.clone(); (await r.bytes())[0] = 98; return await c.text()"), "a");
});

test("Response_WhenAClonedStreamHasViews_TheCloneHasItsOwnMemory", async () => {
  assert.deepEqual(await evaluate(`
    const chunks = [new Uint8Array([1, 2]).subarray(1), new Uint16Array([3]), new Uint8Array([4]).buffer];
    const r = new Response(ReadableStream.from(chunks)), c = r.clone();
    const read = async (stream) => { const out = []; for await (const chunk of stream) out.push(chunk); return out };
    const [given, cloned] = await Promise.all([read(r.body), read(c.body)]);
    return [given.every((chunk, i) => chunk === chunks[i]), cloned.map((chunk, i) => [chunk.constructor.name === chunks[i].constructor.name, (chunk.buffer ?? chunk) === (chunks[i].buffer ?? chunks[i]), new Uint8Array(chunk)[0]])]`),
    [true, [[true, false, 2], [true, false, 3], [true, false, 4]]]);
});

test("Response_WhenAStreamReusesItsChunk_ReadsWhatWasEnqueued", async () => {
  assert.equal(await evaluate(`
    const chunk = new Uint8Array(1); let n = 0;
    return await new Response(new ReadableStream({ async pull(c) { if (n === 3) return c.close(); chunk[0] = 97 + n++; c.enqueue(chunk) } }, { highWaterMark: 0 })).text()`), "abc");
});

test("Response_WhenAStreamHasManyChunks_ReadsThemAll", async () => {
  assert.equal(await evaluate("return (await new Response(new ReadableStream({ start(c) { for (let i = 0; i < 20000; i++) c.enqueue(new Uint8Array(1)); c.close() } })).bytes()).length"), 20000);
});

test("Response_WhenObjectsHaveThen_ReadsItsStreamAllTheSame", async () => {
  assert.deepEqual(await evaluate(`
    const streams = [['a'], ['a', 'b']].map((texts) => new ReadableStream({ start(c) { for (const text of texts) c.enqueue(new TextEncoder().encode(text)); c.close() } }));
    let called = 0;
    const reads = streams.map((stream) => new Response(stream).text());
    Object.prototype.then = function () { called++ };
    for (let i = 0; i < 20; i++) await null;
    delete Object.prototype.then;
    return [await reads[0], await reads[1], called]`), ["a", "ab", 0]);
});

test("Response_WhenUsed_CannotBeCloned", async () => {
  assert.match(await failure("const r = new Response('a'); await r.text(); r.clone()"), /^TypeError/);
});

test("Response_WhenStatusIsOutOfRange_Throws", async () => {
  for (const status of [0, 100, 101, 199, 600]) assert.match(await failure(`new Response('', { status: ${status} })`), /^RangeError/);
});

test("Response_WhenNullBodyStatusHasABody_Throws", async () => {
  for (const status of [204, 205, 304]) assert.match(await failure(`new Response('', { status: ${status} })`), /^TypeError/);
});

test("Response_WhenStatusTextIsInvalid_Throws", async () => {
  assert.match(await failure("new Response('', { statusText: 'a\\r\\nb' })"), /^TypeError/);
});

test("ResponseJson_WhenGivenData_Serializes", async () => {
  assert.deepEqual(await evaluate("const r = Response.json({ a: 1 }, { status: 202, headers: { x: 'y' } }); return [r.status, [...r.headers], await r.json(), Response.json(1, { headers: { 'content-type': 'a/b' } }).headers.get('content-type')]"),
    [202, [["content-type", "application/json"], ["x", "y"]], { a: 1 }, "a/b"]);
  assert.match(await failure("Response.json(undefined)"), /^TypeError/);
});

test("ResponseRedirect_WhenGivenAUrl_SetsLocation", async () => {
  assert.deepEqual(await evaluate("const r = Response.redirect('http://a/b c', 301); return [r.status, r.headers.get('location')]"), [301, "http://a/b%20c"]);
  assert.match(await failure("Response.redirect('http://a', 200)"), /^RangeError/);
  assert.match(await failure("Response.redirect('nope')"), /^TypeError/);
  assert.match(await failure("Response.redirect('http://a').headers.set('a', 'b')"), /immutable/);
});

test("ResponseError_WhenMade_HasStatusZero", async () => {
  assert.deepEqual(await evaluate("const r = Response.error(); return [r.type, r.status, r.ok]"), ["error", 0, false]);
});

test("Response_WhenMadeFromAnother_TakesItsInit", async () => {
  assert.deepEqual(await evaluate("const a = new Response('x', { status: 203, headers: { a: '1' } }); const b = new Response(a.body, a); b.headers.set('a', '2'); return [b.status, b.headers.get('a'), a.headers.get('a'), await b.text()]"), [203, "2", "1", "x"]);
});

test("Request_WhenConstructed_HasDefaults", async () => {
  assert.deepEqual(await evaluate("const r = new Request('http://A/b/../c#f'); return [r.method, r.url, r.redirect, r.body, r.signal.aborted, [...r.headers], r.cf === undefined]"),
    ["GET", "http://a/c#f", "follow", null, false, [], true]);
});

test("Request_WhenMethodIsKnown_IsNormalized", async () => {
  assert.deepEqual(await evaluate("return ['post', 'patch', 'custom', 'GET'].map((method) => new Request('http://a', { method }).method)"), ["POST", "PATCH", "custom", "GET"]);
  for (const method of ["CONNECT", "trace", "a b", ""]) assert.match(await failure(`new Request('http://a', { method: '${method}' })`), /^TypeError/);
});

test("Request_WhenGetHasABody_Throws", async () => {
  assert.match(await failure("new Request('http://a', { body: 'x' })"), /^TypeError: Request with a GET or HEAD method/);
});

test("Request_WhenUrlIsInvalidOrHasCredentials_Throws", async () => {
  assert.match(await failure("new Request('/relative')"), /^TypeError/);
  assert.match(await failure("new Request('http://u:p@a/')"), /^TypeError/);
});

test("Request_WhenMadeFromAnother_TakesItsBody", async () => {
  assert.deepEqual(await evaluate(`
    const a = new Request('http://a', { method: 'POST', body: 'x', headers: { h: '1' } });
    const b = new Request(a, { headers: { k: '2' } });
    return [b.method, [...b.headers], await b.text(), a.bodyUsed, await (async () => { try { await a.text() } catch (e) { return e.name } })()]`),
    ["POST", [["k", "2"]], "x", true, "TypeError"]);
});

test("Request_WhenMadeFromAnotherWithAStream_LeavesItLocked", async () => {
  assert.deepEqual(await evaluate(`
    const out = [];
    for (const body of ['x', ReadableStream.from([new Uint8Array([120])])]) {
      const a = new Request('http://a', { method: 'POST', body }), stream = a.body;
      const b = new Request(a);
      out.push(a.body === stream, a.bodyUsed, stream.locked, b.body === stream, b.bodyUsed, await b.text());
    }
    return out`), Array(2).fill([true, true, true, false, false, "x"]).flat());
});

test("Request_WhenMadeFromAnotherWithAStream_HasWhatBecomesOfIt", async () => {
  assert.deepEqual(await evaluate(`
    const from = (source) => new Request(new Request('http://a', { method: 'POST', body: new ReadableStream(source) }));
    const chunk = new Uint8Array([120]);
    let why;
    const kept = from({ start(c) { c.enqueue(chunk); c.close() } });
    return [
      await from({ start(c) { c.error('bad') } }).text().catch((e) => e),
      await from({ start(c) { c.enqueue('text') } }).text().catch((e) => e.name),
      (await kept.body.getReader({ mode: 'byob' }).read(new Uint8Array(2))).value[0], chunk.length,
      await from({ cancel(reason) { why = reason } }).body.cancel('enough').then(() => why),
    ]`), ["bad", "TypeError", 120, 1, "enough"]);
});

test("Request_WhenMadeFromTheIncomingOne_HasMutableHeaders", async () => {
  assert.equal(await evaluate("const r = new Request(request); r.headers.set('a', 'b'); return r.headers.get('a')"), "b");
});

test("Request_WhenSignalAborts_FollowsIt", async () => {
  assert.deepEqual(await evaluate("const c = new AbortController(); const r = new Request('http://a', { signal: c.signal }); const k = r.clone(); c.abort('z'); return [r.signal.reason, k.signal.reason, r.signal !== c.signal]"), ["z", "z", true]);
});

test("Request_WhenRedirectIsUnknown_Throws", async () => {
  assert.match(await failure("new Request('http://a', { redirect: 'maybe' })"), /^TypeError/);
});

test("Body_WhenMethodIsDetached_RejectsInsteadOfThrowing", async () => {
  assert.deepEqual(await evaluate("const p = Response.prototype.text.call({}); return [p instanceof Promise, await p.catch((e) => e.message)]"), [true, "Illegal invocation"]);
});

test("Body_WhenShapeIsInspected_IsEnumerable", async () => {
  assert.deepEqual(await evaluate("const names = []; for (const key in Response.prototype) names.push(key); return ['body', 'text', 'json', 'clone', 'status'].every((name) => names.includes(name))"), true);
});

test("bodies_WhenTheirBufferIsDetached_AreEmpty", async () => {
  assert.deepEqual(await evaluate(`
    const detached = (make) => { const value = make(); structuredClone(undefined, { transfer: [value.buffer ?? value] }); return value };
    const out = [];
    for (const make of [() => new ArrayBuffer(2), () => new Uint8Array(2), () => new Uint16Array(1)]) {
      out.push(await new Response(detached(make)).text(), new Blob([detached(make)]).size);
    }
    return [...out, new TextDecoder().decode(detached(() => new ArrayBuffer(2)))]`), [...Array(3).fill(["", 0]).flat(), ""]);
});

test("Blob_WhenGivenASequence_AsksForItsIteratorOnce", async () => {
  assert.deepEqual(await evaluate("let asked = 0; const b = new Blob({ get [Symbol.iterator]() { asked++; return () => ['a', 'b'].values() } }); return [asked, await b.text()]"), [1, "ab"]);
  assert.match(await failure("new Blob('text')"), /^TypeError/);
  assert.match(await failure("new Blob({})"), /^TypeError/);
});

test("Blob_WhenSliced_SharesTheRange", async () => {
  assert.deepEqual(await evaluate("const b = new Blob(['ab', new Uint8Array([99]), new Blob(['d'])], { type: 'Text/X' }); const s = b.slice(1, -1, 'q/r'); return [b.size, b.type, await b.text(), s.size, s.type, await s.text(), (await new Response(b.stream()).text())]"),
    [4, "text/x", "abcd", 2, "q/r", "bc", "abcd"]);
});

test("File_WhenConstructed_HasNameAndTime", async () => {
  assert.deepEqual(await evaluate("const f = new File(['x'], 'n.txt', { type: 'a/b', lastModified: 5 }); return [f.name, f.lastModified, f.type, f.size, f instanceof Blob, String(f), new File([], 'a').lastModified]"),
    ["n.txt", 5, "a/b", 1, true, "[object File]", 1700000000000]);
});
