import { strict as assert } from "node:assert";
import { httpRow } from "../http-row.mjs";

export default httpRow({
  name: "hello",
  order: 10,
  title: "a constant text answer, 32 connections",
  worker: "hello.js",
  check: async (response) => assert.equal(await response.text(), "Hello World"),
});
