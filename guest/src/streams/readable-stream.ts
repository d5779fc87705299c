// The public readable stream classes. https://streams.spec.whatwg.org/#rs
import {
  apply, bufferDetached, isView, promiseThen, symbolAsyncIterator, symbolIterator, typedArrayLength, typedArrayTag, viewBuffer,
  viewByteLength, defineProperty,
} from "../core/primordials.ts";
import { Deferred, markHandled, rejected, resolved } from "../core/promises.ts";
import {
  expose, illegalConstructor, illegalInvocation, isObject, iteratorShape, requireArguments, toDictionary, toDOMString, toEnforcedRange,
} from "../core/webidl.ts";
import { isAbortSignal } from "../events/abort.ts";
import { ByteController, connectByobRequests, readInto } from "./byte-controller.ts";
import { DefaultController } from "./default-controller.ts";
import { pipe, type PipeOptions } from "./pipe.ts";
import {
  ByobReaderState, cancelStream, defaultRead, DefaultReaderState, ReadableState, releaseReader, type ReadIntoRequest, type ReadRequest,
} from "./readable-state.ts";
import { toStrategy, withDefault } from "./strategies.ts";
import { tee } from "./tee.ts";
import { invoke, method, writableState } from "./writable-stream.ts";

const token = {};

export let readableState: (value: unknown) => ReadableState | undefined;
export let wrapReadable: (state: ReadableState) => ReadableStream;
let newDefaultController: (inner: DefaultController) => object;
let newByteController: (inner: ByteController) => object;

export class ReadableStream {
  #state: ReadableState;

  constructor(underlyingSource: unknown = undefined, strategy: unknown = undefined) {
    if (underlyingSource === token) {
      this.#state = strategy as ReadableState;
      return;
    }
    if (underlyingSource === null) {
      throw new TypeError("The underlying source must be an object.");
    }
    const state = (this.#state = new ReadableState());
    const given = toStrategy(strategy);
    const source = toDictionary(underlyingSource, "The underlying source");
    const givenChunkSize = source?.autoAllocateChunkSize;
    const autoAllocate = givenChunkSize === undefined ? undefined : toEnforcedRange(givenChunkSize, "autoAllocateChunkSize");
    const cancel = method(source, "cancel");
    const pull = method(source, "pull");
    const start = method(source, "start");
    const givenType = source?.type;
    const type = givenType === undefined ? undefined : toDOMString(givenType);
    if (type !== undefined && type !== "bytes") {
      throw new TypeError(`Invalid underlying source type: ${type}`);
    }
    const pullAlgorithm = pull === undefined ? undefined : () => invoke(pull, source, [api]);
    const cancelAlgorithm = cancel === undefined ? undefined : (reason: unknown) => invoke(cancel, source, [reason]);
    let api: object;
    if (type === "bytes") {
      if (given.size !== undefined) {
        throw new RangeError("The strategy for a byte stream cannot have a size function");
      }
      const { highWaterMark } = withDefault(given, 0);
      if (autoAllocate === 0) {
        throw new TypeError("autoAllocateChunkSize must be greater than 0");
      }
      const controller = new ByteController(state, pullAlgorithm, cancelAlgorithm, highWaterMark, autoAllocate);
      api = controller.api = newByteController(controller);
      controller.begin(start === undefined ? undefined : apply(start, source, [api]));
    } else {
      const { highWaterMark, size } = withDefault(given, 1);
      const controller = new DefaultController(state, pullAlgorithm, cancelAlgorithm, highWaterMark, size);
      api = controller.api = newDefaultController(controller);
      controller.begin(start === undefined ? undefined : apply(start, source, [api]));
    }
  }

  static #of(stream: unknown): ReadableState {
    const state = readableState(stream);
    if (state === undefined) throw illegalInvocation();
    return state;
  }

  static from(iterable: unknown): ReadableStream {
    requireArguments(arguments.length, 1, "'from' on 'ReadableStream'");
    return fromIterable(iterable);
  }

