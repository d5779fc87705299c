// https://streams.spec.whatwg.org/#readable-stream-pipe-to
import { append, List } from "../core/list.ts";
import { promiseThen } from "../core/primordials.ts";
import { Deferred, markHandled, resolved } from "../core/promises.ts";
import { abortReason, addAbortAlgorithm, isAborted, removeAbortAlgorithm, type AbortSignal } from "../events/abort.ts";
import { cancelStream, defaultRead, DefaultReaderState, releaseReader, type ReadableState } from "./readable-state.ts";
import {
  abortWritable, closeWithErrorPropagation, releaseWriter, writeChunk, writerDesiredSize, WriterState, type WritableState,
} from "./writable-state.ts";

export interface PipeOptions {
  preventClose: boolean;
  preventAbort: boolean;
  preventCancel: boolean;
  signal: AbortSignal | undefined;
}

/** Moves everything from `source` to `destination`; both are unlocked when called. */
export function pipe(source: ReadableState, destination: WritableState, options: PipeOptions): Promise<undefined> {
  const run = new Pipe(source, destination, options);
  run.start();
  return run.finished.promise;
}

class Pipe {
  readonly finished = new Deferred<undefined>();
  readonly #source: ReadableState;
  readonly #destination: WritableState;
  readonly #options: PipeOptions;
  readonly #reader: DefaultReaderState;
  readonly #writer: WriterState;
  #shuttingDown = false;
  #lastWrite: Promise<unknown> = resolved();
  readonly #onAbort = (): void => this.#aborted();

  constructor(source: ReadableState, destination: WritableState, options: PipeOptions) {
    this.#source = source;
    this.#destination = destination;
    this.#options = options;
    this.#reader = new DefaultReaderState(source);
    this.#writer = new WriterState(destination);
    source.disturbed = true;
  }

  start(): void {
    const signal = this.#options.signal;
    if (signal !== undefined) {
      if (isAborted(signal)) {
        this.#aborted();
        return;
      }
      addAbortAlgorithm(signal, this.#onAbort);
    }
    this.#watchSource();
    this.#watchDestination();
    if (this.#destination.closeQueuedOrInFlight || this.#destination.status === "closed") {
      const error = new TypeError("The destination writable stream closed before all data could be piped to it");
      this.#shutdown(this.#options.preventCancel ? undefined : () => cancelStream(this.#source, error), true, error);
    }
    this.#step();
  }

  #watchSource(): void {
    const errored = (): void => {
      const error = this.#source.storedError;
      this.#shutdown(this.#options.preventAbort ? undefined : () => abortWritable(this.#destination, error), true, error);
    };
    const closed = (): void => {
      this.#shutdown(this.#options.preventClose ? undefined : () => closeWithErrorPropagation(this.#writer), false, undefined);
    };
    if (this.#source.status === "errored") errored();
    else if (this.#source.status === "closed") closed();
    else promiseThen(this.#reader.closed.promise, closed, errored);
  }

  #watchDestination(): void {
    const errored = (): void => {
      const error = this.#destination.storedError;
      this.#shutdown(this.#options.preventCancel ? undefined : () => cancelStream(this.#source, error), true, error);
    };
    const status = this.#destination.status;
    if (status === "errored") errored();
    else if (status !== "closed") promiseThen(this.#writer.closed.promise, undefined, errored);
  }

  /** Reads one chunk whenever the writer is ready for it. */
  #step(): void {
    if (this.#shuttingDown) {
      return;
    }
    promiseThen(this.#writer.ready.promise, () => {
      if (this.#shuttingDown) {
        return;
      }
      if ((writerDesiredSize(this.#writer) ?? 0) <= 0) {
        this.#step();
        return;
      }
      defaultRead(this.#reader, {
        chunk: (chunk) => {
          // A microtask later: whoever enqueues the chunk does not run the sink, and a source that always has one cannot recurse.
          this.#lastWrite = promiseThen(resolved(), () => {
            if (this.#writer.stream === undefined) return;
            this.#lastWrite = writeChunk(this.#writer, chunk);
            markHandled(this.#lastWrite);
            this.#step();
          });
        },
        close: () => {},
        error: () => {},
      });
    }, () => {});
  }

  #aborted(): void {
    const reason = abortReason(this.#options.signal!);
    this.#shutdown(() => {
      const actions = new List<Promise<unknown>>();
      if (!this.#options.preventAbort && this.#destination.status === "writable") {
        append(actions, abortWritable(this.#destination, reason));
      }
      if (!this.#options.preventCancel && this.#source.status === "readable") {
        append(actions, cancelStream(this.#source, reason));
      }
      return waitForAll(actions);
    }, true, reason);
  }

  #shutdown(action: (() => Promise<unknown>) | undefined, isError: boolean, error: unknown): void {
    if (this.#shuttingDown) {
      return;
    }
    this.#shuttingDown = true;
    const proceed = (): void => {
      if (action === undefined) {
        this.#finalize(isError, error);
        return;
      }
      promiseThen(action(), () => this.#finalize(isError, error), (reason) => this.#finalize(true, reason));
    };
    if (this.#destination.status === "writable" && !this.#destination.closeQueuedOrInFlight) {
      this.#whenWritten(proceed);
    } else {
      proceed();
    }
  }

  /** Waits until every chunk that was read is written. */
  #whenWritten(proceed: () => void): void {
    const last = this.#lastWrite;
    const next = (): void => (last === this.#lastWrite ? proceed() : this.#whenWritten(proceed));
    promiseThen(last, next, next);
  }

  #finalize(isError: boolean, error: unknown): void {
    releaseWriter(this.#writer);
    releaseReader(this.#reader);
    if (this.#options.signal !== undefined) {
      removeAbortAlgorithm(this.#options.signal, this.#onAbort);
    }
    if (isError) this.finished.reject(error);
    else this.finished.resolve(undefined);
  }
}

/** Resolves when all did, rejects with the first rejection. */
function waitForAll(promises: List<Promise<unknown>>): Promise<undefined> {
  const deferred = new Deferred<undefined>();
  let waiting = promises.length;
  if (waiting === 0) {
    deferred.resolve(undefined);
  }
  for (let i = 0; i < promises.length; i++) {
    promiseThen(promises[i], () => {
      if (--waiting === 0) deferred.resolve(undefined);
    }, (reason) => deferred.reject(reason));
  }
  return deferred.promise;
}

