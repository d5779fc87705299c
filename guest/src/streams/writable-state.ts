// The internal side of writable streams. https://streams.spec.whatwg.org/#ws-model
import { Deferred, markHandled, rejected, resolved } from "../core/promises.ts";
import { native } from "../core/bridge.ts";
import { promiseThen } from "../core/primordials.ts";
import { newSignal, signalAbort, type AbortSignal } from "../events/abort.ts";
import { Fifo, SizedQueue } from "./queue.ts";
import type { SizeAlgorithm } from "./strategies.ts";

export type WritableStatus = "writable" | "closed" | "erroring" | "errored";

interface PendingAbort {
  deferred: Deferred<undefined>;
  reason: unknown;
  wasAlreadyErroring: boolean;
}

export class WritableState {
  status: WritableStatus = "writable";
  storedError: unknown = undefined;
  writer: WriterState | undefined = undefined;
  controller!: WritableController;
  readonly writeRequests = new Fifo<Deferred<undefined>>();
  inFlightWrite: Deferred<undefined> | undefined = undefined;
  closeRequest: Deferred<undefined> | undefined = undefined;
  inFlightClose: Deferred<undefined> | undefined = undefined;
  pendingAbort: PendingAbort | undefined = undefined;
  backpressure = false;

  get locked(): boolean {
    return this.writer !== undefined;
  }

  get closeQueuedOrInFlight(): boolean {
    return this.closeRequest !== undefined || this.inFlightClose !== undefined;
  }
}

export class WriterState {
  stream: WritableState | undefined;
  ready = new Deferred<undefined>();
  closed = new Deferred<undefined>();

  /** https://streams.spec.whatwg.org/#set-up-writable-stream-default-writer */
  constructor(stream: WritableState) {
    if (stream.locked) {
      throw new TypeError("This WritableStream is currently locked to a writer.");
    }
    this.stream = stream;
    stream.writer = this;
    switch (stream.status) {
      case "writable":
        if (stream.closeQueuedOrInFlight || !stream.backpressure) {
          this.ready.resolve(undefined);
        }
        break;
      case "erroring":
        this.ready.reject(stream.storedError);
        markHandled(this.ready.promise);
        break;
      case "closed":
        this.ready.resolve(undefined);
        this.closed.resolve(undefined);
        break;
      case "errored":
        this.ready.reject(stream.storedError);
        markHandled(this.ready.promise);
        this.closed.reject(stream.storedError);
        markHandled(this.closed.promise);
        break;
    }
  }

  rejectReady(reason: unknown): void {
    this.ready = reject(this.ready, reason);
  }

  rejectClosed(reason: unknown): void {
    this.closed = reject(this.closed, reason);
  }
}

/** Rejects a pending promise; a settled one cannot change, so a new rejected one takes its place. */
function reject(deferred: Deferred<undefined>, reason: unknown): Deferred<undefined> {
  const target = native.promiseDetails(deferred.promise)[0] === 0 ? deferred : new Deferred<undefined>();
  target.reject(reason);
  markHandled(target.promise);
  return target;
}

const closeSentinel = Symbol("close");

export class WritableController {
  readonly stream: WritableState;
  readonly queue = new SizedQueue<unknown>();
  readonly highWaterMark: number;
  started = false;
  size: SizeAlgorithm;
  write: ((chunk: unknown) => Promise<unknown>) | undefined;
  close: (() => Promise<unknown>) | undefined;
  abort: ((reason: unknown) => Promise<unknown>) | undefined;
  readonly #signal: AbortSignal = newSignal();
  api!: object;

  constructor(
    stream: WritableState, write: (chunk: unknown) => Promise<unknown>, close: () => Promise<unknown>,
    abort: (reason: unknown) => Promise<unknown>, highWaterMark: number, size: SizeAlgorithm,
  ) {
    this.stream = stream;
    this.write = write;
    this.close = close;
    this.abort = abort;
    this.highWaterMark = highWaterMark;
    this.size = size;
    stream.controller = this;
    updateBackpressure(stream, this.backpressure);
  }

  get signal(): AbortSignal {
    return this.#signal;
  }

  begin(startResult: unknown): void {
    promiseThen(resolved(startResult), () => {
      this.started = true;
      this.advance();
    }, (reason) => {
      this.started = true;
      dealWithRejection(this.stream, reason);
    });
  }

  get desiredSize(): number {
    return this.highWaterMark - this.queue.total;
  }

  get backpressure(): boolean {
    return this.desiredSize <= 0;
  }

