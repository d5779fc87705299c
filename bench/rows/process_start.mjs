// From starting the executable to the first 200: what a developer or a scale-out waits for.
import { fileURLToPath } from "node:url";
import { freePort, ready, start, stop } from "../processes.mjs";
import { median } from "../report.mjs";

const file = fileURLToPath(new URL("../workers/hello.js", import.meta.url));

export default {
  name: "process_start",
  order: 60,
  title: "a process from its start to the first answer",
  metrics: [{ key: "first_ms", better: "lower" }],
  servers: ["ours", "workerd", "deno"],
  async run({ servers, directory, settings, progress }) {
    const cells = {};
    const samples = new Map(servers.map((server) => [server, []]));
    // The first turn fills caches on disk and is not counted.
    for (let turn = 0; turn <= settings.rounds * 4; turn++) {
      for (const server of servers) {
        if (cells[server.key]) continue;
        const port = await freePort();
        const started = performance.now();
        const child = start(server.serve({ file, port, directory }));
        try {
          await ready(child, port);
          if (turn > 0) samples.get(server).push(performance.now() - started);
        } catch (error) {
          cells[server.key] = { error: error.message };
        }
        await stop(child);
      }
    }
    for (const server of servers) {
      if (cells[server.key]) continue;
      cells[server.key] = { first_ms: median(samples.get(server)) };
      progress(`${server.key} ${cells[server.key].first_ms.toFixed(1)} ms`);
    }
    return cells;
  },
};
