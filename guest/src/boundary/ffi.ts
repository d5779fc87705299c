// The module `molt:ffi`: capabilities as bytes. What `env` offers is made of the same parts, with types.
import { append, List, toArray } from "../core/list.ts";
import { freeze, SafeMap, SafeWeakMap, symbolAsyncIterator } from "../core/primordials.ts";
import { rejected, resolved } from "../core/promises.ts";
import { illegalConstructor, illegalInvocation, shape } from "../core/webidl.ts";
import { requireState } from "../worker/event-state.ts";
import { CapabilityError, Status } from "./capability-error.ts";
import { answer, callBytes, fault, isPending, open, type Opened, type Operation, PendingAnswer, requireBytes, StreamEnd } from "./carrier.ts";
import { host } from "../core/bridge.ts";

const token = {};
let openedOf: (handle: unknown) => Opened;
let endOf: (stream: unknown) => StreamEnd | undefined;

/** A capability this worker holds. The number behind it is nowhere a guest could see or set it. */
export class CapabilityHandle {
  readonly #opened: Opened;

  static {
    openedOf = (handle) => {
      if (typeof handle !== "object" || handle === null || !(#opened in handle)) {
        throw new TypeError("A capability handle is expected: ffi.open() gives one.");
      }
      return (handle as CapabilityHandle).#opened;
    };
  }

  constructor(key?: unknown, opened?: Opened) {
    if (key !== token) throw illegalConstructor();
    this.#opened = opened!;
    freeze(this);
  }

  get id(): string { return openedOf(this).id; }
  get version(): string { return openedOf(this).version; }
  get operations(): string[] {
    const { list } = openedOf(this);
    const names = new List<string>();
    for (let i = 0; i < list.length; i++) append(names, list[i]!.name);
    return toArray(names);
  }
}

shape(CapabilityHandle, "CapabilityHandle");

/** A stream of an operation: `read` until null, `write` and `close`, or `for await`. */
export class CapabilityStream {
  readonly #end: StreamEnd;

