// No prototype of the guest's takes part in the runtime's lists: not in what is appended to them, not in reading them.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { Guest } from "./harness.ts";

/** Each uses one part of the platform that keeps lists and returns what it saw. */
const programs: Record<string, string> = {
  headers: `
    const h = new Headers([["b", "1"], ["a", "2"], ["b", "3"]]);
    h.append("set-cookie", "x=1"); h.append("set-cookie", "y=2"); h.set("b", "4"); h.set("c", "5"); h.delete("a");
    const copy = new Headers(h);
    copy.append("d", "6");
    return [h.getSetCookie(), h.getAll("set-cookie"), Object.fromEntries(copy), [...new Headers({ q: "1", r: "2" })], new Response("", { headers: copy }).headers.get("d")];`,
  request: `
    const r = new Request(request, { headers: { z: "1" } });
    const inherited = new Request(request);
    inherited.headers.append("one", "more");
    return [[...request.headers], [...r.headers], [...inherited.headers], new Request("http://h/", { method: "PUT", body: "x" }).method];`,
  searchParams: `
    const p = new URLSearchParams([["b", "1"], ["a", "2"], ["b", "3"]]);
    p.append("c", "4"); p.set("b", "5"); p.set("d", "6"); p.delete("a"); p.append("a", "7"); p.sort();
    const url = new URL("http://h/?x=1&y=2%20&x=3");
    url.searchParams.append("z", "4");
    return [p.toString(), p.getAll("b"), [...new URLSearchParams({ q: "1", r: "2" })], url.href, url.searchParams.getAll("x"), p.size];`,
  formData: `
    const f = new FormData();
    f.append("a", "1"); f.append("b", "2"); f.append("a", "3"); f.set("a", "4"); f.set("c", "5"); f.delete("b");
    f.append("file", new File(["x", "y"], "n.txt"));
    const read = await new Response(f).formData();
    const form = await new Response(new URLSearchParams("p=1&q=2")).formData();
    return [[...f.keys()], f.getAll("a"), [...read.keys()], await read.get("file").text(), read.get("file").name, [...form]];`,
  blob: `
    const blob = new Blob(["a", new Uint8Array([98]), new Blob(["c"])]);
    return [await blob.text(), await blob.slice(1).text(), blob.size];`,
  events: `
    const heard = { text: "" };
    const target = new EventTarget();
    const second = () => { heard.text += "2"; };
    target.addEventListener("x", () => { heard.text += "1"; target.removeEventListener("x", second); target.addEventListener("x", () => { heard.text += "4"; }); });
    target.addEventListener("x", second);
    target.addEventListener("x", () => { heard.text += "3"; }, { once: true });
    target.dispatchEvent(new Event("x")); target.dispatchEvent(new Event("x"));
    return heard.text;`,
  abort: `
    const heard = { text: "" };
    const one = new AbortController(), two = new AbortController();
    const any = AbortSignal.any([one.signal, two.signal]);
    any.onabort = () => { heard.text += "h"; };
    any.addEventListener("abort", () => { heard.text += "l"; });
    AbortSignal.any([any]).addEventListener("abort", () => { heard.text += "d"; });
    two.abort("why");
    return [heard.text, any.aborted, any.reason];`,
  streams: `
    const numbers = (count) => new ReadableStream({ start(c) { for (let i = 0; i < count; i++) c.enqueue(i); c.close(); } });
    let sum = 0;
    for await (const n of numbers(3000)) sum += n;
    const branches = numbers(3).tee();
    for await (const n of branches[0]) sum += n;
    for await (const n of branches[1]) sum += n;
    const written = { text: "" };
    await numbers(4).pipeThrough(new TransformStream({ transform(n, c) { c.enqueue(n + 1); c.enqueue(n); } })).pipeTo(new WritableStream({ write(n) { written.text += n; } }));
    const reader = numbers(3).getReader();
    const reads = await Promise.all([reader.read(), reader.read(), reader.read(), reader.read()]);
    const stop = new AbortController();
    const piped = new ReadableStream({}).pipeTo(new WritableStream({}), { signal: stop.signal }).catch((e) => e);
    stop.abort("stopped");
    return [sum, written.text, reads.map((read) => read.value), await piped];`,
  byteStreams: `
    const bytes = new ReadableStream({ type: "bytes", start(c) { c.enqueue(new Uint8Array([1, 2, 3])); c.enqueue(new Uint8Array([4])); c.close(); } });
    const reader = bytes.getReader({ mode: "byob" });
    const first = await reader.read(new Uint8Array(2));
    const waiting = new ReadableStream({ type: "bytes", pull(c) { c.byobRequest?.view.set([7]); c.byobRequest?.respond(1); } }).getReader({ mode: "byob" });
    let closer;
    const ended = new ReadableStream({ type: "bytes", start(c) { closer = c; } }).getReader({ mode: "byob" });
    const open = ended.read(new Uint8Array(1));
    closer.close();
    closer.byobRequest.respond(0);
    return [Array.from(first.value), Array.from((await waiting.read(new Uint8Array(1))).value), (await open).done];`,
  bodies: `
    const body = new ReadableStream({ start(c) { c.enqueue(new Uint8Array([104])); c.enqueue(new Uint8Array([105])); c.close(); } });
    const response = new Response(body);
    const clone = response.clone();
    return [await response.text(), await clone.text(), await new Response(new Response("x").body.pipeThrough(new TextDecoderStream()).pipeThrough(new TextEncoderStream())).text()];`,
  values: `
    const buffer = new ArrayBuffer(3), other = new ArrayBuffer(4);
    const copy = structuredClone([buffer, other], { transfer: [buffer, other] });
    const called = await new Promise((resolve) => setTimeout((...given) => resolve(given), 0, 1, 2));
    return [copy[0].byteLength, other.byteLength, btoa("hello"), atob("aGVsbG8="), called];`,
  console: `
    const e = new Error("x", { cause: 1 });
    e.stack = "Error: x";
    console.log([1, , 3], { a: { b: [2] } }, new Map([[1, 2]]), new Set([3]), new Uint8Array([4, 5]), new ArrayBuffer(2), new DataView(new ArrayBuffer(1)), e);
    console.log(new Headers({ a: "1" }), new URLSearchParams("a=1"), new File(["x"], "f"), new URL("http://h/"), [1][Symbol.iterator](), function named() {}, /x/g);
    const circle = {}; circle.self = circle;
    console.log(circle, JSON.parse("[" + "0,".repeat(119) + "0]"));
    console.table([{ a: 1, b: 2 }, { b: 3 }, 4]);
    console.assert(false, "%s", "f");`,
};

