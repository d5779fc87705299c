// One instance of a module: ABI 0.1 from the host's side, and the way back to what init left.
import type { PreparedModule } from "./binary.ts";
import { PluginError, Status, errorOfStatus } from "./errors.ts";
import type { HostCall, HostCalls } from "./host.ts";

interface AbiExports {
  memory: WebAssembly.Memory;
  molt_alloc(length: number): number;
  molt_free(data: number, length: number): void;
  init(data: number, length: number): number;
  call(functionId: number, schema: number, data: number, length: number, out: number): number;
  poll(task: number, out: number): number;
  cancel(task: number, reason: number): number;
  _initialize?(): void;
}

/** What a call or poll left: a payload and the index of its schema, or a task to poll. */
export interface Outcome {
  task: number;
  schema: number;
  payload: Uint8Array<ArrayBuffer>;
}

/** Memory, globals and tables after init. */
interface State {
  memory: Uint8Array;
  globals: unknown[];
  tables: unknown[][];
}

function settled({ status, task, schema, payload }: Outcome & { status: number }): Outcome {
  if (status !== Status.ok) throw errorOfStatus(status, new TextDecoder().decode(payload.subarray(0, longestMessage)));
  return { task, schema, payload };
}

const functions = ["molt_alloc", "molt_free", "init", "call", "poll", "cancel"] as const;
/** Bytes of a message that are read. */
const longestMessage = 4096;
/** Bytes of what a call or poll leaves: four words. */
export const outLength = 16;

export class PluginInstance {
  readonly #abi: AbiExports;
  readonly #prepared: PreparedModule;
  readonly #host: HostCalls;
  readonly #exports: WebAssembly.Exports;
  #state: State | undefined;
  #out = 0;
  #broken = false;

  private constructor(exports: WebAssembly.Exports, prepared: PreparedModule, host: HostCalls) {
    this.#exports = exports;
    this.#abi = exports as unknown as AbiExports;
    this.#prepared = prepared;
    this.#host = host;
  }

  /** Instantiates a module and runs its init with `config`, a payload of schema://molt/runtime_config/v1. */
  static async create(module: WebAssembly.Module, prepared: PreparedModule, host: HostCalls, config: Uint8Array): Promise<PluginInstance> {
    let made: PluginInstance | undefined;
    host.attach({
      read: (data, length) => instance().read(data, length),
      answer: (out, payload, task) => instance().#answer(out, payload, task),
    });
    const instance = (): PluginInstance => {
      if (made === undefined) throw new PluginError("ModuleInvalid", "The module calls its host before it is initialised.");
      return made;
    };
    const { exports } = await WebAssembly.instantiate(module, { molt: host.imports() });
    for (const name of functions) {
      if (typeof exports[name] !== "function") throw new PluginError("ManifestInvalid", `The module does not export the function ${name}.`);
    }
    if (!(exports.memory instanceof WebAssembly.Memory)) throw new PluginError("ManifestInvalid", "The module does not export its memory.");
    made = new PluginInstance(exports, prepared, host);
    made.#initialise(config);
    return made;
  }

  /** Whether the instance can serve another call. */
  get usable(): boolean {
    return !this.#broken;
  }

