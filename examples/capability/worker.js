// The host application's capability is a binding: values in, values out.
export default {
  async fetch(request, env) {
    const name = new URL(request.url).pathname.slice(1) || "world";
    if (name === "stream") {
      const lines = [];
      for await (const { text } of env.GREETER.keep_greeting({ name, times: 3 })) lines.push(text);
      return new Response(lines.join("\n") + "\n");
    }
    const { text } = await env.GREETER.greet({ name, times: 2 });
    return new Response(text + "\n");
  },
};