/** What a guest may put on the prototypes, given the list of what was noticed. */
const traps: Record<string, string> = {
  accessors: "{ get() { __noticed.count++; return 'from the prototype'; }, set(value) { __noticed.count++; }, configurable: true }",
  readOnlyValues: "{ value: 'from the prototype', writable: false, configurable: true }",
};

/** Runs a program in an event of its own; with its result, what it logged. */
async function run(program: string, descriptor?: string): Promise<{ result: unknown; logs: unknown[]; noticed: number }> {
  const guest = new Guest();
  guest.onCall = (name, args) => {
    if (name === "timerStart") setImmediate(() => guest.entry.timer(args[1]));
    return undefined;
  };
  guest.run("globalThis.__noticed = { count: 0 }");
  if (descriptor !== undefined) {
    guest.run(`for (let i = 0; i < 50; i++) { Object.defineProperty(Array.prototype, i, ${descriptor}); Object.defineProperty(Object.prototype, i, ${descriptor}); }`);
  }
  guest.run(`globalThis.__program = async (request) => { ${program} }`);
  guest.bind("{ default: { async fetch(request) { return new Response(JSON.stringify([await __program(request), __noticed.count])) } } }");
  guest.entry.fetch(1, "GET\nhttp://localhost/\nb\n1\na\n2", 0, undefined);
  for (let turn = 0; turn < 200 && guest.named("respond").length + guest.named("fail").length === 0; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(guest.named("fail"), []);
  const [result, noticed] = JSON.parse(guest.named("respond")[0]![5]);
  return { result, logs: guest.named("log").map(([, , shown]) => shown), noticed };
}

for (const [name, program] of Object.entries(programs)) {
  for (const [trap, descriptor] of Object.entries(traps)) {
    test(`${name}_WhenPrototypesHaveIndexed${trap[0]!.toUpperCase()}${trap.slice(1)}_NoticeNothing`, async () => {
      assert.deepEqual(await run(program, descriptor), await run(program));
    });
  }
}

test("lists_WhenArrayIterationIsReplaced_StayInternal", async () => {
  const program = (iterator: string, constructor: string): string => `
    const noticed = { count: 0 };
    const { iterator } = Symbol;
    const bytes = new Uint8Array([104]);
    ${iterator}
    ${constructor}
    const form = new FormData();
    form.append("a", "1");
    const target = new EventTarget();
    target.addEventListener("x", () => {});
    target.dispatchEvent(new Event("x"));
    const response = new Response(new ReadableStream({ start(c) { c.enqueue(bytes); c.close(); } }));
    const clone = response.clone();
    const branches = new Response("b").body.tee();
    console.log(Promise.resolve(1), new Headers({ a: "1" }), new Error("x", { cause: 1 }).cause);
    return [noticed.count, await response.text(), await clone.text(), await new Response(branches[0]).text(), (await new Response(form).text()).length > 0];`;
  const hostile = await run(program(
    "Array.prototype[iterator] = function () { noticed.count++; throw new Error('noticed'); };",
    "Object.defineProperty(Array.prototype, 'constructor', { get() { noticed.count++; return Array; } });"));
  assert.deepEqual(hostile.result, [0, "h", "h", "b", true]);
});

/** Receivers of element assignments whose elements are their own, whatever the prototypes have: by file, with the reason. */
const assigned: Record<string, string[]> = {
  // The one append of a list, and lists whose elements are overwritten.
  "core/list.ts": ["list"],
  "console/table.ts": ["row", "rows[i]"],
  "encoding/base64.ts": ["values"],
  "fetch/form-data.ts": ["entries", "this.#entries"],
  "fetch/header-list.ts": ["isToken", "names", "this.#values", "unique", "values"],
  "streams/queue.ts": ["this.#items"],
  "url/url-search-params.ts": ["pairs"],
  // Typed arrays, `newList`, objects without a prototype, and assignments in generated source to those.
  "schema/base64.ts": ["bytes"],
  "schema/codec.ts": ["values"],
  "schema/document.ts": ["definitions", "read", "seen"],
  "schema/generate-decode.ts": ["list", "map"],
  "schema/generate-encode.ts": ["b", "steps"],
  "schema/json-face.ts": ["known", "list", "map as Record<string, unknown>", "names", "object", "record"],
  "schema/json-values.ts": ["list", "object"],
  "schema/nearest-name.ts": ["last", "row"],
  "schema/reader.ts": ["copy", "list", "object", "scratch", "target", "this.#hexDigits", "this.#units", "units"],
  "schema/source.ts": ["this.#queue"],
  "schema/writer.ts": ["bytes", "keys", "table", "this.bytes", "values"],
  "streams/byte-controller.ts": ["viewConstructors"],
  "url/search-params-list.ts": ["bytes"],
  // Members by name, and an argument that is there.
  "boundary/stubs.ts": ["stub"],
  "console/console.ts": ["data", "namespace"],
  "worker/worker.ts": ["this.env"],
};

const source = new URL("../src/", import.meta.url);
const sources = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts")).sort();
const codeOf = (path: string): string => readFileSync(new URL(path, source), "utf8").replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, "");

