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

test("Response_WhenTextWasReadFirst_BodyIsAFinishedStream", async () => {
  assert.deepEqual(await evaluate("const r = new Response('abc'); await r.text(); const reader = r.body.getReader(); return [(await reader.read()).done, r.bodyUsed]"), [true, true]);
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

test("Blob_WhenSliced_SharesTheRange", async () => {
  assert.deepEqual(await evaluate("const b = new Blob(['ab', new Uint8Array([99]), new Blob(['d'])], { type: 'Text/X' }); const s = b.slice(1, -1, 'q/r'); return [b.size, b.type, await b.text(), s.size, s.type, await s.text(), (await new Response(b.stream()).text())]"),
    [4, "text/x", "abcd", 2, "q/r", "bc", "abcd"]);
});

test("File_WhenConstructed_HasNameAndTime", async () => {
  assert.deepEqual(await evaluate("const f = new File(['x'], 'n.txt', { type: 'a/b', lastModified: 5 }); return [f.name, f.lastModified, f.type, f.size, f instanceof Blob, String(f), new File([], 'a').lastModified]"),
    ["n.txt", 5, "a/b", 1, true, "[object File]", 1700000000000]);
});
