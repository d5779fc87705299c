// The SDKs, and the host that a page has: modules of C, AssemblyScript and Rust loaded as a page loads them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { before, suite, test } from "node:test";
import { buildExample, canBuildRust, checkTypes, compileC, fromFiles, importSdk } from "./harness.mjs";

const sdk = await importSdk();
const { PluginError, Status, loadPlugin, offer } = sdk;
const manifestOf = (folder) => pathToFileURL(`${folder}/molt.plugin.json`);
const hex = (bytes) => Buffer.from(bytes).toString("hex");

/** Asserts that a promise is rejected with a PluginError of a code, and returns it. */
async function fails(promise, code, message) {
  const error = await promise.then(() => undefined, (thrown) => thrown);
  assert.ok(error instanceof PluginError, `expected a PluginError, got ${error}`);
  assert.equal(error.code, code, error.message);
  if (message) assert.match(error.message, message);
  return error;
}

test("BrowserSdk_WhenTypesAreChecked_HasNoErrors", () => {
  checkTypes("sdk/browser");
  checkTypes("examples/browser-ffi");
});

suite("C", () => {
  let plugin;
  const logged = [];
  before(async () => {
    const folder = buildExample("wasm-c");
    // The example is made for servers; its module needs nothing a page lacks.
    const forPage = (manifest) => ({ ...manifest, profile: "wasm_browser" });
    plugin = await loadPlugin(manifestOf(folder), {
      ...fromFiles(forPage), grants: ["console.log"], log: (level, message) => logged.push([level, message]),
    });
  });

  test("Count_WhenTextHasWords_CountsThem", async () => {
    const { value, bytes, schema } = await plugin.call("count", { text: "héllo wörld\n x" });
    assert.deepEqual({ ...value }, { lines: 1, words: 3, characters: 14, bytes: 16, longest: "héllo" });
    assert.equal(hex(bytes), "9501030e10a668c3a96c6c6f");
    assert.equal(schema, "schema://words/count/v1");
  });

  test("Count_WhenTextIsEmpty_LeavesTheOptionalOut", async () => {
    const { value, bytes } = await plugin.call("count", { text: "" });
    assert.equal(value.longest, undefined);
    assert.equal(hex(bytes), "9400000000");
  });

  test("Count_WhenTextIsLong_NeedsMoreThanAPage", async () => {
    const text = "word ".repeat(40_000);
    for (let i = 0; i < 3; i++) assert.equal((await plugin.call("count", { text })).value.words, 40_000);
  });

  test("Handle_WhenARequestComes_AnswersAndLogs", async () => {
    const request = { method: "POST", url: "http://here/", headers: [{ name: "a", value: "b" }], body: new TextEncoder().encode("one two\n") };
    const { value } = await plugin.call("handle", request);
    assert.equal(value.status, 200);
    assert.equal(new TextDecoder().decode(value.body), "1 lines, 2 words, 8 characters, 8 bytes\n");
    assert.deepEqual(logged, [[2, "http://here/"]]);
  });

  test("Module_WhenBuiltWithWasiLibc_ImportsWasiAndIsNoneForAPage", async () => {
    const source = readFileSync(compileC("files", "wasm32-wasi"));
    assert.deepEqual([...new Set(WebAssembly.Module.imports(new WebAssembly.Module(source)).map((entry) => entry.module))], ["wasi_snapshot_preview1"]);
    await fails(sdk.Plugin.create(plugin.manifest, source), "ManifestInvalid", /imports wasi_snapshot_preview1\.\w+/);
  });
});

