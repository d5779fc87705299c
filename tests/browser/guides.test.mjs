// What the guides for authors of plugins show is a plugin: its files are taken out of the pages, built with the commands there, and called.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { before, suite, test } from "node:test";
import { canBuildRust, findAssemblyScript, fromFiles, importSdk, root } from "./harness.mjs";

const { loadPlugin } = await importSdk();
const guide = (name) => readFileSync(join(root, "docs/how-to", `edge-tier-${name}.md`), "utf8");

/** The indented blocks of a page, each with the line before it. */
function blocks(page) {
  const found = [];
  let before = "";
  for (const paragraph of page.split(/\n(?=\S)/)) {
    const [text, ...rest] = paragraph.split(/\n\n(?= {4})/);
    before = text.trim().split("\n").at(-1);
    if (rest.length > 0) found.push([before, rest.join("\n\n").replace(/^ {4}/gm, "").trimEnd()]);
  }
  return found;
}

/** Writes the files that a page shows into a folder: the blocks whose line begins with a name of one. */
function writeFiles(folder, page) {
  for (const [line, text] of blocks(page)) {
    const name = /^`([\w./]+\.\w+)`(?:, w[^:]*)?:$/.exec(line)?.[1];
    if (name === undefined) continue;
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${text}\n`);
  }
}

/** The command that a page shows and that begins with some words. */
function command(page, start) {
  const found = blocks(page).map(([, text]) => text).find((text) => text.startsWith(start));
  assert.ok(found, `the guide shows no command that begins with "${start}"`);
  return found;
}

const run = (line, folder, env = {}) => execFileSync("bash", ["-ec", line], { cwd: folder, env: { ...process.env, ...env }, stdio: "pipe", timeout: 120_000 });

async function greets(folder) {
  const forPage = (manifest) => ({ ...manifest, profile: "wasm_browser" });
  const plugin = await loadPlugin(pathToFileURL(join(folder, "molt.plugin.json")), fromFiles(forPage));
  const { value } = await plugin.call("greet", { name: "Zoë" });
  assert.deepEqual({ ...value }, { text: "Hello, Zoë", length: 4 });
}

suite("Guides", () => {
  const folder = (name) => join(root, "artifacts/browser-tests", `guide-${name}`);
  before(() => {
    for (const name of ["c", "assemblyscript", "rust"]) {
      rmSync(folder(name), { recursive: true, force: true });
      mkdirSync(folder(name), { recursive: true });
      writeFiles(folder(name), guide("c"));
    }
  });

  test("C_WhenFollowed_GivesAPluginThatGreets", async () => {
    run(command(guide("c"), "clang --target=wasm32 "), folder("c"), { sdk: join(root, "sdk/c") });
    await greets(folder("c"));
    run(command(guide("c"), "clang --target=wasm32-wasi "), folder("c"), { sdk: join(root, "sdk/c") });
    await greets(folder("c"));
  });

  test("AssemblyScript_WhenFollowed_GivesAPluginThatGreets", async () => {
    const page = guide("assemblyscript");
    writeFiles(folder("assemblyscript"), page);
    const file = join(folder("assemblyscript"), "assembly/index.ts");
    writeFileSync(file, readFileSync(file, "utf8").replaceAll('"sdk/', `"${"../".repeat(4)}sdk/assemblyscript/assembly/`));
    run(command(page, "node sdk/").replace(/^node \S+/, `node ${findAssemblyScript()}`), folder("assemblyscript"));
    await greets(folder("assemblyscript"));
  });

  test("Rust_WhenFollowed_GivesAPluginThatGreets", { skip: canBuildRust() ? false : "no rustc with the target wasm32-unknown-unknown" }, async () => {
    writeFiles(folder("rust"), guide("rust"));
    // The commands of the example, for another crate.
    const script = readFileSync(join(root, "examples/wasm-rust/build.sh"), "utf8")
      .replace('cd "$(dirname "$0")"', "").replace("sdk=../../sdk/rust", `sdk=${join(root, "sdk/rust")}`).replace("--crate-name dice", "--crate-name hello");
    run(script, folder("rust"));
    run("cp build/hello.wasm .", folder("rust"));
    await greets(folder("rust"));
  });
});
