export default {
  fetch(request) {
    return request.method === "POST" ? new Response(request.body) : new Response("ready");
  },
};