test("sources_WhenAnElementIsAssigned_ItIsTheReceiversOwn", () => {
  const index = String.raw`\[(?:[^\[\]]|\[[^\[\]]*\])+\]`;
  const assignment = new RegExp(String.raw`(?:\(([^()]+)\)|([\w$.#]+(?:${index})?))!?${index}\s*(?:[-+*/%&|^]|\?\?|\|\||&&|<<|>>>?)?=(?![=>])`, "g");
  const found: Record<string, string[]> = {};
  for (const path of sources) {
    // A type such as Entry["name"] or string[][1] is no receiver.
    const receivers = [...codeOf(path).matchAll(assignment)].map((match) => match[1] ?? match[2]!).filter((receiver) => !/^[A-Z]/.test(receiver));
    if (receivers.length > 0) found[path] = [...new Set(receivers)].sort();
  }
  assert.deepEqual(found, Object.fromEntries(Object.entries(assigned).sort(([left], [right]) => (left < right ? -1 : 1))));
});

test("sources_WhenArraysAreUsed_NoneStartsEmptyAndNoneIsDestructured", () => {
  // An array that starts empty is one that something is appended to. Destructuring and for…of run the iterator of Array.prototype;
  // what is left iterates over what a guest gave, or runs before any guest does.
  const forbidden = /=\s*\[\];|\b(?:const|let|var) \[|\bfor \((?:const|let) \w+ of (?!pair as Iterable<unknown>|sequenceOf\(|\{ \[symbolIterator\]|\[$)|\.(?:push|unshift)\(\.\.\.|=> \[\]|\bnew Array\b/gm;
  const found = sources.flatMap((path) => [...codeOf(path).matchAll(forbidden)].map((match) => `${path}: ${match[0]}`));
  assert.deepEqual(found, []);
});
