import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CodecFactory } from "../src/schema/codec.ts";
import { compileCodec, PayloadError } from "../src/schema/standalone.ts";

interface Vector { schema: any; cases: { json: any; hex: string }[]; refused: { hex: string; kind: string; path: string }[] }

const text = readFileSync(new URL("../../tests/vectors/schema-codec.json", import.meta.url), "utf8");
// Bounds of wide integers need the digits that a double does not keep.
const exact = (_key: string, value: unknown, context: any): unknown =>
  typeof value === "number" && /^-?[0-9]+$/.test(context.source) && !Number.isSafeInteger(value) ? BigInt(context.source) : value;
const schemas: Vector[] = JSON.parse(text, exact as any);
const vectors: Vector[] = JSON.parse(text).map((vector: Vector, i: number) => ({ ...vector, schema: schemas[i].schema }));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits, "hex"));
const plain = (json: unknown): unknown => JSON.parse(JSON.stringify(json));

const fault = (action: () => unknown, what = "payload"): { kind: string; path: string } => {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof PayloadError, String(error));
    return { kind: error.kind, path: error.path };
  }
  throw new assert.AssertionError({ message: `${what} was not refused` });
};

test("vectors_WhenEncodedAndDecoded_AreTheBytes", () => {
  for (const { schema, cases } of vectors) {
    const codec = compileCodec(schema);
    for (const { json, hex: digits } of cases) {
      const value = codec.decode(bytes(digits));
      assert.equal(hex(codec.encode(value)), digits, schema.id);
      assert.equal(hex(codec.encode(codec.fromJson(json))), digits, schema.id);
      assert.deepEqual(plain(codec.toJson(value)), plain(json), schema.id);
    }
  }
});

test("vectors_WhenAPlatformHasNothingQuickForText_AreTheBytes", () => {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const factory = new CodecFactory({ encode: (value) => encoder.encode(value), decode: (value) => decoder.decode(value) });
  const compile = (names: string[], body: string): any => new Function(...names, body);
  for (const { schema, cases, refused } of vectors) {
    const codec = factory.compile<any>(schema, { compile });
    for (const { hex: digits } of cases) assert.equal(hex(codec.encode(codec.decode(bytes(digits)))), digits, schema.id);
    for (const { hex: digits, kind, path } of refused) assert.deepEqual(fault(() => codec.decode(bytes(digits)), digits), { kind, path });
  }
  const texts = factory.compile<string>({ sir: 1, id: "schema://test/text/v1", type: "string" }, { compile });
  for (const part of ["x", "é", "😀"]) {
    for (const length of [15, 40, 48, 49, 200, 5000]) assert.equal(texts.decode(texts.encode(part.repeat(length))), part.repeat(length));
  }
});

test("vectors_WhenRefused_HaveTheirKindAndPath", () => {
  for (const { schema, refused } of vectors) {
    const codec = compileCodec(schema);
    for (const { hex: digits, kind, path } of refused) assert.deepEqual(fault(() => codec.decode(bytes(digits)), digits), { kind, path }, `${schema.id} ${digits}`);
  }
});

test("vectors_WhenCutShort_AreRefused", () => {
  for (const { schema, cases } of vectors) {
    const codec = compileCodec(schema);
    for (const { hex: digits } of cases) {
      const payload = bytes(digits);
      for (let length = 0; length < payload.length; length++) fault(() => codec.decode(payload.subarray(0, length)));
    }
  }
});

test("vectors_WhenAByteChanges_AreRefusedOrAnotherValueInItsOneForm", () => {
  for (const { schema, cases } of vectors) {
    const codec = compileCodec(schema);
    for (const { hex: digits } of cases) {
      const payload = bytes(digits);
      for (let at = 0; at < payload.length; at++) {
        for (let bits = 1; bits < 256; bits += payload.length < 16 ? 1 : 11) {
          const changed = payload.slice();
          changed[at] ^= bits;
          let decoded;
          try {
            decoded = codec.decode(changed);
          } catch (error) {
            assert.ok(error instanceof PayloadError, String(error));
            continue;
          }
          assert.equal(hex(codec.encode(decoded)), hex(changed), schema.id);
        }
      }
    }
  }
});
