import app from "./index";

interface Env {
  API_NAME: string;
}

export const listsBooks = {
  async test(_controller: unknown, env: Env) {
    const response = await app.request("/", {}, env);
    equal(response.headers.get("x-api"), "books");
    equal(((await response.json()) as unknown[]).length, 2);
  },
};

export const answersUnknownBook = {
  async test(_controller: unknown, env: Env) {
    const response = await app.request("/9", {}, env);
    equal(`${response.status} ${await response.text()}`, "404 no such book");
  },
};

export const echoesJson = {
  async test(_controller: unknown, env: Env) {
    const response = await app.request("/echo", { method: "POST", body: '{"a":[1,2]}', headers: { "content-type": "application/json" } }, env);
    equal(`${response.status} ${await response.text()}`, '201 {"a":[1,2]}');
  },
};

function equal(actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
}
