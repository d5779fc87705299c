import assert from "node:assert/strict";
import { test } from "node:test";
import * as vm from "node:vm";
import { codecSource, compileCodec, PayloadError } from "../src/schema/standalone.ts";
import { realm } from "./schema-realm.ts";

const names = [
  "__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "__defineGetter__", "'", "\"", "`", "\\", "${1}", "\n", "\u2028", "\u2029", "*/", "//",
  "</script>", "\ud83d\ude00", "0", "-1", "a b", "f0", "w", "r", "s", "c", "at", "value", "arguments", "eval", "\"];throw 1;[\"", "'+globalThis+'",
];

const document = (type: unknown): unknown => ({ sir: 1, id: "schema://test/hostile/v1", type });
const optional = (of: unknown): unknown => ({ kind: "optional", of });
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

test("record_WhenNamesAreHostile_TreatsThemAsData", () => {
  const codec = compileCodec<Record<string, number>>(document({ kind: "record", fields: names.map((name) => ({ name, type: "int32" })) }));
  const value: Record<string, number> = Object.create(null);
  names.forEach((name, i) => void (value[name] = i * 1000));
  const decoded = codec.decode(codec.encode(value));
  assert.deepEqual(Reflect.ownKeys(decoded).sort(), [...names].sort());
  for (const name of names) assert.equal(Object.getOwnPropertyDescriptor(decoded, name)!.value, value[name], name);
  assert.equal(Object.getPrototypeOf(decoded), Object.prototype);
});

test("record_WhenANameIsOneOfObjectPrototype_TakesOwnPropertiesAlone", () => {
  const codec = compileCodec<Record<string, unknown>>(document({ kind: "record", fields: names.map((name) => ({ name, type: optional("json") })) }));
  assert.equal(hex(codec.encode({})), "90");
});

test("enumAndUnion_WhenNamesAreHostile_TreatThemAsData", () => {
  const choice = compileCodec<string>(document({ kind: "enum", values: names }));
  const union = compileCodec<any>(document({ kind: "union", variants: names.map((name) => ({ name, type: "bool" })) }));
  for (const name of names) {
    assert.equal(choice.decode(choice.encode(name)), name);
    assert.deepEqual(union.decode(union.encode({ tag: name, value: true })), { tag: name, value: true });
  }
  assert.throws(() => choice.encode("isPrototypeOf"), { kind: "unknown" });
});

test("map_WhenKeysAreHostile_TreatsThemAsData", () => {
  const codec = compileCodec<any>(document({ kind: "map", keys: "string", values: "int32" }));
  const map = new Map(names.map((name, i) => [name, i]));
  const decoded = codec.decode(codec.encode(map));
  assert.equal(Object.getPrototypeOf(decoded), null);
  for (const name of names) assert.equal(decoded[name], map.get(name));
  assert.equal(hex(codec.encode(decoded)), hex(codec.encode(map)));
});

