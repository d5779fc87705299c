// Random schemas and values, the same on every run: JavaScript writes them, Python reads and writes them again; of damaged payloads
// both must say the same.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { compileCodec, PayloadError } from "../src/schema/standalone.ts";

let state = 0x2545f491;
const random = (): number => {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 4294967296;
};
const below = (limit: number): number => Math.floor(random() * limit);
const pick = <T>(items: readonly T[]): T => items[below(items.length)]!;
const times = <T>(most: number, make: (i: number) => T): T[] => Array.from({ length: below(most + 1) }, (_, i) => make(i));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const bits: Record<string, number> = { int8: 8, int16: 16, int32: 32, int53: 54, int64: 64, uint8: 8, uint16: 16, uint32: 32, uint64: 64 };
const scalars = [...Object.keys(bits), "bool", "float32", "float64", "string", "bytes", "timestamp", "duration", "uuid", "decimal", "json"];
const characters = ["a", "Z", "0", " ", "\n", "\"", "é", "ß", "語", "\uffff", "😀", "\u{10ffff}", "\0"];

function randomType(depth: number): any {
  const choice = depth > 3 ? 0 : below(14);
  switch (choice) {
    case 8: return { kind: "list", items: randomType(depth + 1) };
    case 9: return { kind: "map", keys: pick(["string", "int8", "uint32", "int53"]), values: randomType(depth + 1) };
    case 10: case 11: return { kind: "record", fields: times(20, (i) => ({ name: `field ${i}`, type: below(3) === 0 ? randomOptional(depth + 1) : randomType(depth + 1) })) };
    case 12: return { kind: "union", variants: [0, 1, 2].map((i) => ({ name: `variant${i}`, type: randomType(depth + 1) })) };
    case 13: return { kind: "enum", values: ["red", "green", "__proto__"] };
    default: return pick(scalars);
  }
}

function randomOptional(depth: number): any {
  switch (below(4)) {
    case 0: return { kind: "optional", of: "int16", default: below(3) };
    case 1: return { kind: "optional", of: "string", default: pick(["", "a"]) };
    default: return { kind: "optional", of: randomType(depth) };
  }
}

const text = (): string => times(pick([3, 40, 300]), () => pick(characters)).join("");

function integer(kind: string): bigint {
  const width = below(bits[kind]! + 1);
  const magnitude = BigInt.asUintN(width, (BigInt(below(2 ** 32)) << 32n) | BigInt(below(2 ** 32)));
  if (kind.startsWith("u")) return magnitude;
  const half = 1n << BigInt(bits[kind]! - 1);
  const least = kind === "int53" ? 1n - half : -half;
  const value = magnitude % half;
  return random() < 0.5 ? value : -value < least ? least : -value;
}

function json(depth: number): unknown {
  switch (below(depth > 3 ? 5 : 7)) {
    case 0: return null;
    case 1: return random() < 0.5;
    case 2: return text();
    case 3: return Number(integer("int53"));
    case 4: return pick([0.5, -1.25, 1e300, -0, 2 ** 60]);
    case 5: return times(4, () => json(depth + 1));
    default: return Object.fromEntries(times(4, () => [text(), json(depth + 1)]));
  }
}

function randomValue(type: any, depth = 0): any {
  const kind = typeof type === "string" ? type : type.kind;
  switch (kind) {
    case "bool": return random() < 0.5;
    case "float32": return Math.fround(pick([0, -0, 1.5, NaN, Infinity, random(), 1e30]));
    case "float64": return pick([0, -0, 1.5, NaN, -Infinity, random(), 1e300]);
    case "string": return text();
    case "bytes": return new Uint8Array(times(pick([4, 300]), () => below(256)));
    case "timestamp": case "duration": return Number(integer("int53"));
    case "uuid": return [8, 4, 4, 4, 12].map((length) => Array.from({ length }, () => below(16).toString(16)).join("")).join("-");
    case "decimal": return pick(["0", "-1.5", "12345678901234567890.12345678", "0.0000000000000000000000000001", `${below(1000)}.${below(99)}5`]);
    case "json": return json(0);
    case "list": return times(pick([3, 20]), () => randomValue(type.items, depth + 1));
    case "map": return new Map(times(pick([3, 20]), () => [type.keys === "string" ? text() : Number(integer(type.keys)), randomValue(type.values, depth + 1)]));
    case "record": return Object.fromEntries(type.fields.map((field: any) => [field.name, randomValue(field.type, depth + 1)]));
    case "union": {
      const variant: any = pick(type.variants);
      return { tag: variant.name, value: randomValue(variant.type, depth + 1) };
    }
    case "enum": return pick(type.values);
    case "optional": {
      const value = random() < 0.5 ? undefined : randomValue(type.of, depth);
      return value === null ? undefined : value;
    }
    default: return kind === "int64" || kind === "uint64" ? integer(kind) : Number(integer(kind));
  }
}

function verdict(codec: { decode(payload: Uint8Array): unknown }, payload: Uint8Array): string {
  try {
    codec.decode(payload);
    return "ok";
  } catch (error) {
    if (!(error instanceof PayloadError)) throw error;
    return `${error.kind} ${error.path}`;
  }
}

function damaged(payload: Uint8Array): Uint8Array {
  const copy = payload.slice();
  switch (below(4)) {
    case 0: return copy.subarray(0, below(copy.length + 1));
    case 1: return new Uint8Array([...copy, below(256)]);
    default:
      for (let i = 0; i <= below(3); i++) copy[below(copy.length)] = below(256);
      return copy;
  }
}

test("randomValues_WhenPythonReadsThem_AreTheSameBytesAndFaults", () => {
  const cases = [];
  const expected: string[][] = [];
  for (let i = 0; i < 150; i++) {
    const schema = { sir: 1, id: "schema://test/random/v1", type: randomType(0) };
    const codec = compileCodec<any>(schema);
    const payloads: string[] = [];
    const verdicts: string[] = [];
    for (let k = 0; k < 6; k++) {
      const payload = codec.encode(randomValue(schema.type));
      assert.equal(hex(codec.encode(codec.decode(payload))), hex(payload));
      assert.equal(hex(codec.encode(codec.fromJson(codec.toJson(codec.decode(payload))))), hex(payload));
      payloads.push(hex(payload));
      verdicts.push("ok");
      for (let j = 0; payload.length > 0 && j < 8; j++) {
        const other = damaged(payload);
        payloads.push(hex(other));
        verdicts.push(verdict(codec, other));
      }
    }
    cases.push({ schema, payloads });
    expected.push(verdicts);
  }
  const python = spawnSync("python3", ["-B", fileURLToPath(new URL("../python/tests/verdicts.py", import.meta.url))], { input: JSON.stringify(cases), encoding: "utf8", maxBuffer: 1 << 28 });
  assert.equal(python.status, 0, `python3 (3.11 or newer) is needed: ${python.error?.message ?? python.stderr}`);
  const answers = JSON.parse(python.stdout) as string[][];
  for (let i = 0; i < cases.length; i++) {
    for (let k = 0; k < expected[i]!.length; k++) {
      assert.equal(answers[i]![k], expected[i]![k], `${JSON.stringify(cases[i]!.schema.type)} ${cases[i]!.payloads[k]}`);
    }
  }
});
