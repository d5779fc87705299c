// An isolate and its context from the base snapshot, before any code of a worker: what a fresh sandbox costs.
import { median } from "../report.mjs";

export default {
  name: "isolate",
  order: 90,
  title: "an isolate and its context made from the base snapshot",
  metrics: [{ key: "p50_ms", better: "lower" }],
  servers: ["ours"],
  async run({ servers, settings, progress }) {
    const cells = {};
    for (const server of servers) {
      try {
        const samples = [];
        for (let round = 0; round < settings.rounds; round++) samples.push(...(await server.isolates({ count: 100 })));
        cells[server.key] = { p50_ms: median(samples) };
        progress(`${server.key} ${cells[server.key].p50_ms.toFixed(3)} ms`);
      } catch (error) {
        cells[server.key] = { error: error.message };
      }
    }
    return cells;
  },
};