test("json_WhenKeysAreHostile_TreatsThemAsData", () => {
  const codec = compileCodec<any>(document("json"));
  const decoded = codec.decode(codec.encode(JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}')));
  assert.equal(JSON.stringify(decoded), '{"__proto__":{"polluted":true},"constructor":1}');
  assert.equal(({} as any).polluted, undefined);
});

test("defaultsAndPatterns_WhenHostile_AreData", () => {
  const text = "*/ `${alert(1)}` \u2028 \" ' \\";
  const codec = compileCodec<any>(document({ kind: "record", fields: [
    { name: "a", type: { kind: "optional", of: "string", default: text } },
    { name: "b", type: { kind: "optional", of: { kind: "string", pattern: "^/\\*\"'`\\$\\{$" } } },
  ] }));
  assert.deepEqual(codec.decode(new Uint8Array([0x90])), { a: text, b: undefined });
  assert.equal(codec.decode(codec.encode({ b: "/*\"'`${" })).b, "/*\"'`${");
});

test("source_WhenASchemaHasNames_HoldsThemAsLiteralsAlone", () => {
  const source = codecSource(document({ kind: "record", fields: [{ name: "\"];x();//", type: "bool" }] }));
  assert.ok(source.includes(String.raw`value["\"];x();//"]`));
  assert.doesNotThrow(() => new Function(source));
});

/** Breaks what a guest can reach: methods throw, and setters and getters of prototypes note what they see. */
const sabotage = `
  let seen = 0;
  const Kept = Error;
  const { ownKeys, defineProperty, getOwnPropertyDescriptor } = Reflect;
  const boom = function () { seen++; throw new Kept('sabotaged') };
  const types = [Array, Map, Set, WeakMap, String, Number, BigInt, Boolean, Symbol, ArrayBuffer, Uint8Array, Object.getPrototypeOf(Uint8Array), DataView, RegExp, Function, Date, Error];
  for (let i = 0; i < types.length; i++) {
    const keys = ownKeys(types[i].prototype);
    for (let j = 0; j < keys.length; j++) {
      const d = getOwnPropertyDescriptor(types[i].prototype, keys[j]);
      if (d.configurable) defineProperty(types[i].prototype, keys[j], d.get || keys[j] === 'constructor' ? { get: boom, set: boom, configurable: true } : { value: boom, configurable: true, writable: true });
    }
  }
  const trap = { get: boom, set: boom, configurable: true };
  for (let i = 0; i < 40; i++) { defineProperty(Array.prototype, i, trap); defineProperty(Object.prototype, 'f' + i, trap); }
  const words = ['then', 'tag', 'kind', 'path', 'name', 'length', 'keys', 'bytes', 'at', 'encode', 'source', 'flags', 'map', 'a', 'b', 'note', 'index', 'input', 'groups', 'lastIndex', 'toJSON'];
  for (let i = 0; i < words.length; i++) defineProperty(Object.prototype, words[i], trap);
  const globals = ['Array', 'Map', 'Set', 'Uint8Array', 'ArrayBuffer', 'DataView', 'Float64Array', 'Error', 'Object', 'Reflect', 'JSON', 'Math', 'Number', 'String', 'Symbol', 'BigInt', 'RegExp', 'Date', 'Function', 'eval'];
  for (let i = 0; i < globals.length; i++) globalThis[globals[i]] = undefined;
`;

const everything = JSON.stringify(document({ kind: "record", fields: [
  { name: "id", type: "uuid" }, { name: "count", type: { kind: "int32", ge: 0 } }, { name: "big", type: "int64" }, { name: "ratio", type: "float64" },
  { name: "half", type: "float32" }, { name: "ok", type: "bool" }, { name: "title", type: { kind: "string", maxLength: 300, pattern: "^." } },
  { name: "mail", type: { kind: "string", format: "email" } }, { name: "blob", type: "bytes" }, { name: "when", type: "timestamp" },
  { name: "price", type: { kind: "decimal", ge: "0" } }, { name: "colour", type: { kind: "enum", values: ["red", "green"] } },
  { name: "list", type: { kind: "list", items: "string" } }, { name: "scores", type: { kind: "map", keys: "int8", values: "float64" } },
  { name: "labels", type: { kind: "map", keys: "string", values: "string" } },
  { name: "shape", type: { kind: "union", variants: [{ name: "circle", type: "int8" }, { name: "square", type: "string" }] } },
  { name: "data", type: "json" }, { name: "note", type: { kind: "optional", of: "string", default: "none" } },
] }));

const makeValue = `({
  id: '00112233-4455-6677-8899-aabbccddeeff', count: 70000, big: 12345678901234567890n / 2n, ratio: 0.5, half: 0.25, ok: true, title: 'Zoë 😀 ' + '${"x".repeat(200)}',
  mail: 'a@b.example', blob: new Uint8Array([1, 2, 3]), when: 1763700000000001, price: '19.90', colour: 'green',
  list: ['a', 'b', 'é', 'dd', 'e', 'f'], scores: new Map([[3, 1.5], [-1, 2.5]]), labels: new Map([['b', '1'], ['a', '2'], ['__proto__', '3']]),
  shape: { tag: 'square', value: 'big' }, data: { b: [1, null, true, 'x', { c: -0.5 }], a: 2 }, note: 'hello' })`;

test("codec_WhenPrototypesAreSabotaged_WorksUnseen", () => {
  const context = realm();
  context.codec = (context.compileCodec as (schema: string) => unknown)(everything);
  const run = (code: string): any => vm.runInContext(code, context);
  const before = hex(new Uint8Array(run(`const value = ${makeValue}; codec.encode(value)`)));
  run(sabotage);
  const after = hex(new Uint8Array(run("const after = codec.encode(value); after")));
  const again = hex(new Uint8Array(run("const again = codec.encode(codec.decode(after)); again")));
  assert.deepEqual([after, again, run("seen")], [before, before, 0]);
  assert.equal(run("let fault; try { value.count = -1; codec.encode(value) } catch (error) { fault = error } fault.kind + fault.path"), "out_of_range$.count");
});

test("codec_WhenCompiledInASabotagedRealm_StillWorks", () => {
  const context = realm();
  const codec = (context.compileCodec as (schema: string) => any)(everything);
  const value = vm.runInContext(`const value = ${makeValue}; value`, context);
  vm.runInContext(sabotage, context);
  const late = (context.compileCodec as (schema: string) => any)(everything.replace("hostile/v1", "late/v1"));
  assert.equal(hex(new Uint8Array(late.encode(value))), hex(new Uint8Array(codec.encode(value))));
});

test("encode_WhenAGetterEncodesSomethingElse_KeepsBothApart", () => {
  const inner = compileCodec<any>(document({ kind: "list", items: "string" }));
  const outer = compileCodec<any>(document({ kind: "record", fields: [{ name: "a", type: { kind: "list", items: "string" } }, { name: "b", type: "float64" }] }));
  let nested = "";
  const list = ["one", "two"];
  const hostile = new Proxy(list, { get: (target, key) => {
    if (key === "1") nested = hex(inner.encode(["nested", "x".repeat(50_000)])).slice(0, 20);
    return Reflect.get(target, key);
  } });
  assert.equal(hex(outer.encode({ a: hostile, b: 1.5 })), hex(outer.encode({ a: list, b: 1.5 })));
  assert.equal(nested, "92a66e6573746564dac3");
});

test("payloads_WhenOneWasMadeWithinAnother_KeepTheirBytes", () => {
  const codec = compileCodec<any>(document("json"));
  const made: { text: string; payload: Uint8Array }[] = [];
  const make = (text: string): void => void made.push({ text, payload: codec.encode(text) });
  make("before");
  for (let i = 0; i < 50; i++) {
    const payload = codec.encode([{ get a() { make(`inner ${i}`); return i; } }]);
    assert.equal(hex(payload), `9181a161${i.toString(16).padStart(2, "0")}`);
    make(`after ${i}`);
  }
  for (const { text, payload } of made) assert.equal(codec.decode(payload), text);
});

test("encode_WhenAGetterThrows_PassesItsErrorOnAndStaysUsable", () => {
  const codec = compileCodec<any>(document({ kind: "record", fields: [{ name: "a", type: "int8" }, { name: "b", type: "json" }] }));
  const error = new Error("mine");
  assert.throws(() => codec.encode({ a: 1, b: { get x() { throw error; } } }), (thrown) => thrown === error);
  assert.equal(hex(codec.encode({ a: 1, b: null })), "9201c0");
});

test("encode_WhenSharedMemoryIsTransferred_GoesOn", () => {
  const codec = compileCodec<any>(document("string"));
  const first = codec.encode("first");
  structuredClone(first.buffer, { transfer: [first.buffer] });
  assert.equal(hex(codec.encode("second")), "a67365636f6e64");
});

test("decode_WhenLengthsAreHuge_RefusesBeforeAllocating", () => {
  const list = compileCodec(document({ kind: "list", items: "json" }));
  const text = compileCodec(document("string"));
  const bytes = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits, "hex"));
  assert.throws(() => list.decode(bytes("ddffffffff")), { kind: "too_large", path: "$" });
  assert.throws(() => list.decode(bytes("dd000f4240")), { kind: "truncated", path: "$" });
  assert.throws(() => text.decode(bytes("dbffffffff")), { kind: "truncated", path: "$" });
});

