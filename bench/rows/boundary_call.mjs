// A capability call from JavaScript and back: grants, schemas of both payloads and budget are checked in each.
import { median } from "../report.mjs";

const keys = ["p50_us", "sync_p50_us", "typed_p50_us"];

export default {
  name: "boundary_call",
  order: 85,
  title: "a capability call from JavaScript, 100 bytes each way",
  metrics: keys.map((key) => ({ key, better: "lower" })),
  servers: ["ours"],
  async run({ servers, settings, progress }) {
    const cells = {};
    for (const server of servers) {
      try {
        const rounds = [];
        for (let round = 0; round < settings.rounds; round++) rounds.push(await server.boundaryCalls());
        cells[server.key] = Object.fromEntries(keys.map((key) => [key, median(rounds.map((sample) => sample[key]))]));
        progress(`${server.key} ${cells[server.key].p50_us.toFixed(2)} µs`);
      } catch (error) {
        cells[server.key] = { error: error.message };
      }
    }
    return cells;
  },
};