  static {
    endOf = (stream) => (typeof stream === "object" && stream !== null && #end in stream ? (stream as CapabilityStream).#end : undefined);
  }

  constructor(key?: unknown, end?: StreamEnd) {
    if (key !== token) throw illegalConstructor();
    this.#end = end!;
  }

  /** The next item, or null at the end. */
  read(): Promise<Uint8Array | null> {
    if (!(#end in this)) return rejected(illegalInvocation());
    try {
      return resolved(this.#end.read(asIs));
    } catch (error) {
      return rejected(error);
    }
  }

  /** Sends an item; fulfilled when there is room for the next. */
  write(bytes: Uint8Array): Promise<void> {
    if (!(#end in this)) return rejected(illegalInvocation());
    try {
      return resolved(this.#end.write(requireBytes(bytes, "An item")));
    } catch (error) {
      return rejected(error);
    }
  }

  /** Says that no item follows. */
  close(): void {
    if (!(#end in this)) throw illegalInvocation();
    this.#end.finish();
  }

  /** Wants no more of it, in either direction. */
  cancel(reason: unknown = "The worker cancelled the stream."): void {
    if (!(#end in this)) throw illegalInvocation();
    this.#end.cancel(`${reason as string}`);
  }

  [symbolAsyncIterator](): AsyncGenerator<Uint8Array> {
    if (!(#end in this)) throw illegalInvocation();
    return this.#end.items(asIs);
  }
}

shape(CapabilityStream, "CapabilityStream");

const asIs = (payload: Uint8Array): Uint8Array => payload;
const whole = (payload: Uint8Array | null): Uint8Array => payload!;

/** Pending calls by their promise, so that a guest can cancel what it holds and nothing else. */
const pending = new SafeWeakMap<Promise<unknown>, number>();

function operationOf(opened: Opened, name: unknown): Operation {
  const operation = opened.operations.get(name as string);
  if (operation === undefined) {
    throw new CapabilityError(Status.invalidInput, opened.id, `${name as string}`, `${opened.id}@${opened.version} has no operation "${name as string}".`);
  }
  return operation;
}

export interface Ffi {
  open(id: string, version?: string): CapabilityHandle;
  call(handle: CapabilityHandle, operation: string, bytes: Uint8Array, options?: { timeout?: number }): Promise<Uint8Array>;
  callSync(handle: CapabilityHandle, operation: string, bytes: Uint8Array): Uint8Array;
  stream(handle: CapabilityHandle, operation: string, bytes: Uint8Array): CapabilityStream;
  cancel(callOrStream: Promise<unknown> | CapabilityStream, reason?: string): void;
  readonly CapabilityError: typeof CapabilityError;
}

function makeFace(packageName: string | undefined): Ffi {
  return freeze({
    __proto__: null,
    CapabilityError,

    open(id: unknown, version: unknown = undefined): CapabilityHandle {
      return new CapabilityHandle(token, open(`${id as string}`, version === undefined ? undefined : `${version as string}`, packageName));
    },

    call(handle: unknown, name: unknown, bytes: unknown, options: { timeout?: unknown } | undefined = undefined): Promise<Uint8Array> {
      try {
        const opened = openedOf(handle);
        const operation = operationOf(opened, name);
        const request = requireBytes(bytes, "A request");
        const timeout = options === undefined || options.timeout === undefined ? undefined : Number(options.timeout);
        const state = requireState();
        const result = callBytes(state, opened, operation, request, timeout);
        if (isPending(result)) {
          const waiting = new PendingAnswer<Uint8Array>(state, opened, operation, whole);
          pending.set(waiting.deferred.promise, waiting.call);
          return waiting.deferred.promise;
        }
        return resolved(finished(opened, operation, result));
      } catch (error) {
        return rejected(error);
      }
    },

    callSync(handle: unknown, name: unknown, bytes: unknown): Uint8Array {
      const opened = openedOf(handle);
      const operation = operationOf(opened, name);
      if (!operation.immediate) {
        throw new CapabilityError(Status.invalidInput, opened.id, operation.name, `${opened.id} ${operation.name} does not answer at once: use ffi.call().`);
      }
      const request = requireBytes(bytes, "A request");
      return finished(opened, operation, callBytes(requireState(), opened, operation, request, undefined));
    },

    stream(handle: unknown, name: unknown, bytes: unknown): CapabilityStream {
      const opened = openedOf(handle);
      const operation = operationOf(opened, name);
      return new CapabilityStream(token, new StreamEnd(requireState(), opened, operation, requireBytes(bytes, "A request")));
    },

    cancel(callOrStream: unknown, reason: unknown = "The worker cancelled the call."): void {
      const end = endOf(callOrStream);
      const call = end === undefined ? pending.get(callOrStream as Promise<unknown>) : end.number;
      if (call !== undefined) {
        host.capabilityCancel(call, `${reason as string}`);
      } else if (typeof callOrStream !== "object" || callOrStream === null) {
        throw new TypeError("ffi.cancel() takes a promise of ffi.call() or a stream of ffi.stream().");
      }
    },
  }) as unknown as Ffi;
}

function finished(opened: Opened, operation: Operation, result: number | Uint8Array | undefined): Uint8Array {
  if (typeof result === "number" && result >= 0) {
    return answer(result);
  }
  if (typeof result === "number" || result === undefined) {
    throw fault(opened, operation, result);
  }
  return result;
}

const faces = new SafeMap<string, { default: Ffi }>();

/** The exports of `molt:ffi` as one package sees it; "" is the worker's own code. */
export function ffiModule(packageName: string): { default: Ffi } {
  let face = faces.get(packageName);
  if (face === undefined) {
    face = { default: makeFace(packageName === "" ? undefined : packageName) };
    faces.set(packageName, face);
  }
  return face;
}

