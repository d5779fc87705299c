// The imports of a module. Each checks the grant of the call that is running, then the payload, before anything of the page runs.
import type { Offer, OfferedOperation } from "./capabilities.ts";
import type { Codec } from "./codec.ts";
import { Status } from "./errors.ts";
import { outLength } from "./instance.ts";
import type { PluginExport } from "./manifest.ts";

/** A call in progress. */
export interface HostCall {
  readonly entry: PluginExport;
  /** Ends with the call. */
  readonly signal: AbortSignal;
  /** When it has to be done, in milliseconds of `performance.now()`; Infinity for never. */
  readonly deadline: number;
  /** Calls of capabilities that have not been polled to their end. */
  readonly tasks: Map<number, HostTask>;
}

/** A call of a capability that answers later. */
export interface HostTask {
  readonly settled: Promise<void>;
  readonly end: AbortController;
  answer: Answer | undefined;
}

interface Answer {
  status: number;
  payload: Uint8Array;
}

/** An operation as the module reaches it. */
export interface BoundOperation {
  readonly operation: OfferedOperation & { readonly name: string };
  readonly input: Codec;
  readonly output: Codec;
}

/** A capability of the manifest, in its place. */
export interface BoundCapability {
  readonly name: string;
  readonly granted: boolean;
  /** Absent for the host's own, and for those that nothing offers. */
  readonly offer: Offer | undefined;
  readonly operations: readonly BoundOperation[];
}

/** What a page lets a module see of it besides offers. */
export interface Services {
  log(level: number, message: string): void;
  now(): number;
  random(bytes: Uint8Array<ArrayBuffer>): void;
  /** The value of a limit, or -1 where there is none. */
  limit(kind: number, call: HostCall | undefined): bigint;
}

/** An instance's memory. */
export interface Guest {
  /** The bytes at (data, length); undefined where that is outside its memory. */
  read(data: number, length: number): Uint8Array<ArrayBuffer> | undefined;
  answer(out: number, payload: Uint8Array, task: number): void;
}

/** The longest run of random bytes a module may ask for at once. */
const longestRandom = 65536;
const nothing = new Uint8Array(0);
const text = (message: string): Uint8Array => new TextEncoder().encode(message);

/** The capability behind each import that stands for one; the others need a capability of the application. */
export const ownImports: Readonly<Record<string, string>> = {
  molt_log: "console.log",
  molt_now_ms: "time.now",
  molt_random_bytes: "rand.bytes",
};
export const callImports: readonly string[] = [
  "molt_call", "molt_poll", "molt_cancel", "molt_stream_open", "molt_stream_read", "molt_stream_write", "molt_stream_close",
];

export class HostCalls {
  /** The call on whose behalf the module runs; none during init. */
  current: HostCall | undefined;
  readonly #capabilities: readonly BoundCapability[];
  readonly #services: Services;
  #guest!: Guest;
  #lastTask = 0;

  constructor(capabilities: readonly BoundCapability[], services: Services) {
    this.#capabilities = capabilities;
    this.#services = services;
  }

  attach(guest: Guest): void {
    this.#guest = guest;
  }