  get locked(): boolean { return ReadableStream.#of(this).locked; }

  cancel(reason: unknown = undefined): Promise<undefined> {
    const state = readableState(this);
    if (state === undefined) return rejected(illegalInvocation());
    return state.locked ? rejected(new TypeError("This ReadableStream is currently locked to a reader.")) : cancelStream(state, reason);
  }

  getReader(options: unknown = undefined): ReadableStreamDefaultReader | ReadableStreamBYOBReader {
    ReadableStream.#of(this);
    const mode = toDictionary(options, "getReader options")?.mode;
    if (mode === undefined) {
      return new ReadableStreamDefaultReader(this);
    }
    if (toDOMString(mode) !== "byob") {
      throw new TypeError("Failed to execute 'getReader' on 'ReadableStream': the mode must be 'byob' or undefined.");
    }
    return new ReadableStreamBYOBReader(this);
  }

  pipeThrough(transform: unknown, options: unknown = undefined): ReadableStream {
    const state = ReadableStream.#of(this);
    const pair = toDictionary(transform, "The transform");
    const readable = pair?.readable;
    if (readableState(readable) === undefined) {
      throw new TypeError("Failed to execute 'pipeThrough' on 'ReadableStream': member readable is not of type 'ReadableStream'.");
    }
    const destination = writableState(pair?.writable);
    if (destination === undefined) {
      throw new TypeError("Failed to execute 'pipeThrough' on 'ReadableStream': member writable is not of type 'WritableStream'.");
    }
    const pipeOptions = toPipeOptions(options);
    if (state.locked) {
      throw new TypeError("This ReadableStream is currently locked to a reader.");
    }
    if (destination.locked) {
      throw new TypeError("This WritableStream is currently locked to a writer.");
    }
    markHandled(pipe(state, destination, pipeOptions));
    return readable;
  }

  pipeTo(destination: unknown, options: unknown = undefined): Promise<undefined> {
    const state = readableState(this);
    if (state === undefined) return rejected(illegalInvocation());
    const writable = writableState(destination);
    if (writable === undefined) {
      return rejected(new TypeError("Failed to execute 'pipeTo' on 'ReadableStream': parameter 1 is not of type 'WritableStream'."));
    }
    let pipeOptions: PipeOptions;
    try {
      pipeOptions = toPipeOptions(options);
    } catch (error) {
      return rejected(error);
    }
    if (state.locked) return rejected(new TypeError("This ReadableStream is currently locked to a reader."));
    if (writable.locked) return rejected(new TypeError("This WritableStream is currently locked to a writer."));
    return pipe(state, writable, pipeOptions);
  }

  tee(): [ReadableStream, ReadableStream] {
    const state = ReadableStream.#of(this);
    const branches = tee(state);
    wrapController(branches[0]);
    wrapController(branches[1]);
    return [wrapReadable(branches[0]), wrapReadable(branches[1])];
  }

  values(options: unknown = undefined): object {
    const state = ReadableStream.#of(this);
    const preventCancel = !!toDictionary(options, "values options")?.preventCancel;
    return new ReadableStreamAsyncIterator(new DefaultReaderState(state), preventCancel);
  }

  static {
    readableState = (value) => (typeof value === "object" && value !== null && #state in value ? value.#state : undefined);
    wrapReadable = (state) => new ReadableStream(token, state);
  }
}

function wrapController(state: ReadableState): void {
  const controller = state.controller;
  if (controller instanceof ByteController) controller.api = newByteController(controller);
}

function toPipeOptions(value: unknown): PipeOptions {
  const dictionary = toDictionary(value, "Pipe options");
  const preventAbort = !!dictionary?.preventAbort;
  const preventCancel = !!dictionary?.preventCancel;
  const preventClose = !!dictionary?.preventClose;
  const signal = dictionary?.signal;
  if (signal !== undefined && !isAbortSignal(signal)) {
    throw new TypeError("The member signal is not of type 'AbortSignal'.");
  }
  return { preventAbort, preventCancel, preventClose, signal };
}

/** https://streams.spec.whatwg.org/#abstract-opdef-readablestreamdefaultreader-from-iterable */
function fromIterable(iterable: any): ReadableStream {
  if (iterable === undefined || iterable === null) {
    throw new TypeError("ReadableStream.from requires an iterable.");
  }
  let methodOf = iterable[symbolAsyncIterator];
  const isAsync = methodOf !== undefined && methodOf !== null;
  if (!isAsync) {
    methodOf = iterable[symbolIterator];
  }
  if (typeof methodOf !== "function") {
    throw new TypeError("ReadableStream.from requires an iterable.");
  }
  const iterator = apply(methodOf, iterable, []) as any;
  if (!isObject(iterator)) {
    throw new TypeError("The iterator is not an object.");
  }
  const next = (iterator as any).next;
  const state = new ReadableState();
  const controller = new DefaultController(state, async () => {
    const result = await apply(next, iterator, []);
    if (!isObject(result)) {
      throw new TypeError("The iterator's next() must return an object.");
    }
    if ((result as any).done) {
      controller.close();
      return;
    }
    const value = (result as any).value;
    controller.enqueue(isAsync ? value : await value);
  }, async (reason) => {
    const finish = (iterator as any).return;
    if (finish === undefined || finish === null) {
      return undefined;
    }
    const result = await apply(finish, iterator, [reason]);
    if (!isObject(result)) {
      throw new TypeError("The iterator's return() must return an object.");
    }
    return undefined;
  }, 0, undefined);
  controller.begin(undefined);
  return wrapReadable(state);
}

interface ReadResult<T> {
  value: T;
  done: boolean;
}

/** A pending read of guest code: resolves with an iterator result. */
class ResultRequest implements ReadRequest, ReadIntoRequest {
  readonly #deferred: Deferred<ReadResult<any>>;

  constructor(deferred: Deferred<ReadResult<any>>) {
    this.#deferred = deferred;
  }

  chunk(value: unknown): void { this.#deferred.resolve({ value, done: false }); }
  close(value?: unknown): void { this.#deferred.resolve({ value, done: true }); }
  error(reason: unknown): void { this.#deferred.reject(reason); }
}

function released(): TypeError {
  return new TypeError("This ReadableStream reader has been released.");
}

let defaultReaderState: (value: unknown) => DefaultReaderState | undefined;

export class ReadableStreamDefaultReader {
  #state: DefaultReaderState;

  constructor(stream: unknown) {
    const state = readableState(stream);
    if (state === undefined) {
      throw new TypeError("Failed to construct 'ReadableStreamDefaultReader': parameter 1 is not of type 'ReadableStream'.");
    }
    this.#state = new DefaultReaderState(state);
  }

  get closed(): Promise<undefined> {
    const state = defaultReaderState(this);
    return state === undefined ? rejected(illegalInvocation()) : state.closed.promise;
  }

  cancel(reason: unknown = undefined): Promise<undefined> {
    const state = defaultReaderState(this);
    if (state === undefined) return rejected(illegalInvocation());
    return state.stream === undefined ? rejected(released()) : cancelStream(state.stream, reason);
  }

  read(): Promise<ReadResult<any>> {
    const state = defaultReaderState(this);
    if (state === undefined) return rejected(illegalInvocation());
    if (state.stream === undefined) return rejected(released());
    const deferred = new Deferred<ReadResult<any>>();
    defaultRead(state, new ResultRequest(deferred));
    return deferred.promise;
  }

  releaseLock(): void {
    const state = defaultReaderState(this);
    if (state === undefined) throw illegalInvocation();
    if (state.stream !== undefined) releaseReader(state);
  }

  static {
    defaultReaderState = (value) => (typeof value === "object" && value !== null && #state in value ? value.#state : undefined);
  }
}

let byobReaderState: (value: unknown) => ByobReaderState | undefined;

export class ReadableStreamBYOBReader {
  #state: ByobReaderState;

  constructor(stream: unknown) {
    const state = readableState(stream);
    if (state === undefined) {
      throw new TypeError("Failed to construct 'ReadableStreamBYOBReader': parameter 1 is not of type 'ReadableStream'.");
    }
    if (!(state.controller instanceof ByteController)) {
      throw new TypeError("This ReadableStream does not support BYOB reads.");
    }
    this.#state = new ByobReaderState(state);
  }

  get closed(): Promise<undefined> {
    const state = byobReaderState(this);
    return state === undefined ? rejected(illegalInvocation()) : state.closed.promise;
  }

  cancel(reason: unknown = undefined): Promise<undefined> {
    const state = byobReaderState(this);
    if (state === undefined) return rejected(illegalInvocation());
    return state.stream === undefined ? rejected(released()) : cancelStream(state.stream, reason);
  }

  read(view: unknown, options: unknown = undefined): Promise<ReadResult<any>> {
    const state = byobReaderState(this);
    if (state === undefined) return rejected(illegalInvocation());
    if (!isView(view)) {
      return rejected(new TypeError("Failed to execute 'read' on 'ReadableStreamBYOBReader': parameter 1 is not of type 'ArrayBufferView'."));
    }
    let minimum = 1;
    try {
      const given = toDictionary(options, "read options")?.min;
      if (given !== undefined) minimum = toEnforcedRange(given, "min");
    } catch (error) {
      return rejected(error);
    }
    if (viewByteLength(view) === 0) return rejected(new TypeError("The view must have non-zero length"));
    if (bufferDetached(viewBuffer(view))) return rejected(new TypeError("The view's buffer has been detached"));
    if (minimum === 0) return rejected(new TypeError("min must be greater than 0"));
    const capacity = typedArrayTag(view) === undefined ? viewByteLength(view) : typedArrayLength(view);
    if (minimum > capacity) return rejected(new RangeError("min must be less than or equal to view's length"));
    if (state.stream === undefined) return rejected(released());
    const deferred = new Deferred<ReadResult<any>>();
    readInto(state, view, minimum, new ResultRequest(deferred));
    return deferred.promise;
  }

  /** Workers' own variant: waits for at least `minimum` elements. */
  readAtLeast(minimum: unknown, view: unknown): Promise<ReadResult<any>> {
    return this.read(view, { min: minimum });
  }

  releaseLock(): void {
    const state = byobReaderState(this);
    if (state === undefined) throw illegalInvocation();
    if (state.stream !== undefined) releaseReader(state);
  }

  static {
    byobReaderState = (value) => (typeof value === "object" && value !== null && #state in value ? value.#state : undefined);
  }
}

let defaultControllerOf: (value: unknown) => DefaultController | undefined;

export class ReadableStreamDefaultController {
  #inner: DefaultController;

  constructor(key: unknown = undefined, inner: DefaultController | undefined = undefined) {
    if (key !== token) throw illegalConstructor();
    this.#inner = inner!;
  }

  static #of(value: unknown): DefaultController {
    const inner = defaultControllerOf(value);
    if (inner === undefined) throw illegalInvocation();
    return inner;
  }

  get desiredSize(): number | null { return ReadableStreamDefaultController.#of(this).desiredSize; }

  close(): void {
    const inner = ReadableStreamDefaultController.#of(this);
    if (!inner.canCloseOrEnqueue) throw new TypeError("Unable to close: the stream is already closed or errored");
    inner.close();
  }

  enqueue(chunk: unknown = undefined): void {
    const inner = ReadableStreamDefaultController.#of(this);
    if (!inner.canCloseOrEnqueue) throw new TypeError("Unable to enqueue: the stream is already closed or errored");
    inner.enqueue(chunk);
  }

  error(reason: unknown = undefined): void { ReadableStreamDefaultController.#of(this).fail(reason); }

  static {
    defaultControllerOf = (value) => (typeof value === "object" && value !== null && #inner in value ? value.#inner : undefined);
    newDefaultController = (inner) => new ReadableStreamDefaultController(token, inner);
  }
}

let byteControllerOf: (value: unknown) => ByteController | undefined;

export class ReadableByteStreamController {
  #inner: ByteController;

  constructor(key: unknown = undefined, inner: ByteController | undefined = undefined) {
    if (key !== token) throw illegalConstructor();
    this.#inner = inner!;
  }

  static #of(value: unknown): ByteController {
    const inner = byteControllerOf(value);
    if (inner === undefined) throw illegalInvocation();
    return inner;
  }

  get byobRequest(): object | null { return ReadableByteStreamController.#of(this).byobRequest; }
  get desiredSize(): number | null { return ReadableByteStreamController.#of(this).desiredSize; }

  close(): void {
    const inner = ReadableByteStreamController.#of(this);
    if (inner.closeRequested || inner.stream.status !== "readable") {
      throw new TypeError("Unable to close: the stream is already closed or errored");
    }
    inner.close();
  }

  enqueue(chunk: unknown): void {
    const inner = ReadableByteStreamController.#of(this);
    if (!isView(chunk)) {
      throw new TypeError("Failed to execute 'enqueue' on 'ReadableByteStreamController': parameter 1 is not of type 'ArrayBufferView'.");
    }
    if (viewByteLength(chunk) === 0) throw new TypeError("chunk must have non-zero byteLength");
    if (inner.closeRequested || inner.stream.status !== "readable") {
      throw new TypeError("Unable to enqueue: the stream is already closed or errored");
    }
    inner.enqueue(chunk);
  }

  error(reason: unknown = undefined): void { ReadableByteStreamController.#of(this).fail(reason); }

  static {
    byteControllerOf = (value) => (typeof value === "object" && value !== null && #inner in value ? value.#inner : undefined);
    newByteController = (inner) => new ReadableByteStreamController(token, inner);
  }
}

export class ReadableStreamBYOBRequest {
  #controller: ByteController | undefined;
  #view: Uint8Array | null;

  constructor(key: unknown = undefined, controller: ByteController | undefined = undefined, view: Uint8Array | undefined = undefined) {
    if (key !== token) throw illegalConstructor();
    this.#controller = controller;
    this.#view = view!;
  }

  get view(): Uint8Array | null {
    if (!(#view in this)) throw illegalInvocation();
    return this.#view;
  }

  respond(bytesWritten: unknown): void {
    if (!(#view in this)) throw illegalInvocation();
    requireArguments(arguments.length, 1, "'respond' on 'ReadableStreamBYOBRequest'");
    const count = toEnforcedRange(bytesWritten, "bytesWritten");
    const controller = this.#controller;
    if (controller === undefined) throw new TypeError("This BYOB request has been invalidated");
    if (bufferDetached(viewBuffer(this.#view!))) throw new TypeError("The BYOB request's buffer has been detached");
    controller.respond(count);
  }

  respondWithNewView(view: unknown): void {
    if (!(#view in this)) throw illegalInvocation();
    if (!isView(view)) {
      throw new TypeError("Failed to execute 'respondWithNewView' on 'ReadableStreamBYOBRequest': parameter 1 is not of type 'ArrayBufferView'.");
    }
    const controller = this.#controller;
    if (controller === undefined) throw new TypeError("This BYOB request has been invalidated");
    if (bufferDetached(viewBuffer(view))) throw new TypeError("The given view's buffer has been detached");
    controller.respondWithNewView(view);
  }

  static {
    connectByobRequests({
      create: (controller, view) => new ReadableStreamBYOBRequest(token, controller, view),
      invalidate: (request) => {
        (request as ReadableStreamBYOBRequest).#controller = undefined;
        (request as ReadableStreamBYOBRequest).#view = null;
      },
    });
  }
}

/** https://streams.spec.whatwg.org/#rs-asynciterator */
class ReadableStreamAsyncIterator {
  readonly #reader: DefaultReaderState;
  readonly #preventCancel: boolean;
  #ongoing: Promise<any> | undefined;
  #finished = false;

  constructor(reader: DefaultReaderState, preventCancel: boolean) {
    this.#reader = reader;
    this.#preventCancel = preventCancel;
  }

  next(): Promise<ReadResult<any>> {
    if (!(#reader in this)) return rejected(illegalInvocation());
    const step = (): Promise<ReadResult<any>> => this.#next();
    return (this.#ongoing = this.#ongoing === undefined ? step() : promiseThen(this.#ongoing, step, step));
  }

  return(value: unknown): Promise<ReadResult<any>> {
    if (!(#reader in this)) return rejected(illegalInvocation());
    const step = (): Promise<ReadResult<any>> => this.#return(value);
    return (this.#ongoing = this.#ongoing === undefined ? step() : promiseThen(this.#ongoing, step, step));
  }

  #next(): Promise<ReadResult<any>> {
    if (this.#finished) {
      return resolved({ value: undefined, done: true });
    }
    const deferred = new Deferred<ReadResult<any>>();
    defaultRead(this.#reader, {
      chunk: (value) => {
        this.#ongoing = undefined;
        deferred.resolve({ value, done: false });
      },
      close: () => {
        this.#ongoing = undefined;
        this.#finished = true;
        releaseReader(this.#reader);
        deferred.resolve({ value: undefined, done: true });
      },
      error: (reason) => {
        this.#ongoing = undefined;
        this.#finished = true;
        releaseReader(this.#reader);
        deferred.reject(reason);
      },
    });
    return deferred.promise;
  }

  #return(value: unknown): Promise<ReadResult<any>> {
    if (this.#finished) {
      return resolved({ value, done: true });
    }
    this.#finished = true;
    if (this.#preventCancel) {
      releaseReader(this.#reader);
      return resolved({ value, done: true });
    }
    const result = cancelStream(this.#reader.stream!, value);
    releaseReader(this.#reader);
    return promiseThen(result, () => ({ value, done: true }));
  }
}

export function installReadable(): void {
  expose(ReadableStream, "ReadableStream");
  defineProperty(ReadableStream.prototype, symbolAsyncIterator, {
    value: ReadableStream.prototype.values, writable: true, configurable: true,
  });
  expose(ReadableStreamDefaultReader, "ReadableStreamDefaultReader");
  expose(ReadableStreamBYOBReader, "ReadableStreamBYOBReader");
  expose(ReadableStreamDefaultController, "ReadableStreamDefaultController");
  expose(ReadableByteStreamController, "ReadableByteStreamController");
  expose(ReadableStreamBYOBRequest, "ReadableStreamBYOBRequest");
  const asyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}).prototype);
  iteratorShape(ReadableStreamAsyncIterator, "ReadableStream AsyncIterator", asyncIteratorPrototype);
}

