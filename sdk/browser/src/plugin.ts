// A plugin in a page: loaded once, then called as often as one likes. Dispatch goes the same steps in the same order as on a server.
import { prepareModule } from "./binary.ts";
import type { PreparedModule } from "./binary.ts";
import { satisfies } from "./capabilities.ts";
import type { Offer } from "./capabilities.ts";
import { PayloadError, codecOf } from "./codec.ts";
import type { Codec } from "./codec.ts";
import { CancelReason, PluginError } from "./errors.ts";
import { HostCalls, callImports, ownImports } from "./host.ts";
import type { BoundCapability, HostCall, Services } from "./host.ts";
import { PluginInstance } from "./instance.ts";
import type { Outcome } from "./instance.ts";
import { readManifest } from "./manifest.ts";
import type { PluginExport, PluginManifest } from "./manifest.ts";
import { emptyRuntimeConfig, limitOf } from "./runtime-config.ts";

export interface PluginLimits {
  /** Pages of 64 KiB that the memory may grow to. */
  pages?: number;
  /** Bytes of a result. */
  outputBytes?: number;
}

export interface PluginOptions {
  /** What the page offers. */
  offers?: readonly Offer[];
  /** The capabilities of the manifest that the plugin is granted; none unless named. Those without a version match every one. */
  grants?: readonly string[];
  limits?: PluginLimits;
  /** Where `console.log` goes; the page's console unless given. */
  log?(level: number, message: string): void;
  /** `time.now`. */
  now?(): number;
  /** How files are loaded; `fetch` unless given. */
  load?(url: string): Promise<ArrayBuffer>;
}

export interface CallOptions {
  /** Id of the payload's schema; may be left out where the manifest leaves no choice. */
  schema?: string;
  signal?: AbortSignal;
  timeoutMs?: number;
}

/** A result: the value, and the bytes that stand for it. */
export interface PluginResult<T = unknown> {
  value: T;
  bytes: Uint8Array<ArrayBuffer>;
  schema: string;
}

const defaultLimits: Required<PluginLimits> = { pages: 256, outputBytes: 16 * 1024 * 1024 };

/** Loads a plugin by the address of its manifest; module and schemas lie where the manifest says, relative to it. */
export async function loadPlugin(manifestUrl: string | URL, options: PluginOptions = {}): Promise<Plugin> {
  const load = options.load ?? fetchBytes;
  const base = new URL(manifestUrl, globalThis.document?.baseURI);
  const bytes = (path: string): Promise<ArrayBuffer> => load(new URL(path, base).href);
  const json = async (path: string): Promise<unknown> => JSON.parse(new TextDecoder().decode(await bytes(path)));
  const manifest = await readManifest(await json(base.href), json);
  return Plugin.create(manifest, new Uint8Array(await bytes(manifest.module)), options);
}

async function fetchBytes(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.arrayBuffer();
}

export class Plugin {
  readonly manifest: PluginManifest;
  readonly #module: WebAssembly.Module;
  readonly #prepared: PreparedModule;
  readonly #codecs: readonly Codec[];
  readonly #capabilities: readonly BoundCapability[];
  readonly #services: Services;
  readonly #limits: Required<PluginLimits>;
  readonly #idle: PluginInstance[] = [];

  private constructor(manifest: PluginManifest, module: WebAssembly.Module, prepared: PreparedModule, options: PluginOptions) {
    this.manifest = manifest;
    this.#module = module;
    this.#prepared = prepared;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#codecs = manifest.schemas.map((schema) => codecFor(schema.id, schema.document));
    this.#capabilities = bind(manifest, this.#codecs, options);
    this.#services = {
      log: options.log ?? logToConsole,
      now: options.now ?? Date.now,
      random: fillRandom,
      limit: (kind, call) => limitOf(kind, this.#limits, call),
    };
  }

  /** Makes a plugin from what `loadPlugin` loads. */
  static async create(manifest: PluginManifest, source: Uint8Array, options: PluginOptions = {}): Promise<Plugin> {
    const prepared = prepareModule(source, options.limits?.pages ?? defaultLimits.pages);
    let module: WebAssembly.Module;
    try {
      module = await WebAssembly.compile(prepared.bytes);
    } catch (error) {
      throw new PluginError("ModuleInvalid", `The module is no valid WebAssembly: ${(error as Error).message}`, { cause: error });
    }
    checkImports(module, manifest);
    const plugin = new Plugin(manifest, module, prepared, options);
    plugin.#idle.push(await plugin.#instantiate());
    return plugin;
  }

