// Load by wrk on one thread; what a round of it did to the server.
import { fileURLToPath } from "node:url";
import { processorSeconds, start } from "./processes.mjs";

const script = fileURLToPath(new URL("load.lua", import.meta.url));

/**
 * Loads a server for some seconds. request: { method, bodyFile, contentType }, all optional.
 * Throws when a response was not 2xx or 3xx, or a connection failed.
 */
export async function load({ pid, port, connections, seconds, request = {} }) {
  const environment = {};
  if (request.method) environment.BENCH_METHOD = request.method;
  if (request.bodyFile) {
    environment.BENCH_BODY_FILE = request.bodyFile;
    environment.BENCH_CONTENT_TYPE = request.contentType;
  }
  const before = processorSeconds(pid);
  const wrk = start({
    command: "wrk",
    args: ["-t1", `-c${connections}`, `-d${Math.max(1, Math.round(seconds))}s`, "-s", script, `http://127.0.0.1:${port}/`],
    environment,
  });
  let output = "";
  wrk.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  const closed = new Promise((resolve) => wrk.stdout.once("close", resolve));
  const code = await wrk.ended;
  await closed;
  const after = processorSeconds(pid);
  const line = /^result (\{.*\})$/m.exec(output);
  if (code !== 0 || !line) throw new Error(`wrk failed: ${wrk.errorText() || output.trim()}`);
  const result = JSON.parse(line[1]);
  if (result.errors > 0) throw new Error(`${result.errors} of ${result.requests} requests failed`);
  if (result.requests === 0) throw new Error("no request was answered");
  return {
    rps: result.requests / result.seconds,
    p50_ms: result.p50,
    p99_ms: result.p99,
    cpu_us: ((after - before) * 1e6) / result.requests,
  };
}
