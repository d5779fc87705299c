import { strict as assert } from "node:assert";
import { httpRow } from "../http-row.mjs";

export default httpRow({
  name: "hello_c64",
  order: 50,
  title: "a constant text answer, 64 connections",
  worker: "hello.js",
  connections: 64,
  check: async (response) => assert.equal(await response.text(), "Hello World"),
});
