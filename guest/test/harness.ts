// Boots a fresh guest in a context of its own, over fakes of the native functions and of the host.
import { createRequire } from "node:module";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vm from "node:vm";
import { buildGuest } from "../build.mjs";

const require = createRequire(import.meta.url);
const { internalBinding } = require("internal/test/binding");
const frames = internalBinding("async_context_frame");
const inspection = internalBinding("util");

const directory = mkdtempSync(join(tmpdir(), "molt-guest-"));
await buildGuest(directory);
const script = new vm.Script(readFileSync(join(directory, "guest.js"), "utf8"), { filename: "guest.js" });
rmSync(directory, { recursive: true });

const encoder = new TextEncoder();
const typedArray = Object.getPrototypeOf(Uint8Array.prototype);

/** The bytes of a guest's buffer; a Uint8Array is copied through its internal slots, since its getters may be broken on purpose. */
function bytes(source: any): Buffer {
  if (Reflect.get(typedArray, Symbol.toStringTag, source) === "Uint8Array") return Buffer.from(new Uint8Array(source));
  return ArrayBuffer.isView(source)
    ? Buffer.from(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength)
    : Buffer.from(source);
}

function components(url: URL, out: Uint32Array): string {
  const href = url.href;
  const protocolEnd = url.protocol.length;
  const hasAuthority = href.startsWith("//", protocolEnd);
  let at = protocolEnd + (hasAuthority ? 2 : 0);
  const usernameEnd = at + (hasAuthority ? url.username.length : 0);
  let hostStart = usernameEnd;
  if (hasAuthority && url.password !== "") hostStart = usernameEnd + 1 + url.password.length;
  const hasCredentials = url.username !== "" || url.password !== "";
  const hostEnd = hostStart + (hasCredentials ? 1 : 0) + (hasAuthority ? url.hostname.length : 0);
  at = hostEnd;
  if (url.port !== "") at += 1 + url.port.length;
  if (!hasAuthority && href.startsWith("/.//", protocolEnd)) at += 2;
  const hash = href.indexOf("#");
  const query = href.indexOf("?");
  const hasQuery = query !== -1 && (hash === -1 || query < hash);
  const values = [
    protocolEnd, usernameEnd, hostStart, hostEnd, url.port === "" ? 0xffffffff : Number(url.port), at,
    hasQuery ? query : 0xffffffff, hash === -1 ? 0xffffffff : hash, 0,
  ];
  for (let i = 0; i < values.length; i++) out[i] = values[i]!;
  return href;
}

const parts = ["href", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"];

/** Values that native functions return belong to the guest's realm. */
function createNative(context: vm.Context): Record<string, unknown> {
  const RealmBytes = vm.runInContext("Uint8Array", context);
  const own = (source: Uint8Array): Uint8Array => new RealmBytes(source);
  const decode = (label: string) => (source: any, fatal: boolean) => new TextDecoder(label, { fatal, ignoreBOM: true }).decode(bytes(source));
  const realmTypeError = vm.runInContext("TypeError", context);
  const guarded = (decoder: (source: any, fatal: boolean) => string) => (source: any, fatal: boolean) => {
    try {
      return decoder(source, fatal);
    } catch (error: any) {
      throw new realmTypeError(error.message);
    }
  };
  return {
    utf8Encode: (text: string) => own(encoder.encode(text)),
    utf8EncodeInto: (text: string, destination: Uint8Array, out: Uint32Array) => {
      const target = new Uint8Array(destination.length);
      const { read, written } = encoder.encodeInto(text, target);
      destination.set(target);
      out[0] = read;
      out[1] = written;
    },
    utf8Decode: guarded(decode("utf-8")),
    latin1Decode: (source: any) => bytes(source).toString("latin1"),
    utf16leDecode: guarded(decode("utf-16le")),
    // Node's serializer asks about no object, so that only the value itself can be a platform object here.
    structuredClone: (value: unknown, transfer: ArrayBuffer[], clonePlatform: (object: object) => object | undefined) => {
      const clone = typeof value === "object" && value !== null ? clonePlatform(value) : undefined;
      if (clone !== undefined) return clone;
      try {
        return structuredClone(value, { transfer: Array.from({ length: transfer.length }, (_, i) => transfer[i]!) });
      } catch (error: any) {
        const RealmError = vm.runInContext("Error", context);
        const converted = new RealmError(error.message);
        converted.name = error.name;
        throw converted;
      }
    },
    asyncGet: frames.getContinuationPreservedEmbedderData,
    asyncSet: frames.setContinuationPreservedEmbedderData,
    urlParse: (input: string, base: string | undefined, out: Uint32Array) => {
      const url = URL.parse(input, base);
      return url === null ? undefined : components(url, out);
    },
    urlSet: (href: string, part: number, value: string, out: Uint32Array) => {
      const url = new URL(href);
      try {
        (url as any)[parts[part]!] = value;
      } catch {
        return undefined;
      }
      return components(url, out);
    },
    urlCanParse: (input: string, base: string | undefined) => URL.canParse(input, base),
    promiseDetails: (promise: Promise<unknown>) => inspection.getPromiseDetails(promise),
    proxyDetails: (proxy: unknown) => inspection.getProxyDetails(proxy, true),
    previewEntries: (value: any) => inspection.previewEntries(value),
    ownNames: (object: object) => inspection.getOwnNonIndexProperties(object, inspection.constants.ALL_PROPERTIES),
    compileFunction: (names: string[], body: string) => vm.compileFunction(body, names, { parsingContext: context }),
    // Node tells the stacks of all its realms itself.
    tellStacks: () => {},
  };
}

export interface HostCall {
  name: string;
  args: any[];
}

const operations = [
  "respond", "fail", "eventDone", "report", "log", "timerStart", "timerClear", "bodyRead", "bodyCancel", "bodyWrite", "bodyEnd",
  "bodyAbort", "fetch", "fetchAbort", "passThrough", "capabilityOpen", "capabilityCall", "capabilityStream", "capabilityRead",
  "capabilityWrite", "capabilityFinish", "capabilityCancel", "capabilityFault",
];

/** What the host answers of itself. */
function createServices(): Record<string, unknown> {
  let clock = 1000;
  return {
    clockMonotonic: () => clock++,
    clockWall: () => 1700000000000,
    randomFill: (view: any) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength).fill(7),
    randomUUID: () => crypto.randomUUID(),
  };
}

