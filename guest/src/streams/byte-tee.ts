// https://streams.spec.whatwg.org/#abstract-opdef-readablebytestreamtee. A branch that is read into a view passes the view on to the
// stream; what arrives is copied for the other branch.
import { copyBytes, promiseThen } from "../core/primordials.ts";
import { Deferred, resolved } from "../core/promises.ts";
import { ByteController, readInto } from "./byte-controller.ts";
import {
  ByobReaderState, cancelStream, defaultRead, DefaultReaderState, ReadableState, releaseReader, type ReadIntoRequest, type ReadRequest,
} from "./readable-state.ts";

class Branch {
  readonly stream = new ReadableState();
  readonly controller: ByteController;
  canceled = false;
  reason: unknown = undefined;
  /** It asked for more while a read was under way. */
  readAgain = false;

  constructor(tee: ByteTee) {
    this.controller = new ByteController(this.stream, () => tee.pull(this), (reason) => tee.cancel(this, reason), 0, undefined);
  }

  enqueue(chunk: Uint8Array): void {
    if (!this.canceled) this.controller.enqueue(chunk);
  }

  close(): void {
    if (this.canceled) {
      return;
    }
    try {
      this.controller.close();
    } catch {
      // The stream ended inside an element of the view that is read into: the branch has failed, and its reader knows.
    }
  }

  /** Gives the view that was asked for back, with what arrived in it. */
  answer(view: ArrayBufferView): void {
    if (!this.canceled && this.controller.pendingPullIntos > 0) this.controller.respondWithNewView(view);
  }

  /** Ends the reads that wait on a closed branch. */
  endReads(): void {
    if (!this.canceled && this.controller.pendingPullIntos > 0) this.controller.respond(0);
  }
}

export class ByteTee {
  readonly first: Branch;
  readonly second: Branch;
  readonly #stream: ReadableState;
  readonly #cancelled = new Deferred<undefined>();
  #reader: DefaultReaderState | ByobReaderState;
  #reading = false;

  constructor(stream: ReadableState) {
    this.#stream = stream;
    this.#reader = new DefaultReaderState(stream);
    this.first = new Branch(this);
    this.second = new Branch(this);
    this.#forwardErrors();
    this.first.controller.begin(undefined);
    this.second.controller.begin(undefined);
  }

  pull(branch: Branch): Promise<unknown> {
    if (this.#reading) {
      branch.readAgain = true;
      return resolved();
    }
    this.#reading = true;
    const view = branch.controller.requestedView;
    if (view === undefined) {
      this.#read();
    } else {
      this.#readInto(branch, view);
    }
    return resolved();
  }

  cancel(branch: Branch, reason: unknown): Promise<unknown> {
    branch.canceled = true;
    branch.reason = reason;
    if (this.#other(branch).canceled) {
      this.#cancelled.resolve(cancelStream(this.#stream, [this.first.reason, this.second.reason]));
    }
    return this.#cancelled.promise;
  }

  #other(branch: Branch): Branch {
    return branch === this.first ? this.second : this.first;
  }

  #forwardErrors(): void {
    const reader = this.#reader;
    promiseThen(reader.closed.promise, undefined, (reason) => {
      if (reader !== this.#reader) {
        return;
      }
      this.first.controller.fail(reason);
      this.second.controller.fail(reason);
      this.#finish();
    });
  }

  /** Nothing is left to cancel in the stream. */
  #finish(): void {
    if (!this.first.canceled || !this.second.canceled) this.#cancelled.resolve(undefined);
  }

  #read(): void {
    if (this.#reader.kind === "byob") {
      releaseReader(this.#reader);
      this.#reader = new DefaultReaderState(this.#stream);
      this.#forwardErrors();
    }
    const request: ReadRequest = {
      chunk: (chunk: Uint8Array) => {
        promiseThen(resolved(), () => {
          this.#arrive();
          const second = this.first.canceled || this.second.canceled ? chunk : this.#copy(chunk);
          if (second === undefined) return;
          this.first.enqueue(chunk);
          this.second.enqueue(second);
          this.#continue();
        });
      },
      close: () => {
        this.#reading = false;
        this.first.close();
        this.second.close();
        this.first.endReads();
        this.second.endReads();
        this.#finish();
      },
      error: () => {
        this.#reading = false;
      },
    };
    defaultRead(this.#reader as DefaultReaderState, request);
  }

  #readInto(branch: Branch, view: Uint8Array): void {
    if (this.#reader.kind === "default") {
      releaseReader(this.#reader);
      this.#reader = new ByobReaderState(this.#stream);
      this.#forwardErrors();
    }
    const other = this.#other(branch);
    const request: ReadIntoRequest = {
      chunk: (chunk) => {
        promiseThen(resolved(), () => {
          this.#arrive();
          const copy = other.canceled ? undefined : this.#copy(chunk);
          if (!other.canceled && copy === undefined) return;
          branch.answer(chunk);
          if (copy !== undefined) other.enqueue(copy);
          this.#continue();
        });
      },
      close: (chunk) => {
        this.#reading = false;
        branch.close();
        other.close();
        if (chunk !== undefined) {
          branch.answer(chunk);
          other.endReads();
        }
        this.#finish();
      },
      error: () => {
        this.#reading = false;
      },
    };
    readInto(this.#reader as ByobReaderState, view, 1, request);
  }

  #arrive(): void {
    this.first.readAgain = false;
    this.second.readAgain = false;
  }

  #continue(): void {
    this.#reading = false;
    if (this.first.readAgain) this.pull(this.first);
    else if (this.second.readAgain) this.pull(this.second);
  }

  /** Undefined where there was no memory, which ends both branches. */
  #copy(chunk: ArrayBufferView): Uint8Array | undefined {
    try {
      return copyBytes(chunk);
    } catch (error) {
      this.first.controller.fail(error);
      this.second.controller.fail(error);
      this.#cancelled.resolve(cancelStream(this.#stream, error));
      return undefined;
    }
  }
}
