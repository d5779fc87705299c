// Serves the page with the plugin's files, and runs the plugin here for `POST /call/…`: payload in, payload out.
import ffi from "molt:ffi";
import page from "./index.html";
import style from "./page.css.txt";
import script from "../build/page.js.txt";
import module from "../build/shop.bin";
import manifest from "../build/plugin/molt.plugin.json";
import greet from "../build/plugin/schemas/greet.json";
import greeting from "../build/plugin/schemas/greeting.json";
import order from "../build/plugin/schemas/order.json";
import quote from "../build/plugin/schemas/quote.json";

const text = (body, type) => () => new Response(body, { headers: { "content-type": `${type}; charset=utf-8` } });
const json = (value) => () => Response.json(value);

const files = {
  "/": text(page, "text/html"),
  "/page.css": text(style, "text/css"),
  "/page.js": text(script, "text/javascript"),
  "/plugin/molt.plugin.json": json(manifest),
  "/plugin/schemas/greet.json": json(greet),
  "/plugin/schemas/greeting.json": json(greeting),
  "/plugin/schemas/order.json": json(order),
  "/plugin/schemas/quote.json": json(quote),
  "/plugin/build/shop.wasm": () => new Response(module, { headers: { "content-type": "application/wasm" } }),
};

async function callPlugin(request, operation) {
  if (request.method !== "POST") return new Response("Post a payload.\n", { status: 405, headers: { allow: "POST" } });
  try {
    const payload = new Uint8Array(await request.arrayBuffer());
    return new Response(await ffi.call(ffi.open("plugin.shop"), operation, payload));
  } catch (error) {
    if (!(error instanceof ffi.CapabilityError)) throw error;
    return new Response(error.message, { status: 400, headers: { "x-status": `${error.status}` } });
  }
}

export default {
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/call/")) return callPlugin(request, pathname.slice("/call/".length));
    return files[pathname]?.() ?? new Response("Not found\n", { status: 404 });
  },
};
