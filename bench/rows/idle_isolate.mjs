// What one more idle worker costs: the memory of a process with 201 workers that have each answered once, less that of one
// with a single worker, divided by 200.
import { fileURLToPath } from "node:url";
import { medians } from "../report.mjs";

const more = 200;
const file = fileURLToPath(new URL("../workers/hello.js", import.meta.url));

export default {
  name: "idle_isolate",
  order: 80,
  title: "memory of an idle isolate that has answered once",
  metrics: [{ key: "rss_mb", better: "lower" }],
  servers: ["ours", "workerd"],
  async run({ servers, directory, settings, progress }) {
    const cells = {};
    const rounds = new Map(servers.map((server) => [server, []]));
    for (let round = 0; round < settings.rounds; round++) {
      for (const server of servers) {
        if (cells[server.key]) continue;
        try {
          const one = await server.memoryWith({ file, count: 1, directory });
          const many = await server.memoryWith({ file, count: 1 + more, directory });
          const each = (many - one) / more / 2 ** 20;
          rounds.get(server).push({ rss_mb: each });
          progress(`round ${round + 1}/${settings.rounds} ${server.key} ${each.toFixed(2)} MB`);
        } catch (error) {
          cells[server.key] = { error: error.message };
        }
      }
    }
    for (const server of servers) cells[server.key] ??= medians(rounds.get(server));
    return cells;
  },
};
