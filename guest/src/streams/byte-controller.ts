// https://streams.spec.whatwg.org/#rbs-controller-abstract-ops
import { append, List } from "../core/list.ts";
import { resolved } from "../core/promises.ts";
import {
  bufferByteLength, bufferDetached, bufferSlice, bufferTransfer, construct, min, promiseThen, typedArraySet, typedArrayTag, viewBuffer,
  viewByteLength, viewByteOffset,
} from "../core/primordials.ts";
import { Fifo } from "./queue.ts";
import {
  closeStream, errorStream, pendingReads, pendingReadsInto, type ByobReaderState, type DefaultReaderState, type ReadableController,
  type ReadableState, type ReadIntoRequest, type ReadRequest,
} from "./readable-state.ts";
import type { CancelAlgorithm, PullAlgorithm } from "./default-controller.ts";

interface ByteEntry {
  buffer: ArrayBuffer;
  offset: number;
  length: number;
}

type ViewConstructor = new (buffer: ArrayBuffer, offset: number, length: number) => ArrayBufferView;

interface PullInto {
  buffer: ArrayBuffer;
  bufferLength: number;
  offset: number;
  length: number;
  filled: number;
  minimum: number;
  elementSize: number;
  viewConstructor: ViewConstructor;
  reader: "default" | "byob" | "none";
}

const viewConstructors: Record<string, ViewConstructor> = { __proto__: null as never };
for (const name of [
  "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array", "BigInt64Array",
  "BigUint64Array", "Float16Array", "Float32Array", "Float64Array",
]) {
  viewConstructors[name] = (globalThis as any)[name];
}

/** The public objects a controller needs; set by readable-stream.ts, which owns those classes. */
export interface ByobRequestAccess {
  create(controller: ByteController, view: Uint8Array): object;
  invalidate(request: object): void;
}
let byobRequests: ByobRequestAccess;
export function connectByobRequests(access: ByobRequestAccess): void {
  byobRequests = access;
}

export class ByteController implements ReadableController {
  readonly stream: ReadableState;
  readonly highWaterMark: number;
  readonly #autoAllocate: number | undefined;
  #queue = new Fifo<ByteEntry>();
  #total = 0;
  #pullIntos = new Fifo<PullInto>();
  #pull: PullAlgorithm;
  #cancel: CancelAlgorithm;
  #started = false;
  closeRequested = false;
  #pulling = false;
  #pullAgain = false;
  #byobRequest: object | null = null;
  api!: object;

  constructor(stream: ReadableState, pull: PullAlgorithm, cancel: CancelAlgorithm, highWaterMark: number, autoAllocate: number | undefined) {
    this.stream = stream;
    this.#pull = pull;
    this.#cancel = cancel;
    this.highWaterMark = highWaterMark;
    this.#autoAllocate = autoAllocate;
    stream.controller = this;
  }

  begin(startResult: unknown): void {
    promiseThen(resolved(startResult), () => this.beginNow(), (reason) => this.fail(reason));
  }

  /** For sources without a start algorithm whose observers cannot tell when pulling began. */
  beginNow(): void {
    this.#started = true;
    this.#pullIfNeeded();
  }

  cancelSteps(reason: unknown): Promise<unknown> {
    this.#clearPullIntos();
    this.#resetQueue();
    const cancel = this.#cancel;
    this.#clearAlgorithms();
    return cancel === undefined ? resolved() : cancel(reason);
  }

