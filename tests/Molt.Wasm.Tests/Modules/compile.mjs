// Compiles WebAssembly text: reads JSON {name: text} on stdin, writes JSON {name: base64, or {error}} on stdout.
import createWabt from "wabt";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const sources = JSON.parse(Buffer.concat(chunks).toString("utf8"));
const wabt = await createWabt();
const modules = {};
for (const [name, text] of Object.entries(sources)) {
  try {
    const parsed = wabt.parseWat(`${name}.wat`, text, {
      mutable_globals: true, bulk_memory: true, simd: true, reference_types: true, sign_extension: true,
      multi_memory: true, threads: true, exceptions: true, tail_call: true, memory64: true,
    });
    modules[name] = Buffer.from(parsed.toBinary({ write_debug_names: false }).buffer).toString("base64");
    parsed.destroy();
  } catch (error) {
    modules[name] = { error: String(error.message) };
  }
}
process.stdout.write(JSON.stringify(modules));