  abortSteps(reason: unknown): Promise<unknown> {
    const abort = this.abort;
    this.#clearAlgorithms();
    return abort === undefined ? resolved() : abort(reason);
  }

  errorSteps(): void {
    this.queue.reset();
  }

  #clearAlgorithms(): void {
    this.write = undefined;
    this.close = undefined;
    this.abort = undefined;
    this.size = undefined;
  }

  chunkSize(chunk: unknown): number {
    if (this.size === undefined) {
      return 1;
    }
    try {
      return this.size(chunk);
    } catch (error) {
      this.errorIfNeeded(error);
      return 1;
    }
  }

  enqueueClose(): void {
    this.queue.enqueue(closeSentinel, 0);
    this.advance();
  }

  enqueueWrite(chunk: unknown, size: number): void {
    try {
      this.queue.enqueue(chunk, size);
    } catch (error) {
      this.errorIfNeeded(error);
      return;
    }
    const stream = this.stream;
    if (!stream.closeQueuedOrInFlight && stream.status === "writable") {
      updateBackpressure(stream, this.backpressure);
    }
    this.advance();
  }

  errorIfNeeded(error: unknown): void {
    if (this.stream.status === "writable") {
      this.error(error);
    }
  }

  error(reason: unknown): void {
    this.#clearAlgorithms();
    startErroring(this.stream, reason);
  }

  /** https://streams.spec.whatwg.org/#writable-stream-default-controller-advance-queue-if-needed */
  advance(): void {
    const stream = this.stream;
    if (!this.started || stream.inFlightWrite !== undefined) {
      return;
    }
    if (stream.status === "erroring") {
      finishErroring(stream);
      return;
    }
    if (stream.status !== "writable" || this.queue.length === 0) {
      return;
    }
    const chunk = this.queue.peek();
    if (chunk === closeSentinel) {
      this.#processClose();
    } else {
      this.#processWrite(chunk);
    }
  }

  #processClose(): void {
    const stream = this.stream;
    stream.inFlightClose = stream.closeRequest;
    stream.closeRequest = undefined;
    this.queue.dequeue();
    const result = this.close!();
    this.#clearAlgorithms();
    promiseThen(result, () => finishInFlightClose(stream), (reason) => {
      stream.inFlightClose!.reject(reason);
      stream.inFlightClose = undefined;
      if (stream.pendingAbort !== undefined) {
        stream.pendingAbort.deferred.reject(reason);
        stream.pendingAbort = undefined;
      }
      dealWithRejection(stream, reason);
    });
  }

  #processWrite(chunk: unknown): void {
    const stream = this.stream;
    stream.inFlightWrite = stream.writeRequests.shift();
    promiseThen(this.write!(chunk), () => {
      stream.inFlightWrite!.resolve(undefined);
      stream.inFlightWrite = undefined;
      const status = stream.status;
      this.queue.dequeue();
      if (!stream.closeQueuedOrInFlight && status === "writable") {
        updateBackpressure(stream, this.backpressure);
      }
      this.advance();
    }, (reason) => {
      if (stream.status === "writable") {
        this.#clearAlgorithms();
      }
      stream.inFlightWrite!.reject(reason);
      stream.inFlightWrite = undefined;
      dealWithRejection(stream, reason);
    });
  }
}

/** https://streams.spec.whatwg.org/#writable-stream-update-backpressure */
function updateBackpressure(stream: WritableState, backpressure: boolean): void {
  const writer = stream.writer;
  if (writer !== undefined && backpressure !== stream.backpressure) {
    if (backpressure) {
      writer.ready = new Deferred();
    } else {
      writer.ready.resolve(undefined);
    }
  }
  stream.backpressure = backpressure;
}

/** https://streams.spec.whatwg.org/#writable-stream-start-erroring */
function startErroring(stream: WritableState, reason: unknown): void {
  stream.status = "erroring";
  stream.storedError = reason;
  stream.writer?.rejectReady(reason);
  if (stream.inFlightWrite === undefined && stream.inFlightClose === undefined && stream.controller.started) {
    finishErroring(stream);
  }
}

function dealWithRejection(stream: WritableState, reason: unknown): void {
  if (stream.status === "writable") {
    startErroring(stream, reason);
  } else {
    finishErroring(stream);
  }
}

