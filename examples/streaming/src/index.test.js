import worker from "./index.js";

function equal(actual, expected) {
  if (actual !== expected) throw new Error(`expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
}

export const ticksComeOneByOne = {
  async test() {
    const response = await worker.fetch(new Request("http://streaming/ticks?count=3"));
    const decoder = new TextDecoder();
    const chunks = [];
    for await (const chunk of response.body) chunks.push(decoder.decode(chunk));
    equal(JSON.stringify(chunks), JSON.stringify(["tick 1\n", "tick 2\n", "tick 3\n"]));
  },
};

export const upperTransformsTheUpload = {
  async test() {
    const response = await worker.fetch(new Request("http://streaming/upper", { method: "POST", body: "straße, é" }));
    equal(await response.text(), "STRASSE, É");
  },
};

export const echoReturnsTheUpload = {
  async test() {
    const bytes = new Uint8Array(100_000).map((_, i) => i);
    const response = await worker.fetch(new Request("http://streaming/echo", { method: "POST", body: bytes }));
    const echoed = new Uint8Array(await response.arrayBuffer());
    equal(echoed.length, bytes.length);
    equal(echoed.every((byte, i) => byte === bytes[i]), true);
  },
};
