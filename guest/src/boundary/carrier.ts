// The bytes carrier, guest side: payloads go through one buffer that lies between guest and host, its first half for requests,
// its second half for answers. Only this file and the typed stubs see the buffer; guests get copies.
import { host, native, type Frame } from "../core/bridge.ts";
import { append, List } from "../core/list.ts";
import { jsonParse, SafeMap, typedArraySet, typedArrayTag, viewBuffer, viewByteLength, viewByteOffset } from "../core/primordials.ts";
import { Deferred } from "../core/promises.ts";
import { nextCall, registerCall, skipCall, type EventState, type PendingCall } from "../worker/event-state.ts";
import { CapabilityError, Status } from "./capability-error.ts";

/** Bytes in each direction that go through the buffer; the host has the same figure. */
export const half = 16 * 1024;

const pendingResult = -8;
const endResult = -9;

export interface Operation {
  readonly index: number;
  readonly name: string;
  /** The answer is there when the call returns. */
  readonly immediate: boolean;
  /** Bit 0: the guest writes items; bit 1: it reads items. */
  readonly streams: number;
  /** Schema documents. */
  readonly input: object;
  readonly output: object;
  readonly item: object | undefined;
}

/** A capability that was opened. Guests hold a handle that keeps it in a private field. */
export class Opened {
  readonly number: number;
  readonly id: string;
  readonly version: string;
  readonly list = new List<Operation>();
  readonly operations = new SafeMap<string, Operation>();

  constructor(number: number, id: string, version: string) {
    this.number = number;
    this.id = id;
    this.version = version;
  }
}

let memory: ArrayBuffer | undefined;
let offset = 0;

/** Where requests are put. */
export interface RequestArea {
  readonly bytes: Uint8Array;
  /** How often it was used: a request that is being written knows that another came between. */
  uses: number;
}

let area: RequestArea | undefined;

/** The buffer is the host's memory, so it is asked for when it is first used. */
export function requests(): RequestArea {
  if (area === undefined) {
    const buffer = host.capabilityBuffer();
    memory = viewBuffer(buffer) as ArrayBuffer;
    offset = viewByteOffset(buffer);
    area = { bytes: new Uint8Array(memory, offset, half), uses: 0 };
  }
  return area;
}

/** Asks for a capability; throws when there is none for this worker or package. */
export function open(id: string, version: string | undefined, packageName: string | undefined): Opened {
  const description = jsonParse(host.capabilityOpen(id, version, packageName)) as {
    handle: number; id: string; version: string; operations: (Omit<Operation, "index">)[];
  };
  const opened = new Opened(description.handle, description.id, description.version);
  for (let i = 0; i < description.operations.length; i++) {
    const { name, immediate, streams, input, output, item } = description.operations[i]!;
    const operation: Operation = { index: i, name, immediate, streams, input, output, item };
    append(opened.list, operation);
    opened.operations.set(name, operation);
  }
  return opened;
}

/** What the host's number means when it is no length. */
export function fault(opened: Opened, operation: Operation, result: number | undefined): CapabilityError {
  return result === undefined
    ? new CapabilityError(Status.cancelled, opened.id, operation.name, "The event this code belongs to has ended.")
    : new CapabilityError(-result, opened.id, operation.name, host.capabilityFault());
}

/** A copy of the answer that stands in the buffer. */
export function answer(length: number): Uint8Array {
  const copy = new Uint8Array(length);
  // Neither slice() nor subarray(): both ask the buffer's constructor, which a guest may replace, and would hand it the buffer.
  typedArraySet(copy, answerView(length));
  return copy;
}

/** The answer where it stands: gone with the next call, and not for guests. */
export const answerView = (length: number): Uint8Array => new Uint8Array(memory!, offset + half, length);

/** Puts a request in the buffer; false when it has to come along as it is. */
function put(bytes: Uint8Array, length: number): boolean {
  if (length > half) {
    return false;
  }
  typedArraySet(requests().bytes, bytes);
  return true;
}

export function requireBytes(value: unknown, what: string): Uint8Array {
  if (typedArrayTag(value) !== "Uint8Array") {
    throw new TypeError(`${what} must be a Uint8Array.`);
  }
  return value as Uint8Array;
}

