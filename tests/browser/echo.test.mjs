// Readers and writers of the three SDKs against the codec: what a module reads and writes again is the same to the byte.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { canBuildRust, compileAssemblyScript, compileC, compileRust, importSdk } from "./harness.mjs";

const { Plugin, readManifest } = await importSdk();
const rounds = 300;

const kinds = [
  ["i", "int64"], ["u", "uint64"], ["f", "float32"], ["d", "float64"], ["s", "string"], ["b", "bytes"],
  ["l", { kind: "list", items: "int64" }], ["m", { kind: "map", keys: "string", values: "uint64" }],
  ["v", { kind: "union", variants: [{ name: "flag", type: "bool" }, { name: "text", type: "string" }] }],
];
const optional = ["o", { kind: "optional", of: "int64" }];
const record = (id, fields) => ({ sir: 1, id, type: { kind: "record", fields: fields.map(([name, type]) => ({ name, type })) } });
const full = "schema://test/full/v1";
const manifest = await readManifest({
  abi_version: "0.1", module_name: "echo", module_version: "1.0.0", module: "echo.wasm", profile: "wasm_browser",
  schemas: [record(full, [...kinds, ["j", "json"], optional]), record("schema://test/echo/v1", [...kinds, optional])],
  exports: [{ function_id: 1, name: "echo", input_schemas: [full], output_schema: "schema://test/echo/v1", codec: "msgpack", deterministic: true }],
}, () => assert.fail("loads nothing"));

/** Numbers from a seed (Mulberry32), so that a failure comes again. */
function randomOf(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const edges = [0n, 1n, 31n, 32n, 33n, 127n, 128n, 129n, 255n, 256n, 32767n, 32768n, 32769n, 65535n, 65536n, 2n ** 31n, 2n ** 31n + 1n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 63n - 1n];
const lengths = [0, 1, 5, 15, 16, 31, 32, 33, 255, 256, 300];

function valueOf(random) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const unsigned = () => (random() < 0.5 ? pick(edges) : BigInt(Math.floor(random() * 2 ** 53)));
  const signed = () => (random() < 0.5 ? unsigned() : -unsigned() - (random() < 0.5 ? 1n : 0n));
  const text = () => Array.from({ length: pick(lengths) }, () => pick(["a", "é", "€", "💡", "\u0000"])).join("");
  const float = () => pick([0, -0, 1.5, -1, NaN, Infinity, -Infinity, 0.1, Math.fround(0.1), 5e-324, random() * 1e9]);
  const list = (item) => Array.from({ length: pick([0, 1, 3, 15, 16, 40]) }, item);
  const json = (depth) => pick([
    () => null, () => random() < 0.5, text, () => Math.fround(random()), () => Number(pick(edges) % 2n ** 50n), () => -Number(pick(edges) % 2n ** 40n),
    () => (depth > 3 ? 0 : list(() => json(depth + 1))), () => (depth > 3 ? 0 : Object.fromEntries(list(() => [text(), json(depth + 1)]))),
  ])();
  return {
    i: signed(), u: pick([unsigned, () => 2n ** 64n - 1n])(), f: Math.fround(float()), d: float(), s: text(),
    b: Uint8Array.from({ length: pick(lengths) }, () => random() * 256), l: list(signed),
    m: Object.fromEntries(list(() => [text(), unsigned()])), v: random() < 0.5 ? { tag: "flag", value: random() < 0.5 } : { tag: "text", value: text() },
    j: json(0), o: random() < 0.5 ? undefined : signed(),
  };
}

async function echoes(file) {
  const plugin = await Plugin.create(manifest, readFileSync(file));
  const random = randomOf(20);
  for (let i = 0; i < rounds; i++) {
    const value = valueOf(random);
    const echo = await plugin.callBytes("echo", plugin.encode(full, value).slice());
    const wanted = plugin.encode("schema://test/echo/v1", value);
    assert.deepEqual(Buffer.from(echo), Buffer.from(wanted), `round ${i}`);
  }
}

suite("Echo", () => {
  test("C_WhenValuesAreReadAndWritten_HasTheBytesOfTheCodec", () => echoes(compileC("echo")));
  test("AssemblyScript_WhenValuesAreReadAndWritten_HasTheBytesOfTheCodec", () => echoes(compileAssemblyScript("echo")));
  test("Rust_WhenValuesAreReadAndWritten_HasTheBytesOfTheCodec",
    { skip: canBuildRust() ? false : "no rustc with the target wasm32-unknown-unknown" }, () => echoes(compileRust("echo")));
});
