// `workerd serve`, the executable of the npm package, with configurations written for the row.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Client } from "../client.mjs";
import { freePort, memoryBytes, ready, start, stop } from "../processes.mjs";

const executable = fileURLToPath(new URL("../node_modules/@cloudflare/workerd-linux-64/bin/workerd", import.meta.url));
const compatibilityDate = "2026-11-01";
let configurations = 0;

/** Arguments that serve a configuration. workers: [{name, modules: {name: source}, bindings, flags}]; the first has the socket. */
function configured({ workers, port, directory }) {
  const folder = join(directory, `workerd-${++configurations}`);
  mkdirSync(folder);
  const services = workers.map((worker, index) => {
    const modules = Object.entries(worker.modules).map(([name, source]) => {
      const path = `${index}-${name}`;
      writeFileSync(join(folder, path), source);
      const kind = name.endsWith(".txt") ? "text" : "esModule";
      return `(name = "${name}", ${kind} = embed "${path}")`;
    });
    const flags = (worker.flags ?? []).map((flag) => `"${flag}"`).join(", ");
    return `    (name = "${worker.name}", worker = (modules = [${modules.join(", ")}], compatibilityDate = "${compatibilityDate}",
      compatibilityFlags = [${flags}], bindings = [${(worker.bindings ?? []).join(", ")}]))`;
  });
  const path = join(folder, "config.capnp");
  writeFileSync(path, `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
${services.join(",\n")}
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "${workers[0].name}")],
);
`);
  return { command: executable, args: ["serve", "--experimental", path] };
}

export default {
  key: "workerd",
  unavailable: () => (existsSync(executable) ? undefined : `${executable} is missing: run npm ci in bench/`),
  version: () => execFileSync(executable, ["--version"], { encoding: "utf8" }).trim().replace(/^workerd /, ""),
  warmUpSeconds: () => 3,
  serve: ({ file, port, directory }) =>
    configured({ workers: [{ name: "main", modules: { [basename(file)]: readFileSync(file) } }], port, directory }),

  /** Loads a new worker, through the Worker Loader, for every first(), with the same code each time or with code of its own; its milliseconds to the whole answer. */
  async newWorkers({ file, directory, known }) {
    const host = `import code from "code.txt";

export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/") return new Response("ready");
    const worker = env.LOADER.get(pathname, () => ({
      compatibilityDate: "${compatibilityDate}",
      mainModule: "main.js",
      modules: { "main.js": ${known ? "code" : 'code + "// " + pathname'} },
    }));
    return worker.getEntrypoint().fetch(request);
  },
};
`;
    const modules = { "host.js": host, "code.txt": readFileSync(file) };
    const workers = [{ name: "host", modules, flags: ["experimental"], bindings: [`(name = "LOADER", workerLoader = ())`] }];
    const port = await freePort();
    const child = start(configured({ workers, port, directory }));
    await ready(child, port);
    const client = new Client(port);
    let loaded = 0;
    return {
      async first() {
        const path = `/${++loaded}`;
        const started = performance.now();
        const body = await client.get(path);
        return { milliseconds: performance.now() - started, body };
      },
      async stop() {
        client.close();
        await stop(child);
      },
    };
  },

  /** Bytes of memory of a process in which a number of copies of a worker have answered once. */
  async memoryWith({ file, count, directory }) {
    const host = `export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    return pathname === "/" ? new Response("ready") : env["w" + pathname.slice(1)].fetch(request);
  },
};
`;
    const copies = Array.from({ length: count }, (_, index) => ({ name: `w${index}`, modules: { "main.js": readFileSync(file) } }));
    const bindings = copies.map(({ name }) => `(name = "${name}", service = "${name}")`);
    const workers = [{ name: "host", modules: { "host.js": host }, bindings }, ...copies];
    const port = await freePort();
    const child = start(configured({ workers, port, directory }));
    try {
      await ready(child, port);
      const client = new Client(port);
      for (let index = 0; index < count; index++) await client.get(`/${index}`);
      client.close();
      await delay(2000);
      return memoryBytes(child.pid, "VmRSS");
    } finally {
      await stop(child);
    }
  },
};
