// What the page gets from its server; the page itself is clicked through by tests/browser.
import worker from "./index.js";

// An order of one line, and its quote: records by index, as docs/reference/codec.md says.
const order = Uint8Array.of(0x92, 0xa3, 0x41, 0x64, 0x61, 0x91, 0x93, 0xa4, 0x4c, 0x61, 0x6d, 0x70, 0x02, 0xcd, 0x01, 0xf4);
const quote = "98a3416461" + "02" + "cd03e8" + "00" + "cd01ea" + "cd05d2" + "cb407f400000000000" + "920003";

const post = (path, body) => worker.fetch(new Request(`http://shop${path}`, { method: "POST", body }));
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function equal(actual, expected) {
  if (actual !== expected) throw new Error(`expected ${expected}, got ${actual}`);
}

export const quotesOrders = {
  async test() {
    const response = await post("/call/quote", order);
    equal(response.status, 200);
    equal(hex(new Uint8Array(await response.arrayBuffer())), quote);
  },
};

export const refusesWhatIsNoOrder = {
  async test() {
    const response = await post("/call/quote", Uint8Array.of(0x90));
    equal(response.status, 400);
    equal(response.headers.get("x-status"), "1");
  },
};

export const hasNoGreeterOnTheServer = {
  async test() {
    const response = await post("/call/greet", Uint8Array.of(0x91, 0xa3, 0x41, 0x64, 0x61));
    equal(response.headers.get("x-status"), "6");
  },
};

export const servesThePageAndThePlugin = {
  async test() {
    for (const path of ["/", "/page.css", "/page.js", "/plugin/molt.plugin.json", "/plugin/schemas/order.json", "/plugin/build/shop.wasm"]) {
      equal((await worker.fetch(new Request(`http://shop${path}`))).status, 200);
    }
    const module = await worker.fetch(new Request("http://shop/plugin/build/shop.wasm"));
    equal(hex(new Uint8Array(await module.arrayBuffer()).subarray(0, 4)), "0061736d");
    equal((await worker.fetch(new Request("http://shop/nothing"))).status, 404);
  },
};