  call(call: HostCall, functionId: number, schema: number, payload: Uint8Array): Outcome {
    return settled(this.#enter(call, () => {
      this.#out = this.#allocate(outLength);
      this.#slice(this.#out, outLength).fill(0);
      const data = this.#place(payload);
      const outcome = this.#outcome(this.#abi.call(functionId, schema, data, payload.length, this.#out));
      if (this.#state === undefined) this.#abi.molt_free(data, payload.length);
      return outcome;
    }));
  }

  poll(call: HostCall, task: number): Outcome {
    return settled(this.#enter(call, () => this.#outcome(this.#abi.poll(task, this.#out))));
  }

  cancel(call: HostCall, task: number, reason: number): void {
    this.#enter(call, () => this.#abi.cancel(task, reason));
  }

  /** Ends a call: state goes back to what init left, unless the plugin keeps it. Where it cannot, the instance is done. */
  reset(): void {
    const state = this.#state;
    if (this.#broken) return;
    if (state === undefined) {
      if (this.#out !== 0) this.#abi.molt_free(this.#out, outLength);
      this.#out = 0;
      return;
    }
    const memory = new Uint8Array(this.#abi.memory.buffer);
    if (this.#prepared.disposable || memory.length !== state.memory.length) {
      this.#broken = true;
      return;
    }
    memory.set(state.memory);
    this.#prepared.globals.forEach((name, i) => {
      (this.#exports[name] as WebAssembly.Global).value = state.globals[i];
    });
    this.#prepared.tables.forEach((name, i) => {
      const table = this.#exports[name] as WebAssembly.Table;
      if (table.length !== state.tables[i].length) this.#broken = true;
      else state.tables[i].forEach((value, at) => table.get(at) === value || table.set(at, value));
    });
    this.#out = 0;
  }

  /** Remembers the present state as the one that every call starts from. */
  freeze(): void {
    this.#state = {
      memory: new Uint8Array(this.#abi.memory.buffer).slice(),
      globals: this.#prepared.globals.map((name) => (this.#exports[name] as WebAssembly.Global).value as unknown),
      tables: this.#prepared.tables.map((name) => {
        const table = this.#exports[name] as WebAssembly.Table;
        return Array.from({ length: table.length }, (_, i) => table.get(i) as unknown);
      }),
    };
  }

  /** The bytes at (data, length), undefined outside of memory; the view is good until the module runs again. */
  read(data: number, length: number): Uint8Array<ArrayBuffer> | undefined {
    const start = data >>> 0;
    const size = length >>> 0;
    const { buffer } = this.#abi.memory;
    return start + size > buffer.byteLength ? undefined : new Uint8Array(buffer as ArrayBuffer, start, size);
  }

  #slice(data: number, length: number): Uint8Array<ArrayBuffer> {
    const found = this.read(data, length);
    if (found === undefined) {
      throw new PluginError("Internal", `The module names ${length >>> 0} bytes at ${data >>> 0}, outside its memory of ${this.#abi.memory.buffer.byteLength} bytes.`);
    }
    return found;
  }

  #initialise(config: Uint8Array): void {
    this.#enter(undefined, () => {
      this.#abi._initialize?.();
      const data = this.#place(config);
      const status = this.#abi.init(data, config.length);
      if (status !== Status.ok) throw errorOfStatus(status, `The module's init ended with status ${status}.`);
      this.#abi.molt_free(data, config.length);
    });
  }

  /** Runs the module. Whatever it throws ends it: its state is unknown. */
  #enter<T>(call: HostCall | undefined, run: () => T): T {
    const before = this.#host.current;
    this.#host.current = call;
    try {
      return run();
    } catch (error) {
      this.#broken = true;
      if (error instanceof PluginError) throw error;
      throw new PluginError("Internal", `The module trapped: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    } finally {
      this.#host.current = before;
    }
  }

  #outcome(status: number): Outcome & { status: number } {
    const [data, length, schema, task] = this.#words(this.#out);
    const payload = task !== 0 && status === Status.ok ? new Uint8Array(0) : this.#slice(data, length).slice();
    if (this.#state === undefined && data !== 0 && payload.length > 0) this.#abi.molt_free(data, length);
    return { status, task, schema, payload };
  }

  /** Leaves an answer of a capability where the module asked for it. */
  #answer(out: number, payload: Uint8Array, task: number): void {
    const data = payload.length === 0 ? 0 : this.#place(payload);
    const view = new DataView(this.#abi.memory.buffer, out >>> 0, outLength);
    [data, payload.length, 0, task].forEach((word, i) => view.setUint32(i * 4, word, true));
  }

  #words(out: number): number[] {
    const bytes = this.#slice(out, outLength);
    const view = new DataView(bytes.buffer, bytes.byteOffset, outLength);
    return [0, 4, 8, 12].map((at) => view.getUint32(at, true));
  }

  #place(payload: Uint8Array): number {
    const data = this.#allocate(payload.length);
    this.#slice(data, payload.length).set(payload);
    return data;
  }

  #allocate(length: number): number {
    const data = this.#abi.molt_alloc(length);
    if (data === 0) throw new PluginError("Internal", `The module has no memory for ${length} bytes.`);
    this.#slice(data, length);
    return data;
  }
}