  imports(): WebAssembly.ModuleImports {
    return {
      molt_call: (capability: number, operation: number, data: number, length: number, out: number) =>
        this.#call(capability >>> 0, operation >>> 0, data, length, out),
      molt_poll: (task: number, out: number) => this.#poll(task >>> 0, out),
      molt_cancel: (task: number) => this.#cancel(task >>> 0),
      molt_stream_open: (_capability: number, _operation: number, _data: number, _length: number, out: number) =>
        this.#refuse(out, Status.invalidInput, "A page offers no streams."),
      molt_stream_read: (_stream: number, out: number) => this.#refuse(out, Status.invalidInput, "There is no such stream."),
      molt_stream_write: () => Status.invalidInput,
      molt_stream_close: () => Status.invalidInput,
      molt_log: (level: number, data: number, length: number) => {
        const message = this.#granted("console.log") ? this.#guest.read(data, length) : undefined;
        if (message !== undefined) this.#services.log(Math.min(Math.max(level, 0), 4), new TextDecoder().decode(message));
      },
      // A clock that may not be seen stands still at the epoch.
      molt_now_ms: () => (this.#granted("time.now") ? this.#services.now() : 0),
      molt_random_bytes: (data: number, length: number) => {
        if (!this.#granted("rand.bytes")) return Status.capabilityDenied;
        const target = length >>> 0 > longestRandom ? undefined : this.#guest.read(data, length);
        if (target === undefined) return Status.invalidInput;
        this.#services.random(target);
        return Status.ok;
      },
      molt_limit: (kind: number) => this.#services.limit(kind, this.current),
    };
  }

  #index(name: string): number {
    return this.#capabilities.findIndex((capability) => capability.name === name || capability.name.startsWith(`${name}@`));
  }

  /** A deterministic function sees neither clock nor chance, whatever it is granted. */
  #granted(name: string): boolean {
    const index = this.#index(name);
    const entry = this.current?.entry;
    if (index < 0 || entry === undefined || !this.#capabilities[index].granted || !entry.capabilities.includes(index)) return false;
    return name === "console.log" || !entry.deterministic;
  }

  #call(capability: number, operation: number, data: number, length: number, out: number): number {
    const call = this.current;
    const bound = this.#capabilities[capability];
    if (call === undefined || bound === undefined || !bound.granted || bound.offer === undefined || !call.entry.capabilities.includes(capability)) {
      return this.#refuse(out, Status.capabilityDenied, `The capability ${bound?.name ?? `number ${capability}`} is not granted to this call.`);
    }
    const target = bound.operations[operation];
    if (target === undefined) return this.#refuse(out, Status.invalidInput, `${bound.name} has no operation number ${operation}.`);
    if (call.entry.deterministic && !target.operation.strict) {
      return this.#refuse(out, Status.capabilityDenied, `${bound.name} ${target.operation.name} is not strictly deterministic; what calls it has to be.`);
    }
    const input = this.#guest.read(data, length);
    if (input === undefined || this.#guest.read(out, outLength) === undefined) return Status.invalidInput;
    let value: unknown;
    try {
      value = target.input.decode(input);
    } catch (error) {
      return this.#refuse(out, Status.invalidInput, messageOf(error));
    }
    const end = new AbortController();
    let result: unknown;
    try {
      result = target.operation.handle(value, AbortSignal.any([end.signal, call.signal]));
    } catch (error) {
      return this.#refuse(out, Status.internal, messageOf(error));
    }
    if (!isPromise(result)) return this.#finish(out, encode(target, result));
    const task: HostTask = {
      end,
      answer: undefined,
      settled: result.then(
        (later) => { task.answer = encode(target, later); },
        (error: unknown) => { task.answer = { status: Status.internal, payload: text(messageOf(error)) }; },
      ),
    };
    const number = ++this.#lastTask;
    call.tasks.set(number, task);
    this.#guest.answer(out, nothing, number);
    return Status.ok;
  }

  #poll(number: number, out: number): number {
    const task = this.current?.tasks.get(number);
    if (task === undefined) return this.#refuse(out, Status.invalidInput, "There is no such task.");
    if (task.answer === undefined) {
      this.#guest.answer(out, nothing, number);
      return Status.ok;
    }
    this.current!.tasks.delete(number);
    return this.#finish(out, task.answer);
  }

  #cancel(number: number): number {
    const task = this.current?.tasks.get(number);
    if (task === undefined) return Status.invalidInput;
    this.current!.tasks.delete(number);
    task.end.abort();
    return Status.ok;
  }

  #finish(out: number, answer: Answer): number {
    if (this.#guest.read(out, outLength) === undefined) return Status.invalidInput;
    this.#guest.answer(out, answer.payload, 0);
    return answer.status;
  }

  #refuse(out: number, status: number, message: string): number {
    return this.#finish(out, { status, payload: text(message) });
  }
}

function encode(target: BoundOperation, value: unknown): Answer {
  try {
    return { status: Status.ok, payload: target.output.encode(value as never) };
  } catch (error) {
    return { status: Status.encodeError, payload: text(messageOf(error)) };
  }
}

const isPromise = (value: unknown): value is Promise<unknown> => value instanceof Promise;
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
