// A realm with the codec in it, bundled as the guest is, whose built-ins a test may break.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as vm from "node:vm";
import { build } from "esbuild";
import { banner } from "../build.mjs";

const directory = mkdtempSync(join(tmpdir(), "molt-schema-"));
const outfile = join(directory, "codec.js");
await build({
  entryPoints: [fileURLToPath(new URL("../src/schema/codec.ts", import.meta.url))],
  outfile, bundle: true, format: "iife", globalName: "guest", target: "esnext", platform: "neutral", logLevel: "warning",
  banner: { js: banner }, footer: { js: "return guest})()" },
});
const script = new vm.Script(readFileSync(outfile, "utf8"), { filename: "codec.js" });
rmSync(directory, { recursive: true });

/** A realm whose `compileCodec(schema)` is the codec's; `text` is what it has for text in bulk. */
export function realm(): vm.Context {
  const context = vm.createContext({});
  const module = script.runInContext(context) as { CodecFactory: new (text: unknown) => { compile(schema: unknown, options: unknown): unknown } };
  const bytesOfRealm = vm.runInContext("Uint8Array", context);
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const factory = new module.CodecFactory({
    encode: (value: string) => new bytesOfRealm(encoder.encode(value)),
    decode: (value: Uint8Array) => decoder.decode(new Uint8Array(value)),
    latin1: (value: Uint8Array) => Buffer.from(new Uint8Array(value)).latin1Slice(),
  });
  const compile = (parameters: string[], body: string): unknown => {
    // The realm's arrays may be broken; their elements are not.
    const names = [];
    for (let i = 0; i < parameters.length; i++) names.push(parameters[i]);
    return vm.compileFunction(body, names, { parsingContext: context });
  };
  context.compileCodec = (schema: string) => factory.compile(schema, { compile });
  return context;
}