/** Calls with a request that is in the buffer already; a larger one comes along. */
export function callPrepared(state: EventState, opened: Opened, operation: Operation, length: number, bytes: Uint8Array | undefined, timeout: number | undefined): number | Uint8Array | undefined {
  requests().uses++;
  return host.capabilityCall(state.id, nextCall(), opened.number, operation.index, length, bytes, timeout);
}

/** Calls with bytes. */
export function callBytes(state: EventState, opened: Opened, operation: Operation, bytes: Uint8Array, timeout: number | undefined): number | Uint8Array | undefined {
  const length = viewByteLength(bytes);
  return put(bytes, length)
    ? callPrepared(state, opened, operation, length, undefined, timeout)
    : callPrepared(state, opened, operation, 0, bytes, timeout);
}

export const isPending = (result: unknown): boolean => result === pendingResult;

/** A call whose answer comes later. */
export class PendingAnswer<T> implements PendingCall {
  readonly state: EventState;
  readonly frame: Frame | undefined = native.asyncGet();
  readonly deferred = new Deferred<T>();
  readonly call: number;
  readonly #opened: Opened;
  readonly #operation: Operation;
  readonly #read: (payload: Uint8Array | null) => T;

  constructor(state: EventState, opened: Opened, operation: Operation, read: (payload: Uint8Array | null) => T) {
    this.state = state;
    this.#opened = opened;
    this.#operation = operation;
    this.#read = read;
    this.call = registerCall(this);
  }

  settle(status: unknown, payload: unknown): void {
    if (status !== Status.ok) {
      this.deferred.reject(new CapabilityError(status as number, this.#opened.id, this.#operation.name, payload as string));
      return;
    }
    try {
      this.deferred.resolve(this.#read(payload as Uint8Array | null));
    } catch (error) {
      this.deferred.reject(error);
    }
  }

  fail(error: unknown): void {
    this.deferred.reject(error);
  }
}

/** One end of a stream: what `molt:ffi` and typed stubs share. */
export class StreamEnd {
  readonly state: EventState;
  readonly opened: Opened;
  readonly operation: Operation;
  readonly number: number;
  #ended = false;

  constructor(state: EventState, opened: Opened, operation: Operation, bytes: Uint8Array) {
    this.state = state;
    this.opened = opened;
    this.operation = operation;
    this.number = nextCall();
    const length = viewByteLength(bytes);
    const inBuffer = put(bytes, length);
    const result = host.capabilityStream(state.id, this.number, opened.number, operation.index, inBuffer ? length : 0, inBuffer ? undefined : bytes);
    if (result === undefined || result < 0) {
      throw fault(opened, operation, result);
    }
    skipCall();
  }

  /** The next item, or null at the end. */
  read<T>(decode: (payload: Uint8Array) => T): Promise<T | null> | T | null {
    if (this.#ended) {
      return null;
    }
    const result = host.capabilityRead(nextCall(), this.number);
    if (isPending(result)) {
      return new PendingAnswer<T | null>(this.state, this.opened, this.operation, (payload) => {
        this.#ended ||= payload === null;
        return payload === null ? null : decode(payload);
      }).deferred.promise;
    }
    if (result === endResult) {
      this.#ended = true;
      return null;
    }
    if (typeof result === "number" && result < 0) {
      throw fault(this.opened, this.operation, result);
    }
    return decode(typeof result === "number" ? answer(result) : result);
  }

  /** The items for `for await`, which cancels the stream when it leaves before the end. */
  async *items<T>(decode: (payload: Uint8Array) => T): AsyncGenerator<T> {
    let complete = false;
    try {
      for (let item = await this.read(decode); item !== null; item = await this.read(decode)) {
        yield item;
      }
      complete = true;
    } finally {
      if (!complete) this.cancel("The worker stopped reading.");
    }
  }

  /** Sends an item; the promise, if there is one, settles when there is room for the next. */
  write(bytes: Uint8Array): Promise<void> | undefined {
    const length = viewByteLength(bytes);
    const inBuffer = put(bytes, length);
    const result = host.capabilityWrite(nextCall(), this.number, inBuffer ? length : 0, inBuffer ? undefined : bytes);
    if (isPending(result)) {
      return new PendingAnswer<void>(this.state, this.opened, this.operation, () => undefined).deferred.promise;
    }
    if (result < 0) {
      throw fault(this.opened, this.operation, result);
    }
    return undefined;
  }

  finish(): void {
    host.capabilityFinish(this.number);
  }

  cancel(reason: string): void {
    host.capabilityCancel(this.number, reason);
  }
}
