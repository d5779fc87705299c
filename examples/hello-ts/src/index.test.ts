import type { Env } from "./env";
import worker from "./index";

export const answersGet = {
  async test(_controller: unknown, env: Env) {
    await expect(new Request("http://hello/"), env, '{"message":"Hello, world!","method":"GET"}');
  },
};

export const readsJson = {
  async test(_controller: unknown, env: Env) {
    const request = new Request("http://hello/", { method: "POST", body: JSON.stringify({ name: "Ada" }) });
    await expect(request, env, '{"message":"Hello, Ada!","method":"POST"}');
  },
};

async function expect(request: Request, env: Env, expected: string): Promise<void> {
  const actual = await (await worker.fetch(request, env)).text();
  if (actual !== expected) throw new Error(`expected ${expected}, got ${actual}`);
}
