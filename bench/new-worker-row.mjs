// A worker that comes to a running process: from handing over its code to the end of its first answer.
import { strict as assert } from "node:assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "./bundle.mjs";
import { median } from "./report.mjs";

const loadsPerRound = 50;

/** A row of it. known: every worker is new, its code is what the process has loaded before; else no two have the same code. */
export const newWorkerRow = ({ name, order, title, known }) => ({
  name,
  order,
  title,
  metrics: [{ key: "first_ms", better: "lower" }],
  servers: ["ours", "workerd"],
  async run({ servers, directory, settings, progress }) {
    const file = join(directory, "bundle.js");
    writeFileSync(file, bundle());
    const cells = {};
    const samples = new Map(servers.map((server) => [server, []]));
    for (let round = 0; round < settings.rounds; round++) {
      for (const server of servers) {
        if (cells[server.key]) continue;
        try {
          const session = await server.newWorkers({ file, directory, known });
          try {
            const load = async () => {
              const { milliseconds, body } = await session.first();
              assert.equal(JSON.parse(body).result.count, 5);
              return milliseconds;
            };
            const warm = performance.now() + server.warmUpSeconds(true) * (settings.seconds / 6) * 1000;
            while (performance.now() < warm) await load();
            for (let count = 0; count < loadsPerRound; count++) samples.get(server).push(await load());
          } finally {
            await session.stop();
          }
          progress(`round ${round + 1}/${settings.rounds} ${server.key}`);
        } catch (error) {
          cells[server.key] = { error: error.message };
        }
      }
    }
    for (const server of servers) cells[server.key] ??= { first_ms: median(samples.get(server)) };
    return cells;
  },
});
