// The public writable stream classes. https://streams.spec.whatwg.org/#ws
import { apply } from "../core/primordials.ts";
import { rejected, resolved } from "../core/promises.ts";
import { expose, illegalConstructor, illegalInvocation, toDictionary } from "../core/webidl.ts";
import type { AbortSignal } from "../events/abort.ts";
import { toStrategy, withDefault } from "./strategies.ts";
import {
  abortWritable, closeWritable, releaseWriter, WritableController, WritableState, writeChunk, writerDesiredSize, WriterState,
} from "./writable-state.ts";

const token = {};

export let writableState: (value: unknown) => WritableState | undefined;
let writerState: (value: unknown) => WriterState | undefined;
let controllerOf: (value: unknown) => WritableController | undefined;
let newController: (inner: WritableController) => WritableStreamDefaultController;

/** Wraps internal state in a public stream. */
export let wrapWritable: (state: WritableState) => WritableStream;

export class WritableStream {
  #state: WritableState;

  constructor(underlyingSink: unknown = undefined, strategy: unknown = undefined) {
    if (underlyingSink === token) {
      this.#state = strategy as WritableState;
      return;
    }
    this.#state = new WritableState();
    const given = toStrategy(strategy);
    const sink = underlyingSink === null ? invalidSink() : toDictionary(underlyingSink, "The underlying sink");
    const abort = method(sink, "abort");
    const close = method(sink, "close");
    const start = method(sink, "start");
    if (sink?.type !== undefined) {
      throw new RangeError("Invalid type is specified");
    }
    const write = method(sink, "write");
    const { highWaterMark, size } = withDefault(given, 1);
    let api: WritableStreamDefaultController;
    const controller = new WritableController(
      this.#state,
      (chunk) => (write === undefined ? resolved() : invoke(write, sink, [chunk, api])),
      () => (close === undefined ? resolved() : invoke(close, sink, [])),
      (reason) => (abort === undefined ? resolved() : invoke(abort, sink, [reason])),
      highWaterMark,
      size,
    );
    api = controller.api = newController(controller);
    controller.begin(start === undefined ? undefined : apply(start, sink, [api]));
  }

  static #of(stream: unknown): WritableState {
    const state = writableState(stream);
    if (state === undefined) throw illegalInvocation();
    return state;
  }

  get locked(): boolean { return WritableStream.#of(this).locked; }

  abort(reason: unknown = undefined): Promise<undefined> {
    const state = writableState(this);
    if (state === undefined) return rejected(illegalInvocation());
    return state.locked ? rejected(new TypeError("This WritableStream is currently locked to a writer.")) : abortWritable(state, reason);
  }

  close(): Promise<undefined> {
    const state = writableState(this);
    if (state === undefined) return rejected(illegalInvocation());
    if (state.locked) return rejected(new TypeError("This WritableStream is currently locked to a writer."));
    if (state.closeQueuedOrInFlight) return rejected(new TypeError("Cannot close an already-closing stream"));
    return closeWritable(state);
  }

  getWriter(): WritableStreamDefaultWriter {
    WritableStream.#of(this);
    return new WritableStreamDefaultWriter(this);
  }

  static {
    writableState = (value) => (typeof value === "object" && value !== null && #state in value ? value.#state : undefined);
    wrapWritable = (state) => new WritableStream(token, state);
  }
}

function invalidSink(): never {
  throw new TypeError("The underlying sink must be an object.");
}

type AnyFunction = (...args: any[]) => unknown;

/** A callback member of an underlying source, sink or transformer. */
export function method(dictionary: Record<string, any> | undefined, name: string): AnyFunction | undefined {
  const value = dictionary?.[name];
  if (value !== undefined && typeof value !== "function") {
    throw new TypeError(`The member '${name}' must be a function.`);
  }
  return value;
}

/** Calls a guest's algorithm; an exception becomes a rejection. */
export function invoke(algorithm: AnyFunction, receiver: unknown, args: unknown[]): Promise<unknown> {
  try {
    return resolved(apply(algorithm, receiver, args));
  } catch (error) {
    return rejected(error);
  }
}

export class WritableStreamDefaultController {
  #inner: WritableController;

  constructor(key: unknown = undefined, inner: WritableController | undefined = undefined) {
    if (key !== token) throw illegalConstructor();
    this.#inner = inner!;
  }

  get signal(): AbortSignal {
    const inner = controllerOf(this);
    if (inner === undefined) throw illegalInvocation();
    return inner.signal;
  }

  error(reason: unknown = undefined): void {
    const inner = controllerOf(this);
    if (inner === undefined) throw illegalInvocation();
    inner.errorIfNeeded(reason);
  }

  static {
    controllerOf = (value) => (typeof value === "object" && value !== null && #inner in value ? value.#inner : undefined);
    newController = (inner) => new WritableStreamDefaultController(token, inner);
  }
}

export class WritableStreamDefaultWriter {
  #state: WriterState;

  constructor(stream: unknown) {
    const state = writableState(stream);
    if (state === undefined) {
      throw new TypeError("Failed to construct 'WritableStreamDefaultWriter': parameter 1 is not of type 'WritableStream'.");
    }
    this.#state = new WriterState(state);
  }

  get closed(): Promise<undefined> {
    const state = writerState(this);
    return state === undefined ? rejected(illegalInvocation()) : state.closed.promise;
  }

  get desiredSize(): number | null {
    const state = writerState(this);
    if (state === undefined) throw illegalInvocation();
    if (state.stream === undefined) throw released();
    return writerDesiredSize(state);
  }

  get ready(): Promise<undefined> {
    const state = writerState(this);
    return state === undefined ? rejected(illegalInvocation()) : state.ready.promise;
  }

  abort(reason: unknown = undefined): Promise<undefined> {
    const state = writerState(this);
    if (state === undefined) return rejected(illegalInvocation());
    return state.stream === undefined ? rejected(released()) : abortWritable(state.stream, reason);
  }

  close(): Promise<undefined> {
    const state = writerState(this);
    if (state === undefined) return rejected(illegalInvocation());
    if (state.stream === undefined) return rejected(released());
    if (state.stream.closeQueuedOrInFlight) return rejected(new TypeError("Cannot close an already-closing stream"));
    return closeWritable(state.stream);
  }

  releaseLock(): void {
    const state = writerState(this);
    if (state === undefined) throw illegalInvocation();
    if (state.stream !== undefined) releaseWriter(state);
  }

  write(chunk: unknown = undefined): Promise<undefined> {
    const state = writerState(this);
    if (state === undefined) return rejected(illegalInvocation());
    return state.stream === undefined ? rejected(released()) : writeChunk(state, chunk);
  }

  static {
    writerState = (value) => (typeof value === "object" && value !== null && #state in value ? value.#state : undefined);
  }
}

function released(): TypeError {
  return new TypeError("This WritableStream writer has been released.");
}

export function installWritable(): void {
  expose(WritableStream, "WritableStream");
  expose(WritableStreamDefaultWriter, "WritableStreamDefaultWriter");
  expose(WritableStreamDefaultController, "WritableStreamDefaultController");
}