/** https://streams.spec.whatwg.org/#writable-stream-finish-erroring */
function finishErroring(stream: WritableState): void {
  stream.status = "errored";
  stream.controller.errorSteps();
  const requests = stream.writeRequests.takeAll();
  for (let i = 0; i < requests.length; i++) {
    requests[i].reject(stream.storedError);
  }
  const abort = stream.pendingAbort;
  if (abort === undefined) {
    rejectCloseAndClosed(stream);
    return;
  }
  stream.pendingAbort = undefined;
  if (abort.wasAlreadyErroring) {
    abort.deferred.reject(stream.storedError);
    rejectCloseAndClosed(stream);
    return;
  }
  promiseThen(stream.controller.abortSteps(abort.reason), () => {
    abort.deferred.resolve(undefined);
    rejectCloseAndClosed(stream);
  }, (reason) => {
    abort.deferred.reject(reason);
    rejectCloseAndClosed(stream);
  });
}

function rejectCloseAndClosed(stream: WritableState): void {
  if (stream.closeRequest !== undefined) {
    stream.closeRequest.reject(stream.storedError);
    stream.closeRequest = undefined;
  }
  stream.writer?.rejectClosed(stream.storedError);
}

function finishInFlightClose(stream: WritableState): void {
  stream.inFlightClose!.resolve(undefined);
  stream.inFlightClose = undefined;
  if (stream.status === "erroring") {
    stream.storedError = undefined;
    if (stream.pendingAbort !== undefined) {
      stream.pendingAbort.deferred.resolve(undefined);
      stream.pendingAbort = undefined;
    }
  }
  stream.status = "closed";
  stream.writer?.closed.resolve(undefined);
}

/** https://streams.spec.whatwg.org/#writable-stream-abort */
export function abortWritable(stream: WritableState, reason: unknown): Promise<undefined> {
  if (stream.status === "closed" || stream.status === "errored") {
    return resolved(undefined);
  }
  signalAbort(stream.controller.signal, reason);
  // The signal's listeners may have changed the state.
  const status = stream.status as WritableStatus;
  if (status === "closed" || status === "errored") {
    return resolved(undefined);
  }
  if (stream.pendingAbort !== undefined) {
    return stream.pendingAbort.deferred.promise;
  }
  const wasAlreadyErroring = status === "erroring";
  const deferred = new Deferred<undefined>();
  stream.pendingAbort = { deferred, reason: wasAlreadyErroring ? undefined : reason, wasAlreadyErroring };
  if (!wasAlreadyErroring) {
    startErroring(stream, reason);
  }
  return deferred.promise;
}

/** https://streams.spec.whatwg.org/#writable-stream-close */
export function closeWritable(stream: WritableState): Promise<undefined> {
  if (stream.status === "closed" || stream.status === "errored") {
    return rejected(new TypeError(`Cannot close a stream that is already ${stream.status}`));
  }
  const deferred = (stream.closeRequest = new Deferred<undefined>());
  if (stream.writer !== undefined && stream.backpressure && stream.status === "writable") {
    stream.writer.ready.resolve(undefined);
  }
  stream.controller.enqueueClose();
  return deferred.promise;
}

/** https://streams.spec.whatwg.org/#writable-stream-default-writer-write */
export function writeChunk(writer: WriterState, chunk: unknown): Promise<undefined> {
  const stream = writer.stream!;
  const size = stream.controller.chunkSize(chunk);
  if (stream !== writer.stream) {
    return rejected(new TypeError("This WritableStream writer has been released."));
  }
  if (stream.status === "errored") {
    return rejected(stream.storedError);
  }
  if (stream.closeQueuedOrInFlight || stream.status === "closed") {
    return rejected(new TypeError("This WritableStream has been closed."));
  }
  if (stream.status === "erroring") {
    return rejected(stream.storedError);
  }
  const deferred = new Deferred<undefined>();
  stream.writeRequests.push(deferred);
  stream.controller.enqueueWrite(chunk, size);
  return deferred.promise;
}

/** https://streams.spec.whatwg.org/#writable-stream-default-writer-close-with-error-propagation */
export function closeWithErrorPropagation(writer: WriterState): Promise<undefined> {
  const stream = writer.stream!;
  if (stream.closeQueuedOrInFlight || stream.status === "closed") {
    return resolved(undefined);
  }
  return stream.status === "errored" ? rejected(stream.storedError) : closeWritable(stream);
}

export function releaseWriter(writer: WriterState): void {
  const stream = writer.stream!;
  const reason = new TypeError("This WritableStream writer has been released.");
  writer.rejectReady(reason);
  writer.rejectClosed(reason);
  stream.writer = undefined;
  writer.stream = undefined;
}

export function writerDesiredSize(writer: WriterState): number | null {
  const stream = writer.stream!;
  if (stream.status === "errored" || stream.status === "erroring") {
    return null;
  }
  return stream.status === "closed" ? 0 : stream.controller.desiredSize;
}
