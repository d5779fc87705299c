// A worker that comes to a running process: from handing over its code to the end of its first answer.
import { strict as assert } from "node:assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "./bundle.mjs";
import node from "./peers/node.mjs";
import { median } from "./report.mjs";

const loadsPerRound = 50;

/**
 * A row of it. known: every worker is new, its code is what the process has loaded before; else no two have the same code, and node
 * says what the engine alone takes.
 */
export const newWorkerRow = ({ name, order, title, known }) => ({
  name,
  order,
  title,
  metrics: [{ key: "first_ms", better: "lower" }, { key: "answer_ms", better: "lower" }],
  servers: ["ours", "workerd"],
  ...(known ? {} : { peers: [node.key] }),
  async run({ servers, directory, settings, progress }) {
    const file = join(directory, "bundle.js");
    writeFileSync(file, bundle());
    const cells = {};
    const contestants = known ? servers : [...servers, node];
    const samples = new Map(contestants.map((server) => [server, []]));
    for (let round = 0; round < settings.rounds; round++) {
      for (const server of contestants) {
        if (cells[server.key]) continue;
        try {
          const session = await server.newWorkers({ file, directory, known });
          try {
            const load = async () => {
              const { body, ...took } = await session.first();
              assert.equal(JSON.parse(body).result.count, 5);
              return took;
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
    for (const server of contestants) {
      if (cells[server.key]) continue;
      const taken = samples.get(server);
      cells[server.key] = { first_ms: median(taken.map((took) => took.milliseconds)) };
      if (taken[0].answer !== undefined) cells[server.key].answer_ms = median(taken.map((took) => took.answer));
    }
    return cells;
  },
});
