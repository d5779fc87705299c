// Loading a plugin to its first answer, by running init and from a snapshot: median and 95th percentile of 10 processes.
import { median } from "../report.mjs";
import { plugin } from "../plugins.mjs";

const samplesPerRow = 10;
const keys = ["cold_ms", "cold_p95_ms", "snapshot_ms", "snapshot_p95_ms", "module_kb", "snapshot_kb", "rss_mb"];

export default {
  name: "wasm_start",
  order: 88,
  title: "a WebAssembly plugin loaded to its first answer, without and with a snapshot",
  metrics: keys.map((key) => ({ key, better: "lower" })),
  servers: ["ours"],
  async run({ servers, directory, progress }) {
    const ours = servers.find((server) => server.key === "ours");
    if (!ours) return {};
    try {
      const path = await plugin(directory, "fresh");
      const samples = [];
      for (let i = 0; i < samplesPerRow; i++) samples.push(await ours.pluginStart({ directory: path }));
      const of = (key) => samples.map((sample) => sample[key]).sort((a, b) => a - b);
      const p95 = (key) => of(key)[Math.ceil(samplesPerRow * 0.95) - 1];
      const cell = {
        cold_ms: median(of("cold_ms")),
        cold_p95_ms: p95("cold_ms"),
        snapshot_ms: median(of("snapshot_ms")),
        snapshot_p95_ms: p95("snapshot_ms"),
        module_kb: median(of("module_bytes")) / 1024,
        snapshot_kb: median(of("snapshot_bytes")) / 1024,
        rss_mb: median(of("memory_bytes")) / 2 ** 20,
      };
      progress(`ours ${cell.snapshot_ms.toFixed(1)} ms from a snapshot`);
      return { ours: cell };
    } catch (error) {
      return { ours: { error: error.message } };
    }
  },
};
