// "Hello World!" over HTTP from WebAssembly, a fresh state for every request: one page of memory, and 16 MiB of it.
import { strict as assert } from "node:assert";
import { load } from "../load.mjs";
import { freePort, memoryBytes, ready, start, stop } from "../processes.mjs";
import * as wasmtime from "../peers/wasmtime.mjs";
import { plugin } from "../plugins.mjs";
import { medians } from "../report.mjs";

export default {
  name: "wasm_fresh_http",
  order: 87,
  title: "an HTTP request to WebAssembly in a fresh state, 32 connections",
  metrics: [
    { key: "rps", better: "higher" },
    { key: "p50_ms", better: "lower" },
    { key: "p99_ms", better: "lower" },
    { key: "cpu_us", better: "lower" },
    { key: "rss_mb", better: "lower" },
  ],
  servers: ["ours"],
  peers: ["wasmtime", "ours_16m"],
  async run({ servers, directory, settings, progress }) {
    const ours = servers.find((server) => server.key === "ours");
    const contestants = [];
    if (ours) {
      for (const [key, pages] of [["ours", 1], ["ours_16m", 256]]) {
        const path = await plugin(directory, "hello", { http: true, pages });
        contestants.push({ key, serve: (port) => ours.serve({ file: path, port }), warmUp: 6 });
      }
    }
    if (!wasmtime.unavailable()) contestants.push({ key: "wasmtime", serve: wasmtime.serve, warmUp: 3 });
    else progress(wasmtime.unavailable());
    const cells = {};
    const active = [];
    const loadOnce = async (entry, seconds) => {
      try {
        return await load({ pid: entry.child.pid, port: entry.port, connections: 32, seconds, request: {} });
      } catch (error) {
        cells[entry.key] = { error: error.message };
      }
    };
    for (const contestant of contestants) {
      try {
        const port = await freePort();
        const child = start(contestant.serve(port));
        const entry = { ...contestant, port, child, rounds: [] };
        active.push(entry);
        await ready(child, port);
        assert.equal((await (await fetch(`http://127.0.0.1:${port}/`)).text()).trim(), "Hello World!");
        await loadOnce(entry, (contestant.warmUp * settings.seconds) / 6);
      } catch (error) {
        cells[contestant.key] = { error: error.message };
      }
    }
    const healthy = () => active.filter((entry) => !cells[entry.key]);
    for (let round = 0; round < settings.rounds; round++) {
      for (const entry of round % 2 ? healthy().reverse() : healthy()) {
        const result = await loadOnce(entry, settings.seconds);
        if (!result) continue;
        entry.rounds.push(result);
        progress(`round ${round + 1}/${settings.rounds} ${entry.key} ${Math.round(result.rps)} requests/s, ${result.cpu_us.toFixed(1)} µs each`);
      }
    }
    for (const entry of healthy()) cells[entry.key] = { ...medians(entry.rounds), rss_mb: memoryBytes(entry.child.pid, "VmHWM") / 2 ** 20 };
    for (const entry of active) await stop(entry.child);
    return cells;
  },
};
