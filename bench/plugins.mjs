// Plugins for the rows about WebAssembly: compiles plugins/*.wat and writes a directory that Molt loads.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const text = (name) => readFileSync(new URL(`plugins/${name}.wat`, import.meta.url), "utf8");
const field = (name, type) => ({ name, type });
const record = (...fields) => ({ kind: "record", fields });
const headers = field("headers", { kind: "list", items: record(field("name", "string"), field("value", "string")) });
const number = { sir: 1, id: "schema://bench/number/v1", type: "uint32" };
const request = { sir: 1, id: "schema://molt/http_request/v1", type: record(field("method", "string"), field("url", "string"), headers, field("body", "bytes")) };
const response = {
  sir: 1,
  id: "schema://molt/http_response/v1",
  type: record(field("status", { kind: "uint16", ge: 100, le: 599 }), headers, field("body", "bytes")),
};

/** The bytes of a module of plugins/; PAGES in it becomes a number of 64 KiB pages. */
export async function module(name, pages = 1) {
  const { default: createWabt } = await import("wabt");
  const wabt = await createWabt();
  const parsed = wabt.parseWat(`${name}.wat`, text(name).replaceAll("PAGES", String(pages)));
  const { buffer } = parsed.toBinary({});
  parsed.destroy();
  return Buffer.from(buffer);
}

/** A plugin with one function in a directory of its own; its path. */
export async function plugin(directory, name, { http = false, pages = 1 } = {}) {
  const path = join(directory, `${name}-${pages}`);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "module.wasm"), await module(name, pages));
  const schemas = http ? [request, response] : [number];
  writeFileSync(
    join(path, "molt.plugin.json"),
    JSON.stringify({
      abi_version: "0.1",
      module_name: name,
      module_version: "1.0.0",
      module: "module.wasm",
      profile: "wasm_worker",
      schemas,
      exports: [
        {
          function_id: 1,
          name: "run",
          input_schemas: [schemas[0].id],
          output_schema: schemas.at(-1).id,
          codec: "msgpack",
          deterministic: true,
        },
      ],
      ...(http ? { http: { function: "run" } } : {}),
    }),
  );
  return path;
}
