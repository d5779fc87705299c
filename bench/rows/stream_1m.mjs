import { strict as assert } from "node:assert";
import { httpRow } from "../http-row.mjs";

export default httpRow({
  name: "stream_1m",
  order: 40,
  title: "1 MiB from a ReadableStream in chunks of 64 KiB",
  worker: "stream.js",
  check: async (response) => assert.equal((await response.arrayBuffer()).byteLength, 1024 * 1024),
});