  /** Calls a function with a value of its input schema. */
  async call<T = unknown>(name: string, value: unknown, options: CallOptions = {}): Promise<PluginResult<T>> {
    const entry = this.#find(name);
    const schema = this.#resolve(entry, options.schema);
    let payload: Uint8Array;
    try {
      payload = this.#codecs[schema].encode(value as never);
    } catch (error) {
      throw invalid(entry, error);
    }
    const { bytes, index, decoded } = await this.#dispatch(entry, schema, payload, options);
    return { value: decoded as T, bytes, schema: this.manifest.schemas[index].id };
  }

  /** Calls a function with bytes and gives back bytes; both are checked. */
  async callBytes(name: string, payload: Uint8Array, options: CallOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    const entry = this.#find(name);
    const schema = this.#resolve(entry, options.schema);
    try {
      this.#codecs[schema].decode(payload);
    } catch (error) {
      throw invalid(entry, error);
    }
    return (await this.#dispatch(entry, schema, payload, options)).bytes;
  }

  /** The payload that stands for a value of a schema of the manifest. */
  encode(schema: string, value: unknown): Uint8Array {
    return this.#codecs[this.#schemaIndex(schema)].encode(value as never);
  }

  /** The value that a payload stands for. */
  decode<T = unknown>(schema: string, payload: Uint8Array): T {
    return this.#codecs[this.#schemaIndex(schema)].decode(payload) as T;
  }

  #schemaIndex(id: string): number {
    const index = this.manifest.schemas.findIndex((schema) => schema.id === id);
    if (index < 0) throw new PluginError("SchemaNotFound", `${id} is not among the schemas of ${this.manifest.moduleName}.`);
    return index;
  }