suite("AssemblyScript", () => {
  let manifest;
  const greeter = (handle) => offer("acme.greeter", "1.2.0", {
    greet: { input: "schema://acme/greet/v1", output: "schema://acme/greeting/v1", handle },
  });
  const order = {
    customer: "Zoë",
    lines: [{ item: "Lamp", quantity: 3, cents: 2599 }, { item: "Bulb 💡", quantity: 7, cents: 349 }],
    coupon: "ten_percent",
    express: true,
  };
  before(() => { manifest = manifestOf(buildExample("wasm-assemblyscript")); });

  test("Quote_WhenOrderIsComplete_ComputesAndEncodes", async () => {
    const plugin = await loadPlugin(manifest, fromFiles());
    const { value, bytes } = await plugin.call("quote", order);
    assert.deepEqual({ ...value, delivery: { ...value.delivery } }, {
      customer: "Zoë", pieces: 10, subtotal: 10240, discount: 1024, shipping: 1290, total: 10506, average: 1024,
      delivery: { tag: "hours", value: 24 },
    });
    assert.equal(hex(bytes), "98a45a6fc3ab0acd2800cd0400cd050acd290acb4090000000000000920118");
    assert.equal(hex(await plugin.callBytes("quote", plugin.encode("schema://shop/order/v1", order))), hex(bytes));
  });

  test("Quote_WhenCalledOften_StaysTheSame", async () => {
    const plugin = await loadPlugin(manifest, fromFiles());
    const first = hex((await plugin.call("quote", order)).bytes);
    for (let i = 0; i < 2000; i++) assert.equal(hex((await plugin.call("quote", order)).bytes), first);
  });

  test("Greet_WhenOfferedAndGranted_CallsThePage", async () => {
    const plugin = await loadPlugin(manifest, { ...fromFiles(), grants: ["acme.greeter"], offers: [greeter(({ name }) => ({ text: `Hello, ${name}!` }))] });
    assert.equal((await plugin.call("greet", { name: "Ada" })).value.text, "Hello, Ada!");
  });

  test("Greet_WhenNotGranted_IsDenied", async () => {
    const plugin = await loadPlugin(manifest, { ...fromFiles(), offers: [greeter(() => assert.fail("reached"))] });
    const error = await fails(plugin.call("greet", { name: "Ada" }), "CapabilityDenied", /acme\.greeter/);
    assert.equal(error.status, Status.capabilityDenied);
    assert.equal(error.family, "validation");
  });

  test("Greet_WhenOfferIsOlderThanAsked_IsDenied", async () => {
    const change = (json) => ({
      ...json, capabilities: ["acme.greeter@1.3"], exports: json.exports.map((entry) => ({ ...entry, capabilities: entry.name === "greet" ? ["acme.greeter@1.3"] : [] })),
    });
    const plugin = await loadPlugin(manifest, { ...fromFiles(change), grants: ["acme.greeter"], offers: [greeter(() => ({ text: "" }))] });
    await fails(plugin.call("greet", { name: "Ada" }), "CapabilityDenied");
  });

  test("Greet_WhenThePageAnswersWithSomethingElse_EndsWithEncodeError", async () => {
    const plugin = await loadPlugin(manifest, { ...fromFiles(), grants: ["acme.greeter"], offers: [greeter(() => ({ text: 5 }))] });
    await fails(plugin.call("greet", { name: "Ada" }), "EncodeError", /text/);
  });
});

suite("Rust", { skip: canBuildRust() ? false : "no rustc with the target wasm32-unknown-unknown" }, () => {
  let plugin;
  before(async () => {
    plugin = await loadPlugin(manifestOf(buildExample("wasm-rust")), { ...fromFiles(), grants: ["rand.bytes"] });
  });

  test("Roll_WhenGrantedChance_ThrowsWithinTheSides", async () => {
    const { value } = await plugin.call("roll", { dice: 100, sides: 20 });
    assert.equal(value.rolls.length, 100);
    assert.ok(value.rolls.every((roll) => roll >= 1 && roll <= 20));
    assert.equal(value.sum, value.rolls.reduce((sum, roll) => sum + roll, 0));
  });

  test("Summarise_WhenNothingWasRolled_HasTheCanonicalNaN", async () => {
    const { value, bytes } = await plugin.call("summarise", { rolls: [], sum: 0 });
    assert.equal(hex(bytes), "9200cb7ff8000000000000");
    assert.deepEqual({ ...value }, { count: 0, mean: NaN, greatest: undefined });
    assert.deepEqual({ ...(await plugin.call("summarise", { rolls: [1, 4], sum: 5 })).value }, { count: 2, mean: 2.5, greatest: 4 });
  });
});

