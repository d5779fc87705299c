// A call of WebAssembly code that begins with the module's data every time and writes to its memory.
import { median } from "../report.mjs";
import * as wasmtime from "../peers/wasmtime.mjs";
import { module, plugin } from "../plugins.mjs";

const count = 100_000;
const keys = ["p50_us", "p99_us"];

/** A new instance for each call, as JavaScript does it. */
async function node() {
  const compiled = await WebAssembly.compile(await module("fresh"));
  const samples = new Float64Array(20_000);
  for (let i = -2000; i < samples.length; i++) {
    const started = process.hrtime.bigint();
    const { exports } = new WebAssembly.Instance(compiled);
    exports.call(1, 0, 4096, 1, 1024);
    const took = Number(process.hrtime.bigint() - started) / 1000;
    if (i >= 0) samples[i] = took;
  }
  samples.sort();
  return { p50_us: samples[samples.length >> 1], p99_us: samples[Math.floor(samples.length * 0.99)] };
}

export default {
  name: "wasm_fresh_call",
  order: 86,
  title: "a WebAssembly call from a fresh state, one page, which it writes",
  metrics: keys.map((key) => ({ key, better: "lower" })),
  servers: ["ours"],
  peers: ["wasmtime", "node"],
  async run({ servers, directory, settings, progress }) {
    const contestants = { node };
    if (!wasmtime.unavailable()) contestants.wasmtime = () => wasmtime.freshInstance(20_000);
    else progress(wasmtime.unavailable());
    const ours = servers.find((server) => server.key === "ours");
    if (ours) {
      const path = await plugin(directory, "fresh");
      contestants.ours = () => ours.pluginCalls({ directory: path, count });
    }
    const cells = {};
    const rounds = {};
    for (let round = 0; round < settings.rounds; round++) {
      for (const [key, run] of Object.entries(contestants)) {
        try {
          (rounds[key] ??= []).push(await run());
        } catch (error) {
          cells[key] = { error: error.message };
        }
      }
    }
    for (const [key, samples] of Object.entries(rounds)) {
      cells[key] ??= Object.fromEntries(keys.map((metric) => [metric, median(samples.map((sample) => sample[metric]))]));
      if (cells[key].p50_us) progress(`${key} ${cells[key].p50_us.toFixed(2)} µs`);
    }
    return cells;
  },
};
