// A row that loads one worker over HTTP on every server in turn.
import { strict as assert } from "node:assert";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { load } from "./load.mjs";
import { freePort, memoryBytes, ready, start, stop } from "./processes.mjs";
import { medians } from "./report.mjs";

const metrics = [
  { key: "rps", better: "higher" },
  { key: "p50_ms", better: "lower" },
  { key: "p99_ms", better: "lower" },
  { key: "cpu_us", better: "lower" },
  { key: "rss_mb", better: "lower" },
];

/**
 * worker: a file in workers/. request: { method, body, contentType }, GET without a body when left out.
 * check(response): throws when the answer is not the right one; called once per server before the load.
 * Servers stay up for the whole row and take turns, so that a busy moment of the machine hits all of them.
 */
export function httpRow({ name, order, title, worker, connections = 32, request = {}, check }) {
  const file = fileURLToPath(new URL(`workers/${worker}`, import.meta.url));
  return {
    name,
    order,
    title,
    metrics,
    servers: ["ours", "workerd", "deno"],
    async run({ servers, first, directory, settings, progress }) {
      const { method, body, contentType } = request;
      const sent = { method, contentType };
      if (body !== undefined) {
        sent.bodyFile = join(directory, `${name}.body`);
        writeFileSync(sent.bodyFile, body);
      }
      const cells = {};
      const active = [];
      for (const server of servers) {
        try {
          const port = await freePort();
          const child = start(server.serve({ file, port, directory }));
          active.push({ server, port, child, rounds: [] });
          await ready(child, port);
          const init = { method, body, headers: contentType ? { "content-type": contentType } : {} };
          const response = await fetch(`http://127.0.0.1:${port}/`, init);
          assert.equal(response.status, 200);
          await check(response);
        } catch (error) {
          cells[server.key] = { error: error.message };
        }
      }
      const loadOnce = async (entry, seconds) => {
        try {
          return await load({ pid: entry.child.pid, port: entry.port, connections, seconds, request: sent });
        } catch (error) {
          cells[entry.server.key] = { error: error.message };
        }
      };
      const healthy = () => active.filter((entry) => !cells[entry.server.key]);
      for (const entry of healthy()) {
        const seconds = entry.server.warmUpSeconds(first) * (settings.seconds / 6);
        progress(`warming up ${entry.server.key}`);
        await loadOnce(entry, seconds);
      }
      for (let round = 0; round < settings.rounds; round++) {
        const turns = round % 2 ? healthy().reverse() : healthy();
        for (const entry of turns) {
          const result = await loadOnce(entry, settings.seconds);
          if (!result) continue;
          entry.rounds.push(result);
          progress(`round ${round + 1}/${settings.rounds} ${entry.server.key} ${Math.round(result.rps)} requests/s, ${result.cpu_us.toFixed(1)} µs each`);
        }
      }
      for (const entry of healthy()) {
        cells[entry.server.key] = {
          ...medians(entry.rounds),
          rss_mb: memoryBytes(entry.child.pid, "VmHWM") / 2 ** 20,
        };
      }
      for (const entry of active) await stop(entry.child);
      return cells;
    },
  };
}
