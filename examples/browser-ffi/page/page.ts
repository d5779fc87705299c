// Runs the plugin in this page and on the server, and compares.
import { PluginError, loadPlugin, offer } from "../../../sdk/browser/src/index.ts";
import type { Plugin } from "../../../sdk/browser/src/index.ts";

interface Order {
  customer: string;
  lines: { item: string; quantity: number; cents: number }[];
  coupon: string | undefined;
  express: boolean;
}

const orderSchema = "schema://shop/order/v1";
const quoteSchema = "schema://shop/quote/v1";
const manifest = "/plugin/molt.plugin.json";

// What the module's greet function can reach of this page: data in, data out.
const greeter = offer("acme.greeter", "1.0.0", {
  greet: {
    input: "schema://acme/greet/v1",
    output: "schema://acme/greeting/v1",
    handle: (value: { name: string }) => ({ text: `Hello, ${value.name}, from ${document.title}!` }),
  },
});

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
const readable = (value: unknown): string => JSON.stringify(value, null, 2);

function show(id: string, text: string, good?: boolean): void {
  const target = element(id);
  target.textContent = text;
  target.classList.toggle("good", good === true);
  target.classList.toggle("bad", good === false);
}

const explain = (error: unknown): string =>
  error instanceof PluginError ? `${error.code} (status ${error.status}): ${error.message}` : `${String(error)}`;

function readOrder(form: HTMLFormElement): Order {
  const data = new FormData(form);
  const [items, quantities, cents] = ["item", "quantity", "cents"].map((name) => data.getAll(name) as string[]);
  return {
    customer: data.get("customer") as string,
    lines: items.map((item, i) => ({ item, quantity: Number(quantities[i]), cents: Number(cents[i]) })),
    coupon: (data.get("coupon") as string) || undefined,
    express: data.has("express"),
  };
}

async function callServer(name: string, payload: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(`/call/${name}`, { method: "POST", body: payload, headers: { "content-type": "application/octet-stream" } });
  if (!response.ok) throw new Error(await response.text());
  return new Uint8Array(await response.arrayBuffer());
}

async function quote(plugin: Plugin, order: Order): Promise<void> {
  for (const id of ["page-value", "page-bytes", "server-value", "server-bytes"]) show(id, "");
  show("verdict", "");
  let payload: Uint8Array<ArrayBuffer>;
  try {
    payload = plugin.encode(orderSchema, order).slice();
  } catch (error) {
    show("verdict", `The order is not what its schema says: ${(error as Error).message}`, false);
    return;
  }
  try {
    const here = await plugin.callBytes("quote", payload);
    show("page-value", readable(plugin.decode(quoteSchema, here)));
    show("page-bytes", hex(here));
    const there = await callServer("quote", payload);
    show("server-value", readable(plugin.decode(quoteSchema, there)));
    show("server-bytes", hex(there));
    const equal = hex(here) === hex(there);
    show("verdict", equal ? `Byte for byte equal: ${here.length} bytes.` : "The results differ.", equal);
  } catch (error) {
    show("verdict", explain(error), false);
  }
}

async function greet(name: string, granted: boolean): Promise<void> {
  try {
    const plugin = await loadPlugin(manifest, { offers: [greeter], grants: granted ? ["acme.greeter"] : [] });
    const { value } = await plugin.call<{ text: string }>("greet", { name });
    show("greeting", value.text, true);
  } catch (error) {
    show("greeting", explain(error), false);
  }
}

function onSubmit(id: string, run: (form: HTMLFormElement) => Promise<void>): void {
  const form = element<HTMLFormElement>(id);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void run(form);
  });
}

try {
  const plugin = await loadPlugin(manifest);
  onSubmit("order", (form) => quote(plugin, readOrder(form)));
  onSubmit("greet", () => greet(element<HTMLInputElement>("name").value, element<HTMLInputElement>("granted").checked));
  element<HTMLButtonElement>("quote").disabled = false;
  element<HTMLButtonElement>("ask").disabled = false;
  show("state", `Loaded ${plugin.manifest.moduleName} ${plugin.manifest.moduleVersion}.`);
} catch (error) {
  show("state", explain(error), false);
}
