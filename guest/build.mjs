// Bundles the guest into one classic script whose completion value is `boot(native, host) => entry`.
// Usage: node build.mjs OUTPUT_DIRECTORY
import { mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { lazyParts } from "./lazy-parts.mjs";

const here = dirname(fileURLToPath(import.meta.url));

// The guest may replace any global at any time; the runtime's own code refers to the ones it was born with.
const captured = [
  "Array", "ArrayBuffer", "BigInt", "Boolean", "DataView", "Date", "Error", "Float32Array", "Float64Array", "Function", "JSON",
  "Map", "Math", "Number",
  "Object", "Promise", "RangeError", "Reflect", "RegExp", "Set", "String", "Symbol", "TypeError", "Uint8Array", "Uint16Array",
  "Uint32Array", "WeakMap", "WeakRef", "WeakSet", "isNaN", "parseInt",
];

/** Opens the bundle: our code refers to the globals it was born with. */
export const banner = `(()=>{"use strict";const{${captured.join(",")}}=globalThis;`;

/** Writes guest.js and guest.js.map into `outdir` and returns esbuild's result. */
export function buildGuest(outdir) {
  mkdirSync(outdir, { recursive: true });
  const entryPoints = [join(here, "src/main.ts")];
  return build({
    entryPoints,
    outfile: join(outdir, "guest.js"),
    bundle: true,
    format: "iife",
    globalName: "guest",
    target: "esnext",
    platform: "neutral",
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: "external",
    sourcesContent: true,
    legalComments: "none",
    charset: "ascii",
    logLevel: "warning",
    plugins: [lazyParts({ entryPoints })],
    banner: { js: banner },
    footer: { js: "return guest.boot})()" },
  });
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const outdir = process.argv[2];
  if (!outdir) {
    console.error("usage: node build.mjs OUTPUT_DIRECTORY");
    process.exit(2);
  }
  await buildGuest(resolve(outdir));
}
