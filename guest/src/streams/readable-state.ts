// The internal side of readable streams: what https://streams.spec.whatwg.org/#rs-model calls slots and abstract
// operations. Public objects (readable-stream.ts) only wrap these, so nothing here is reachable by guests.
import { Deferred, ignore, markHandled, rejected, resolved } from "../core/promises.ts";
import { promiseThen } from "../core/primordials.ts";
import { Fifo } from "./queue.ts";
import type { BodySource } from "./body-source.ts";

export type StreamStatus = "readable" | "closed" | "errored";

/** What a pending read does when it ends. */
export interface ReadRequest {
  chunk(value: any): void;
  close(): void;
  error(reason: unknown): void;
}

/** A pending read into the reader's own view; close also hands the (transferred) view back. */
export interface ReadIntoRequest {
  chunk(view: ArrayBufferView): void;
  close(view: ArrayBufferView | undefined): void;
  error(reason: unknown): void;
}

export interface ReadableController {
  cancelSteps(reason: unknown): Promise<unknown>;
  pullSteps(request: ReadRequest): void;
  releaseSteps(): void;
  /** The public controller object. */
  readonly api: object;
}

export class ReadableState {
  status: StreamStatus = "readable";
  disturbed = false;
  storedError: unknown = undefined;
  reader: DefaultReaderState | ByobReaderState | undefined = undefined;
  controller!: ReadableController;
  /** Where the bytes come from, for streams the runtime itself made; lets bodies bypass the stream machinery. */
  source: BodySource | undefined = undefined;
  /** How many bytes it has in all, where a FixedLengthStream sees to that. */
  length: number | undefined = undefined;

  get locked(): boolean {
    return this.reader !== undefined;
  }
}

export class DefaultReaderState {
  readonly kind = "default";
  stream: ReadableState | undefined;
  closed: Deferred<undefined>;
  readonly requests = new Fifo<ReadRequest>();

  constructor(stream: ReadableState) {
    this.stream = stream;
    this.closed = initializeReader(stream, this);
  }
}

export class ByobReaderState {
  readonly kind = "byob";
  stream: ReadableState | undefined;
  closed: Deferred<undefined>;
  readonly requests = new Fifo<ReadIntoRequest>();

  constructor(stream: ReadableState) {
    this.stream = stream;
    this.closed = initializeReader(stream, this);
  }
}

/** https://streams.spec.whatwg.org/#readable-stream-reader-generic-initialize */
function initializeReader(stream: ReadableState, reader: DefaultReaderState | ByobReaderState): Deferred<undefined> {
  if (stream.locked) {
    throw new TypeError("This ReadableStream is currently locked to a reader.");
  }
  stream.reader = reader;
  const closed = new Deferred<undefined>();
  if (stream.status === "closed") {
    closed.resolve(undefined);
  } else if (stream.status === "errored") {
    closed.reject(stream.storedError);
    markHandled(closed.promise);
  }
  return closed;
}

/** https://streams.spec.whatwg.org/#readable-stream-reader-generic-release */
export function releaseReader(reader: DefaultReaderState | ByobReaderState): void {
  const stream = reader.stream!;
  const reason = new TypeError("This ReadableStream reader has been released.");
  if (stream.status !== "readable") {
    reader.closed = new Deferred();
  }
  reader.closed.reject(reason);
  markHandled(reader.closed.promise);
  stream.controller.releaseSteps();
  stream.reader = undefined;
  reader.stream = undefined;
  const requests = reader.requests.takeAll();
  for (let i = 0; i < requests.length; i++) {
    requests[i].error(reason);
  }
}

/** https://streams.spec.whatwg.org/#readable-stream-default-reader-read */
export function defaultRead(reader: DefaultReaderState, request: ReadRequest): void {
  const stream = reader.stream!;
  stream.disturbed = true;
  if (stream.status === "closed") {
    request.close();
  } else if (stream.status === "errored") {
    request.error(stream.storedError);
  } else {
    stream.controller.pullSteps(request);
  }
}

/** https://streams.spec.whatwg.org/#readable-stream-close */
export function closeStream(stream: ReadableState): void {
  stream.status = "closed";
  const reader = stream.reader;
  if (reader === undefined) {
    return;
  }
  reader.closed.resolve(undefined);
  if (reader.kind === "default") {
    const requests = reader.requests.takeAll();
    for (let i = 0; i < requests.length; i++) {
      requests[i].close();
    }
  }
}

/** https://streams.spec.whatwg.org/#readable-stream-error */
export function errorStream(stream: ReadableState, reason: unknown): void {
  stream.status = "errored";
  stream.storedError = reason;
  const reader = stream.reader;
  if (reader === undefined) {
    return;
  }
  reader.closed.reject(reason);
  markHandled(reader.closed.promise);
  const requests = reader.requests.takeAll();
  for (let i = 0; i < requests.length; i++) {
    requests[i].error(reason);
  }
}

/** https://streams.spec.whatwg.org/#readable-stream-cancel */
export function cancelStream(stream: ReadableState, reason: unknown): Promise<undefined> {
  stream.disturbed = true;
  if (stream.status === "closed") {
    return resolved(undefined);
  }
  if (stream.status === "errored") {
    return rejected(stream.storedError);
  }
  closeStream(stream);
  const reader = stream.reader;
  if (reader !== undefined && reader.kind === "byob") {
    const requests = reader.requests.takeAll();
    for (let i = 0; i < requests.length; i++) {
      requests[i].close(undefined);
    }
  }
  return promiseThen(stream.controller.cancelSteps(reason), ignore);
}

/** Pending default reads; zero when the stream has no default reader. */
export function pendingReads(stream: ReadableState): number {
  const reader = stream.reader;
  return reader !== undefined && reader.kind === "default" ? reader.requests.length : 0;
}

export function pendingReadsInto(stream: ReadableState): number {
  const reader = stream.reader;
  return reader !== undefined && reader.kind === "byob" ? reader.requests.length : 0;
}

/** One read as a promise of a chunk, or of `done`. Never resolves with an object that a guest could intercept. */
export const done = Symbol("done");

class ChunkRequest implements ReadRequest {
  readonly #deferred: Deferred<unknown>;

  constructor(deferred: Deferred<unknown>) {
    this.#deferred = deferred;
  }

  chunk(value: unknown): void { this.#deferred.resolve(value); }
  close(): void { this.#deferred.resolve(done); }
  error(reason: unknown): void { this.#deferred.reject(reason); }
}

export function readChunk(reader: DefaultReaderState): Promise<unknown> {
  const deferred = new Deferred<unknown>();
  defaultRead(reader, new ChunkRequest(deferred));
  return deferred.promise;
}
