import { strict as assert } from "node:assert";
import { httpRow } from "../http-row.mjs";

const body = "0123456789abcdef".repeat(1024);

export default httpRow({
  name: "echo_16k",
  order: 30,
  title: "a body of 16 KiB sent back as the stream it came in",
  worker: "echo.js",
  request: { method: "POST", body, contentType: "application/octet-stream" },
  check: async (response) => assert.equal(await response.text(), body),
});
