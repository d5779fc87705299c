// https://streams.spec.whatwg.org/#rs-default-controller-abstract-ops
import { resolved } from "../core/promises.ts";
import { promiseThen } from "../core/primordials.ts";
import { SizedQueue } from "./queue.ts";
import {
  closeStream, errorStream, pendingReads, type DefaultReaderState, type ReadableController, type ReadableState, type ReadRequest,
} from "./readable-state.ts";
import type { SizeAlgorithm } from "./strategies.ts";

export type PullAlgorithm = (() => Promise<unknown> | undefined) | undefined;
export type CancelAlgorithm = ((reason: unknown) => Promise<unknown>) | undefined;

export class DefaultController implements ReadableController {
  readonly stream: ReadableState;
  readonly queue = new SizedQueue<unknown>();
  readonly highWaterMark: number;
  size: SizeAlgorithm;
  pull: PullAlgorithm;
  cancel: CancelAlgorithm;
  started = false;
  closeRequested = false;
  pulling = false;
  pullAgain = false;
  api!: object;

  constructor(stream: ReadableState, pull: PullAlgorithm, cancel: CancelAlgorithm, highWaterMark: number, size: SizeAlgorithm) {
    this.stream = stream;
    this.pull = pull;
    this.cancel = cancel;
    this.highWaterMark = highWaterMark;
    this.size = size;
    stream.controller = this;
  }

  cancelSteps(reason: unknown): Promise<unknown> {
    this.queue.reset();
    const cancel = this.cancel;
    this.clearAlgorithms();
    return cancel === undefined ? resolved() : cancel(reason);
  }

  pullSteps(request: ReadRequest): void {
    if (this.queue.length > 0) {
      const chunk = this.queue.dequeue();
      if (this.closeRequested && this.queue.length === 0) {
        this.clearAlgorithms();
        closeStream(this.stream);
      } else {
        this.pullIfNeeded();
      }
      request.chunk(chunk);
    } else {
      (this.stream.reader as DefaultReaderState).requests.push(request);
      this.pullIfNeeded();
    }
  }

  releaseSteps(): void {}

  /** Runs the start algorithm's result to its end, then begins pulling. */
  begin(startResult: unknown): void {
    promiseThen(resolved(startResult), () => {
      this.started = true;
      this.pullIfNeeded();
    }, (reason) => this.fail(reason));
  }

  get desiredSize(): number | null {
    const status = this.stream.status;
    return status === "errored" ? null : status === "closed" ? 0 : this.highWaterMark - this.queue.total;
  }

  get canCloseOrEnqueue(): boolean {
    return !this.closeRequested && this.stream.status === "readable";
  }

  pullIfNeeded(): void {
    if (!this.#shouldPull()) {
      return;
    }
    if (this.pulling) {
      this.pullAgain = true;
      return;
    }
    this.pulling = true;
    const result = this.pull === undefined ? undefined : this.pull();
    promiseThen(result ?? resolved(), () => {
      this.pulling = false;
      if (this.pullAgain) {
        this.pullAgain = false;
        this.pullIfNeeded();
      }
    }, (reason) => this.fail(reason));
  }

  #shouldPull(): boolean {
    if (!this.canCloseOrEnqueue || !this.started) {
      return false;
    }
    return pendingReads(this.stream) > 0 || this.desiredSize! > 0;
  }

  clearAlgorithms(): void {
    this.pull = undefined;
    this.cancel = undefined;
    this.size = undefined;
  }

  close(): void {
    if (!this.canCloseOrEnqueue) {
      return;
    }
    this.closeRequested = true;
    if (this.queue.length === 0) {
      this.clearAlgorithms();
      closeStream(this.stream);
    }
  }

  enqueue(chunk: unknown): void {
    if (!this.canCloseOrEnqueue) {
      return;
    }
    if (pendingReads(this.stream) > 0) {
      (this.stream.reader as DefaultReaderState).requests.shift().chunk(chunk);
    } else {
      let size = 1;
      try {
        if (this.size !== undefined) {
          size = this.size(chunk);
        }
        this.queue.enqueue(chunk, size);
      } catch (error) {
        this.fail(error);
        throw error;
      }
    }
    this.pullIfNeeded();
  }

  fail(reason: unknown): void {
    if (this.stream.status !== "readable") {
      return;
    }
    this.queue.reset();
    this.clearAlgorithms();
    errorStream(this.stream, reason);
  }
}

