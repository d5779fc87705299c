const encoder = new TextEncoder();

/** One line per tick; the client gets each as it is written. */
function ticks(count, milliseconds) {
  return new ReadableStream({
    async start(controller) {
      for (let i = 1; i <= count; i++) {
        controller.enqueue(encoder.encode(`tick ${i}\n`));
        if (i < count) await scheduler.wait(milliseconds);
      }
      controller.close();
    },
  });
}

/** Turns a stream of text into upper case, chunk by chunk. */
function upperCase() {
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk.toUpperCase());
    },
  });
}

export default {
  async fetch(request) {
    const url = new URL(request.url);
    switch (url.pathname) {
      case "/ticks":
        return new Response(ticks(Number(url.searchParams.get("count") ?? 5), 200), {
          headers: { "content-type": "text/plain; charset=utf-8" },
        });
      case "/upper":
        if (!request.body) return new Response("send a body\n", { status: 400 });
        return new Response(
          request.body.pipeThrough(new TextDecoderStream()).pipeThrough(upperCase()).pipeThrough(new TextEncoderStream()),
        );
      case "/echo":
        return new Response(request.body);
      default:
        return new Response("GET /ticks, POST /upper, POST /echo\n", { status: 404 });
    }
  },
};
