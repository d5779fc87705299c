// For every line of standard input: the module FILE with an end of its own, its first answer, the milliseconds from code to answer.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { SourceTextModule } from "node:vm";

const source = readFileSync(process.argv[2], "utf8");
let loaded = 0;
for await (const _ of createInterface({ input: process.stdin })) {
  const code = `${source}// ${++loaded}\n`;
  const started = performance.now();
  const module = new SourceTextModule(code);
  await module.link(() => {});
  await module.evaluate();
  const response = await module.namespace.default.fetch(new Request("http://worker.test/"));
  const body = await response.text();
  console.log(JSON.stringify({ milliseconds: performance.now() - started, body }));
}