/** A booted guest and what it asked of its host. */
export class Guest {
  readonly calls: HostCall[] = [];
  readonly context: vm.Context;
  readonly #Bytes: typeof Uint8Array;
  readonly entry: any;
  env: Record<string, unknown> = {};
  /** The memory between guest and host. */
  readonly buffer: Uint8Array;
  /** Called for each host call; a result is returned to the guest. */
  onCall: ((name: string, args: any[]) => unknown) | undefined;

  constructor() {
    this.context = vm.createContext();
    this.#Bytes = vm.runInContext("Uint8Array", this.context);
    this.buffer = new this.#Bytes(32 * 1024);
    const host: Record<string, unknown> = createServices();
    host.capabilityBuffer = () => this.buffer;
    for (const name of operations) {
      host[name] = (...args: any[]) => {
        this.calls.push({ name, args });
        return this.onCall?.(name, args);
      };
    }
    const boot = script.runInContext(this.context);
    this.entry = boot(createNative(this.context), host);
    this.entry.start(JSON.stringify({ compatibilityDate: "2026-01-01", compatibilityFlags: [], userAgent: "Cloudflare-Workers" }));
  }

  /** Evaluates code at top level. */
  run(code: string): any {
    try {
      return vm.runInContext(code, this.context);
    } finally {
      frames.setContinuationPreservedEmbedderData(undefined);
    }
  }

  /** Binds an object expression as the main module's namespace. */
  bind(namespace: string): string {
    return this.entry.bind(this.run(`(${namespace})`), JSON.stringify(this.env));
  }

  named(name: string): any[][] {
    return this.calls.filter((call) => call.name === name).map((call) => call.args);
  }

  /** Delivers a request; returns once the microtasks that are ready have run. */
  async fetch(event: number, head = "GET\nhttp://localhost/", kind = 0, body?: unknown): Promise<void> {
    this.entry.fetch(event, head, kind, body);
    await settled();
  }

  /** Calls an entry function from outside every event and lets microtasks run. */
  async enter(name: string, ...args: unknown[]): Promise<unknown> {
    const result = this.entry[name](...args);
    await settled();
    return result;
  }

  /** Bytes in the guest's realm. */
  bytes(text: string): Uint8Array {
    return new this.#Bytes(encoder.encode(text));
  }

  /** Runs the body of an async function inside an event; returns what it returned, as JSON. Throws what it threw. */
  async eval(body: string): Promise<any> {
    const event = 1000000 + this.calls.length;
    this.run(`globalThis.__body = async (request, env, ctx) => { ${body} }`);
    this.entry.bind(this.run(`({ default: { async fetch(...args) { return new Response(JSON.stringify({ value: await __body(...args) })); } } })`), "");
    this.entry.fetch(event, "GET\nhttp://localhost/", 0, undefined);
    await settled(this, event);
    const failed = this.calls.find((call) => call.name === "fail" && call.args[0] === event);
    if (failed !== undefined) throw failed.args[1];
    const answered = this.calls.find((call) => call.name === "respond" && call.args[0] === event);
    if (answered === undefined) throw new Error("The code did not finish.");
    return JSON.parse(answered.args[5]).value;
  }
}

/** Gives promise jobs of every depth time to run: a timer turn comes after all microtasks. */
export async function settled(guest?: Guest, event?: number): Promise<void> {
  const finished = (): boolean => guest!.calls.some((call) => (call.name === "respond" || call.name === "fail") && call.args[0] === event);
  for (let turn = 0; turn < (guest === undefined ? 1 : 5); turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (guest !== undefined && finished()) return;
  }
}


/** Bytes as text. */
export const text = (value: Uint8Array): string => bytes(value).toString();
