// The internal side of transform streams. https://streams.spec.whatwg.org/#ts-abstract-ops
import { promiseThen } from "../core/primordials.ts";
import { Deferred, resolved } from "../core/promises.ts";
import { DefaultController } from "./default-controller.ts";
import { ReadableState } from "./readable-state.ts";
import type { Strategy } from "./strategies.ts";
import { WritableController, WritableState } from "./writable-state.ts";

export interface Transformer {
  transform(chunk: unknown): Promise<unknown>;
  flush(): Promise<unknown>;
  cancel(reason: unknown): Promise<unknown>;
}

export class TransformState {
  readonly readable = new ReadableState();
  readonly writable = new WritableState();
  #transformer: Transformer | undefined;
  #backpressure = true;
  #backpressureChange = new Deferred<undefined>();
  #finish: Deferred<unknown> | undefined;
  readonly readableController: DefaultController;
  readonly #writableController: WritableController;

  /** https://streams.spec.whatwg.org/#initialize-transform-stream */
  constructor(transformer: Transformer, writableStrategy: Strategy, readableStrategy: Strategy) {
    this.#transformer = transformer;
    this.#writableController = new WritableController(
      this.writable,
      (chunk) => this.#write(chunk),
      () => this.#close(),
      (reason) => this.#abort(reason),
      writableStrategy.highWaterMark,
      writableStrategy.size,
    );
    this.readableController = new DefaultController(
      this.readable,
      () => this.#pull(),
      (reason) => this.#cancel(reason),
      readableStrategy.highWaterMark,
      readableStrategy.size,
    );
  }

  /**
   * Both sides start when the transformer's start did. They resolve a promise of their own with its promise, as WebIDL has it, and so
   * start after what follows from a guest's first calls: an error among these fails the writable side before it cancels anything.
   */
  begin(startResult: unknown): void {
    const started = new Deferred<unknown>();
    started.resolve(resolved(startResult));
    this.#writableController.begin(started.promise);
    this.readableController.begin(started.promise);
  }

  #setBackpressure(backpressure: boolean): void {
    this.#backpressureChange.resolve(undefined);
    this.#backpressureChange = new Deferred();
    this.#backpressure = backpressure;
  }

  /** https://streams.spec.whatwg.org/#transform-stream-error */
  error(reason: unknown): void {
    this.readableController.fail(reason);
    this.errorWritable(reason);
  }

  errorWritable(reason: unknown): void {
    this.#transformer = undefined;
    this.#writableController.errorIfNeeded(reason);
    this.#unblockWrite();
  }

  #unblockWrite(): void {
    if (this.#backpressure) {
      this.#setBackpressure(false);
    }
  }

  enqueue(chunk: unknown): void {
    const controller = this.readableController;
    if (!controller.canCloseOrEnqueue) {
      throw new TypeError("Unable to enqueue: the readable side is already closed or errored");
    }
    try {
      controller.enqueue(chunk);
    } catch (error) {
      this.errorWritable(error);
      throw this.readable.storedError;
    }
    const backpressure = controller.desiredSize! <= 0 && !this.#hasPendingRead();
    if (backpressure !== this.#backpressure) {
      this.#setBackpressure(true);
    }
  }

  #hasPendingRead(): boolean {
    const reader = this.readable.reader;
    return reader !== undefined && reader.requests.length > 0;
  }

  terminate(): void {
    this.readableController.close();
    this.errorWritable(new TypeError("The transform stream has been terminated"));
  }

  #perform(chunk: unknown): Promise<unknown> {
    const transformer = this.#transformer;
    if (transformer === undefined) {
      return resolved();
    }
    return promiseThen(transformer.transform(chunk), undefined, (reason) => {
      this.error(reason);
      throw reason;
    });
  }

  #write(chunk: unknown): Promise<unknown> {
    if (!this.#backpressure) {
      return this.#perform(chunk);
    }
    return promiseThen(this.#backpressureChange.promise, () => {
      if (this.writable.status === "erroring") {
        throw this.writable.storedError;
      }
      return this.#perform(chunk);
    });
  }

  #abort(reason: unknown): Promise<unknown> {
    if (this.#finish !== undefined) {
      return this.#finish.promise;
    }
    const finish = (this.#finish = new Deferred<unknown>());
    const cancelled = this.#takeTransformer()?.cancel(reason) ?? resolved();
    promiseThen(cancelled, () => {
      if (this.readable.status === "errored") {
        finish.reject(this.readable.storedError);
      } else {
        this.readableController.fail(reason);
        finish.resolve(undefined);
      }
    }, (error) => {
      this.readableController.fail(error);
      finish.reject(error);
    });
    return finish.promise;
  }

  #close(): Promise<unknown> {
    if (this.#finish !== undefined) {
      return this.#finish.promise;
    }
    const finish = (this.#finish = new Deferred<unknown>());
    const flushed = this.#takeTransformer()?.flush() ?? resolved();
    promiseThen(flushed, () => {
      if (this.readable.status === "errored") {
        finish.reject(this.readable.storedError);
      } else {
        this.readableController.close();
        finish.resolve(undefined);
      }
    }, (error) => {
      this.readableController.fail(error);
      finish.reject(error);
    });
    return finish.promise;
  }

  #cancel(reason: unknown): Promise<unknown> {
    if (this.#finish !== undefined) {
      return this.#finish.promise;
    }
    const finish = (this.#finish = new Deferred<unknown>());
    const cancelled = this.#takeTransformer()?.cancel(reason) ?? resolved();
    promiseThen(cancelled, () => {
      if (this.writable.status === "errored") {
        finish.reject(this.writable.storedError);
      } else {
        this.#writableController.errorIfNeeded(reason);
        this.#unblockWrite();
        finish.resolve(undefined);
      }
    }, (error) => {
      this.#writableController.errorIfNeeded(error);
      this.#unblockWrite();
      finish.reject(error);
    });
    return finish.promise;
  }

  #takeTransformer(): Transformer | undefined {
    const transformer = this.#transformer;
    this.#transformer = undefined;
    return transformer;
  }

  #pull(): Promise<unknown> {
    this.#setBackpressure(false);
    return this.#backpressureChange.promise;
  }
}

