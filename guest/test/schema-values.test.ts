import assert from "node:assert/strict";
import { test } from "node:test";
import { compileCodec } from "../src/schema/standalone.ts";

const document = (type: unknown, coercion = "strict"): unknown => ({ sir: 1, id: "schema://test/values/v1", coercion, type });
const codecOf = (type: unknown, coercion?: string) => compileCodec<any>(document(type, coercion));
const record = (fields: Record<string, unknown>, coercion?: string) =>
  codecOf({ kind: "record", fields: Object.entries(fields).map(([name, type]) => ({ name, type })) }, coercion);
const optional = (of: unknown, fallback?: unknown): unknown => (fallback === undefined ? { kind: "optional", of } : { kind: "optional", of, default: fallback });
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

test("integers_WhenGivenAsValues_KeepToTheirKinds", () => {
  assert.equal(hex(codecOf("int32").encode(-0)), "00");
  assert.throws(() => codecOf("int32").encode(1.5), { kind: "mistyped" });
  assert.throws(() => codecOf("int32").encode(2 ** 31), { kind: "out_of_range" });
  assert.throws(() => codecOf("int32").encode(1n), { kind: "mistyped" });
  assert.throws(() => codecOf("int32").encode({ valueOf: () => 1 }), { kind: "mistyped" });
  assert.equal(hex(codecOf("int64").encode(5)), "05");
  assert.equal(codecOf("int64").decode(new Uint8Array([5])), 5n);
  assert.throws(() => codecOf("int64").encode(2 ** 60), { kind: "mistyped" });
  assert.equal(hex(codecOf("uint64").encode(2n ** 64n - 1n)), "cfffffffffffffffff");
  assert.equal(hex(codecOf("int64").encode(-(2n ** 63n))), "d38000000000000000");
});

test("wideBounds_WhenTheDocumentIsText_AreExact", () => {
  const codec = compileCodec<bigint>('{"sir":1,"id":"schema://test/wide/v1","type":{"kind":"uint64","le":18446744073709551614}}');
  assert.equal(hex(codec.encode(18446744073709551614n)), "cffffffffffffffffe");
  assert.throws(() => codec.encode(18446744073709551615n), { kind: "out_of_range" });
});

test("timestamp_WhenGivenAsADate_IsItsMicroseconds", () => {
  const codec = codecOf("timestamp");
  assert.equal(codec.decode(codec.encode(new Date(1763700000123))), 1763700000123000);
  assert.throws(() => codec.encode(new Date(NaN)), { kind: "mistyped" });
});

test("uuid_WhenUpperCase_DecodesToLowerCase", () => {
  const codec = codecOf("uuid");
  assert.equal(codec.decode(codec.encode("00112233-4455-6677-8899-AABBCCDDEEFF")), "00112233-4455-6677-8899-aabbccddeeff");
  for (const wrong of ["00112233-4455-6677-8899-aabbccddeefg", "00112233x4455-6677-8899-aabbccddeeff", "00112233-4455-6677-8899-aabbccddee\u0130f", "short", 5]) {
    assert.throws(() => codec.encode(wrong), { kind: "mistyped" });
  }
});

test("decimal_WhenInAnyForm_IsWrittenInOne", () => {
  const codec = codecOf("decimal");
  for (const [text, one] of [["1.50", "1.5"], ["007", "7"], ["-0", "0"], ["-0.10", "-0.1"], ["10", "10"]]) assert.equal(codec.decode(codec.encode(text)), one);
  assert.throws(() => codec.encode("1e5"), { kind: "mistyped" });
  assert.throws(() => codec.encode("1".repeat(29)), { kind: "out_of_range" });
});

test("string_WhenItHoldsHalfACharacter_IsRefused", () => {
  for (const text of ["\ud800", "a\udc00", "x".repeat(300) + "\ud83d", "\ud83dx"]) assert.throws(() => codecOf("string").encode(text), { kind: "mistyped" });
});

test("string_WhenOfAnyLength_ComesBack", () => {
  const codec = codecOf("string");
  for (const part of ["x", "é", "語", "😀", "xé"]) {
    for (const length of [0, 1, 10, 11, 15, 16, 31, 32, 85, 127, 128, 160, 161, 255, 256, 5000, 70_000]) {
      const text = part.repeat(length);
      const payload = codec.encode(text);
      assert.equal(codec.decode(payload), text);
      assert.ok(hex(payload).endsWith(Buffer.from(text).toString("hex")));
    }
  }
});