suite("Host", () => {
  const numberSchema = { sir: 1, id: "schema://test/number/v1", type: { kind: "record", fields: [{ name: "n", type: "int64" }] } };
  const textSchema = { sir: 1, id: "schema://test/text/v1", type: { kind: "record", fields: [{ name: "t", type: "string" }] } };
  const names = ["count", "grow", "trap", "overflow", "wild", "lie", "other_schema", "bad_status", "reach", "wild_payload", "codec", "limit"];
  const entry = (name, i) => ({
    function_id: i + 1, name, input_schemas: ["schema://test/number/v1"], output_schema: "schema://test/number/v1", codec: "msgpack",
    deterministic: false, capabilities: name === "codec" ? [] : ["acme.sums"],
  });
  const manifest = () => ({
    abi_version: "0.1", module_name: "adversary", module_version: "1.0.0", module: "adversary-wasm32.wasm", profile: "wasm_browser",
    schemas: [numberSchema, textSchema], capabilities: ["acme.sums", "acme.other"], exports: names.map(entry), reset: "call",
  });
  const sums = (operations) => offer("acme.sums", "1.0.0", Object.fromEntries(Object.entries(operations).map(([name, handle]) => [
    name, { input: "schema://test/number/v1", output: "schema://test/number/v1", handle },
  ])));
  let file;
  before(() => { file = compileC("adversary"); });

  const load = (change = (json) => json, options = {}) => loadPlugin(pathToFileURL(file.replace(/[^/]*$/, "molt.plugin.json")), {
    grants: ["acme.sums"], offers: [sums({ double: ({ n }) => ({ n: n * 2n }) })], ...options,
    load: async (url) => {
      const bytes = url.endsWith(".json") ? Buffer.from(JSON.stringify(change(manifest()))) : readFileSync(new URL(url));
      return new Uint8Array(bytes).buffer;
    },
  });
  const n = async (plugin, name, value = 0) => Number((await plugin.call(name, { n: BigInt(value) })).value.n);

  test("Reset_WhenEachCallIsClean_BringsBackWhatInitLeft", async () => {
    const plugin = await load();
    for (let i = 0; i < 3; i++) assert.equal(await n(plugin, "count"), 71);
  });

  test("Reset_WhenNever_KeepsState", async () => {
    const plugin = await load((json) => ({ ...json, reset: "never" }));
    assert.deepEqual([await n(plugin, "count"), await n(plugin, "count"), await n(plugin, "count")], [71, 72, 73]);
  });

  test("Reset_AfterGrowthOrTrap_BeginsANewInstance", async () => {
    const plugin = await load();
    assert.equal(await n(plugin, "grow", 3), 1);
    assert.equal(await n(plugin, "grow", 3), 1);
    await fails(plugin.call("trap", { n: 0n }), "Internal", /trapped/);
    await fails(plugin.call("overflow", { n: 0n }), "Internal", /trapped/);
    assert.equal(await n(plugin, "count"), 71);
  });

  test("Memory_WhenLimited_DoesNotGrowPastIt", async () => {
    const plugin = await load(undefined, { limits: { pages: 4 } });
    assert.equal(await n(plugin, "limit", 0), 4 * 65536);
    assert.equal(await n(plugin, "limit", 1), -1);
    assert.equal(await n(plugin, "grow", 3), 1);
    assert.equal(await n(plugin, "grow", 4), 0xffffffff);
  });

  test("Result_WhenNotWhatTheSchemaSays_IsRefused", async () => {
    const plugin = await load();
    await fails(plugin.call("wild", { n: 0n }), "Internal", /outside its memory/);
    await fails(plugin.call("lie", { n: 0n }), "EncodeError", /mistyped/);
    await fails(plugin.call("other_schema", { n: 0n }), "EncodeError", /number 99/);
    await fails(plugin.call("bad_status", { n: 0n }), "Internal", /4711/);
    await fails(plugin.call("wild_payload", { n: 0n }), "InvalidInput");
    assert.equal(await n(plugin, "count"), 71);
  });

  test("Dispatch_WhenAStepFails_NamesIt", async () => {
    const plugin = await load((json) => {
      json.exports[0].input_schemas = ["schema://test/number/v1", "schema://test/text/v1"];
      return json;
    });
    await fails(plugin.call("nobody", {}), "FunctionNotFound", /nobody/);
    await fails(plugin.call("count", { n: 0n }), "SchemaRequired");
    await fails(plugin.call("count", { n: 0n }, { schema: "schema://test/lost/v1" }), "SchemaNotFound");
    await fails(plugin.call("grow", { t: "" }, { schema: "schema://test/text/v1" }), "SchemaMismatch");
    await fails(plugin.call("grow", { n: "x" }), "InvalidPayload", /\$\.n/);
    await fails(plugin.callBytes("grow", Uint8Array.of(0x91, 0xcc, 0x05)), "InvalidPayload", /non_canonical/);
    assert.equal(await n({ call: (name, value) => plugin.call(name, value, { schema: "schema://test/number/v1" }) }, "count"), 71);
  });

  test("Capability_WhenReached_ChecksGrantOperationAndPayload", async () => {
    const plugin = await load(undefined, { grants: ["acme.sums"], offers: [sums({ double: ({ n }) => ({ n: n * 2n }), fail: () => { throw new Error("no more sums"); } })] });
    assert.equal(await n(plugin, "reach", 0x000), 40);
    await fails(plugin.call("reach", { n: 0x001n }), "Internal", /no more sums/);
    await fails(plugin.call("reach", { n: 0x002n }), "InvalidInput", /operation number 2/);
    await fails(plugin.call("reach", { n: 0x100n }), "CapabilityDenied", /acme\.other/);
    await fails(plugin.call("reach", { n: 0xffff00n }), "CapabilityDenied", /number 65535/);
  });

  test("Capability_WhenFunctionIsDeterministic_HasToBeStrict", async () => {
    const change = (json) => ({ ...json, exports: json.exports.map((item) => ({ ...item, deterministic: true })) });
    await fails((await load(change)).call("reach", { n: 0n }), "CapabilityDenied", /strictly deterministic/);
    const strict = offer("acme.sums", "1.0.0", {
      double: { input: "schema://test/number/v1", output: "schema://test/number/v1", strict: true, handle: ({ n }) => ({ n: n * 2n }) },
    });
    assert.equal(await n(await load(change, { offers: [strict] }), "reach"), 40);
  });

  test("Capability_WhenAnswerComesLater_IsPolled", async () => {
    let answer;
    const plugin = await load(undefined, { offers: [sums({ later: ({ n }) => new Promise((done) => { answer = () => done({ n: n + 1n }); }) })] });
    const first = plugin.call("reach", { n: 0n });
    assert.equal(await n(plugin, "count"), 71);
    answer();
    assert.equal((await first).value.n, 21n);
  });

  test("Call_WhenCancelledOrLate_EndsAndTellsThePage", async () => {
    const reasons = [];
    const never = ({ n }, signal) => new Promise(() => signal.addEventListener("abort", () => reasons.push(Number(n))));
    const plugin = await load(undefined, { offers: [sums({ never })] });
    const controller = new AbortController();
    const call = plugin.call("reach", { n: 0n }, { signal: controller.signal });
    controller.abort();
    assert.equal((await fails(call, "Cancelled")).family, "cancellation");
    assert.equal((await fails(plugin.call("reach", { n: 0n }, { timeoutMs: 5 }), "Timeout")).family, "runtime");
    assert.deepEqual(reasons, [20, 20]);
    assert.equal(await n(plugin, "count"), 71);
  });

  test("Codec_OfTheCSdk_ReadsWhatItWritesAndRefusesTheRest", async () => {
    assert.equal(await n(await load(), "codec"), 0);
  });

  test("Manifest_WhenFaulty_ListsEveryFault", async () => {
    const error = await fails(load((json) => ({
      ...json, abi_version: "9", profil: "x", colour: "x", profile: "wasm_wasi", capabilities: ["acme.sums", "acme.other", "Net"],
      exports: [...json.exports, { ...json.exports[0], output_schema: "schema://test/lost/v1" }],
    })), "ManifestInvalid");
    for (const part of [/\$\.abi_version must be "0\.1"/, /\$\.profil is no key here; did you mean "profile"\?/, /\$\.colour is no key here; known are abi_version, /, /\$\.profile must/, /\$\.capabilities\[2\]/,
      /\$\.exports\[12\]\.function_id 1 is there already/, /\$\.exports\[12\]\.output_schema schema:\/\/test\/lost\/v1/]) assert.match(error.message, part);
  });

  test("Module_WhenImportIsNotDeclared_IsRefused", async () => {
    await fails(load((json) => ({ ...json, capabilities: [], exports: json.exports.map((item) => ({ ...item, capabilities: [] })) })), "ManifestInvalid", /molt_\w+, and the manifest names no capability/);
  });

  test("Module_WhenNoWebAssembly_IsRefused", async () => {
    const loading = sdk.Plugin.create(await sdk.readManifest(manifest(), () => assert.fail("loads nothing")), Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 9));
    await fails(loading, "ModuleInvalid", /ends too early/);
  });
});
