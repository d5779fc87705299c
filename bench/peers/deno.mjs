// `deno serve`, the executable of the npm package.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const executable = fileURLToPath(new URL("../node_modules/@deno/linux-x64-glibc/deno", import.meta.url));

export default {
  key: "deno",
  unavailable: () => (existsSync(executable) ? undefined : `${executable} is missing: run npm ci in bench/`),
  version: () => /^deno (\S+)/.exec(execFileSync(executable, ["--version"], { encoding: "utf8" }))[1],
  warmUpSeconds: () => 3,
  serve: ({ file, port, directory }) => ({
    command: executable,
    args: ["serve", "--host", "127.0.0.1", "--port", String(port), file],
    environment: { DENO_DIR: join(directory, "deno"), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
  }),
};
