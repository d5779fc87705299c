// What the tests share: building examples and modules, the SDK for a host that is no page, and what runs while they run.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const out = join(root, "artifacts/browser-tests");
mkdirSync(out, { recursive: true });

/** The first of some commands that is installed. */
export function findCommand(...names) {
  for (const name of names) {
    if (!name) continue;
    for (const folder of name.includes("/") ? [""] : process.env.PATH.split(":")) {
      const file = folder === "" ? name : join(folder, name);
      if (existsSync(file)) return file;
    }
  }
  return undefined;
}

/** Runs the build script of an example. */
export function buildExample(name) {
  execFileSync(join(root, "examples", name, "build.sh"), { stdio: "pipe", timeout: 120_000 });
  return join(root, "examples", name);
}

/** Compiles a module of modules/ with the SDK for C, for a target of clang, and returns the file. */
export function compileC(name, target = "wasm32") {
  const file = join(out, `${name}-${target}.wasm`);
  const freestanding = target === "wasm32" ? ["-ffreestanding", "-nostdlib", "-mbulk-memory"] : ["-nostartfiles"];
  const sdk = join(root, "sdk/c");
  execFileSync("clang", [
    `--target=${target}`, "-O2", "-std=c11", "-Wall", "-Wextra", "-Werror", ...freestanding, "-I", sdk,
    "-Wl,--no-entry", "-Wl,--strip-all", "-Wl,--stack-first", "-Wl,-z,stack-size=16384",
    "-o", file, join(root, "tests/browser/modules", `${name}.c`), join(sdk, "molt.c"),
  ], { stdio: "pipe", timeout: 60_000 });
  return file;
}

/** A rustc that has the target, found as the example's build script finds one. */
function findRust() {
  return ["rustc", "/usr/bin/rustc"].find((rustc) => {
    const has = `test -d "$(${rustc} --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib"`;
    return spawnSync("sh", ["-c", has], { stdio: "ignore" }).status === 0;
  });
}

/** True when modules of Rust can be compiled here. */
export const canBuildRust = () => findRust() !== undefined;

/** Compiles a module of modules/ with the SDK for Rust, and returns the file. */
export function compileRust(name) {
  const common = ["--edition", "2021", "--target", "wasm32-unknown-unknown", "-C", "opt-level=s", "-C", "panic=abort", "--out-dir", out];
  const rustc = (...options) => execFileSync(findRust(), [...common, "-D", "warnings", ...options], { stdio: "pipe", timeout: 60_000 });
  rustc("--crate-type", "rlib", "--crate-name", "molt", join(root, "sdk/rust/src/lib.rs"));
  const linking = ["-C", "lto", "-C", "link-arg=--stack-first", "-C", "link-arg=-zstack-size=16384"];
  rustc("--crate-type", "cdylib", "--crate-name", `${name}_rust`, "--extern", `molt=${join(out, "libmolt.rlib")}`, ...linking, join(root, "tests/browser/modules", `${name}.rs`));
  return join(out, `${name}_rust.wasm`);
}

/** Compiles a module of modules/ with the SDK for AssemblyScript, and returns the file. */
export function compileAssemblyScript(name) {
  const file = join(out, `${name}-assemblyscript.wasm`);
  const options = ["--outFile", file, "--runtime", "stub", "-O3", "--use", "abort="];
  execFileSync("node", [findAssemblyScript(), `modules/${name}.ts`, ...options], { cwd: join(root, "tests/browser"), stdio: "pipe", timeout: 60_000 });
  return file;
}

/** The compiler of AssemblyScript, installed when it is missing. */
export function findAssemblyScript() {
  const sdk = join(root, "sdk/assemblyscript");
  const file = join(sdk, "node_modules/assemblyscript/bin/asc.js");
  if (!existsSync(file)) execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: sdk, stdio: "pipe", timeout: 120_000 });
  return file;
}

/** Runs the TypeScript compiler over a folder with a tsconfig.json. */
export function checkTypes(folder) {
  const result = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", join(root, folder), "--noEmit"], { encoding: "utf8", timeout: 60_000 });
  if (result.status !== 0) throw new Error(`${folder}:\n${result.stdout}${result.stderr}`);
}

/** The browser SDK, bundled as a page would have it. */
export async function importSdk() {
  const file = join(out, "sdk.mjs");
  execFileSync(join(root, "node_modules/@esbuild/linux-x64/bin/esbuild"), [
    join(root, "sdk/browser/src/index.ts"), "--bundle", "--format=esm", "--target=es2024", "--log-level=warning", `--outfile=${file}`,
  ], { stdio: "pipe", timeout: 60_000 });
  return import(pathToFileURL(file).href);
}

/** Options that load plugins from files; the manifest may be changed on its way. */
export function fromFiles(change = (manifest) => manifest) {
  return {
    load: async (url) => {
      const bytes = readFileSync(new URL(url));
      const exact = (view) => view.buffer.slice(view.byteOffset, view.byteOffset + view.length);
      if (!url.endsWith("molt.plugin.json")) return exact(bytes);
      return exact(Buffer.from(JSON.stringify(change(JSON.parse(bytes.toString())))));
    },
  };
}

/** Starts `molt dev` on a free port of the loopback interface, and tells its address once it is ready. */
export async function startDev(project) {
  const child = spawn(join(root, "molt"), ["dev", join(root, project), "--port", "0", "--no-watch"], { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  const ready = new Promise((resolvePromise, reject) => {
    const read = (chunk) => {
      text += chunk;
      const found = /ready (http:\/\/\S+)/.exec(text);
      if (found) resolvePromise(found[1]);
    };
    child.stdout.setEncoding("utf8").on("data", read);
    child.stderr.setEncoding("utf8").on("data", read);
    child.on("exit", (code) => reject(new Error(`molt dev ended with ${code}:\n${text}`)));
    child.on("error", reject);
  });
  const stop = async () => {
    if (child.exitCode !== null) return;
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGTERM");
    await ended;
  };
  try {
    return { url: await within(60_000, ready, () => `molt dev to be ready; it said:\n${text}`), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A promise that fails with what was waited for when it takes too long. */
export function within(milliseconds, promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${milliseconds} ms for ${what()}`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
