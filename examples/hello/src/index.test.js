import worker from "./index.js";

async function greet(url, env) {
  const response = worker.fetch(new Request(url), env);
  return `${response.status} ${await response.text()}`;
}

function equal(actual, expected) {
  if (actual !== expected) throw new Error(`expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
}

export const greetsTheWorld = {
  async test(controller, env) {
    equal(await greet("http://hello/", env), "200 Hello, world!\n");
  },
};

export const greetsByName = {
  async test(controller, env) {
    equal(await greet("http://hello/?name=Ada%20L.", env), "200 Hello, Ada L.!\n");
  },
};
