import module from "./add.wasm";

// One instance per isolate: the module is compiled when the worker is loaded.
const { add } = new WebAssembly.Instance(module).exports;

export default {
  fetch(request) {
    const parameters = new URL(request.url).searchParams;
    return new Response(`${add(Number(parameters.get("a")), Number(parameters.get("b")))}\n`);
  },

  async test() {
    const response = this.fetch(new Request("http://wasm/?a=40&b=2"));
    const sum = await response.text();
    if (sum !== "42\n") throw new Error(`expected 42, got ${sum}`);
  },
};
