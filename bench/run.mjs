// Reads the options, runs the chosen rows one after the other, prints the table and writes the JSON.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { machine } from "./machine.mjs";
import { stopAll } from "./processes.mjs";
import { printTable, toDocument } from "./report.mjs";
import deno from "./peers/deno.mjs";
import molt from "./peers/molt.mjs";
import workerd from "./peers/workerd.mjs";

const usage = `usage: bench/run.sh [options]

  --only NAME,…        run these rows alone
  --servers NAME,…     of ours, workerd, deno (default: all)
  --peers-only         leave ours out
  --rounds N           measured rounds per row (default 3)
  --seconds N          seconds of load per round (default 6)
  --json FILE          also write the result as JSON
  --list               list the rows
  --help

example: bench/run.sh --only hello,json --json result.json`;

const rows = [];
const rowDirectory = new URL("rows/", import.meta.url);
for (const name of readdirSync(rowDirectory).filter((name) => name.endsWith(".mjs"))) {
  rows.push((await import(new URL(name, rowDirectory))).default);
}
rows.sort((a, b) => a.order - b.order);

let options;
try {
  options = parseArgs({
    options: {
      only: { type: "string" },
      servers: { type: "string", default: "ours,workerd,deno" },
      "peers-only": { type: "boolean", default: false },
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "6" },
      json: { type: "string" },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }).values;
} catch (error) {
  wrongUsage(error.message);
}
if (options.help) {
  console.log(usage);
  process.exit(0);
}
if (options.list) {
  for (const row of rows) console.log(`${row.name.padEnd(16)}${row.title}`);
  process.exit(0);
}

const chosenRows = choose(rows, (row) => row.name, options.only, "row");
let servers = choose([molt, workerd, deno], (server) => server.key, options.servers, "server");
if (options["peers-only"]) servers = servers.filter((server) => server.key !== "ours");
const settings = { rounds: positive("rounds"), seconds: positive("seconds") };

for (const server of servers) {
  const reason = server.unavailable();
  if (reason) wrongUsage(`${server.key} cannot run: ${reason}`);
}

const directory = mkdtempSync(join(tmpdir(), "molt-bench-"));
for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]]) {
  process.on(signal, () => {
    stopAll();
    rmSync(directory, { recursive: true, force: true });
    process.exit(code);
  });
}

const results = [];
let failed = false;
try {
  const versions = Object.fromEntries(servers.map((server) => [server.key, server.version()]));
  for (const [index, row] of chosenRows.entries()) {
    const taking = servers.filter((server) => row.servers.includes(server.key));
    if (taking.length === 0 && !row.peers) continue;
    const progress = (text) => process.stderr.write(`[${index + 1}/${chosenRows.length}] ${row.name}: ${text}\n`);
    const cells = await row.run({ servers: taking, first: results.length === 0, directory, settings, progress });
    for (const [key, cell] of Object.entries(cells)) {
      if (cell.error) {
        failed = true;
        progress(`${key} failed: ${cell.error}`);
      }
    }
    results.push({ row, cells });
  }
  printTable(results, servers);
  if (options.json) {
    writeFileSync(options.json, JSON.stringify(toDocument(machine(), versions, results), null, 2) + "\n");
    process.stderr.write(`written: ${pathToFileURL(options.json).pathname}\n`);
  }
} finally {
  stopAll();
  rmSync(directory, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;

function choose(all, nameOf, list, what) {
  if (list === undefined) return all;
  return list.split(",").map((name) => {
    const found = all.find((item) => nameOf(item) === name.trim());
    return found ?? wrongUsage(`no ${what} '${name.trim()}'; there are: ${all.map(nameOf).join(", ")}`);
  });
}

function positive(name) {
  const value = Number(options[name]);
  return value > 0 ? value : wrongUsage(`--${name} must be a number above 0`);
}

function wrongUsage(message) {
  console.error(`bench: ${message}\n\n${usage}`);
  process.exit(2);
}
