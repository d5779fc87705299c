import assert from "node:assert/strict";
import { test } from "node:test";
import { Guest, text } from "./harness.ts";

/** Breaks every method of the common built-ins; the runtime's own code must not notice. */
const sabotage = `
  const boom = function () { throw new Error('sabotaged') };
  const { ownKeys, defineProperty, getOwnPropertyDescriptor } = Reflect;
  const types = [Array, Map, Set, WeakMap, WeakSet, String, Promise, ArrayBuffer, Uint8Array, Object.getPrototypeOf(Uint8Array), RegExp, Function, Symbol, BigInt, Number];
  for (let i = 0; i < types.length; i++) {
    const keys = ownKeys(types[i].prototype);
    for (let j = 0; j < keys.length; j++) {
      const key = keys[j];
      if (key === 'constructor' || key === Symbol.toStringTag) continue;
      const d = getOwnPropertyDescriptor(types[i].prototype, key);
      if (d.configurable) defineProperty(types[i].prototype, key, d.get ? { get: boom } : { value: boom, configurable: true, writable: true });
    }
  }
  const names = ['Array', 'Map', 'Set', 'Promise', 'Uint8Array', 'ArrayBuffer', 'TypeError', 'Error', 'Object', 'Reflect', 'JSON', 'Math', 'Number', 'String', 'Symbol', 'Response', 'Headers', 'ReadableStream', 'URL'];
  for (let i = 0; i < names.length; i++) globalThis['kept' + names[i]] = globalThis[names[i]], globalThis[names[i]] = undefined;
`;

test("runtime_WhenPrototypesAreSabotaged_StillServes", async () => {
  const guest = new Guest();
  guest.bind("{ default: { async fetch(request) { const body = await request.text(); const h = new keptHeaders(); h.append('a', '1'); h.set('b', body); return new keptResponse('ok' + request.headers.get('x') + new keptURL(request.url).pathname, { headers: h }) } } }");
  guest.run(sabotage);
  await guest.fetch(1, "POST\nhttp://h/path\nx\n1\ny\n2", 2, guest.bytes("body"));
  assert.deepEqual(guest.calls, [{ name: "respond", args: [1, 200, undefined, "a\n1\nb\nbody\ncontent-type\ntext/plain;charset=UTF-8", 1, "ok1/path", false] }]);
});

test("runtime_WhenPrototypesAreSabotaged_StillStreams", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch(request) { return new keptResponse(new keptReadableStream({ start(c) { c.enqueue(bytes); c.close() } })) } } }");
  guest.run("globalThis.bytes = new Uint8Array([104, 105])");
  guest.run(sabotage);
  await guest.fetch(1);
  assert.equal(text(guest.named("bodyWrite")[0]![2]), "hi");
  await guest.enter("settle", guest.named("bodyWrite")[0]![0]);
  assert.deepEqual(guest.calls.slice(-2).map((call) => call.name), ["bodyEnd", "eventDone"]);
});

test("console_WhenSabotagedBeforeItsFirstUse_StillShowsValues", () => {
  const guest = new Guest();
  guest.run("globalThis.o = { a: [1, Symbol('s'), 2n], m: new Map([['k', new Set(['v'])]]), r: /x/g, f: function named() {} }");
  guest.run(sabotage);
  guest.run("console.log(o); console.table([o.a])");
  assert.deepEqual(guest.named("log").map(([, , shown]) => shown), [
    "{\n  a: [ 1, Symbol(s), 2n ],\n  m: Map(1) { 'k' => Set(1) { 'v' } },\n  r: /x/g,\n  f: [Function: named]\n}",
    "┌─────────┬───┬───────────┬────┐\n│ (index) │ 0 │ 1         │ 2  │\n├─────────┼───┼───────────┼────┤\n│ 0       │ 1 │ Symbol(s) │ 2n │\n└─────────┴───┴───────────┴────┘",
  ]);
});

test("runtime_WhenObjectPrototypeHasThen_LeaksNoInternalObject", async () => {
  const guest = new Guest();
  guest.run("globalThis.seen = []; Object.defineProperty(Object.prototype, 'then', { get() { seen.push(Object.prototype.toString.call(this) + Reflect.ownKeys(this).join()) }, configurable: true })");
  guest.bind("{ default: { async fetch(request) { const r = await fetch('http://x/'); return new Response(r.body) } } }");
  await guest.fetch(1);
  await guest.enter("settle", guest.named("fetch")[0]![0], "200\n\nu\n0", 9);
  await guest.enter("settle", guest.named("bodyRead")[0]![0], guest.bytes("x"));
  const internal = JSON.parse(guest.run("JSON.stringify(seen)")).filter((entry: string) => !/^\[object (Response|Uint8Array)\]/.test(entry));
  assert.deepEqual(internal, []);
});

test("runtime_WhenDictionaryDefaultsArePolluted_IgnoresHostFunctions", async () => {
  const guest = new Guest();
  assert.deepEqual(await guest.eval("Object.prototype.get = 1; Object.prototype.value = 2; Object.prototype.enumerable = true; return [new Headers({ a: '1' }).get('a'), await new Response('x').text()]"), ["1", "x"]);
});

test("ctx_WhenUsedAfterTheEvent_DoesNoHarm", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch(r, e, ctx) { globalThis.old = ctx; return new Response() } } }");
  await guest.fetch(1);
  const before = guest.calls.length;
  await guest.eval("old.waitUntil(Promise.reject(1)); old.passThroughOnException()");
  assert.deepEqual(guest.calls.slice(before).map((call) => call.name), ["respond"]);
});

test("io_WhenEventIsOver_IsRefused", async () => {
  const guest = new Guest();
  guest.bind("{ default: { fetch() { new Promise((resolve) => { globalThis.go = resolve }).then(async () => { try { await fetch('http://x/') } catch (e) { globalThis.message = e.message } }); return new Response() } } }");
  await guest.fetch(1);
  guest.run("go()");
  await new Promise((resolve) => setImmediate(resolve));
  assert.match(guest.run("message"), /^The event this code belongs to has ended/);
  assert.deepEqual(guest.named("fetch"), []);
});

test("bytes_WhenTheirConstructorIsTheGuests_AreNotShown", async () => {
  const guest = new Guest();
  guest.bind(`{ default: { async fetch() {
    const seen = [];
    Object.defineProperty(Uint8Array, Symbol.species, { value: function (...args) { seen.push(args.length); return new Uint8Array(50) } });
    const blob = new Blob(["abc"]).slice(1);
    const form = await new Response('--b\\r\\nContent-Disposition: form-data; name="f"; filename="n"\\r\\n\\r\\nxy\\r\\n--b--', { headers: { "content-type": "multipart/form-data; boundary=b" } }).formData();
    const decoder = new TextDecoder();
    const text = decoder.decode(new Uint8Array([0xc3]), { stream: true }) + decoder.decode(new Uint8Array([0xa9]));
    return new Response([await blob.text(), await form.get("f").text(), text, seen.length].join());
  } } }`);
  await guest.fetch(1);
  assert.equal(guest.named("respond")[0]![5], "bc,xy,é,0");
});