  #find(name: string): PluginExport {
    const entry = this.manifest.exports.find((candidate) => candidate.name === name);
    if (entry === undefined) throw new PluginError("FunctionNotFound", `${this.manifest.moduleName} has no function "${name}".`);
    return entry;
  }

  #resolve(entry: PluginExport, id: string | undefined): number {
    if (id === undefined) {
      if (entry.defaultInput !== undefined) return entry.defaultInput;
      if (entry.inputs.length === 1) return entry.inputs[0];
      throw new PluginError("SchemaRequired", `"${entry.name}" takes several schemas and has no default: name one.`);
    }
    const family = id.slice(0, id.lastIndexOf("/"));
    const version = Number(id.slice(id.lastIndexOf("/v") + 2));
    const newer = entry.inputs
      .map((index) => [index, this.manifest.schemas[index].id] as const)
      .filter(([, input]) => input.slice(0, input.lastIndexOf("/")) === family && Number(input.slice(input.lastIndexOf("/v") + 2)) >= version)
      .sort((a, b) => a[1].length - b[1].length || (a[1] < b[1] ? -1 : 1))[0];
    const exact = entry.inputs.find((index) => this.manifest.schemas[index].id === id);
    if (exact !== undefined) return exact;
    if (entry.backward && newer !== undefined) return newer[0];
    this.#schemaIndex(id);
    throw new PluginError("SchemaMismatch", `"${entry.name}" does not take ${id}.`);
  }

  async #dispatch(entry: PluginExport, schema: number, payload: Uint8Array, options: CallOptions) {
    for (const index of entry.capabilities) {
      const capability = this.#capabilities[index];
      if (!capability.granted) {
        throw new PluginError("CapabilityDenied", `"${entry.name}" needs the capability ${capability.name}, which is not granted or not offered here.`);
      }
    }
    const end = new AbortController();
    const deadline = options.timeoutMs === undefined ? Infinity : performance.now() + options.timeoutMs;
    const call: HostCall = { entry, signal: end.signal, deadline, tasks: new Map() };
    const instance = this.#idle.pop() ?? (await this.#instantiate());
    try {
      let outcome = instance.call(call, entry.functionId, schema, payload);
      while (outcome.task !== 0) outcome = await pollLater(instance, call, outcome.task, options.signal);
      return this.#check(entry, outcome);
    } finally {
      end.abort();
      instance.reset();
      if (instance.usable) this.#idle.push(instance);
    }
  }

  #check(entry: PluginExport, outcome: Outcome) {
    if (outcome.payload.length > this.#limits.outputBytes) {
      throw new PluginError("EncodeError", `"${entry.name}" left ${outcome.payload.length} bytes; the limit is ${this.#limits.outputBytes}.`);
    }
    if (outcome.schema !== entry.output) {
      throw new PluginError("EncodeError", `"${entry.name}" left a result of schema number ${outcome.schema}, not ${entry.output}.`);
    }
    try {
      return { bytes: outcome.payload, index: outcome.schema, decoded: this.#codecs[outcome.schema].decode(outcome.payload) as unknown };
    } catch (error) {
      throw new PluginError("EncodeError", `The result of "${entry.name}" is not what its schema says: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }

  async #instantiate(): Promise<PluginInstance> {
    const host = new HostCalls(this.#capabilities, this.#services);
    const instance = await PluginInstance.create(this.#module, this.#prepared, host, emptyRuntimeConfig);
    if (this.manifest.reset) instance.freeze();
    return instance;
  }
}

/** Waits until something that the module waits for has an answer, then polls. */
async function pollLater(instance: PluginInstance, call: HostCall, task: number, signal: AbortSignal | undefined): Promise<Outcome> {
  const { deadline } = call;
  const stop = (code: "Cancelled" | "Timeout", reason: number): never => {
    instance.cancel(call, task, reason);
    throw new PluginError(code, code === "Timeout" ? "The call ran out of time." : "The call was cancelled.");
  };
  if (signal?.aborted) stop("Cancelled", CancelReason.user);
  if (performance.now() >= deadline) stop("Timeout", CancelReason.deadline);
  const waiting = [...call.tasks.values()].map((pending) => pending.settled);
  const left = deadline - performance.now();
  // A module that waits for nothing of ours is asked again a little later.
  const pause = waiting.length === 0 ? Math.min(1, left) : left;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let aborted: (() => void) | undefined;
  if (pause !== Infinity) waiting.push(new Promise((resolve) => { timer = setTimeout(resolve, Math.max(0, pause)); }));
  if (signal !== undefined) waiting.push(new Promise((resolve) => signal.addEventListener("abort", aborted = () => resolve(), { once: true })));
  await Promise.race(waiting);
  clearTimeout(timer);
  if (aborted !== undefined) signal!.removeEventListener("abort", aborted);
  if (signal?.aborted) stop("Cancelled", CancelReason.user);
  if (performance.now() >= deadline) stop("Timeout", CancelReason.deadline);
  return instance.poll(call, task);
}

function checkImports(module: WebAssembly.Module, manifest: PluginManifest): void {
  const declared = manifest.capabilities.map((name) => name.split("@")[0]);
  const own = Object.values(ownImports);
  const application = declared.some((name) => !own.includes(name));
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    const needs = ownImports[name];
    if (from !== "molt" || (needs === undefined && !callImports.includes(name) && name !== "molt_limit")) {
      throw new PluginError("ManifestInvalid", `The module imports ${from}.${name}; a module in a page imports functions of "molt" only.`);
    }
    if (needs !== undefined && !declared.includes(needs)) {
      throw new PluginError("ManifestInvalid", `The module imports ${name}, and the manifest does not name the capability ${needs}.`);
    }
    if (callImports.includes(name) && !application) {
      throw new PluginError("ManifestInvalid", `The module imports ${name}, and the manifest names no capability to call.`);
    }
  }
}

function bind(manifest: PluginManifest, codecs: readonly Codec[], options: PluginOptions): BoundCapability[] {
  return manifest.capabilities.map((name) => {
    const id = name.split("@")[0];
    const named = options.grants?.some((grant) => grant === name || grant === id) ?? false;
    if (id === "resource.limits" || Object.values(ownImports).includes(id)) {
      return { name, granted: named || id === "resource.limits", offer: undefined, operations: [] };
    }
    const offered = options.offers?.find((candidate) => satisfies(candidate, name));
    const find = (schema: string): Codec => {
      const index = manifest.schemas.findIndex((candidate) => candidate.id === schema);
      if (index >= 0) return codecs[index];
      const document = offered!.schemas.find((candidate) => (candidate as { id?: unknown }).id === schema);
      if (document === undefined) throw new TypeError(`The offer ${id} names ${schema}, which neither it nor the manifest has.`);
      return codecFor(schema, document);
    };
    const operations = (offered?.operations ?? []).map((operation) => ({ operation, input: find(operation.input), output: find(operation.output) }));
    return { name, granted: named && offered !== undefined, offer: offered, operations };
  });
}

function codecFor(id: string, document: unknown): Codec {
  try {
    return codecOf(document);
  } catch (error) {
    throw new PluginError("ManifestInvalid", `The schema ${id} is faulty: ${(error as Error).message}`, { cause: error });
  }
}

function invalid(entry: PluginExport, error: unknown): PluginError {
  if (!(error instanceof PayloadError)) throw error;
  return new PluginError("InvalidPayload", `The payload for "${entry.name}" is not what its schema says: ${error.message}`, { cause: error });
}

function logToConsole(level: number, message: string): void {
  console[(["debug", "log", "info", "warn", "error"] as const)[level] ?? "log"](message);
}

function fillRandom(bytes: Uint8Array<ArrayBuffer>): void {
  // getRandomValues fills at most 65,536 bytes at a time.
  for (let at = 0; at < bytes.length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
}
