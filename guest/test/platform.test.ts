import assert from "node:assert/strict";
import { test } from "node:test";
import { Guest } from "./harness.ts";

const evaluate = (code: string): Promise<any> => new Guest().eval(code);

test("structuredClone_WhenCloneable_Copies", async () => {
  assert.deepEqual(await evaluate("const a = { m: 1, n: [new Date(0)] }; const b = structuredClone(a); b.m = 2; return [a.m, b.m]"), [1, 2]);
});

test("structuredClone_WhenNotCloneable_ThrowsDataCloneError", async () => {
  assert.deepEqual(await evaluate("try { structuredClone(() => {}) } catch (e) { return [e.name, e.code, e instanceof DOMException] }"), ["DataCloneError", 25, true]);
});

test("structuredClone_WhenGetterThrows_PassesItsError", async () => {
  assert.equal(await evaluate("try { structuredClone(5, { transfer: [{}] }) } catch (e) { return e.name }"), "DataCloneError");
});

test("crypto_WhenInAnEvent_GivesRandomness", async () => {
  assert.deepEqual(await evaluate("const a = new Uint8Array(2); return [crypto.getRandomValues(a) === a, [...a], /^[0-9a-f-]{36}$/.test(crypto.randomUUID()), String(crypto)]"), [true, [7, 7], true, "[object Crypto]"]);
});

test("crypto_WhenArgumentIsWrong_Throws", async () => {
  assert.deepEqual(await evaluate(`
    const out = [];
    for (const f of [() => crypto.getRandomValues(new Float32Array(1)), () => crypto.getRandomValues([]), () => crypto.getRandomValues(new Uint8Array(65537)), () => (0, crypto.randomUUID)(), () => new Crypto()])
      try { f() } catch (e) { out.push(e.name) }
    return out`), ["TypeMismatchError", "TypeMismatchError", "QuotaExceededError", "TypeError", "TypeError"]);
});

test("performance_WhenStarted_CountsFromTheOrigin", async () => {
  assert.deepEqual(await evaluate("return [performance.now() < 1000, performance.timeOrigin, JSON.stringify(performance), performance instanceof EventTarget]"), [true, 1700000000000, '{"timeOrigin":1700000000000}', true]);
});

test("performance_WhenAtTopLevel_StandsStill", () => {
  assert.equal(new Guest().run("const a = performance.now(); a + performance.now()"), 0);
});

test("global_WhenInspected_HasTheWorkersSurface", async () => {
  assert.deepEqual(await evaluate(`
    const names = ['AbortController', 'AbortSignal', 'Blob', 'ByteLengthQueuingStrategy', 'CountQueuingStrategy', 'Crypto', 'CustomEvent', 'DOMException', 'ErrorEvent', 'Event', 'EventTarget',
      'ExtendableEvent', 'FetchEvent', 'File', 'FixedLengthStream', 'FormData', 'Headers', 'IdentityTransformStream', 'MessageEvent', 'Navigator', 'Performance', 'PromiseRejectionEvent',
      'ReadableByteStreamController', 'ReadableStream', 'ReadableStreamBYOBReader', 'ReadableStreamBYOBRequest', 'ReadableStreamDefaultController', 'ReadableStreamDefaultReader', 'Request', 'Response',
      'TextDecoder', 'TextDecoderStream', 'TextEncoder', 'TextEncoderStream', 'TransformStream', 'TransformStreamDefaultController', 'URL', 'URLSearchParams', 'WritableStream',
      'WritableStreamDefaultController', 'WritableStreamDefaultWriter'];
    const functions = ['addEventListener', 'atob', 'btoa', 'clearInterval', 'clearTimeout', 'dispatchEvent', 'fetch', 'queueMicrotask', 'removeEventListener', 'reportError', 'setInterval', 'setTimeout', 'structuredClone'];
    return [names.filter((n) => typeof globalThis[n] !== 'function' || globalThis[n].name !== n), functions.filter((n) => typeof globalThis[n] !== 'function' || globalThis[n].name !== n || !Object.getOwnPropertyDescriptor(globalThis, n).enumerable),
      navigator.userAgent, self === globalThis]`), [[], [], "Cloudflare-Workers", true]);
});

test("global_WhenSearched_LeaksNothingInternal", async () => {
  assert.deepEqual(await evaluate(`
    const seen = new Set(), found = [], forbidden = ['bodyRead', 'timerStart', 'asyncGet', 'asyncSet', 'utf8Decode', 'urlParse', 'eventDone'];
    const walk = (value, path) => {
      if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) return;
      seen.add(value);
      for (const key of Reflect.ownKeys(value)) {
        if (forbidden.includes(key)) found.push(path + '.' + String(key));
        const d = Object.getOwnPropertyDescriptor(value, key);
        for (const next of [d.value, d.get, d.set]) walk(next, path + '.' + String(key));
        if (d.get) try { const got = value[key]; if (got instanceof Promise) got.catch(() => {}); walk(got, path + '.' + String(key)) } catch {}
      }
      walk(Object.getPrototypeOf(value), path + '.__proto__');
    };
    walk(globalThis, 'global'); walk(request, 'request'); walk(ctx, 'ctx'); walk(env, 'env'); walk(new Response('a').body, 'stream'); walk(request.signal, 'signal');
    return found`), []);
});

test("interfaces_WhenTheyTakeNoOrFewArguments_HaveThatLength", async () => {
  assert.deepEqual(await evaluate(`
    return [AbortSignal, Crypto, Performance, ReadableStreamDefaultController, ReadableByteStreamController, ReadableStreamBYOBRequest,
      WritableStreamDefaultController, TransformStreamDefaultController, Headers.prototype.forEach, FormData.prototype.forEach, URLSearchParams.prototype.forEach].map(({ length }) => length)`),
    [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1]);
});

test("structuredClone_WhenGivenAPlatformObject_ClonesItOrThrows", async () => {
  assert.deepEqual(await evaluate(`
    const file = structuredClone(new File(["x"], "n", { type: "a/b", lastModified: 7 }));
    const error = structuredClone(new DOMException("why", "AbortError"));
    let refused;
    try { structuredClone(new Headers()) } catch (e) { refused = [e.name, e.message] }
    return [await file.text(), file.name, file.type, file.lastModified, error.name, error.message, refused]`),
  ["x", "n", "a/b", 7, "AbortError", "why", ["DataCloneError", "Could not serialize object of type \"Headers\". This type does not support serialization."]]);
});
