import type { Env } from "./env";

interface Greeting {
  message: string;
  method: string;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { name = "world" } = request.method === "POST" ? ((await request.json()) as { name?: string }) : {};
    const greeting: Greeting = { message: `${env.GREETING}, ${name}!`, method: request.method };
    return Response.json(greeting);
  },
};