test("decode_WhenContainersNestTooDeeply_RefusesThem", () => {
  const json = compileCodec<any>(document("json"));
  const deep = (levels: number): Uint8Array => new Uint8Array([...Array(levels).fill(0x91), 0xc0]);
  assert.doesNotThrow(() => json.decode(deep(64)));
  assert.throws(() => json.decode(deep(65)), { kind: "too_deep", path: "$" + "[0]".repeat(64) });
  let value: unknown = null;
  for (let i = 0; i < 65; i++) value = [value];
  assert.throws(() => json.encode(value), { kind: "too_deep" });
  const cycle: unknown[] = [];
  cycle[0] = cycle;
  assert.throws(() => json.encode(cycle), (error) => error instanceof PayloadError && error.kind === "too_deep");
});

test("limits_WhenSet_AreKept", () => {
  const codec = compileCodec<any>(document({ kind: "list", items: "string" }), { limits: { maxBytes: 10, maxItems: 2 } });
  assert.throws(() => codec.encode(["a", "b", "c"]), { kind: "too_large" });
  assert.throws(() => codec.encode(["x".repeat(20)]), { kind: "too_large" });
  assert.throws(() => codec.decode(new Uint8Array(11)), { kind: "too_large", path: "$" });
  assert.equal(hex(codec.encode(["ab", "cd"])), "92a26162a26364");
});