test("optional_WhenAbsent_IsLeftOutAtTheEnd", () => {
  const codec = record({ a: optional("int8"), b: "int8", c: optional("string", "x"), d: optional("json") });
  assert.equal(hex(codec.encode({ b: 1 })), "92c001");
  assert.equal(hex(codec.encode({ a: null, b: 1, c: "x", d: undefined })), "92c001");
  assert.deepEqual(codec.decode(new Uint8Array([0x92, 0xc0, 1])), { a: undefined, b: 1, c: "x", d: undefined });
  assert.equal(hex(codec.encode({ b: 1, d: false })), "94c001c0c2");
  assert.throws(() => codec.encode({ b: 1, d: null }), { kind: "mistyped", path: "$.d" });
  assert.throws(() => codec.encode({ a: 1 }), { kind: "missing", path: "$.b" });
});

test("defaults_WhenOfEveryScalar_AreAbsent", () => {
  const codec = record({
    a: optional("int64", "9007199254740993"), b: optional("float64", -0), c: optional("bytes", "AQI="), d: optional("timestamp", "1970-01-01T00:00:01Z"),
    e: optional("uuid", "00112233-4455-6677-8899-aabbccddeeff"), f: optional("decimal", "1.5"), g: optional({ kind: "enum", values: ["x", "y"] }, "y"), h: optional("bool", true),
  });
  const absent = codec.decode(new Uint8Array([0x90]));
  assert.deepEqual(absent, {
    a: 9007199254740993n, b: -0, c: new Uint8Array([1, 2]), d: 1_000_000, e: "00112233-4455-6677-8899-aabbccddeeff", f: "1.5", g: "y", h: true,
  });
  assert.equal(hex(codec.encode(absent)), "90");
  assert.notEqual(codec.decode(new Uint8Array([0x90])).c, absent.c);
  assert.equal(hex(codec.encode({ b: 0 })), "92c0cb0000000000000000");
});

test("maps_WhenGivenInAnyOrder_AreSortedByTheirBytes", () => {
  const codec = codecOf({ kind: "map", keys: "string", values: "int8" });
  // U+FFFF comes before U+10000 in UTF-8, after it in UTF-16.
  assert.equal(hex(codec.encode({ "\u{10000}": 2, "\uffff": 1 })), "82a3efbfbf01a4f090808002");
  const numbers = codecOf({ kind: "map", keys: "int16", values: "bool" });
  assert.equal(hex(numbers.encode(new Map([[300, true], [-1, false]]))), "82ffc2cd012cc3");
  assert.deepEqual(numbers.decode(numbers.encode(new Map([[2, true], [1, false]]))), new Map([[1, false], [2, true]]));
  assert.throws(() => numbers.encode({ 1: true }), { kind: "mistyped" });
  assert.throws(() => codec.encode(new (class Point { x = 1; })()), { kind: "mistyped" });
});

test("paths_WhenAPartIsWrong_LeadToIt", () => {
  const codec = record({ lines: { kind: "list", items: { kind: "record", fields: [{ name: "qty", type: "int8" }] } }, m: { kind: "map", keys: "string", values: "int8" } });
  assert.throws(() => codec.encode({ lines: [{ qty: 1 }, { qty: "x" }], m: {} }), { kind: "mistyped", path: "$.lines[1].qty" });
  assert.throws(() => codec.encode({ lines: [], m: { "a b": 500 } }), { kind: "out_of_range", path: '$.m["a b"]', message: '$.m["a b"]: 500 is not within -128…127 (out_of_range)' });
});

test("lax_WhenASchemaAllowsIt_TakesWhatSaysTheSame", () => {
  const codec = record({ i: "int32", f: "float64", b: "bool", d: "decimal", w: "uint64" }, "lax");
  const strict = record({ i: "int32", f: "float64", b: "bool", d: "decimal", w: "uint64" });
  const value = { i: "5", f: "2.5", b: "true", d: 1.25, w: "18446744073709551615" };
  assert.deepEqual(codec.decode(codec.encode(value)), { i: 5, f: 2.5, b: true, d: "1.25", w: 18446744073709551615n });
  assert.equal(codec.decode(codec.encode({ ...value, b: 0 })).b, false);
  assert.throws(() => codec.encode({ ...value, i: "5x" }), { kind: "mistyped", path: "$.i" });
  assert.throws(() => strict.encode(value), { kind: "mistyped", path: "$.i" });
  assert.throws(() => codecOf("string", "lax").encode(5), { kind: "mistyped" });
});