  pullSteps(request: ReadRequest): void {
    if (this.#total > 0) {
      this.#fillFromQueue(request);
      return;
    }
    if (this.#autoAllocate !== undefined) {
      let buffer: ArrayBuffer;
      try {
        buffer = new ArrayBuffer(this.#autoAllocate);
      } catch (error) {
        request.error(error);
        return;
      }
      this.#pullIntos.push({
        buffer, bufferLength: this.#autoAllocate, offset: 0, length: this.#autoAllocate, filled: 0, minimum: 1, elementSize: 1,
        viewConstructor: Uint8Array as never, reader: "default",
      });
    }
    (this.stream.reader as DefaultReaderState).requests.push(request);
    this.#pullIfNeeded();
  }

  releaseSteps(): void {
    if (this.#pullIntos.length > 0) {
      const first = this.#pullIntos.peek();
      first.reader = "none";
      this.#pullIntos = new Fifo();
      this.#pullIntos.push(first);
    }
  }

  get desiredSize(): number | null {
    const status = this.stream.status;
    return status === "errored" ? null : status === "closed" ? 0 : this.highWaterMark - this.#total;
  }

  get byobRequest(): object | null {
    if (this.#byobRequest === null) {
      const view = this.requestedView;
      if (view !== undefined) this.#byobRequest = byobRequests.create(this, view);
    }
    return this.#byobRequest;
  }

  /** What is still to be filled of the view that is read into; undefined while there is none. */
  get requestedView(): Uint8Array | undefined {
    if (this.#pullIntos.length === 0) {
      return undefined;
    }
    const first = this.#pullIntos.peek();
    return new Uint8Array(first.buffer, first.offset + first.filled, first.length - first.filled);
  }

  get pendingPullIntos(): number {
    return this.#pullIntos.length;
  }

  #pullIfNeeded(): void {
    if (!this.#shouldPull()) {
      return;
    }
    if (this.#pulling) {
      this.#pullAgain = true;
      return;
    }
    this.#pulling = true;
    const result = this.#pull === undefined ? undefined : this.#pull();
    promiseThen(result ?? resolved(), () => {
      this.#pulling = false;
      if (this.#pullAgain) {
        this.#pullAgain = false;
        this.#pullIfNeeded();
      }
    }, (reason) => this.fail(reason));
  }

  #shouldPull(): boolean {
    if (this.stream.status !== "readable" || this.closeRequested || !this.#started) {
      return false;
    }
    return pendingReads(this.stream) > 0 || pendingReadsInto(this.stream) > 0 || this.desiredSize! > 0;
  }

  #clearAlgorithms(): void {
    this.#pull = undefined;
    this.#cancel = undefined;
  }

  #resetQueue(): void {
    this.#queue.takeAll();
    this.#total = 0;
  }

  #clearPullIntos(): void {
    this.#invalidateByobRequest();
    this.#pullIntos = new Fifo();
  }

  #invalidateByobRequest(): void {
    if (this.#byobRequest !== null) {
      byobRequests.invalidate(this.#byobRequest);
      this.#byobRequest = null;
    }
  }

  close(): void {
    if (this.closeRequested || this.stream.status !== "readable") {
      return;
    }
    if (this.#total > 0) {
      this.closeRequested = true;
      return;
    }
    if (this.#pullIntos.length > 0) {
      const first = this.#pullIntos.peek();
      if (first.filled % first.elementSize !== 0) {
        const error = new TypeError("Insufficient bytes to fill elements in the given buffer");
        this.fail(error);
        throw error;
      }
    }
    this.#clearAlgorithms();
    closeStream(this.stream);
  }

  fail(reason: unknown): void {
    if (this.stream.status !== "readable") {
      return;
    }
    this.#clearPullIntos();
    this.#resetQueue();
    this.#clearAlgorithms();
    errorStream(this.stream, reason);
  }

  /** Adds a chunk, detaching its buffer. */
  enqueue(chunk: ArrayBufferView): void {
    if (this.closeRequested || this.stream.status !== "readable") {
      return;
    }
    const buffer = viewBuffer(chunk);
    const offset = viewByteOffset(chunk);
    const length = viewByteLength(chunk);
    if (bufferDetached(buffer)) {
      throw new TypeError("The chunk's buffer is detached.");
    }
    const transferred = bufferTransfer(buffer);
    if (this.#pullIntos.length > 0) {
      const first = this.#pullIntos.peek();
      if (bufferDetached(first.buffer)) {
        throw new TypeError("The BYOB request's buffer is detached.");
      }
      this.#invalidateByobRequest();
      first.buffer = bufferTransfer(first.buffer);
      if (first.reader === "none") {
        this.#enqueueDetached(first);
      }
    }
    const reader = this.stream.reader;
    if (reader !== undefined && reader.kind === "default") {
      while (reader.requests.length > 0 && this.#total > 0) {
        this.#fillFromQueue(reader.requests.shift());
      }
      if (reader.requests.length === 0) {
        this.#push(transferred, offset, length);
      } else {
        if (this.#pullIntos.length > 0) {
          this.#pullIntos.shift();
        }
        reader.requests.shift().chunk(new Uint8Array(transferred, offset, length));
      }
    } else if (reader !== undefined) {
      this.#push(transferred, offset, length);
      this.#commitAll(this.#processPullIntos());
    } else {
      this.#push(transferred, offset, length);
    }
    this.#pullIfNeeded();
  }

  #push(buffer: ArrayBuffer, offset: number, length: number): void {
    this.#queue.push({ buffer, offset, length });
    this.#total += length;
  }

  #enqueueDetached(pullInto: PullInto): void {
    if (pullInto.filled > 0) {
      this.#push(bufferSlice(pullInto.buffer, pullInto.offset, pullInto.offset + pullInto.filled), 0, pullInto.filled);
    }
    this.#pullIntos.shift();
  }

  #fillFromQueue(request: ReadRequest): void {
    const entry = this.#queue.shift();
    this.#total -= entry.length;
    this.#handleQueueDrain();
    request.chunk(new Uint8Array(entry.buffer, entry.offset, entry.length));
  }

  #handleQueueDrain(): void {
    if (this.#total === 0 && this.closeRequested) {
      this.#clearAlgorithms();
      closeStream(this.stream);
    } else {
      this.#pullIfNeeded();
    }
  }

  /** https://streams.spec.whatwg.org/#readable-byte-stream-controller-pull-into */
  pullInto(view: ArrayBufferView, minimum: number, request: ReadIntoRequest): void {
    const tag = typedArrayTag(view);
    const viewConstructor = tag === undefined ? (DataView as never) : viewConstructors[tag];
    const elementSize = tag === undefined ? 1 : (viewConstructor as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT;
    const offset = viewByteOffset(view);
    const length = viewByteLength(view);
    let buffer: ArrayBuffer;
    try {
      buffer = bufferTransfer(viewBuffer(view));
    } catch (error) {
      request.error(error);
      return;
    }
    const pullInto: PullInto = {
      buffer, bufferLength: bufferByteLength(buffer), offset, length, filled: 0, minimum: minimum * elementSize, elementSize,
      viewConstructor, reader: "byob",
    };
    const requests = (this.stream.reader as ByobReaderState).requests;
    if (this.#pullIntos.length > 0) {
      this.#pullIntos.push(pullInto);
      requests.push(request);
      return;
    }
    if (this.stream.status === "closed") {
      request.close(construct(viewConstructor, [pullInto.buffer, pullInto.offset, 0]));
      return;
    }
    if (this.#total > 0) {
      if (this.#fillPullInto(pullInto)) {
        const filled = this.#convert(pullInto);
        this.#handleQueueDrain();
        request.chunk(filled);
        return;
      }
      if (this.closeRequested) {
        const error = new TypeError("Insufficient bytes to fill elements in the given buffer");
        this.fail(error);
        request.error(error);
        return;
      }
    }
    this.#pullIntos.push(pullInto);
    requests.push(request);
    this.#pullIfNeeded();
  }

  /** Copies queued bytes into the descriptor; true when it can be handed to its reader. */
  #fillPullInto(pullInto: PullInto): boolean {
    const available = min(this.#total, pullInto.length - pullInto.filled);
    const reach = pullInto.filled + available;
    const remainder = reach % pullInto.elementSize;
    const aligned = reach - remainder;
    let rest = available;
    let ready = false;
    if (aligned >= pullInto.minimum) {
      rest = aligned - pullInto.filled;
      ready = true;
    }
    while (rest > 0) {
      const head = this.#queue.peek();
      const count = min(rest, head.length);
      typedArraySet(
        new Uint8Array(pullInto.buffer, pullInto.offset + pullInto.filled, count),
        new Uint8Array(head.buffer, head.offset, count),
      );
      if (head.length === count) {
        this.#queue.shift();
      } else {
        head.offset += count;
        head.length -= count;
      }
      this.#total -= count;
      pullInto.filled += count;
      rest -= count;
    }
    return ready;
  }

  #convert(pullInto: PullInto): ArrayBufferView {
    return construct(pullInto.viewConstructor, [
      bufferTransfer(pullInto.buffer), pullInto.offset, pullInto.filled / pullInto.elementSize,
    ]);
  }

  #processPullIntos(): List<PullInto> {
    const filled = new List<PullInto>();
    while (this.#pullIntos.length > 0 && this.#total > 0) {
      const first = this.#pullIntos.peek();
      if (!this.#fillPullInto(first)) {
        break;
      }
      this.#pullIntos.shift();
      append(filled, first);
    }
    return filled;
  }

  #commitAll(pullIntos: List<PullInto>): void {
    for (let i = 0; i < pullIntos.length; i++) {
      this.#commit(pullIntos[i]);
    }
  }

  #commit(pullInto: PullInto): void {
    const isClosed = this.stream.status === "closed";
    const view = this.#convert(pullInto);
    if (pullInto.reader === "default") {
      const request = (this.stream.reader as DefaultReaderState).requests.shift();
      if (isClosed) request.close();
      else request.chunk(view);
    } else {
      const request = (this.stream.reader as ByobReaderState).requests.shift();
      if (isClosed) request.close(view);
      else request.chunk(view);
    }
  }

  /** https://streams.spec.whatwg.org/#readable-byte-stream-controller-respond */
  respond(bytesWritten: number): void {
    const first = this.#pullIntos.peek();
    if (this.stream.status === "closed") {
      if (bytesWritten !== 0) {
        throw new TypeError("bytesWritten must be 0 when calling respond() on a closed stream");
      }
    } else {
      if (bytesWritten === 0) {
        throw new TypeError("bytesWritten must be greater than 0 when calling respond() on a readable stream");
      }
      if (first.filled + bytesWritten > first.length) {
        throw new RangeError("bytesWritten is out of range");
      }
    }
    first.buffer = bufferTransfer(first.buffer);
    this.#respondInternal(bytesWritten);
  }

  /** https://streams.spec.whatwg.org/#readable-byte-stream-controller-respond-with-new-view */
  respondWithNewView(view: ArrayBufferView): void {
    const first = this.#pullIntos.peek();
    const buffer = viewBuffer(view);
    const length = viewByteLength(view);
    if (this.stream.status === "closed") {
      if (length !== 0) {
        throw new TypeError("The view's length must be 0 when calling respondWithNewView() on a closed stream");
      }
    } else if (length === 0) {
      throw new TypeError("The view's length must be greater than 0 when calling respondWithNewView() on a readable stream");
    }
    if (first.offset + first.filled !== viewByteOffset(view)) {
      throw new RangeError("The region specified by view does not match byobRequest");
    }
    if (first.bufferLength !== bufferByteLength(buffer)) {
      throw new RangeError("The buffer of view has different capacity than byobRequest");
    }
    if (first.filled + length > first.length) {
      throw new RangeError("The region specified by view is larger than byobRequest");
    }
    first.buffer = bufferTransfer(buffer);
    this.#respondInternal(length);
  }

  #respondInternal(bytesWritten: number): void {
    const first = this.#pullIntos.peek();
    this.#invalidateByobRequest();
    if (this.stream.status === "closed") {
      this.#respondInClosedState(first);
    } else {
      this.#respondInReadableState(bytesWritten, first);
    }
    this.#pullIfNeeded();
  }

  #respondInClosedState(first: PullInto): void {
    if (first.reader === "none") {
      this.#pullIntos.shift();
    }
    const waiting = pendingReadsInto(this.stream);
    const filled = new List<PullInto>();
    while (filled.length < waiting) {
      append(filled, this.#pullIntos.shift());
    }
    this.#commitAll(filled);
  }

  #respondInReadableState(bytesWritten: number, pullInto: PullInto): void {
    pullInto.filled += bytesWritten;
    if (pullInto.reader === "none") {
      this.#enqueueDetached(pullInto);
      this.#commitAll(this.#processPullIntos());
      return;
    }
    if (pullInto.filled < pullInto.minimum) {
      return;
    }
    this.#pullIntos.shift();
    const remainder = pullInto.filled % pullInto.elementSize;
    if (remainder > 0) {
      const end = pullInto.offset + pullInto.filled;
      this.#push(bufferSlice(pullInto.buffer, end - remainder, end), 0, remainder);
    }
    pullInto.filled -= remainder;
    const filled = this.#processPullIntos();
    this.#commit(pullInto);
    this.#commitAll(filled);
  }
}

/** https://streams.spec.whatwg.org/#readable-stream-byob-reader-read */
export function readInto(reader: ByobReaderState, view: ArrayBufferView, minimum: number, request: ReadIntoRequest): void {
  const stream = reader.stream!;
  stream.disturbed = true;
  if (stream.status === "errored") {
    request.error(stream.storedError);
  } else {
    (stream.controller as ByteController).pullInto(view, minimum, request);
  }
}