test("json_WhenEncoded_HasOneForm", () => {
  const codec = codecOf("json");
  assert.equal(hex(codec.encode({ b: -0, a: [1.5, "x"], c: undefined })), "82a16192cb3ff8000000000000a178a16200");
  for (const wrong of [undefined, NaN, Infinity, () => 1, new Date(0), 1n, [undefined]]) assert.throws(() => codec.encode(wrong));
});

test("float32_WhenANumberIsNone_IsRoundedOrRefused", () => {
  const codec = codecOf("float32");
  assert.equal(codec.decode(codec.encode(0.1)), Math.fround(0.1));
  assert.throws(() => codec.encode(1e300), { kind: "out_of_range" });
  assert.equal(codec.decode(codec.encode(-Infinity)), -Infinity);
});

test("encodeInto_WhenThereIsRoom_WritesInPlace", () => {
  const codec = record({ a: "string", b: { kind: "list", items: "float64" } });
  const value = { a: "hello", b: [1, 2] };
  const whole = hex(codec.encode(value));
  const length = whole.length / 2;
  const target = new Uint8Array(length + 4);
  assert.equal(codec.encodeInto(value, target, 4), length);
  assert.equal(hex(target.subarray(4)), whole);
  assert.throws(() => codec.encodeInto(value, new Uint8Array(length - 1)), { name: "RangeError", message: `The payload takes ${length} bytes; the target has room for ${length - 1}.` });
  assert.throws(() => codec.encodeInto(value, target, 100), RangeError);
});

test("payloads_WhenLargeAndSmallTakeTurns_KeepTheirBytes", () => {
  const codec = codecOf("string");
  const kept = [10, 40_000, 20, 900, 2_000_000, 30, 1024, 1025].map((length) => ({ length, payload: codec.encode("y".repeat(length)) }));
  for (const { length, payload } of kept) assert.equal(codec.decode(payload), "y".repeat(length));
});

test("decode_WhenThePayloadIsAPartOfABuffer_ReadsThatPart", () => {
  const codec = record({ a: "string", b: "string" });
  const payload = codec.encode({ a: "first", b: "x".repeat(5000) });
  const around = new Uint8Array(payload.length + 20);
  around.set(payload, 10);
  assert.deepEqual(codec.decode(around.subarray(10, 10 + payload.length)), { a: "first", b: "x".repeat(5000) });
});

test("union_WhenTheTagIsUnknown_IsRefused", () => {
  const codec = codecOf({ kind: "union", variants: [{ name: "a", type: "int8" }] });
  assert.throws(() => codec.encode({ tag: "b", value: 1 }), { kind: "unknown", path: "$" });
  assert.throws(() => codec.encode({ tag: "a", value: "x" }), { kind: "mistyped", path: "$.a" });
});

test("recursion_WhenATypeHoldsItself_Works", () => {
  const codec = compileCodec<any>({
    sir: 1, id: "schema://test/tree/v1", type: { kind: "ref", name: "Tree" },
    definitions: { Tree: { kind: "record", fields: [{ name: "value", type: "int32" }, { name: "children", type: { kind: "list", items: { kind: "ref", name: "Tree" } } }] } },
  });
  const tree = (depth: number): unknown => ({ value: depth, children: depth === 0 ? [] : [tree(depth - 1), tree(0)] });
  assert.deepEqual(codec.decode(codec.encode(tree(20))), tree(20));
  assert.throws(() => codec.encode(tree(40)), { kind: "too_deep" });
});

test("fromJson_WhenAKeyIsUnknown_NamesTheNearest", () => {
  const codec = record({ quantity: "int8" });
  assert.throws(() => codec.fromJson({ quantiy: 1 }), { kind: "unknown", path: "$", message: '$: there is no field "quantiy"; did you mean "quantity"? (unknown)' });
});

test("documents_WhenFaulty_SayWhere", () => {
  const message = (type: unknown): string => {
    try {
      codecOf(type);
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.equal(message("int31"), 'The schema is faulty: $.type: "int31" is no kind of type');
  assert.equal(message({ kind: "list", items: "bool", maxItem: 1 }), "The schema is faulty: $.type.maxItem: is not a key that belongs here");
  assert.equal(message({ kind: "ref", name: "X" }), 'The schema is faulty: $.type: no definition is named "X"');
  assert.equal(message({ kind: "int8", ge: 1000 }), "The schema is faulty: $.type.ge: 1000 is no bound of this kind");
});
